/**
 * Which of a call's questions a person's standing answers have answered already. Pure.
 * Invariants: only a question can be answered, never a denial, and only one by a rule that asked when the grant was
 * given; a call that cannot be taken apart is answered by a grant of this very call alone, or not at all; what rests on
 * outside text is answered only by a grant that says so by name, given in this conversation, and only what
 * `taintedGrants.ts` lets; either every question of a call is answered, or none is.
 */
import type { RuleMatch } from "../src/domain/action.ts"
import { neutralise } from "../src/domain/neutralise.ts"
import { type GrantedEffect, grantedRule, type GrantInForce } from "../src/domain/grant.ts"
import type { Seen } from "./Collector.ts"
import type { Compiled } from "./compile.ts"
import type { Scope } from "./Scope.ts"
import { harmlessWhenTainted, holdsWhere, runsPlainly, taintedFault } from "./taintedGrants.ts"

export const taintedRule = "tainted"
export const repeatedRule = "repeated"
export const compromisedRule = "compromised-dependency"
export const changedRule = { rule: "grant-changed", file: "policies/evaluate.ts", line: 1 } as const

/** What one rule says of one effect; `about` null: of the call as a whole. */
export interface Finding extends RuleMatch {
  readonly reason: string
  readonly about: Seen | null
}

