/**
 * What rules the past asks for: goes over all calls with what became of them, and proposes the smallest set that would
 * have spared the most approvals. Changed in place, because it goes over whole logs; nothing here reads the clock.
 * Invariant: with the rules it proposes the gate itself, asked again about every call that was rejected, taken back or
 * denied, allows none of them that it does not allow already.
 */
import type { ToolCall, Trust } from "../src/domain/action.ts"
import type { Event } from "../src/domain/event.ts"
import { type Fate, wasApproved } from "../src/domain/outcomes.ts"
import type { BacktestOptions } from "./backtest.ts"
import { type Compiled, compile } from "./compile.ts"
import { evaluate, findings, type RuleSet } from "./evaluate.ts"
import { harmlessWhenTainted } from "./taintedGrants.ts"
import { loadRuleFile } from "./rules.ts"
import { type PastCall, PastCalls, type Settled } from "./PastCalls.ts"
import { type Scope, scopeOf } from "./Scope.ts"
import { type Approval, type Chosen, cover, type Needs } from "./suggestCover.ts"
import { type Need, type ProposedRule, rulesFor, ruleText } from "./suggestRules.ts"

export interface SuggestOptions extends BacktestOptions {
  /** Also for chains that rest on outside text, which such rules then name. */
  readonly tainted: boolean
  readonly least: number
}

export interface NearestCall {
  readonly tool: string
  readonly input: ToolCall["input"]
  readonly fate: Fate | "denied"
}

export interface SuggestedRule {
  readonly name: string
  readonly text: string
  /** Approvals it spares together with those before it, and calls it speaks of. */
  readonly spared: number
  readonly calls: number
  /** Of the calls that must not be allowed, the one most like it; null where none is like it. */
  readonly nearest: NearestCall | null
}

export interface SuggestSummary {
  readonly calls: number
  /** Approvals that were given, and those that these rules spare. */
  readonly approvals: number
  readonly spared: number
  /** Approvals that no proposed rule could spare for their origin alone. */
  readonly held: number
  /** Calls that were rejected, taken back or denied. */
  readonly forbidden: number
  readonly rules: ReadonlyArray<SuggestedRule>
  /** All of them, ready to paste. */
  readonly text: string
}

const mostRules = 20

interface Unique {
  readonly call: ToolCall
  readonly trust: Trust
  readonly compiled: Compiled
  readonly scope: Scope
  readonly needs: Needs
  /** Nothing but its origin stands in the way of a rule. */
  readonly held: boolean
  fate: Fate | "denied"
  forbidden: boolean
  approved: number
}

const isForbidden = (fate: Fate): boolean => fate === "rejected" || fate === "undone"

export class RuleSuggestions {
  readonly #options: SuggestOptions
  readonly #past: PastCalls
  readonly #calls = new Map<string, number>()
  readonly #uniques: Array<Unique> = []
  readonly #needs: Array<Need> = []
  readonly #needKeys = new Map<string, number>()
  readonly #approvals = new Map<string, { calls: ReadonlyArray<number>; times: number }>()
  #counted = { calls: 0, approvals: 0, held: 0 }

  constructor(options: SuggestOptions) {
    this.#options = options
    this.#past = new PastCalls(options)
  }

