/** The fold of what is remembered: only what was let in counts, and nothing is ever gone from it by being forgotten. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { draft, type Event, type EventDraft } from "../../src/domain/event.ts"
import {
  allMemories,
  inbox,
  knownIn,
  memoriesProjection,
  type MemoriesState,
  memoryOf,
  shelfOf,
} from "../../src/domain/memories.ts"

const { evolve, initial } = memoriesProjection
let seq = 0
const event = (made: EventDraft): Event =>
  ({ ...made, seq: ++seq, id: `e${seq}`, at: new Date(seq * 60_000).toISOString() }) as unknown as Event

const proposed = (
  memory: string,
  more: Partial<Extract<EventDraft, { type: "memory.proposed" }>["payload"]> = {},
  trust: "trusted" | "untrusted" = "trusted",
) =>
  event(
    draft(
      "memory.proposed",
      {
        memory,
        layer: "fact",
        scope: "workspace",
        text: `text of ${memory}`,
        topic: memory,
        evidence: [1],
        confidence: 0.8,
        origin: "extraction",
        replaces: [],
        session: null,
        call: null,
        ...more,
      },
      { actor: "claw", workspace: "/w", trust },
    ),
  )
const accepted = (memory: string, more: { text?: string; surface?: "cli" | null } = {}) =>
  event(
    draft(
      "memory.accepted",
      {
        memory,
        surface: more.surface === undefined ? "cli" : more.surface,
        reason: "",
        ...(more.text === undefined ? {} : { text: more.text }),
      },
      { actor: "user:cli", workspace: "/w" },
    ),
  )
const rejected = (memory: string) =>
  event(
    draft(
      "memory.rejected",
      { memory, reason: "no", surface: "cli" },
      { actor: "user:cli", workspace: "/w" },
    ),
  )
const forgotten = (memory: string) =>
  event(
    draft(
      "memory.forgotten",
      { memory, reason: "asked", surface: "cli" },
      { actor: "user:cli", workspace: "/w" },
    ),
  )
const restored = (memory: string) =>
  event(draft("memory.restored", { memory, surface: "cli" }, { actor: "user:cli", workspace: "/w" }))
const used = (...memories: ReadonlyArray<string>) =>
  event(draft("memory.used", { memories: [...memories], session: "c_1" }, { actor: "claw", workspace: "/w" }))
const fold = (...events: ReadonlyArray<Event>): MemoriesState => events.reduce(evolve, initial)
const ids = (rows: ReadonlyArray<{ readonly id: string }>) => rows.map(({ id }) => id)
const stateOf = (state: MemoriesState, id: string) => memoryOf(state, id)?.state

describe("the fold of memories", () => {
  it("counts what was accepted and nothing else", () => {
    const state = fold(proposed("k_a"), proposed("k_b"), proposed("k_c"), accepted("k_a"), rejected("k_b"))
    assert.deepStrictEqual(ids(knownIn(state, "/w")), ["k_a"])
    assert.deepStrictEqual(ids(inbox(state)), ["k_c"])
    assert.strictEqual(memoryOf(state, "k_b")?.reason, "no")
  })

  it("holds a workspace's own there alone, and the user's everywhere", () => {
    const state = fold(proposed("k_a"), proposed("k_u", { scope: "user" }), accepted("k_a"), accepted("k_u"))
    assert.deepStrictEqual(ids(knownIn(state, "/other")), ["k_u"])
    assert.deepStrictEqual(ids(knownIn(state, null)), ["k_u"])
    assert.strictEqual(knownIn(state, "/w").length, 2)
  })

  it("takes the person's words and the person's word for it", () => {
    const state = fold(proposed("k_a", {}, "untrusted"), accepted("k_a", { text: "better" }))
    assert.strictEqual(memoryOf(state, "k_a")?.text, "better")
    assert.strictEqual(memoryOf(state, "k_a")?.trust, "trusted")
  })

  it("stays untrusted where a setting and no person let it in", () => {
    const state = fold(proposed("k_a", {}, "untrusted"), accepted("k_a", { surface: null }))
    assert.strictEqual(memoryOf(state, "k_a")?.trust, "untrusted")
  })

  it("puts the old one aside once its replacement counts, not before", () => {
    const before = fold(proposed("k_a"), accepted("k_a"), proposed("k_b", { replaces: ["k_a"] }))
    assert.strictEqual(stateOf(before, "k_a"), "known")
    const after = evolve(before, accepted("k_b"))
    assert.strictEqual(stateOf(after, "k_a"), "forgotten")
    assert.strictEqual(memoryOf(after, "k_a")?.reason, "replaced")
    assert.strictEqual(stateOf(evolve(after, restored("k_a")), "k_a"), "known")
  })

  it("counts uses, also of what is named with unknown ones", () => {
    const state = fold(proposed("k_a"), accepted("k_a"), used("k_a", "k_nobody"), used("k_a"))
    assert.strictEqual(memoryOf(state, "k_a")?.uses, 2)
    assert.ok(memoryOf(state, "k_a")!.usedAt! > memoryOf(state, "k_a")!.proposedAt)
  })

  it("leaves everything as it is on an erased payload and on ids of nothing", () => {
    const state = fold(proposed("k_a"))
    const erased = { ...proposed("k_b"), payload: null, erased: true } as unknown as Event
    assert.strictEqual(evolve(state, erased), state)
    for (const strange of ["toString", "__proto__", "constructor"])
      for (const answer of [
        accepted(strange),
        rejected(strange),
        forgotten(strange),
        restored(strange),
        used(strange),
      ])
        assert.strictEqual(evolve(state, answer), state)
  })

  it("keeps its laws over any order of events", () => {
    const names = ["k_a", "k_b", "k_c"]
    const step = fc.record({
      kind: fc.constantFrom("proposed", "accepted", "rejected", "forgotten", "restored", "used"),
      id: fc.constantFrom(...names),
      other: fc.constantFrom(...names),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let state = initial
        for (const { id, kind, other } of steps) {
          const before = state
          const made =
            kind === "proposed"
              ? proposed(id, { replaces: [other] })
              : { accepted, rejected, forgotten, restored, used }[kind as "used"](id)
          state = evolve(before, made)
          // nothing is ever deleted, nor proposed again
          for (const { id: known } of allMemories(before)) assert.ok(memoryOf(state, known) !== null)
          const now = stateOf(state, id)
          const was = stateOf(before, id)
          if (was === undefined && kind !== "proposed") assert.strictEqual(state, before)
          if (now === "known" && was !== "known") assert.ok(kind === "accepted" || kind === "restored")
          if (kind === "rejected" && was === "known") assert.strictEqual(now, "known")
          // folded twice it is the same as folded once, but for uses
          if (kind !== "used" && kind !== "restored") {
            const twice = evolve(state, made)
            assert.deepStrictEqual(twice, kind === "accepted" && other === id ? twice : state)
          }
        }
      }),
    )
  })

  it("drops the oldest that does not count when there are too many", () => {
    const row = memoryOf(fold(proposed("k_x"), accepted("k_x")), "k_x")!
    const shelves: Record<string, Record<string, typeof row>> = {}
    for (let n = 0; n < 20_000; n++) {
      const id = `k_${n}`
      const shelf = (shelves[shelfOf(id)] ??= {})
      shelf[id] = { ...row, id, since: n, state: n === 7 ? "rejected" : "known" }
    }
    const state = evolve({ shelves, count: 20_000 }, proposed("k_new"))
    assert.strictEqual(state.count, allMemories(state).length)
    assert.strictEqual(memoryOf(state, "k_7"), null)
    assert.ok(memoryOf(state, "k_0") !== null && memoryOf(state, "k_new") !== null)
  })
})
