/** The board of a tree of conversations: whoever comes second is told, whatever the order. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  type BoardsState,
  boardBounds,
  boardFault,
  boardOf,
  boardsProjection,
  entryOf,
} from "../../src/domain/board.ts"
import { draft, type Event } from "../../src/domain/event.ts"

const put = (state: BoardsState, seq: number, key: string, text: string | null): BoardsState => {
  const version = boardOf(state, "c_1").version + 1
  const common = { board: "c_1", key, version, session: `c_${seq}`, call: `s_${seq}` }
  const made =
    text === null
      ? draft("board.taken", common, { actor: "claw" })
      : draft("board.put", { ...common, text }, { actor: "claw" })
  const event = { ...made, seq, id: `e${seq}`, at: "2026-11-22T10:00:00.000Z", v: 1 } as unknown as Event
  return boardsProjection.evolve(state, event)
}

describe("a board", () => {
  it("takes a change only from whoever saw the newest version", () => {
    const moves = fc.array(
      fc.record({
        key: fc.constantFrom("a", "b", "constructor", "toString"),
        text: fc.option(fc.string({ maxLength: 5 }), { nil: null }),
        seen: fc.nat(6),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(moves, (all) => {
        let state: BoardsState = {}
        const model = new Map<string, number>()
        all.forEach(({ key, seen, text }, index) => {
          const now = model.get(key) ?? 0
          const fault = boardFault(boardOf(state, "c_1"), { key, text, expected: seen })
          if (seen !== now) return assert.strictEqual(fault?._tag, "conflict")
          if (text === null && now === 0) return assert.strictEqual(fault?._tag, "bound")
          assert.isNull(fault)
          const version = boardOf(state, "c_1").version + 1
          state = put(state, index + 1, key, text)
          if (text === null) model.delete(key)
          else model.set(key, version)
          return assert.strictEqual(entryOf(boardOf(state, "c_1"), key)?.text ?? null, text)
        })
        assert.sameMembers(Object.keys(boardOf(state, "c_1").entries), [...model.keys()])
      }),
    )
  })

  it("is bounded, and takes no names that are none", () => {
    let state: BoardsState = {}
    for (let n = 0; n < boardBounds.entries; n++) state = put(state, n + 1, `k${n}`, "x")
    const full = boardOf(state, "c_1")
    assert.strictEqual(boardFault(full, { key: "one more", text: "x", expected: 0 })?._tag, "bound")
    assert.isNull(boardFault(full, { key: "k1", text: "y", expected: 2 }))
    for (const key of ["", "__proto__", "a\nb", "x".repeat(101)])
      assert.strictEqual(boardFault(boardOf({}, "c_1"), { key, text: "x", expected: 0 })?._tag, "bound", key)
    const long = "x".repeat(boardBounds.text + 1)
    assert.strictEqual(boardFault(boardOf({}, "c_1"), { key: "a", text: long, expected: 0 })?._tag, "bound")
  })
})
