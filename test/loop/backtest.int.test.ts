/**
 * Backtests over a made day, whose decisions and verdicts are the real machine's: what they count is held against
 * another way of counting, which reads the events into memory and follows each suggestion by hand.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Stream } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { madeTree, makeDay } from "../../build/day/makeDay.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { MemoryLogStore } from "../../log-store/MemoryLogStore.ts"
import { PolicyBacktest } from "../../policies/backtest.ts"
import { loadRuleSet } from "../../policies/load.ts"
import { memoryOracle } from "../../policies/memoryOracle.ts"
import { Policies } from "../../policies/Policies.ts"
import { readShipped, shippedDirectory } from "../../policies/shipped.ts"
import { AttentionBacktest } from "../../src/decide/backtest/attention.ts"
import { ReflexBacktest } from "../../src/decide/backtest/reflexes.ts"
import { reflexes } from "../../src/decide/registry.ts"
import type { ToolCall, Verdict } from "../../src/domain/action.ts"
import type { Event, EventOf } from "../../src/domain/event.ts"
import { outcomeTypes } from "../../src/domain/outcomes.ts"
import { ruleStatisticsProjection } from "../../src/domain/ruleStatistics.ts"
import { type Pass, runPass } from "../../src/loop/backtest.ts"
import { replayLog } from "./replayLog.ts"

const home = "/home/ada"
const fixture = (name: string) => {
  const file = join(import.meta.dirname, "..", "fixtures", "policies", name)
  return { file, text: readFileSync(file, "utf8") }
}

const summaryOf = <Summary>(
  store: LogStore["Service"],
  pass: Pass<unknown, Summary>,
  types?: typeof outcomeTypes,
) =>
  Effect.gen(function* () {
    const messages = yield* runPass(store, pass, {
      from: null,
      to: null,
      rows: true,
      ...(types === undefined ? {} : { types }),
    }).pipe(Stream.runCollect)
    const rows = messages.flatMap((message) => (message._tag === "rows" ? message.rows : []))
    const last = Option.getOrThrow(Option.fromNullishOr(messages.at(-1)))
    if (last._tag !== "summary") throw new Error("the summary comes last")
    return { rows, summary: last.summary }
  })

type Fate = "kept" | "undone" | "failed" | "rejected" | "unanswered"

interface Followed {
  readonly call: ToolCall
  readonly workspace: string
  readonly trust: "trusted" | "untrusted"
  readonly was: Verdict["verdict"]
  readonly fate: Fate
}

/** Every suggestion's calls with what became of them, the plain way. */
const followed = (events: ReadonlyArray<Event>): ReadonlyArray<ReadonlyArray<Followed>> => {
  const bySuggestion = Map.groupBy(
    events.filter((event) => event.correlationId !== null),
    (event) => event.correlationId!,
  )
  return [...bySuggestion.values()].map((all) => {
    const of = <T extends Event["type"]>(type: T) =>
      all.filter((event): event is EventOf<T> => event.type === type)
    const edits = of("approval.edited")
    const since = edits.at(-1)?.seq ?? 0
    const latest = new Map(
      of("policy.verdict").flatMap((event) =>
        event.seq > since ? [[event.payload.index, event] as const] : [],
      ),
    )
    const did = (type: "tool.finished" | "tool.undone", call: string) =>
      of(type).find((event) => event.payload.call === call)
    return [...latest.entries()].map(([index, event]): Followed => {
      const id = `${event.payload.suggestion}#${index}`
      const end = did("tool.finished", id) as EventOf<"tool.finished"> | undefined
      const fate =
        did("tool.undone", id) !== undefined
          ? "undone"
          : end !== undefined
            ? end.payload.ok
              ? "kept"
              : "failed"
            : of("approval.rejected").length > 0
              ? "rejected"
              : "unanswered"
      return {
        call: event.payload.call,
        workspace: event.workspace!,
        trust: event.trust,
        was: event.payload.verdict.verdict,
        fate,
      }
    })
  })
}

const free = (verdict: string): boolean => verdict === "allow" || verdict === "audit"

