/** What a user did with each suggestion, and what became of each call, folded from a past written by hand. */
import { describe, expect, it } from "vitest"
import type { ToolCall, Verdict } from "../../src/domain/action.ts"
import type { Event } from "../../src/domain/event.ts"
import { OutcomeBook } from "../../src/domain/OutcomeBook.ts"
import type { Fate, Outcome } from "../../src/domain/outcomes.ts"
import {
  policyCounts,
  type RuleStatistics,
  ruleStatisticsProjection,
} from "../../src/domain/ruleStatistics.ts"
import { Past } from "./past.ts"

const call = (command: string): ToolCall => ({ tool: "bash", input: { command } })
const gate = { rule: "no-rule", file: "evaluate.ts" }
const asking = (digest: ToolCall): Verdict => ({
  ...gate,
  verdict: "ask",
  line: 1,
  reason: "",
  effects: [],
  commands: [],
  matched: [],
  missing: null,
  digest: JSON.stringify(digest),
})

const past = () => new Past(asking)
const statistics = (events: ReadonlyArray<Event>): RuleStatistics =>
  events.reduce<RuleStatistics>(ruleStatisticsProjection.evolve, ruleStatisticsProjection.initial)

/** Outcome, and the fates of its calls. */
const ending = (of: Past, id: string): readonly [Outcome, ...ReadonlyArray<Fate>] => {
  const book = new OutcomeBook()
  for (const event of of.events) book.take(event)
  const row = book.find(id)!
  return [row.outcome, ...row.calls.map((each) => each.fate)]
}

describe("outcomes", () => {
  it.each<readonly [string, (of: Past) => void, readonly [Outcome, ...ReadonlyArray<Fate>]]>([
    ["unanswered so far", () => undefined, ["pending", "pending", "pending"]],
    ["approved, and done", (of) => of.approve("a"), ["kept", "kept", "kept"]],
    ["approved, and ended badly", (of) => of.approve("a", false), ["kept", "failed", "not-run"]],
    ["rejected", (of) => of.reject("a"), ["dismissed", "rejected", "rejected"]],
    ["gone before it was seen", (of) => of.expire("a"), ["ignored", "unanswered", "unanswered"]],
    ["done by the user himself", (of) => of.expire("a", true), ["resolved", "unanswered", "unanswered"]],
    [
      "taken back",
      (of) => {
        of.approve("a")
        of.undo("a")
      },
      ["reverted", "undone", "undone"],
    ],
    [
      "approved, and refused before it ran",
      (of) => {
        of.put("approval.approved", { suggestion: "a", digests: [], unsandboxed: false, surface: "tui" }, "a")
        of.put("tool.failed", { suggestion: "a", call: "a#0", reason: "refused", message: "paused" }, "a")
      },
      ["kept", "not-run", "not-run"],
    ],
    [
      "approved, and void before it ran",
      (of) => {
        of.put("approval.approved", { suggestion: "a", digests: [], unsandboxed: false, surface: "tui" }, "a")
        of.put("approval.voided", { suggestion: "a", reason: "it changed", changed: [] }, "a")
      },
      ["pending", "pending", "pending"],
    ],
    [
      "void, then approved again, and done",
      (of) => {
        of.put("approval.approved", { suggestion: "a", digests: [], unsandboxed: false, surface: "tui" }, "a")
        of.put("approval.voided", { suggestion: "a", reason: "it changed", changed: [] }, "a")
        of.approve("a")
      },
      ["kept", "kept", "kept"],
    ],
    [
      "failed, and said so twice",
      (of) => {
        of.approve("a", false)
        of.put("tool.failed", { suggestion: "a", call: "a#0", reason: "stopped", message: "stopped" }, "a")
      },
      ["kept", "failed", "not-run"],
    ],
    [
      "answered once only",
      (of) => {
        of.reject("a")
        of.approve("a")
      },
      ["dismissed", "rejected", "rejected"],
    ],
  ])("%s", (_, play, expected) => {
    const of = past()
    of.suggest("a", call("one"), call("two"))
    of.show("a")
    play(of)
    expect(ending(of, "a")).toEqual(expected)
  })

  it("ends a suggestion without calls by its approval", () => {
    const of = past()
    of.suggest("a")
    of.approve("a")
    expect(ending(of, "a")).toEqual(["kept"])
  })

  it("passes over verdicts on calls that were edited away", () => {
    const of = past()
    of.suggest("a", call("one"), call("two"))
    of.edit("a", call("three"))
    of.put(
      "policy.verdict",
      { suggestion: "a", index: 1, call: call("two"), verdict: asking(call("two")) },
      "a",
    )
    expect(ending(of, "a")).toEqual(["pending", "pending"])
  })

  it("settles what ended a day ago or two hundred endings ago, each once", () => {
    const of = past()
    of.stepMs = 1
    for (let n = 0; n < 1_000; n += 1) {
      of.suggest(`s${n}`, call("one"))
      if (n % 3 === 0) of.approve(`s${n}`)
      else if (n % 3 === 1) of.expire(`s${n}`)
    }
    const book = new OutcomeBook()
    const settled = of.events.flatMap((event) => book.take(event))
    const rest = book.rest()
    expect(new Set([...settled, ...rest].map((row) => row.suggestion)).size).toBe(1_000)
    expect(settled.length + rest.length).toBe(1_000)
    expect(settled.length).toBeGreaterThan(300)
    expect(settled.every((row) => row.endedMs !== null)).toBe(true)
    // those that wait, the newest ended, and what ended since it was looked last
    expect(rest.length).toBeLessThan(334 + 200 + 64)
  })
})

