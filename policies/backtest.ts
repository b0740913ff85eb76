/**
 * Other rules over the past: every call the gate judged is judged again, without acting, and held against what the
 * user really did with it. Changed in place, because it goes over whole logs; nothing here reads the clock.
 * Invariants: the evaluator is the gate's own, on the call taken apart anew, in its recorded workspace, folder and
 * trust; of a call judged more than once the newest verdict counts; only rows that may still change are held.
 */
import {
  type RuleMatch,
  stricter,
  type ToolCall,
  type Trust,
  type Verdict,
  type VerdictKind,
} from "../src/domain/action.ts"
import type { Event, EventOf, EventType } from "../src/domain/event.ts"
import type { GrantInForce } from "../src/domain/grant.ts"
import { emptyGrants, evolveGrants, grantsIn } from "../src/domain/grants.ts"
import { OutcomeBook } from "../src/domain/OutcomeBook.ts"
import { type JudgedFate, type OutcomeRow, outcomeTypes, wasApproved } from "../src/domain/outcomes.ts"
import { type ChangedCall, countFate, Groups, noFates, type PolicySummary } from "./backtestGroups.ts"
import { compile } from "./compile.ts"
import { builtIn, evaluate, repeatedAt, type RuleSet } from "./evaluate.ts"
import { repeatedRule } from "./grants.ts"
import type { PathOracle } from "./PathOracle.ts"
import { scopeOf, type Surroundings } from "./Scope.ts"
import { backtestSentence } from "./backtestSentence.ts"

/** A call as the gate judged it, with where and for whom. */
export interface PastCall {
  readonly seq: number
  readonly at: string
  readonly suggestion: string
  readonly index: number
  readonly call: ToolCall
  readonly workspace: string
  readonly trust: Trust
  readonly digest: string
  /** Every rule that spoke then. */
  readonly matched: ReadonlyArray<RuleMatch>
  /** What a person had granted by then. */
  readonly grants: ReadonlyArray<GrantInForce>
  /** Nothing but the origin of the call made it a question. */
  readonly heldByTaint: boolean
}

export interface BacktestOptions extends Surroundings {
  readonly rules: RuleSet
  readonly home: string
  readonly oracle: PathOracle
  /** Verdicts of suggestions made before this seq do not count. */
  readonly from?: number
}

const mostRemembered = 2_000

const spoke = ({ matched }: PastCall, rule: string): boolean =>
  matched.some((match) => match.rule === rule && match.file === builtIn)

/** That a call came again, or had been refused, is as true under other rules. */
const pastOf = (past: PastCall) => ({
  times: spoke(past, repeatedRule) ? repeatedAt : 1,
  refused: spoke(past, "already-denied") ? { by: "person" as const, reason: "" } : null,
})

/** All that a backtest of rules looks at. */
export const backtestTypes: ReadonlyArray<EventType> = [...outcomeTypes, "policy.granted", "policy.revoked"]

/** Calls repeat: the same one in the same place is taken apart once. */
export const rejudging = (options: BacktestOptions): ((past: PastCall) => Verdict) => {
  const known = new Map<string, Verdict>()
  return (past) => {
    const { call, grants, workspace, trust } = past
    const ofPast = pastOf(past)
    const key = JSON.stringify([workspace, trust, call, ofPast, grants.map(({ grant }) => grant)])
    const found = known.get(key)
    if (found !== undefined) return found
    const where = { workspace, cwd: call.cwd ?? workspace, home: options.home, actor: "claw", trust }
    const context = { ...where, ...ofPast, grants }
    const scope = scopeOf(call, context, options)
    const verdict = evaluate(options.rules, compile(call, scope, options.oracle, options.rules.table), scope)
    if (known.size >= mostRemembered) known.clear()
    known.set(key, verdict)
    return verdict
  }
}

/** It would have been allowed, were it not for text an outsider could have written. */
const heldByTaint = (verdict: Verdict): boolean =>
  verdict.verdict === "ask" &&
  verdict.matched.every((match) => match.verdict !== "ask" || match.rule === "tainted")

/** Rules that are the gate's own, by name and file: what they saw in files that are gone is taken from the log. */
const ownRules = ({ rules }: RuleSet): ReadonlySet<string> =>
  new Set(
    rules
      .filter(({ tier }) => tier === "builtin" || tier === "preset")
      .map(({ name, file, verdict }) => `${verdict} ${name} ${file}`),
  )

const freedom = { allow: "free", audit: "free", ask: "ask", deny: "deny" } as const

export class PolicyBacktest {
  readonly #options: BacktestOptions
  readonly #judge: (past: PastCall) => Verdict
  readonly #book = new OutcomeBook(true)
  #grants = emptyGrants
  /** By the seq of the newest verdict on each call. */
  readonly #calls = new Map<number, PastCall>()
  readonly #groups = new Groups()
  readonly #there = new Map<string, boolean>()
  readonly #own: ReadonlySet<string>
  #verdicts = 0
  #replaced = 0
  #unjudged = 0
  #counts = { calls: 0, alike: 0, gone: 0, seenOtherwise: 0 }
  #approvals = { given: 0, spared: 0, blocked: 0 }
  #held = noFates

  constructor(options: BacktestOptions) {
    this.#options = options
    this.#judge = rejudging(options)
    this.#own = ownRules(options.rules)
  }