/** The gate itself, not the backtest, on every call. */
const counted = (events: ReadonlyArray<Event>, policy: ReturnType<typeof fixture>) =>
  Effect.gen(function* () {
    const policies = yield* Policies
    const { rules } = yield* policies.past([policy])
    assert.deepStrictEqual(rules.problems, [])
    const none = (): Record<string, number> => ({
      calls: 0,
      kept: 0,
      undone: 0,
      failed: 0,
      rejected: 0,
      unanswered: 0,
    })
    const changes: Record<string, Record<string, number>> = {
      allow: none(),
      offer: none(),
      ask: none(),
      deny: none(),
    }
    let calls = 0
    let alike = 0
    let given = 0
    let spared = 0
    const { evaluate } = yield* Effect.promise(() => import("../../policies/evaluate.ts"))
    const { compile } = yield* Effect.promise(() => import("../../policies/compile.ts"))
    const { scopeOf } = yield* Effect.promise(() => import("../../policies/Scope.ts"))
    const oracle = memoryOracle(madeTree(home))
    for (const suggestion of followed(events)) {
      const now = suggestion.map(({ call, trust, workspace }) => {
        const cwd = call.cwd ?? workspace
        const scope = scopeOf(call, { workspace, cwd, home, actor: "claw", trust }, { own: [] })
        return evaluate(rules, compile(call, scope, oracle, rules.table), scope).verdict
      })
      for (const [at, one] of suggestion.entries()) {
        calls += 1
        const verdict = now[at]!
        if (verdict === one.was || (free(verdict) && free(one.was))) {
          alike += 1
          continue
        }
        const kind =
          verdict === "deny" ? "deny" : verdict === "ask" ? (one.was === "deny" ? "offer" : "ask") : "allow"
        changes[kind]!["calls"]! += 1
        changes[kind]![one.fate]! += 1
      }
      const asked = suggestion.some((one) => one.was === "ask")
      const approved = suggestion.some((one) => ["kept", "undone", "failed"].includes(one.fate))
      if (!asked || !approved) continue
      given += 1
      if (now.every(free)) spared += 1
    }
    return { calls, alike, changes, given, spared }
  }).pipe(Effect.provide(Policies.layer({ userDir: null, own: [] })))

describe("a made day", () => {
  it.live(
    "is the real machine's, and its backtests count what happened",
    () =>
      Effect.gen(function* () {
        const store = yield* LogStore
        const { events: made } = yield* makeDay({ store, events: 12_000, seed: 12, home })
        assert.isAtLeast(made, 12_000)
        const events = yield* store.read({}).pipe(Stream.runCollect)
        assert.deepInclude(yield* replayLog(store, { from: null, to: null }), { same: true, events: made })
        for (const type of ["approval.rejected", "tool.undone", "decision.expired"] as const)
          assert.isAtLeast(events.filter((event) => event.type === type).length, 1, type)

        // nothing changed: nothing is found
        const same = yield* summaryOf(store, new ReflexBacktest({ reflexes, disabled: (then) => then }))
        assert.strictEqual(same.summary.same, same.summary.decisions)
        assert.deepStrictEqual(same.rows, [])
        const decided = events.filter(
          (event) =>
            event.type === "decision.silent" || ("proposal" in event.payload && event.actor === "decider"),
        )
        assert.strictEqual(same.summary.decisions, decided.length)
        const calm = yield* summaryOf(store, new AttentionBacktest({ reflexes, settings: {} }))
        assert.deepStrictEqual(calm.rows, [])
        assert.strictEqual(
          calm.summary.same,
          new Set(
            events.flatMap((event) => (event.type === "decision.shown" ? [event.payload.suggestion] : [])),
          ).size,
        )

        // a rule that is off would have said nothing of all it said
        const off = yield* summaryOf(
          store,
          new ReflexBacktest({ reflexes, disabled: (then) => [...then, "run-again"] }),
        )
        const said = events.filter(
          (event) => event.type === "decision.draft" && event.payload.proposal.rule === "run-again",
        )
        assert.isAtLeast(said.length, 5)
        assert.strictEqual(off.summary.silenced.suggestions, said.length)
        assert.strictEqual(off.rows.length, said.length)

        const statistics = events.reduce(ruleStatisticsProjection.evolve, ruleStatisticsProjection.initial)
        const { kept } = statistics.reflexes["run-again"]!
        assert.strictEqual(off.summary.silenced.kept, kept)

        for (const name of ["looser.toml", "stricter.toml"]) {
          const policy = fixture(name)
          const shipped = readShipped(shippedDirectory(), ["default"])
          const rules = loadRuleSet({
            commands: shipped.commands,
            files: [...shipped.files, { ...policy, tier: "user", workspace: null }],
          })
          const pass = new PolicyBacktest({ rules, home, own: [], oracle: memoryOracle(madeTree(home)) })
          const { rows, summary } = yield* summaryOf(store, pass, outcomeTypes)
          const expected = yield* counted(events, policy)
          const { alike, approvals, calls, changes } = summary
          assert.deepStrictEqual<unknown>(
            { calls, alike, changes, given: approvals.given, spared: approvals.spared },
            expected,
            name,
          )
          assert.strictEqual(rows.length, calls - alike, name)
          assert.isAtLeast(rows.length, 3, name)
          if (name === "looser.toml") assert.isAtLeast(approvals.spared, 1)
          else assert.isAtLeast(changes.deny.kept, 1)
          assert.match(summary.verdict, /^This policy would have /)
        }
      }).pipe(Effect.provide(MemoryLogStore.layer)),
    60_000,
  )
})
