/** How a verdict came about, as data: the parse, each rule tried on each effect, the winner, the near misses. Pure. */
import type { ActionEffect, Verdict } from "../src/domain/action.ts"
import { describe, evaluate, type RuleSet } from "./evaluate.ts"
import type { Compiled } from "./compile.ts"
import type { Subject } from "./conditions.ts"
import { type Rule, ruleMatches } from "./rules.ts"
import type { Scope } from "./Scope.ts"

export interface TriedRule {
  readonly rule: string
  readonly file: string
  readonly line: number
  readonly verdict: string
  readonly matched: boolean
  /** Conditions that did not hold. */
  readonly failed: ReadonlyArray<string>
}
export interface ExplainedEffect {
  readonly effect: ActionEffect | null
  readonly summary: string
  readonly classes: ReadonlyArray<string>
  readonly note: string | null
  readonly tried: ReadonlyArray<TriedRule>
}
export interface Explanation {
  readonly verdict: Verdict
  readonly plain: boolean
  readonly uncertain: string | null
  readonly commands: ReadonlyArray<ReadonlyArray<string>>
  readonly effects: ReadonlyArray<ExplainedEffect>
  /** Rules that missed by one condition only, other than the kind of effect. */
  readonly nearMisses: ReadonlyArray<TriedRule & { readonly effect: string }>
}

const tryRule = (rule: Rule, subject: Subject): TriedRule => {
  const failed = rule.conditions
    .filter((condition) => !condition.holds(subject))
    .map((condition) => condition.key)
  if (rule.workspace !== null && rule.workspace !== subject.scope.workspace) failed.push("workspace")
  const { name, file, line, verdict } = rule
  return { rule: name, file, line, verdict, matched: ruleMatches(rule, subject), failed }
}

export const explain = (rules: RuleSet, compiled: Compiled, scope: Scope): Explanation => {
  const subjects = compiled.seen.length === 0 ? [null] : compiled.seen
  const effects = subjects.map((seen): ExplainedEffect => ({
    effect: seen?.effect ?? null,
    summary: seen === null ? "nothing known" : describe(seen),
    classes: seen?.classes ?? [],
    note: seen?.note ?? null,
    tried: rules.rules.map((rule) => tryRule(rule, { seen, tool: compiled.tool, scope })),
  }))
  return {
    verdict: evaluate(rules, compiled, scope),
    plain: compiled.uncertain === null,
    uncertain: compiled.uncertain,
    commands: compiled.commands,
    effects,
    nearMisses: effects.flatMap((effect) =>
      effect.tried
        .filter(({ failed }) => failed.length === 1 && failed[0] !== "effect")
        .map((tried) => ({ ...tried, effect: effect.summary })),
    ),
  }
}
