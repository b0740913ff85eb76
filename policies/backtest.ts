/**
 * Other rules over the past: every call the gate judged is judged again, without acting, and held against what the
 * user really did with it. Changed in place, because it goes over whole logs; nothing here reads the clock.
 * Invariants: the evaluator is the gate's own, on the call taken apart anew, in its recorded workspace, folder and
 * trust; of a call judged more than once the newest verdict counts; only rows that may still change are held.
 */
import { stricter, type Verdict, type VerdictKind } from "../src/domain/action.ts"
import type { Event } from "../src/domain/event.ts"
import { type JudgedFate, wasApproved } from "../src/domain/outcomes.ts"
import { type ChangedCall, countFate, Groups, noFates, type PolicySummary } from "./backtestGroups.ts"
import { compile } from "./compile.ts"
import { builtIn, evaluate, repeatedAt, type RuleSet } from "./evaluate.ts"
import { repeatedRule } from "./grants.ts"
import { heldByTaint, type PastCall, PastCalls, type Settled } from "./PastCalls.ts"
import type { PathOracle } from "./PathOracle.ts"
import { scopeOf, type Surroundings } from "./Scope.ts"
import { backtestSentence } from "./backtestSentence.ts"

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

/** Calls repeat: the same one in the same place is taken apart once. */
const rejudging = (options: BacktestOptions): ((past: PastCall) => Verdict) => {
  const known = new Map<string, Verdict>()
  return (past) => {
    const { actor, call, grants, ownWorktree, ruledBy, session, workspace, trust } = past
    const ofPast = pastOf(past)
    const told = [workspace, ruledBy, ownWorktree, actor, session, trust, call, ofPast]
    const key = JSON.stringify([...told, grants.map(({ grant }) => grant)])
    const found = known.get(key)
    if (found !== undefined) return found
    const where = { workspace, cwd: call.cwd ?? workspace, home: options.home, actor, trust }
    const context = { ...where, ...ofPast, grants, ruledBy, ownWorktree, session }
    const scope = scopeOf(call, context, options)
    const verdict = evaluate(options.rules, compile(call, scope, options.oracle, options.rules.table), scope)
    if (known.size >= mostRemembered) known.clear()
    known.set(key, verdict)
    return verdict
  }
}

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
  readonly #past: PastCalls
  readonly #groups = new Groups()
  readonly #there = new Map<string, boolean>()
  readonly #own: ReadonlySet<string>
  #counts = { calls: 0, alike: 0, gone: 0, seenOtherwise: 0 }
  #approvals = { given: 0, spared: 0, blocked: 0 }
  #held = noFates

  constructor(options: BacktestOptions) {
    this.#options = options
    this.#judge = rejudging(options)
    this.#past = new PastCalls(options)
    this.#own = ownRules(options.rules)
  }

  /** Calls judged otherwise whose fate is settled with this event. */
  take(event: Event): ReadonlyArray<ChangedCall> {
    return this.#past.take(event).flatMap((settled) => this.#settle(settled))
  }

  finish(): { readonly rows: ReadonlyArray<ChangedCall>; readonly summary: PolicySummary } {
    const rows = this.#past.rest().flatMap((settled) => this.#settle(settled))
    const facts = {
      ...this.#past.counts,
      ...this.#counts,
      approvals: this.#approvals,
      held: this.#held,
      changes: this.#groups.changes(),
      groups: this.#groups.rows(),
    }
    return { rows, summary: { ...facts, verdict: backtestSentence(facts) } }
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

  #settle({ calls, row }: Settled): ReadonlyArray<ChangedCall> {
    const now: Array<VerdictKind> = []
    const changed: Array<ChangedCall> = []
    for (const { past, was } of calls) {
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
