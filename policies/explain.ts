/**
 * How a verdict comes about, as data: the parse with its places, each rule tried on each effect and why it did not
 * match, each grant tried, the winner, the near misses, and what would make it allowed. Pure; nothing is run.
 */
import type { ActionEffect, ToolCall, Verdict } from "../src/domain/action.ts"
import { commandPlaces } from "./commandPlaces.ts"
import type { Compiled } from "./compile.ts"
import type { Subject } from "./conditions.ts"
import { describe, evaluate, findings, type RuleSet } from "./evaluate.ts"
import { grantOffers } from "./grantOffers.ts"
import { type Finding, grantFault } from "./grants.ts"
import { isOf, type Rule, ruleMatches } from "./rules.ts"
import type { Scope } from "./Scope.ts"

export interface FailedCondition {
  readonly key: string
  /** What the rule asks of it, as written. */
  readonly wants: string
}
export interface TriedRule {
  readonly rule: string
  readonly file: string
  readonly line: number
  readonly tier: string
  readonly verdict: string
  readonly matched: boolean
  readonly failed: ReadonlyArray<FailedCondition>
}
export interface ExplainedEffect {
  readonly effect: ActionEffect | null
  readonly summary: string
  readonly classes: ReadonlyArray<string>
  readonly note: string | null
  readonly tried: ReadonlyArray<TriedRule>
}
export interface ExplainedCommand {
  readonly argv: ReadonlyArray<string>
  /** Where it begins in the command's text, from 1; null where that cannot be told. */
  readonly column: number | null
}
export interface TriedGrant {
  readonly grant: string
  readonly title: string
  readonly until: string | null
  /** Why it does not answer; null where it does its part. */
  readonly fault: string | null
}
export interface Explanation {
  readonly verdict: Verdict
  readonly plain: boolean
  readonly uncertain: string | null
  readonly commands: ReadonlyArray<ExplainedCommand>
  readonly effects: ReadonlyArray<ExplainedEffect>
  /** What was said of the call as a whole: uncertain, tainted, repeated. */
  readonly whole: ReadonlyArray<{ readonly rule: string; readonly verdict: string; readonly reason: string }>
  readonly grants: ReadonlyArray<TriedGrant>
  /** Rules that missed by one condition only, other than the kind of effect. */
  readonly nearMisses: ReadonlyArray<TriedRule & { readonly effect: string }>
  /** Each is one way, or one of several things that are all needed; empty where it is allowed. */
  readonly wouldAllow: ReadonlyArray<string>
}

const tryRule = (rule: Rule, subject: Subject): TriedRule => {
  const failed: Array<FailedCondition> = rule.conditions
    .filter((condition) => !condition.holds(subject))
    .map(({ key, wants }) => ({ key, wants }))
  if (rule.workspace !== null && !isOf(rule, subject.scope))
    failed.push({ key: "workspace", wants: rule.workspace })
  const { name, file, line, tier, verdict } = rule
  return { rule: name, file, line, tier, verdict, matched: ruleMatches(rule, subject), failed }
}

const distinct = (commands: ReadonlyArray<ExplainedCommand>): ReadonlyArray<ExplainedCommand> => [
  ...new Map(commands.map((command) => [JSON.stringify(command), command])).values(),
]

const unwritten = new Set(["no-rule", "uncertain", "tainted", "repeated", "already-denied"])

const ruleFor = ({ about }: Finding): string => {
  const effect = about?.effect
  switch (effect?._tag) {
    case "exec":
      return `effect = "exec", argv = ${JSON.stringify(effect.argv.slice(0, 3))}`
    case "read":
    case "write":
    case "delete":
      return `effect = "${effect._tag}", path = ${JSON.stringify(effect.path)}`
    case "net":
      return `effect = "net", host = ${JSON.stringify(effect.host)}`
    default:
      return effect === undefined ? "tool = ..." : `effect = "${effect._tag}"`
  }
}

const ways = (
  rules: RuleSet,
  call: ToolCall,
  compiled: Compiled,
  scope: Scope,
  found: ReadonlyArray<Finding>,
): ReadonlyArray<string> => {
  const denied = found.filter(({ verdict }) => verdict === "deny")
  if (denied.length > 0)
    return [
      ...new Set(denied.map(({ file, line, rule }) => `nothing, while ${rule} (${file}:${line}) denies it`)),
    ]
  const asked = found.filter(({ verdict }) => verdict === "ask")
  const needs = asked.map((finding): string => {
    const { file, line, rule } = finding
    if (rule === "no-rule") return `a rule of yours that allows it: ${ruleFor(finding)}`
    if (rule === "uncertain") return `a plain command: ${compiled.uncertain ?? ""}`
    if (rule === "tainted")
      return "an origin that is trusted, or a rule of yours with tainted = true that allows it"
    if (rule === "repeated") return "anything else in between"
    return `another rule than ${rule} (${file}:${line}), which asks`
  })
  const { fault, offers } = grantOffers(rules, call, compiled, scope)
  const grants = fault === null ? offers.filter((offer) => offer.scope !== null) : []
  return [
    ...new Set(needs),
    ...grants.map(({ name, title }) => `or, once for all, with its approval: --always ${name} (${title})`),
  ]
}

export const explain = (rules: RuleSet, call: ToolCall, compiled: Compiled, scope: Scope): Explanation => {
  const subjects = compiled.seen.length === 0 ? [null] : compiled.seen
  const effects = subjects.map((seen): ExplainedEffect => ({
    effect: seen?.effect ?? null,
    summary: seen === null ? "nothing known" : describe(seen),
    classes: seen?.classes ?? [],
    note: seen?.note ?? null,
    tried: rules.rules.map((rule) => tryRule(rule, { seen, tool: compiled.tool, scope })),
  }))
  const found = rules.broken === null ? findings(rules, compiled, scope) : []
  const text = call.input["command"]
  const columns = typeof text === "string" ? commandPlaces(text, compiled.commands) : []
  const verdict = evaluate(rules, compiled, scope)
  return {
    verdict,
    plain: compiled.uncertain === null,
    uncertain: compiled.uncertain,
    // what a shell or a pipe is fed is looked at twice, and told once
    commands: distinct(compiled.commands.map((argv, index) => ({ argv, column: columns[index] ?? null }))),
    effects,
    whole: found
      .filter(({ about, rule }) => about === null && unwritten.has(rule))
      .map(({ reason, rule, verdict: kind }) => ({ rule, verdict: kind, reason })),
    grants: (scope.grants ?? []).map((grant) => ({
      grant: grant.grant,
      title: grant.title,
      until: grant.until,
      fault: grantFault(grant, found, compiled, scope),
    })),
    nearMisses: effects.flatMap((effect) =>
      effect.tried
        .filter(({ failed }) => failed.length === 1 && failed[0]!.key !== "effect")
        .map((tried) => ({ ...tried, effect: effect.summary })),
    ),
    wouldAllow:
      verdict.verdict === "allow" || verdict.verdict === "audit"
        ? []
        : ways(rules, call, compiled, scope, found),
  }
}
