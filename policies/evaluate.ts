/**
 * The verdict over an action: deny beats ask beats audit beats allow, over all effects, files and tiers.
 * Pure and total. No rule for an effect: ask. Uncertain: at least ask. Untrusted: nothing beyond reading the
 * workspace is allowed unasked. A broken rule set, or an error on the way, denies.
 */
import { answered, changedRule, compromisedRule, type Finding, repeatedRule, taintedRule } from "./grants.ts"
import { type RuleMatch, type Verdict, type VerdictKind, stricter } from "../src/domain/action.ts"
import { isPerson } from "../src/domain/person.ts"
import { grantedRule } from "../src/domain/grant.ts"
import { neutralise } from "../src/domain/neutralise.ts"
import type { Seen } from "./Collector.ts"
import type { CommandTable, Problem } from "./CommandTable.ts"
import type { Compiled } from "./compile.ts"
import { rulesFor } from "./ruleIndex.ts"
import { type Rule, ruleMatches } from "./rules.ts"
import type { Scope } from "./Scope.ts"
import { harmlessWhenTainted } from "./taintedGrants.ts"

export interface RuleSet {
  readonly rules: ReadonlyArray<Rule>
  readonly table: CommandTable
  readonly problems: ReadonlyArray<Problem>
  /** Why nothing may be judged at all; null where the gate is whole. */
  readonly broken: string | null
}

export const builtIn = "policies/evaluate.ts"

/** What holds without a rule file. */
export const unwrittenRules: ReadonlyArray<RuleMatch & { readonly reason: string }> = [
  { rule: "no-rule", file: builtIn, line: 1, verdict: "ask", reason: "what no rule allows is asked" },
  {
    rule: "uncertain",
    file: builtIn,
    line: 1,
    verdict: "ask",
    reason: "what cannot be taken apart is asked",
  },
  {
    rule: taintedRule,
    file: builtIn,
    line: 1,
    verdict: "ask",
    reason:
      "what rests on text an outsider could have written is asked, unless a rule, or a grant of that very conversation, says otherwise by name",
  },
  {
    rule: repeatedRule,
    file: builtIn,
    line: 1,
    verdict: "ask",
    reason:
      "the same call three times in a row by the same reflex or model is asked, also where it is allowed; a person may repeat",
  },
  {
    rule: compromisedRule,
    file: builtIn,
    line: 1,
    verdict: "ask",
    reason:
      "while a lockfile or manifest of the workspace names a compromised package version, whatever runs more than a plain read-only command is asked, also where it is allowed or was granted",
  },
  {
    rule: "already-denied",
    file: builtIn,
    line: 1,
    verdict: "deny",
    reason: "what a person said no to is not asked again in the same session",
  },
  {
    ...changedRule,
    verdict: "ask",
    reason:
      "what was always allowed is asked again where a script it goes by is not the one that was granted",
  },
  { ...grantedRule, line: 0, verdict: "allow", reason: "what a person always allowed (claw policy grants)" },
]

const unruled = (seen: Seen | null): Finding => ({
  rule: "no-rule",
  file: builtIn,
  line: 1,
  verdict: "ask",
  reason: seen === null ? "no rule speaks of this call" : `no rule allows to ${describe(seen)}`,
  about: seen,
})

/** What the table says of a command, as a person reads it; other classes are said by their names. */
const said: Readonly<Record<string, string>> = {
  "unknown-program": "not in the table of known commands",
  "unknown-flag": "with a flag that is not in the table",
  "not-plain": "not as a plain command",
  "changes-state": "changes its state",
  runs: "runs what the project says",
}

