/** Which hits stand in a workspace, from what was read of its files. */
import { assert, describe, it } from "@effect/vitest"
import {
  evolveStandingHits,
  hitsStandingIn,
  noStandingHits,
  type StandingHits,
} from "../../../src/domain/compromised/standing.ts"
import { draft, type Event } from "../../../src/domain/event.ts"
import type { Fact } from "../../../src/domain/probe.ts"
import { saved } from "../../decide/driver.ts"

const at = { actor: "test", workspace: "/w", trust: "untrusted" } as const
const fold = (...events: ReadonlyArray<ReturnType<typeof draft>>): StandingHits =>
  events.reduce((state, event) => evolveStandingHits(state, event as unknown as Event), noStandingHits)

const read = (path: string, names: ReadonlyArray<string>, unavailable: string | null = null) => {
  const fact: Fact = {
    probe: { _tag: "compromised", path },
    answer:
      unavailable === null
        ? names.map((name) => ({ name, version: "1.14.1", campaign: null, advisories: [] }))
        : null,
    unavailable,
  }
  return draft("situation.facts", { situation: 1, facts: [fact] }, at)
}
const bad = read("package-lock.json", ["axios"])

describe("hits that stand", () => {
  it("stand until the file was read without them", () => {
    assert.deepStrictEqual(hitsStandingIn(fold(bad), "/w"), ["axios@1.14.1 in package-lock.json"])
    assert.deepStrictEqual(hitsStandingIn(fold(bad), "/other"), [])
    assert.deepStrictEqual(fold(bad, read("package-lock.json", [])), noStandingHits)
    assert.strictEqual(hitsStandingIn(fold(bad, read("yarn.lock", [])), "/w").length, 1)
  })
  it("what could not be read lifts nothing, what is gone does", () => {
    assert.strictEqual(
      hitsStandingIn(fold(bad, read("package-lock.json", [], "package-lock.json is too large")), "/w").length,
      1,
    )
    assert.deepStrictEqual(
      fold(bad, read("package-lock.json", [], "package-lock.json is not there")),
      noStandingHits,
    )
    const unlinked = {
      ...saved(),
      changes: [{ path: "package-lock.json", kind: "unlink" as const }],
    }
    assert.deepStrictEqual(fold(bad, draft("fs.changed", unlinked, at)), noStandingHits)
  })
  it("go with the workspace", () => {
    const removed = draft("daemon.workspace", { action: "removed", path: "/w" }, { actor: "daemon" })
    assert.deepStrictEqual(fold(bad, removed), noStandingHits)
  })
})
