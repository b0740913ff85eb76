/** What must hold of any log of any session, whatever happened in it. Pure, over events from the first on. */
import { assert } from "@effect/vitest"
import type { Event } from "../../src/domain/event.ts"
import type { Why } from "../../src/rpc/shapes.ts"
import { isSuggested, type Suggested } from "./Followed.ts"

export const suggestedIn = (events: ReadonlyArray<Event>): ReadonlyArray<Suggested> =>
  events.filter(isSuggested)

/** The setting's default: nothing that is not urgent is shown for this long after an edit. */
const quietMs = 5_000

/** What is urgent is shown as soon as it is judged; the rest at a boundary or when saving has settled, and never right after an edit. */
export const keepsAttention = (events: ReadonlyArray<Event>): void => {
  const byId = new Map(events.map((event) => [event.id, event]))
  const made = new Map(suggestedIn(events).map((event) => [event.payload.suggestion, event.payload.proposal]))
  for (const event of events) {
    if (event.type !== "decision.shown") continue
    const { title, urgent } = made.get(event.payload.suggestion)!
    const cause = byId.get(event.causationId!)!
    if (urgent) {
      assert.strictEqual(event.payload.boundary, null, title)
      assert.strictEqual(cause.type, "policy.verdict", title)
      assert.strictEqual(cause.correlationId, event.payload.suggestion, title)
      continue
    }
    assert.isNotNull(event.payload.boundary, title)
    const edit = events.findLast(
      (one) => one.type === "fs.changed" && one.workspace === event.workspace && one.seq <= cause.seq,
    )
    if (edit !== undefined) assert.isAtLeast(Date.parse(cause.at) - Date.parse(edit.at), quietMs, title)
  }
}

export type WhyRole = Why["steps"][number]["role"]
/** How a suggestion that was answered came about, in order. */
export const wholeChain: ReadonlyArray<WhyRole> = [
  "evidence",
  "situation",
  "facts",
  "decision",
  "verdict",
  "attention",
  "approval",
  "action",
  "outcome",
]