export const describe = ({ effect, classes }: Seen): string => {
  switch (effect._tag) {
    case "read":
    case "write":
    case "delete":
      return neutralise(`${effect._tag} ${effect.path}`)
    case "exec":
      return neutralise(
        `run ${effect.argv.join(" ").slice(0, 200)}${classes.length > 0 ? ` (${classes.map((one) => said[one] ?? one).join(", ")})` : ""}`,
      )
    case "net":
      return neutralise(`reach ${effect.host === "*" ? "any host" : `${effect.scheme}://${effect.host}`}`)
    case "secret":
      return `use ${neutralise(effect.kind)}`
    case "display":
      return "show this text"
    case "approve":
      return `answer for the user (${neutralise(effect.id)})`
  }
}

/** What a rule that names a local host can not open with it. */
const neverLocal: ReadonlySet<string> = new Set(["reserved", "rebinding", "malformed"])

/** The preset against local addresses gives way to a user's rule that names this very host as one. */
const withoutNamed = (matching: ReadonlyArray<Rule>, seen: Seen | null): ReadonlyArray<Rule> =>
  seen !== null &&
  seen.effect._tag === "net" &&
  !seen.classes.some((each) => neverLocal.has(each)) &&
  matching.some((rule) => rule.local)
    ? matching.filter((rule) => rule.tier !== "preset" || rule.name !== "local-addresses")
    : matching

/** Matches of every rule on one effect; where none speaks, the question nobody answered. */
const onEffect = (
  rules: RuleSet,
  compiled: Compiled,
  scope: Scope,
  seen: Seen | null,
): ReadonlyArray<Finding> => {
  const matching = rulesFor(rules.rules, seen).filter((rule) =>
    ruleMatches(rule, { seen, tool: compiled.tool, scope }),
  )
  const matched = withoutNamed(matching, seen).map(({ name, file, line, verdict, reason }) => ({
    rule: name,
    file,
    line,
    verdict,
    reason: reason === "" || seen === null ? reason : `${reason}: ${describe(seen)}`,
    about: seen,
  }))
  return matched.length === 0 ? [unruled(seen)] : matched
}

/** A user's rule speaks of tainted chains by name, and lets them do this. */
const namedAsTainted = (rules: RuleSet, compiled: Compiled, scope: Scope, seen: Seen): boolean =>
  rules.rules.some(
    (rule) =>
      rule.tainted &&
      (rule.verdict === "allow" || rule.verdict === "audit") &&
      ruleMatches(rule, { seen, tool: compiled.tool, scope }),
  )

const ofCall = (rule: string, verdict: VerdictKind, reason: string): Finding => ({
  rule,
  file: builtIn,
  line: 1,
  verdict,
  reason,
  about: null,
})

/** What the call's own past says of it: refused before, or wanted again and again. */
const ofPast = ({ actor, refused, times = 1 }: Scope): ReadonlyArray<Finding> => [
  ...(refused?.by === "person"
    ? [
        ofCall(
          "already-denied",
          "deny",
          `already denied in this session${refused.reason === "" ? "" : `: ${neutralise(refused.reason)}`}`,
        ),
      ]
    : []),
  // loops are of models and reflexes: what a person asks for again by their own hand is meant
  ...(times >= repeatedAt && !isPerson(actor)
    ? [ofCall(repeatedRule, "ask", `the same call for the ${ordinal(times)} time in a row`)]
    : []),
]

export const repeatedAt = 3
const ordinal = (n: number): string => {
  const two = n % 100
  const end = two >= 11 && two <= 13 ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th")
  return `${n}${end}`
}

/** More than a plain read-only command. */
const opens = ({ seen, uncertain }: Compiled): boolean =>
  uncertain !== null ||
  seen.some(({ classes, effect }) => effect._tag === "exec" && !classes.includes("read-only"))

/** Code that runs beside a package known to be malicious may be the package's own. */
const ofHits = (compiled: Compiled, { compromised = [] }: Scope): ReadonlyArray<Finding> =>
  compromised.length === 0 || !opens(compiled)
    ? []
    : [
        ofCall(
          compromisedRule,
          "ask",
          neutralise(
            `held while a compromised package stands here: ${compromised.slice(0, 3).join("; ")}${compromised.length > 3 ? ` and ${compromised.length - 3} more` : ""}`,
          ),
        ),
      ]

/** Every rule's word on every effect, before anybody's standing answer is heard. */
export const findings = (rules: RuleSet, compiled: Compiled, scope: Scope): ReadonlyArray<Finding> => {
  const subjects: ReadonlyArray<Seen | null> = compiled.seen.length === 0 ? [null] : compiled.seen
  // first, so that a verdict names it before anything else that asks
  const found: Array<Finding> = [...ofHits(compiled, scope)]
  if (compiled.uncertain !== null) found.push(ofCall("uncertain", "ask", neutralise(compiled.uncertain)))
  found.push(...subjects.flatMap((seen) => onEffect(rules, compiled, scope, seen)))
  const tainted =
    scope.trust === "untrusted" &&
    !compiled.seen.every((seen) => harmlessWhenTainted(seen) || namedAsTainted(rules, compiled, scope, seen))
  if (tainted) found.push(ofCall(taintedRule, "ask", "it rests on text an outsider could have written"))
  found.push(...ofPast(scope))
  return found
}

const order: ReadonlyArray<VerdictKind> = ["deny", "ask", "audit", "allow"]

const missing = (
  compiled: Compiled,
  kind: VerdictKind,
  found: ReadonlyArray<Finding>,
  scope: Scope,
): string | null => {
  if (kind === "allow" || kind === "audit" || kind === "deny") return null
  const notes = compiled.seen.flatMap((seen) => (seen.note === null ? [] : [seen.note]))
  const wants: Array<string> = []
  if (compiled.uncertain !== null) wants.push(`a plain command (${compiled.uncertain})`)
  if (scope.trust === "untrusted" && found.some((each) => each.rule === taintedRule))
    wants.push("a person's approval: its origin is untrusted")
  wants.push(...found.filter((each) => each.rule === "no-rule").map((each) => `a rule: ${each.reason}`))
  return neutralise([...new Set([...wants, ...notes])].slice(0, 4).join("; ")) || null
}

const isFree = (kind: VerdictKind): boolean => kind === "allow" || kind === "audit"

const verdictOf = (
  compiled: Compiled,
  found: ReadonlyArray<Finding>,
  scope: Scope,
  grants: ReadonlyArray<string> = [],
): Verdict => {
  const kind = found.map((each) => each.verdict).reduce(stricter, "allow")
  const winner = found.find((each) => each.verdict === kind)!
  const matched = [...found].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))
  const unique = new Map(
    matched.map(({ rule, file, line, verdict }) => [`${file}:${rule}`, { rule, file, line, verdict }]),
  )
  return {
    verdict: kind,
    rule: winner.rule,
    file: winner.file,
    line: winner.line,
    reason: kind === "deny" && scope.refused?.by === "gate" ? again(winner.reason) : winner.reason,
    effects: compiled.effects,
    commands: compiled.commands,
    matched: [...unique.values()],
    ...(grants.length === 0 || !isFree(kind) ? {} : { grants }),
    ...(isFree(kind) && opens(compiled) ? { standing: true as const } : {}),
    missing: missing(compiled, kind, found, scope),
    digest: compiled.digest,
  }
}

const again = (reason: string): string =>
  reason.startsWith("already denied") ? reason : `already denied in this session: ${reason}`

const denied = (compiled: Compiled, rule: string, reason: string, scope: Scope): Verdict =>
  verdictOf(compiled, [ofCall(rule, "deny", neutralise(reason))], scope)

export const evaluate = (rules: RuleSet, compiled: Compiled, scope: Scope): Verdict => {
  if (rules.broken !== null) return denied(compiled, "gate-broken", rules.broken, scope)
  try {
    const { found, grants } = answered(findings(rules, compiled, scope), compiled, scope)
    return verdictOf(compiled, found, scope, grants)
  } catch (error) {
    return denied(compiled, "rule-failed", `a rule failed: ${String(error)}`, scope)
  }
}