describe("rule statistics", () => {
  it("count what each suggestion adds as it stands now", () => {
    const of = past()
    of.suggest("a", call("one"))
    of.show("a")
    of.approve("a")
    of.suggest("b", call("one"), call("two"))
    of.reject("b")
    of.suggest("c", call("one"))
    of.expire("c")
    of.suggest("d", call("one"))
    of.show("d")
    of.expire("d")
    const before = statistics(of.events)
    expect(before.reflexes["test-rule"]).toEqual({
      made: 4,
      shown: 2,
      kept: 1,
      resolved: 0,
      dismissed: 1,
      blind: 0,
      edited: 0,
      reverted: 0,
      ignored: 1,
      unseen: 1,
    })
    expect(policyCounts(before, gate)).toMatchObject({ asked: 5, approved: 1, rejected: 2, unanswered: 2 })
    of.undo("a")
    const after = statistics(of.events)
    expect(after.reflexes["test-rule"]).toMatchObject({ made: 4, kept: 0, reverted: 1 })
    expect(policyCounts(after, gate)).toMatchObject({ asked: 5, approved: 1, undone: 1 })
  })

  it("count a call once, however often it was judged", () => {
    const of = past()
    of.suggest("a", call("one"))
    of.judge("a")
    of.judge("a")
    of.edit("a", call("two"))
    expect(policyCounts(statistics(of.events), gate)).toMatchObject({ asked: 1 })
  })

  it("know nothing of a rule that never decided, whatever its name", () => {
    const none = statistics([])
    expect(policyCounts(none, { rule: "constructor", file: "" })).toMatchObject({ asked: 0 })
    const of = past()
    of.put("decision.shown", { suggestion: "constructor", reason: "", boundary: null }, "constructor")
    expect(statistics(of.events)).toEqual(ruleStatisticsProjection.initial)
  })

  it("hold open suggestions only, and the counts of all", () => {
    const of = past()
    of.stepMs = 1
    for (let n = 0; n < 900; n += 1) {
      of.suggest(`s${n}`, call("one"))
      of.approve(`s${n}`)
    }
    const state = statistics(of.events)
    expect(state.reflexes["test-rule"]).toMatchObject({ made: 900, kept: 900 })
    expect(Object.keys(state.open).length).toBeLessThan(330)
  })
})