export const within = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`)

const subset = (some: ReadonlyArray<string>, all: ReadonlyArray<string>): boolean =>
  some.every((each) => all.includes(each))

export const startsWith = (argv: ReadonlyArray<string>, prefix: ReadonlyArray<string>): boolean =>
  prefix.length > 0 && prefix.length <= argv.length && prefix.every((word, index) => word === argv[index])

const ofProgram = (granted: GrantedEffect, seen: Seen, workspace: string): boolean =>
  granted._tag === "program" &&
  seen.effect._tag === "exec" &&
  // a note says that the table does not know all of its words
  seen.note === null &&
  seen.effect.argv[0] === granted.name &&
  subset(seen.classes, granted.classes) &&
  runsPlainly(seen, workspace)

const ofFile = (granted: GrantedEffect, seen: Seen, folder: string): boolean =>
  granted._tag === "file" &&
  seen.effect._tag === granted.use &&
  subset(seen.classes, granted.classes) &&
  within(seen.effect.path, folder)

const ofHost = (granted: GrantedEffect, { effect, classes }: Seen): boolean =>
  granted._tag === "host" &&
  effect._tag === "net" &&
  effect.scheme === granted.scheme &&
  effect.host === granted.host &&
  effect.port === granted.port &&
  subset(classes, granted.classes)

/** Does the grant name this effect of the call? */
const names = (grant: GrantInForce, compiled: Compiled, seen: Seen): boolean => {
  const { scope, workspace } = grant
  switch (scope._tag) {
    case "exact":
      return scope.call === compiled.key
    case "prefix": {
      const { effect } = seen
      return (
        effect._tag === "exec" &&
        scope.argvs.some((prefix) => startsWith(effect.argv, prefix)) &&
        subset(seen.classes, scope.classes) &&
        runsPlainly(seen, workspace)
      )
    }
    case "workspace":
      return (
        (scope.tool === compiled.tool || scope.others?.includes(compiled.tool) === true) &&
        scope.effects.some(
          (granted) =>
            ofFile(granted, seen, scope.path) || ofProgram(granted, seen, workspace) || ofHost(granted, seen),
        )
      )
  }
}

/** It was given against this rule. */
const answersRule = (grant: GrantInForce, { rule, file }: RuleMatch): boolean =>
  grant.rules.some((each) => each.rule === rule && each.file === file)

const answersOne = (grant: GrantInForce, compiled: Compiled, finding: Finding): boolean =>
  answersRule(grant, finding) && finding.about !== null && names(grant, compiled, finding.about)

/** Those that may speak of this call at all. */
const inScope = (scope: Scope): ReadonlyArray<GrantInForce> =>
  (scope.grants ?? []).filter((grant) => grant.workspace === scope.workspace && holdsWhere(grant, scope))

export interface Answered {
  readonly found: ReadonlyArray<Finding>
  readonly grants: ReadonlyArray<string>
}

/**
 * What a grant may answer; that a call comes again and again, or would run code beside a compromised package, is for
 * a person to see, whatever was granted.
 */
const isQuestion = ({ rule, verdict }: Finding): boolean =>
  verdict === "ask" && rule !== repeatedRule && rule !== compromisedRule

const granted = (grant: GrantInForce): Finding => ({
  ...grantedRule,
  line: grant.seq,
  verdict: "allow",
  reason: `always allowed by ${grant.grant}: ${grant.title}`,
  about: null,
})

const isOfTaint = ({ rule }: Finding): boolean => rule === taintedRule

/** What it does that only a grant lets it do on outside text. */
const moreThanLooking = (asked: ReadonlyArray<Finding>, { seen }: Compiled): ReadonlyArray<Seen> =>
  asked.some(isOfTaint) ? seen.filter((each) => !harmlessWhenTainted(each)) : []

/** The grant, or grants, that answer every question; null where one is left. */
const answers = (
  grants: ReadonlyArray<GrantInForce>,
  all: ReadonlyArray<Finding>,
  compiled: Compiled,
): ReadonlyArray<GrantInForce> | null => {
  const asked = all.filter((finding) => !isOfTaint(finding))
  const exact = grants.find(
    (grant) =>
      grant.scope._tag === "exact" &&
      grant.scope.call === compiled.key &&
      asked.every((finding) => answersRule(grant, finding)),
  )
  if (exact !== undefined) return [exact]
  if (compiled.uncertain !== null) return null
  const each = [
    ...asked.map((finding) => grants.find((grant) => answersOne(grant, compiled, finding))),
    ...moreThanLooking(all, compiled).map((seen) => grants.find((grant) => names(grant, compiled, seen))),
  ]
  return each.includes(undefined) ? null : [...new Set(each as ReadonlyArray<GrantInForce>)]
}

const isWhole = ({ changed }: GrantInForce): boolean => changed === undefined

/** It would have been answered, had the scripts stayed as they were: why it is asked all the same. */
const outdated = (grants: ReadonlyArray<GrantInForce>): ReadonlyArray<Finding> =>
  grants.flatMap(({ changed, grant, title }) =>
    changed === undefined
      ? []
      : [
          {
            ...changedRule,
            verdict: "ask",
            reason: neutralise(
              `${grant} (${title}) does not answer it any more: since it was granted ${changed.join(", ")}`,
            ),
            about: null,
          },
        ],
  )

export const answered = (found: ReadonlyArray<Finding>, compiled: Compiled, scope: Scope): Answered => {
  const grants = inScope(scope)
  const asked = found.filter(isQuestion)
  if (grants.length === 0 || asked.length === 0 || found.some(({ verdict }) => verdict === "deny"))
    return { found, grants: [] }
  if (asked.some(isOfTaint) && taintedFault(compiled, scope) !== null) return { found, grants: [] }
  const using = answers(grants.filter(isWhole), asked, compiled)
  if (using === null)
    return { found: [...outdated(answers(grants, asked, compiled) ?? []), ...found], grants: [] }
  return {
    found: [...using.map(granted), ...found.filter((finding) => !isQuestion(finding))],
    grants: using.map(({ grant }) => grant),
  }
}

/** Why a grant does not answer this call, in one line; null where it does its part. */
export const grantFault = (
  grant: GrantInForce,
  found: ReadonlyArray<Finding>,
  compiled: Compiled,
  scope: Scope,
): string | null => {
  if (grant.workspace !== scope.workspace) return "it is of another workspace"
  if (!holdsWhere(grant, scope))
    return grant.alsoTainted === undefined
      ? "the call rests on text an outsider could have written"
      : `it is of another conversation (${grant.alsoTainted.session})`
  const denied = found.find(({ verdict }) => verdict === "deny")
  if (denied !== undefined) return `${denied.rule} denies the call, and no grant lifts that`
  const questions = found.filter(isQuestion)
  if (questions.length === 0) return "nothing is asked that a grant could answer"
  const onTaint = questions.some(isOfTaint) ? taintedFault(compiled, scope) : null
  if (onTaint !== null) return `on outside text no grant answers it: ${onTaint}`
  const asked = questions.filter((finding) => !isOfTaint(finding))
  if (grant.scope._tag === "exact" && grant.scope.call !== compiled.key)
    return "it is another call, or the same one would do something else"
  const other = asked.find((finding) => !answersRule(grant, finding))
  if (grant.scope._tag !== "exact" && compiled.uncertain !== null)
    return `the call cannot be taken apart (${compiled.uncertain}): only a grant of this very call could answer it`
  const script = grant.changed === undefined ? null : `since it was granted ${grant.changed.join(", ")}`
  if (grant.scope._tag === "exact")
    return other === undefined ? script : `it was not given against ${other.rule} (${other.file})`
  if (
    asked.some((finding) => answersOne(grant, compiled, finding)) ||
    moreThanLooking(questions, compiled).some((seen) => names(grant, compiled, seen))
  )
    return script
  return other === undefined
    ? "it names other effects"
    : `it was not given against ${other.rule} (${other.file})`
}
