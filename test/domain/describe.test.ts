/** One line of what an event says: whole sentences, no line breaks, nothing left hanging. */
import { assert, it } from "@effect/vitest"
import { describe } from "../../src/domain/describe.ts"
import { draft, type Event, type EventType, type PayloadOf } from "../../src/domain/event.ts"

const said = <T extends EventType>(type: T, payload: PayloadOf<T>): string =>
  describe({ ...draft(type, payload, { actor: "daemon" }), seq: 1 } as unknown as Event)

it("says nothing behind a colon, and counts one as one", () => {
  const health = { component: "source:terminal", state: "running", backend: "watch" } as const
  assert.strictEqual(said("daemon.health", { ...health, detail: "" }), "source:terminal running (watch)")
  assert.strictEqual(
    said("daemon.health", { ...health, detail: "3 shells" }),
    "source:terminal running (watch): 3 shells",
  )
  assert.strictEqual(
    said("daemon.config", { file: "/c", accepted: false, message: "/c:1: a: no\n/c:2: b: no" }),
    "refused /c: /c:1: a: no; /c:2: b: no",
  )
  assert.match(said("daemon.reflexes", { files: [], problems: ["/r:1: x"] }), /; 1 problem: \/r:1: x$/)
  assert.match(said("log.erased", { seqs: [3], reason: "asked" }), /^erased 1 payload: asked$/)
})
