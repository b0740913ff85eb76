/** The window onto the log, and its filter. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import {
  blockSize,
  connectedLog,
  cursorEvent,
  emptyLog,
  eventAt,
  headCame,
  type LogModel,
  matchesCame,
  moveTo,
  rangeCame,
  rowAt,
  rowCount,
  settleLog,
  tailCame,
  withFilter,
} from "../../tui/log.ts"
import type { Command } from "../../tui/messages.ts"
import { event } from "./samples.ts"

const events = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => event(from + index))

/** Settles until nothing more is asked for; what was asked is answered at once. */
const settled = (log: LogModel, height = 20): { log: LogModel; asked: ReadonlyArray<Command> } => {
  const asked: Array<Command> = []
  let now = log
  for (let round = 0; round < 50; round++) {
    const step = settleLog(now, height)
    now = step.log
    if (step.commands.length === 0) return { log: now, asked }
    asked.push(...step.commands)
    for (const command of step.commands) {
      if (command._tag === "LoadRange")
        now = rangeCame(now, command.from, command.to, events(command.from, command.to))
    }
  }
  throw new Error("it never settles")
}

const held = (log: LogModel): number =>
  [...log.blocks.values()].reduce((count, block) => count + block.events.filter(Boolean).length, 0)

describe("the window onto the log", () => {
  it("asks for the end of a long log and nothing else", () => {
    const { log, asked } = settled(headCame(emptyLog, 1_000_000))
    assert.strictEqual(log.cursor, 1_000_000)
    assert.isAtMost(asked.length, 2)
    assert.isAtMost(held(log), 2 * blockSize)
    assert.strictEqual(cursorEvent(log)?.seq, 1_000_000)
  })

  it("holds little, wherever one went", () => {
    let { log } = settled(headCame(emptyLog, 1_000_000))
    for (let at = 0; at < 1_000_000; at += 9_973) log = settled(moveTo(log, at)).log
    assert.isAtMost(held(log), 26 * blockSize)
    assert.isAtMost(log.blocks.size, 26)
  })

  it("shows a dot, not a guess, for what is not here", () => {
    const log = settleLog(headCame(emptyLog, 500), 20).log
    assert.strictEqual(rowAt(log, 499), 500)
  })

  it("asks once, and again after the answer was an error or the daemon was lost", () => {
    const first = settleLog(headCame(emptyLog, 100), 20)
    assert.deepStrictEqual(first.commands, [{ _tag: "LoadRange", from: 1, to: 100 }])
    assert.deepStrictEqual(settleLog(first.log, 20).commands, [])
    const failed = rangeCame(first.log, 1, 100, null)
    assert.lengthOf(settleLog(failed, 20).commands, 1)
    assert.lengthOf(settleLog(connectedLog(first.log, 100), 20).commands, 1)
  })

  it("does not ask for ever for events that are not there", () => {
    const { log } = settled(headCame(emptyLog, 100))
    const holes = rangeCame(settleLog(headCame(emptyLog, 100), 20).log, 1, 100, events(1, 50))
    assert.deepStrictEqual(settleLog(holes, 20).commands, [])
    assert.strictEqual(rowCount(log), 100)
  })

  it("follows the tail, and stays put once one moved away", () => {
    let { log } = settled(headCame(emptyLog, 100))
    log = settled(tailCame(log, events(101, 105))).log
    assert.strictEqual(log.cursor, 105)
    log = settled(moveTo(log, 40)).log
    assert.isFalse(log.follow)
    log = settled(tailCame(log, events(106, 400))).log
    assert.strictEqual(log.cursor, 41)
    assert.strictEqual(log.head, 400)
    log = settled(moveTo(log, 399)).log
    assert.isTrue(log.follow)
    assert.strictEqual(settled(tailCame(log, events(401, 402))).log.cursor, 402)
  })

  it("closes gaps in what came live", () => {
    let { log } = settled(headCame(emptyLog, 10))
    log = tailCame(log, events(15, 16))
    const { log: full } = settled(log)
    for (let seq = 1; seq <= 16; seq++) assert.strictEqual(eventAt(full, seq)?.seq, seq)
  })

  it("starts anew where the log is another one", () => {
    const { log } = settled(headCame(emptyLog, 1_000))
    const other = settled(connectedLog(log, 5)).log
    assert.strictEqual(rowCount(other), 5)
    assert.strictEqual(other.cursor, 5)
  })

  it("keeps the cursor in sight through any moves, sizes and growth", () => {
    const move = fc.oneof(
      fc.record({ to: fc.nat(3_000) }),
      fc.record({ height: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ grow: fc.integer({ min: 1, max: 700 }) }),
    )
    fc.assert(
      fc.property(fc.array(move, { maxLength: 25 }), (moves) => {
        let height = 20
        let { log } = settled(headCame(emptyLog, 900), height)
        for (const one of moves) {
          if ("to" in one) log = moveTo(log, one.to)
          else if ("grow" in one) log = tailCame(log, events(log.head + 1, log.head + one.grow))
          else height = one.height
          log = settled(log, height).log
          assert.isAtMost(log.top, log.cursor)
          assert.isAbove(log.top + height, log.cursor)
          for (let seq = log.top; seq < Math.min(log.head + 1, log.top + height); seq++)
            assert.strictEqual(eventAt(log, seq)?.seq, seq)
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe("its filter", () => {
  const page = (log: LogModel, seqs: ReadonlyArray<number>, older = true, upTo = log.head) =>
    matchesCame(log, { text: "make", older, events: seqs.map((seq) => event(seq)), upTo })

  it("reads the newest matches first, then what is older as one goes there", () => {
    const filtered = withFilter(headCame(emptyLog, 10_000), "make")
    const step = settleLog(filtered, 20)
    assert.deepStrictEqual(step.commands, [
      { _tag: "LoadMatches", text: "make", from: 1, to: 10_000, older: true },
    ])
    const first = page(
      step.log,
      Array.from({ length: 200 }, (_, index) => 10_000 - index),
    )
    const { log } = { log: settleLog(first, 20).log }
    assert.strictEqual(rowCount(log), 200)
    assert.strictEqual(log.cursor, 10_000)
    const up = settleLog(moveTo(log, 0), 20)
    assert.deepStrictEqual(up.commands, [
      { _tag: "LoadMatches", text: "make", from: 1, to: 9_800, older: true },
    ])
    const done = page(up.log, [5, 3])
    assert.isTrue(done.matches?.complete)
    assert.strictEqual(rowCount(done), 202)
    assert.strictEqual(settleLog(done, 20).log.cursor, 9_801)
  })

  it("takes up new matches as the log grows", () => {
    const filtered = page(settleLog(withFilter(headCame(emptyLog, 50), "make"), 20).log, [10])
    const grown = settleLog(headCame(settleLog(filtered, 20).log, 60), 20)
    assert.deepStrictEqual(grown.commands, [
      { _tag: "LoadMatches", text: "make", from: 51, to: 60, older: false },
    ])
    const came = page(grown.log, [55], false, 60)
    assert.strictEqual(settleLog(came, 20).log.cursor, 55)
    assert.deepStrictEqual(settleLog(came, 20).commands, [])
  })

  it("drops answers to a filter that is no more", () => {
    const filtered = withFilter(headCame(emptyLog, 50), "other")
    assert.strictEqual(page(filtered, [1]), filtered)
  })
})
