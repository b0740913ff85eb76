/** A signal is only a hint: what is stated was read. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import type { Burst } from "../../../src/observe/fs/coalesce.ts"
import { stateFacts } from "../../../src/observe/fs/stateFacts.ts"
import { scratchFolder } from "./openFs.ts"
import { removeTree } from "../../removeTree.ts"

let root = ""
beforeEach(() => {
  root = scratchFolder()
})
afterEach(() => removeTree(root))

const states = {
  add: { before: false, now: true },
  change: { before: true, now: true },
  unlink: { before: true, now: false },
  nothing: { before: false, now: false },
}
const state = (seen: Readonly<Record<string, keyof typeof states>>, urgent: ReadonlyArray<string> = []) => {
  const kept: Array<string> = []
  const burst: Burst = {
    paths: new Map(Object.entries(seen).map(([path, kind]) => [path, { ...states[kind] }])),
    cause: "watch",
  }
  return { facts: stateFacts(root, burst, new Set(urgent), (path) => kept.push(path)), kept }
}

describe("stating facts", () => {
  it("keeps back what is not on disk as it was seen", () => {
    writeFileSync(join(root, "there"), "123")
    mkdirSync(join(root, "folder"))
    const { facts, kept } = state({
      there: "change",
      gone: "unlink",
      "added then lost": "add",
      "lost then back": "unlink",
      folder: "change",
    })
    assert.deepStrictEqual(kept, ["added then lost", "folder"])
    assert.deepStrictEqual(facts, {
      changes: [
        { path: "there", kind: "change", bytes: 3 },
        { path: "gone", kind: "unlink" },
        { path: "lost then back", kind: "unlink" },
      ],
      counts: { add: 0, change: 1, unlink: 2, rename: 0 },
      truncated: false,
      cause: "watch",
    })
    writeFileSync(join(root, "lost then back"), "1")
    assert.deepStrictEqual(state({ "lost then back": "unlink" }), { facts: null, kept: ["lost then back"] })
  })

  it("says nothing where nothing is left", () => {
    assert.isNull(state({ tmp: "nothing" }).facts)
    assert.isNull(state({}).facts)
  })

  it("lists 500, urgent names first, and counts all", () => {
    const seen: Record<string, "unlink"> = {}
    for (let index = 0; index < 600; index++) seen[`f${index}`] = "unlink"
    seen["deep/package.json"] = "unlink"
    const { facts } = state(seen, ["package.json"])
    assert.strictEqual(facts!.changes.length, 500)
    assert.strictEqual(facts!.changes[0]!.path, "deep/package.json")
    assert.strictEqual(facts!.counts.unlink, 601)
    assert.isTrue(facts!.truncated)
  })
})