  /** Calls judged otherwise whose fate is settled with this event. */
  take(event: Event): ReadonlyArray<ChangedCall> {
    this.#grants = evolveGrants(this.#grants, event)
    const before = event.correlationId === null ? undefined : this.#book.find(event.correlationId)
    const settled = this.#book.take(event)
    if (event.type === "policy.verdict") this.#remember(event, before)
    else if (event.type === "approval.edited" && before !== undefined) this.#forget(before, event)
    return settled.flatMap((row) => this.#settle(row))
  }

  finish(): { readonly rows: ReadonlyArray<ChangedCall>; readonly summary: PolicySummary } {
    const rows = this.#book.rest().flatMap((row) => this.#settle(row))
    const facts = {
      verdicts: this.#verdicts,
      replaced: this.#replaced,
      unjudged: this.#unjudged,
      ...this.#counts,
      approvals: this.#approvals,
      held: this.#held,
      changes: this.#groups.changes(),
      groups: this.#groups.rows(),
    }
    return { rows, summary: { ...facts, verdict: backtestSentence(facts) } }
  }

  #remember(event: EventOf<"policy.verdict">, before: OutcomeRow | undefined): void {
    const from = this.#options.from ?? 1
    if (event.seq < from || (before !== undefined && before.madeSeq < from)) return
    this.#verdicts += 1
    if ((event.payload as unknown) === null) {
      this.#unjudged += 1
      return
    }
    const { suggestion, index, call, verdict } = event.payload
    const row = this.#book.find(suggestion)
    if (row === undefined) {
      this.#unjudged += 1
      return
    }
    if (row.calls[index]?.seq !== event.seq) {
      this.#replaced += 1
      return
    }
    const old = before?.calls[index]
    if (old !== undefined && this.#calls.delete(old.seq)) this.#replaced += 1
    this.#calls.set(event.seq, {
      seq: event.seq,
      at: event.at,
      suggestion,
      index,
      call,
      workspace: event.workspace ?? this.#options.home,
      trust: event.trust,
      digest: verdict.digest,
      matched: verdict.matched,
      grants: grantsIn(this.#grants, event.workspace ?? this.#options.home),
      heldByTaint: heldByTaint(verdict),
    })
  }

  #forget(before: OutcomeRow, event: Event): void {
    if (this.#book.find(before.suggestion)?.calls === before.calls || (event.payload as unknown) === null)
      return
    for (const { seq } of before.calls) if (this.#calls.delete(seq)) this.#replaced += 1
  }

  #isThere(workspace: string): boolean {
    const known = this.#there.get(workspace)
    if (known !== undefined) return known
    const there = this.#options.oracle.entry(workspace).kind !== "absent"
    this.#there.set(workspace, there)
    return there
  }

  /** Without its files a call looks more harmless than it was: the gate's own rules that spoke then speak still. */
  #asSeenThen(past: PastCall, verdict: Verdict): Verdict {
    const spoke = past.matched
      .filter((match) => this.#own.has(`${match.verdict} ${match.rule} ${match.file}`))
      .find(
        (match) =>
          match.verdict !== verdict.verdict && stricter(match.verdict, verdict.verdict) === match.verdict,
      )
    return spoke === undefined
      ? verdict
      : { ...verdict, ...spoke, reason: "as it was seen in the files then" }
  }

  #settle(row: OutcomeRow): ReadonlyArray<ChangedCall> {
    const now: Array<VerdictKind> = []
    const changed: Array<ChangedCall> = []
    for (const was of row.calls) {
      const past = this.#calls.get(was.seq)
      if (past === undefined) continue
      this.#calls.delete(was.seq)
      const verdict = this.#isThere(past.workspace)
        ? this.#judge(past)
        : this.#asSeenThen(past, this.#judge(past))
      now.push(verdict.verdict)
      const one = this.#compare(past, was, verdict)
      if (one !== null) changed.push(one)
    }
    const asked = row.calls.some((call) => call.verdict === "ask")
    if (now.length > 0 && asked && row.calls.some((call) => wasApproved(call.fate))) {
      this.#approvals.given += 1
      if (now.length === row.calls.length && now.every((kind) => freedom[kind] === "free"))
        this.#approvals.spared += 1
      if (now.includes("deny")) this.#approvals.blocked += 1
    }
    return changed
  }

  #compare(past: PastCall, was: JudgedFate, verdict: Verdict): ChangedCall | null {
    this.#counts.calls += 1
    if (!this.#isThere(past.workspace)) this.#counts.gone += 1
    else if (verdict.digest !== past.digest) this.#counts.seenOtherwise += 1
    if (freedom[was.verdict] === freedom[verdict.verdict]) {
      this.#counts.alike += 1
      if (heldByTaint(verdict) && !past.heldByTaint) this.#held = countFate(this.#held, was.fate)
      return null
    }
    const changed: ChangedCall = {
      seq: past.seq,
      at: past.at,
      suggestion: past.suggestion,
      index: past.index,
      workspace: past.workspace,
      tool: past.call.tool,
      input: past.call.input,
      was: { verdict: was.verdict, rule: was.rule, file: was.file, line: was.line },
      now: { verdict: verdict.verdict, rule: verdict.rule, file: verdict.file, line: verdict.line },
      reason: verdict.reason,
      fate: was.fate,
    }
    this.#groups.add(changed)
    return changed
  }
}
