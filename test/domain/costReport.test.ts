/** What models cost, added up: by any key exactly the sum of the events. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type CostKey, costReport } from "../../src/domain/costReport.ts"
import { budgetKey, type CostsState, costsProjection } from "../../src/domain/costs.ts"
import { draft, type Event, type EventDraft } from "../../src/domain/event.ts"

const hash = "0".repeat(64)
const stored = (drafts: ReadonlyArray<EventDraft & { readonly at?: string }>): ReadonlyArray<Event> =>
  drafts.map(
    ({ at, ...one }, index) =>
      ({
        ...one,
        seq: index + 1,
        id: `e${index + 1}`,
        at: at ?? "2026-11-22T08:00:00.000Z",
        v: 1,
        prevHash: hash,
        hash,
      }) as Event,
  )

const header = { actor: "claw" }
const requested = (call: string, more: object = {}) =>
  draft(
    "model.requested",
    {
      call,
      purpose: "triage",
      session: null,
      situation: 1,
      rule: "lockfile",
      model: "anthropic/claude-haiku-5-5",
      digest: hash,
      record: hash,
      bytes: 1000,
      worstUsd: 0.25,
      of: null,
      attempt: 1,
      ...more,
    },
    header,
  )
const answered = (call: string, usd: number | null) =>
  draft(
    "model.answered",
    {
      call,
      served: "x",
      content: [],
      finish: "stop",
      usage: { input: 10, output: 20, cacheRead: 30, cacheWrite: 40 },
      usd,
      prices: "p",
      requestId: null,
      firstTokenMs: 1,
      durationMs: 2,
    },
    header,
  )
const failed = (call: string, usd: number | null) =>
  draft(
    "model.failed",
    {
      call,
      reason: "network",
      status: null,
      requestId: null,
      message: "m",
      cure: "c",
      retryAfterMs: null,
      usage: null,
      usd,
      prices: "p",
      durationMs: 1,
    },
    header,
  )

const keys: ReadonlyArray<CostKey> = ["day", "rule", "session", "model", "purpose"]

describe("a report", () => {
  it("adds up to the sum of the events by every key, and to what the ceilings count", () => {
    const call = fc.record({
      model: fc.constantFrom("anthropic/a", "openai/b", "local/c"),
      rule: fc.constantFrom(null, "r1", "r2"),
      session: fc.constantFrom(null, "c_1", "c_2"),
      purpose: fc.constantFrom("chat", "triage", "draft"),
      usd: fc.option(
        fc.integer({ min: 0, max: 5_000_000 }).map((n) => n / 1e6),
        { nil: null },
      ),
      fails: fc.boolean(),
      day: fc.constantFrom("2026-11-21", "2026-11-22"),
    })
    fc.assert(
      fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
        const events = stored(
          calls.flatMap(({ day, fails, usd, ...more }, n) => [
            { ...requested(`m_${n}`, more), at: `${day}T08:00:00.000Z` },
            fails ? failed(`m_${n}`, usd) : answered(`m_${n}`, usd),
          ]),
        )
        const sumOf = (some: typeof calls) =>
          some.reduce((all, { usd }) => all + Math.round((usd ?? 0) * 1e10), 0) / 1e10
        const sum = sumOf(calls)
        for (const by of keys) {
          const { open, rows, total } = costReport(by, events)
          assert.strictEqual(total.usd, sum)
          for (const { key, usd } of rows)
            assert.strictEqual(usd, sumOf(calls.filter((one) => (one[by] ?? "-") === key)), `${by} ${key}`)
          assert.strictEqual(rows.reduce((all, { usd }) => all + Math.round(usd * 1e10), 0) / 1e10, sum)
          assert.strictEqual(
            rows.reduce((all, row) => all + row.answered + row.failed, 0),
            calls.length,
          )
          assert.strictEqual(total.unpriced, calls.filter(({ fails, usd }) => !fails && usd === null).length)
          assert.deepStrictEqual(open, { calls: 0, worstUsd: 0 })
        }
        const state = events.reduce<CostsState>(costsProjection.evolve, costsProjection.initial)
        // of a day that is over nothing is kept
        const today = calls.filter(({ day }) => day === "2026-11-22")
        const spentOn = (key: string) => state.spent[key]?.usd ?? 0
        if (calls.at(-1)?.day === "2026-11-22") {
          assert.approximately(spentOn(budgetKey("day", "", "2026-11-22")), sumOf(today), 1e-9)
          for (const rule of ["r1", "r2"]) {
            const named = today.filter((one) => one.rule === rule)
            assert.approximately(spentOn(budgetKey("rule", rule, "2026-11-22")), sumOf(named), 1e-9)
          }
        }
        for (const session of ["c_1", "c_2"]) {
          const own = calls.filter((one) => one.session === session)
          assert.approximately(spentOn(budgetKey("session", session, "")), sumOf(own), 1e-9)
        }
        assert.deepStrictEqual(state.open, {})
      }),
      { numRuns: 60 },
    )
  })

  it("counts four buckets, what is open, and the day a call was asked on", () => {
    const events = stored([
      { ...requested("m_1"), at: "2026-11-21T23:59:59.000Z" },
      answered("m_1", 0.5),
      requested("m_2"),
    ])
    const { open, rows, total } = costReport("day", events)
    assert.deepInclude(total, { input: 10, output: 20, cacheRead: 30, cacheWrite: 40, usd: 0.5 })
    assert.deepStrictEqual(
      rows.map(({ key, usd }) => [key, usd]),
      [["2026-11-21", 0.5]],
    )
    assert.deepStrictEqual(open, { calls: 1, worstUsd: 0.25 })
    // asked before the report began
    const later = costReport("rule", events.slice(1), events.slice(0, 1))
    assert.deepStrictEqual(
      later.rows.map(({ key }) => key),
      ["lockfile"],
    )
  })

  it("says what it bought: kept suggestions of the rules that asked a model, less what was taken back", () => {
    const decided = (suggestion: string, rule: string): Event =>
      ({ ...stored([requested("m_9")])[0]!, type: "decision.notify", payload: { suggestion, rule } }) as never
    const outcome = (suggestion: string, what: "accepted" | "reverted" | "ignored") =>
      stored([draft("decision.outcome", { suggestion, outcome: what, evidence: [] }, header)])[0]!
    const events = [
      ...stored([requested("m_1"), answered("m_1", 0.5)]),
      decided("s_1", "lockfile"),
      decided("s_2", "lockfile"),
      decided("s_3", "plain"),
      outcome("s_1", "accepted"),
      outcome("s_2", "accepted"),
      outcome("s_2", "reverted"),
      outcome("s_3", "accepted"),
    ]
    const byRule = costReport("rule", events)
    assert.deepInclude(byRule.rows[0], { key: "lockfile", kept: 1, keptPerUsd: 2 })
    assert.lengthOf(byRule.rows, 1)
    assert.deepInclude(byRule.total, { kept: 1, keptPerUsd: 2 })
    assert.isNull(costReport("model", events).rows[0]!.kept)
  })
})