  take(event: Event): ReadonlyArray<never> {
    for (const settled of this.#past.take(event)) this.#settle(settled)
    return []
  }

  finish(): { readonly rows: ReadonlyArray<never>; readonly summary: SuggestSummary } {
    for (const settled of this.#past.rest()) this.#settle(settled)
    const { rules } = this.#options
    const input = {
      needs: this.#needs,
      rules: this.#needs.map((need) => rulesFor(need, rules.table)),
      calls: this.#uniques.map(({ needs }) => needs),
      approvals: [...this.#approvals.values()] as ReadonlyArray<Approval>,
      // what is allowed already is none of these rules' doing
      forbidden: this.#uniques.flatMap(({ forbidden, needs }, index) =>
        forbidden && needs !== null && needs.length > 0 ? [index] : [],
      ),
      least: this.#options.least,
      most: mostRules,
    }
    const chosen = this.#withoutLeaks(cover(input))
    const suggested = this.#told(chosen)
    return {
      rows: [],
      summary: {
        ...this.#counted,
        spared: this.#sparedBy(suggested.map(({ text }) => text).join("\n")),
        forbidden: this.#uniques.filter(({ forbidden }) => forbidden).length,
        rules: suggested,
        text: suggested.map(({ text }) => text).join("\n"),
      },
    }
  }

  #need(need: Need): number {
    const key = JSON.stringify([need.seen.effect, need.seen.classes, need.tool, need.workspace, need.tainted])
    const known = this.#needKeys.get(key)
    if (known !== undefined) return known
    this.#needs.push(need)
    this.#needKeys.set(key, this.#needs.length - 1)
    return this.#needs.length - 1
  }

  /** What rules would have to allow; null where no rule can, because something else asks or denies. */
  #needsOf(compiled: Compiled, scope: Scope, tainted: boolean): Needs {
    const found = findings(this.#options.rules, compiled, scope)
    const open = found.filter(({ verdict }) => verdict === "ask" || verdict === "deny")
    const mine = (rule: string) => rule === "no-rule" || (tainted && rule === "tainted")
    if (
      open.some(
        ({ about, rule, verdict }) =>
          verdict === "deny" || !mine(rule) || (rule === "no-rule" && about === null),
      )
    )
      return null
    const asked = open.flatMap(({ about }) => about ?? [])
    const named = open.some(({ rule }) => rule === "tainted")
      ? compiled.seen.filter((seen) => !harmlessWhenTainted(seen))
      : []
    return [...new Set([...asked, ...named])].map((seen) =>
      this.#need({ seen, tool: compiled.tool, workspace: scope.workspace, tainted }),
    )
  }

  #unique(past: PastCall): number {
    const { actor, call, trust, workspace } = past
    const key = JSON.stringify([workspace, actor, trust, call])
    const known = this.#calls.get(key)
    if (known !== undefined) return known
    const { home, oracle, rules } = this.#options
    const where = { workspace, cwd: call.cwd ?? workspace, home, actor, trust }
    const scope = scopeOf(call, where, this.#options)
    const compiled = compile(call, scope, oracle, rules.table)
    const tainted = trust === "untrusted"
    const usable = !tainted || this.#options.tainted
    this.#uniques.push({
      call,
      trust,
      compiled,
      scope,
      needs: usable ? this.#needsOf(compiled, scope, tainted) : null,
      held: !usable,
      fate: "pending",
      forbidden: false,
      approved: 0,
    })
    this.#calls.set(key, this.#uniques.length - 1)
    return this.#uniques.length - 1
  }

  #settle({ calls, row }: Settled): void {
    const ids = calls.map(({ past }) => this.#unique(past))
    this.#counted.calls += ids.length
    for (const [index, { was }] of calls.entries()) {
      const unique = this.#uniques[ids[index]!]!
      if (isForbidden(was.fate) || was.verdict === "deny") {
        unique.forbidden = true
        unique.fate = was.verdict === "deny" ? "denied" : was.fate
      }
    }
    const asked = row.calls.some(({ verdict }) => verdict === "ask")
    const agreed = row.calls.some(({ fate }) => wasApproved(fate))
    if (!asked || !agreed || ids.length === 0) return
    this.#counted.approvals += 1
    for (const id of new Set(ids)) this.#uniques[id]!.approved += 1
    if (ids.some((id) => this.#uniques[id]!.held)) this.#counted.held += 1
    if (ids.length < row.calls.length) return
    const key = [...new Set(ids)].sort((a, b) => a - b)
    const text = key.join(",")
    const known = this.#approvals.get(text) ?? { calls: key, times: 0 }
    known.times += 1
    this.#approvals.set(text, known)
  }

  #with(text: string): RuleSet {
    const { rules } = this.#options
    const loaded = loadRuleFile({ file: "suggested.toml", text, tier: "user", workspace: null })
    return { ...rules, rules: [...rules.rules, ...loaded.rules] }
  }

  #isFree(unique: Unique, rules: RuleSet): boolean {
    const { verdict } = evaluate(rules, unique.compiled, unique.scope)
    return verdict === "allow" || verdict === "audit"
  }

  /** The gate itself has the last word: a rule with which it would allow what must not be is left out. */
  #withoutLeaks(chosen: ReadonlyArray<Chosen>): ReadonlyArray<Chosen> {
    const forbidden = this.#uniques.filter(
      (unique) => unique.forbidden && !this.#isFree(unique, this.#options.rules),
    )
    const kept: Array<Chosen> = []
    for (const one of chosen) {
      const rules = this.#with(
        [...kept, one].map(({ rule }) => ruleText(rule, rule.name, { reason: "" })).join("\n"),
      )
      if (forbidden.every((unique) => !this.#isFree(unique, rules))) kept.push(one)
    }
    return kept
  }

  #sparedBy(text: string): number {
    const rules = this.#with(text)
    return [...this.#approvals.values()]
      .filter(({ calls }) => calls.every((id) => this.#isFree(this.#uniques[id]!, rules)))
      .reduce((sum, { times }) => sum + times, 0)
  }

  #told(chosen: ReadonlyArray<Chosen>): ReadonlyArray<SuggestedRule> {
    const names = new Set<string>()
    const inOrder = chosen.toSorted((a, b) => b.spared - a.spared || (a.rule.name < b.rule.name ? -1 : 1))
    return inOrder.map(({ rule, spared }) => {
      let name = rule.name
      for (let n = 2; names.has(name); n++) name = `${rule.name}-${n}`
      names.add(name)
      const about = this.#uniques.filter(
        ({ needs }) => needs?.some((need) => rule.covers(this.#needs[need]!)) === true,
      )
      const approvals = about.reduce((sum, { approved }) => sum + approved, 0)
      const nearest = this.#nearest(rule)
      return {
        name,
        text: ruleText(rule, name, { reason: `approved ${approvals} times, never refused` }),
        spared,
        calls: about.length,
        nearest,
      }
    })
  }

  #nearest(rule: ProposedRule): NearestCall | null {
    let best: { readonly unique: Unique; readonly score: number } | null = null
    for (const unique of this.#uniques) {
      if (!unique.forbidden) continue
      const score = likeness(rule, unique.compiled)
      if (score > 0 && (best === null || score > best.score)) best = { unique, score }
    }
    return best === null
      ? null
      : { tool: best.unique.call.tool, input: best.unique.call.input, fate: best.unique.fate }
  }
}

const shared = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): number => {
  const differs = a.findIndex((each, index) => each !== b[index])
  return differs < 0 ? a.length : differs
}

/** How much of what the rule names the call has in common with it. */
const likeness = (rule: ProposedRule, compiled: Compiled): number => {
  const of = Object.fromEntries(rule.conditions)
  const argv = of["argv"]
  const path = of["path"]
  const host = of["host"]
  return Math.max(
    0,
    ...compiled.effects.map((effect) => {
      if (effect._tag === "exec" && Array.isArray(argv))
        return shared(argv as ReadonlyArray<string>, effect.argv)
      if ("path" in effect && typeof path === "string" && effect._tag === of["effect"])
        return shared(path.replace(/\/\*\*$/, "").split("/"), effect.path.split("/")) - 2
      if (effect._tag === "net" && typeof host === "string")
        return shared(host.split(".").toReversed(), effect.host.split(".").toReversed())
      return 0
    }),
  )
}
