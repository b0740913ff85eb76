/** Marks of what happened, on the line of time. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import {
  barCells,
  cellOf,
  decisionFrom,
  type Mark,
  markPage,
  newerCame,
  noMarks,
  olderCame,
  wantsMore,
} from "../../tui/marks.ts"
import { event } from "./samples.ts"

const decision = (seq: number): Mark => ({ seq, kind: "decision" })
const action = (seq: number): Mark => ({ seq, kind: "action" })

describe("marks", () => {
  it("are read newest first, a page at a time, until the first event", () => {
    const all = Array.from({ length: markPage + 10 }, (_, index) => decision((index + 1) * 10))
    const head = 10_000
    let marks = noMarks(head)
    assert.isTrue(wantsMore(marks))
    marks = olderCame(marks, all.slice(-markPage).toReversed())
    assert.strictEqual(marks.from, 110)
    assert.isTrue(wantsMore(marks))
    marks = olderCame(marks, all.slice(0, 10))
    assert.strictEqual(marks.from, 1)
    assert.isFalse(wantsMore(marks))
    assert.deepStrictEqual(
      marks.decisions,
      all.map(({ seq }) => seq),
    )
  })

  it("grow with what comes live, each once, silence left out", () => {
    const live = (type: string, seq: number) => event(seq, { type })
    const marks = newerCame(noMarks(10), [
      live("decision.question", 10),
      live("decision.silent", 11),
      live("decision.draft", 12),
      live("tool.started", 13),
    ])
    assert.deepStrictEqual([marks.decisions, marks.actions, marks.upTo], [[12], [13], 13])
    const again = newerCame(marks, [live("decision.draft", 12), live("approval.approved", 14)])
    assert.deepStrictEqual([again.decisions, again.actions], [[12], [13, 14]])
  })

  it("know the nearest decision, and say where they do not know", () => {
    const part = olderCame(
      noMarks(100_000),
      Array.from({ length: markPage }, (_, index) => decision(50_000 + index)),
    )
    assert.strictEqual(decisionFrom(part, 60_000, -1), 50_000 + markPage - 1)
    assert.strictEqual(decisionFrom(part, 50_000, 1), 50_001)
    assert.isNull(decisionFrom(part, 60_000, 1))
    assert.isUndefined(decisionFrom(part, 50_000, -1))
    assert.isUndefined(decisionFrom(part, 10, 1))
    const whole = olderCame(noMarks(100), [decision(20), action(30), decision(40)])
    assert.strictEqual(decisionFrom(whole, 30, -1), 20)
    assert.strictEqual(decisionFrom(whole, 20, 1), 40)
    assert.isNull(decisionFrom(whole, 20, -1))
  })

  it("are dealt out to the bar's cells, none lost, in order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.integer({ min: 3, max: 200 }),
        fc.array(fc.integer({ min: 1, max: 2_000 }), { maxLength: 50 }),
        (head, cells, seqs) => {
          const inside = seqs.filter((seq) => seq <= head)
          const bar = barCells(olderCame(noMarks(head), inside.map(decision)), head, cells)
          assert.strictEqual(bar.length, cells)
          assert.strictEqual(
            bar.reduce((sum, cell) => sum + cell.decisions, 0),
            inside.length,
          )
          assert.isTrue(bar.every((cell) => cell.read))
          for (const seq of inside) {
            assert.isAbove(bar[cellOf(seq, head, cells)]!.decisions, 0)
            assert.isAtMost(cellOf(seq, head, cells), cellOf(Math.min(head, seq + 1), head, cells))
          }
          assert.strictEqual(cellOf(1, head, cells), 0)
        },
      ),
    )
  })

  it("leave unread what was not looked at", () => {
    const page = Array.from({ length: markPage }, (_, index) => action(900 + (index % 50)))
    const bar = barCells(olderCame(noMarks(1_000), page), 1_000, 10)
    assert.deepStrictEqual(
      bar.map(({ read }) => read),
      [...Array.from({ length: 8 }, () => false), true, true],
    )
  })
})
