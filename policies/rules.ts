/**
 * Rule files: their schema, how they are read, and when one rule matches one effect.
 * All conditions of a rule must hold on the same effect.
 * Invariants: an unknown key, a pattern that is neither literal nor glob, or a contradictory example is an error
 * with its place; a workspace's file can only ask or deny.
 */
import { Result } from "effect"
import type { VerdictKind } from "../src/domain/action.ts"
import { parseToml } from "../src/domain/toml.ts"
import { type Condition, ownWorktree, readConditions, type Subject } from "./conditions.ts"
import { Members, type Problem, type SourceText } from "./members.ts"

export type Tier = "builtin" | "preset" | "user" | "workspace"

export interface Example {
  readonly call: { readonly tool: string; readonly input: Readonly<Record<string, unknown>> }
  readonly index: number
}
export interface Rule {
  readonly name: string
  readonly verdict: VerdictKind
  readonly tier: Tier
  /** Only calls of this workspace; null: everywhere. */
  readonly workspace: string | null
  readonly file: string
  readonly line: number
  readonly column: number
  readonly reason: string
  /** It speaks of chains that rest on outside text, by name: what it allows them is not asked for that alone. */
  readonly tainted: boolean
  /** It names hosts of this machine or its network, and lifts the preset that denies those. */
  readonly local: boolean
  readonly conditions: ReadonlyArray<Condition>
  readonly match: ReadonlyArray<Example>
  readonly notMatch: ReadonlyArray<Example>
}

const verdicts = ["allow", "audit", "ask", "deny"] as const
const keys = [
  "name",
  "verdict",
  "effect",
  "tool",
  "class",
  "not_class",
  "program",
  "argv",
  "path",
  "host",
  "scheme",
  "port",
  "kind",
  "actor",
  "trust",
  "tainted",
  ownWorktree,
  "local",
  "match",
  "not_match",
  "reason",
]
/** `"git status"` stands for that bash command; a table gives tool and input. */
const readExamples = (m: Members, key: string): ReadonlyArray<Example> => {
  const value = m.get(key)
  if (value === undefined) return []
  const list = Array.isArray(value) ? value : [value]
  return list.flatMap((one: unknown, index): ReadonlyArray<Example> => {
    if (typeof one === "string") return [{ call: { tool: "bash", input: { command: one } }, index }]
    if (typeof one === "object" && one !== null && "tool" in one && typeof one.tool === "string") {
      const { tool, input, ...rest } = one as { tool: string; input?: Record<string, unknown> }
      return [{ call: { tool, input: input ?? rest }, index }]
    }
    m.problem(key, `an example is a command, or a table with "tool" and "input"`, "error", index)
    return []
  })
}

export interface RuleFile extends SourceText {
  readonly tier: Tier
  readonly workspace: string | null
}
export interface LoadedRules {
  readonly rules: ReadonlyArray<Rule>
  readonly problems: ReadonlyArray<Problem>
}

/** A local place is opened by its name only, and only by its owner. */
const localFault = (m: Members, tier: Tier): void => {
  if (tier !== "user") m.problem("local", "only a rule of your own may open local addresses")
  const hosts = [m.get("host") ?? []].flat()
  if (hosts.length === 0 || hosts.some((host) => typeof host !== "string" || /[*?[{]/.test(host)))
    m.problem("local", `a rule with local = true names its hosts in "host", without wildcards`)
}

export const loadRuleFile = (source: RuleFile): LoadedRules => {
  const parsed = parseToml(source.text)
  if (Result.isFailure(parsed))
    return { rules: [], problems: [{ file: source.file, ...parsed.failure, severity: "error" }] }
  const problems: Array<Problem> = []
  const document = parsed.success
  const root = new Members(document.value, [], document, source.file, problems)
  root.known(["rule"])
  const list = root.get("rule") ?? []
  if (!Array.isArray(list)) {
    root.problem("rule", `"rule" must be written as [[rule]]`)
    return { rules: [], problems }
  }
  const names = new Set<string>()
  const rules = list.flatMap((raw: Record<string, unknown>, index): ReadonlyArray<Rule> => {
    const m = new Members(raw, ["rule", index], document, source.file, problems)
    const before = problems.length
    m.known(keys)
    const name = m.string("name")
    const verdict = m.oneOf("verdict", verdicts)
    if (name === null) m.problem(null, `a rule needs "name"`)
    else if (!/^[a-z0-9][a-z0-9-]*$/.test(name))
      m.problem("name", `"${name}": a name is lower case words joined by "-"`)
    else if (names.has(name)) m.problem("name", `the name "${name}" is used twice`)
    if (verdict === null && !m.has("verdict")) m.problem(null, `a rule needs "verdict"`)
    const tainted = m.flag("tainted")
    if (tainted && source.tier !== "user" && !(source.tier === "preset" && m.flag(ownWorktree)))
      m.problem(
        "tainted",
        `only a rule of your own may speak of tainted chains by name, or a shipped one of an agent's own worktree`,
      )
    const local = m.flag("local")
    if (local) localFault(m, source.tier)
    const conditions = readConditions(m)
    const wheres = ["tainted", ownWorktree]
    if (conditions.every(({ key }) => wheres.includes(key)))
      m.problem(null, "a rule without conditions would match everything")
    const match = readExamples(m, "match")
    const notMatch = readExamples(m, "not_match")
    const reason = m.string("reason") ?? ""
    if (problems.length > before || name === null || verdict === null) return []
    names.add(name)
    if (source.tier === "workspace" && (verdict === "allow" || verdict === "audit")) {
      m.problem(
        "verdict",
        `a workspace's rules may tighten, never loosen: the rule "${name}" is left out`,
        "warning",
      )
      return []
    }
    const { line, column } = document.locate(["rule", index])
    const { tier, workspace, file } = source
    return [
      {
        name,
        verdict,
        tier,
        workspace,
        file,
        line,
        column,
        reason,
        tainted,
        local,
        conditions,
        match,
        notMatch,
      },
    ]
  })
  return { rules, problems }
}

/** Whether it is a rule of this workspace, or of the one this is a worktree of. */
export const isOf = ({ workspace }: Rule, { ruledBy, workspace: own }: Subject["scope"]): boolean =>
  workspace === null || workspace === own || workspace === ruledBy

export const ruleMatches = (rule: Rule, subject: Subject): boolean =>
  isOf(rule, subject.scope) && rule.conditions.every((condition) => condition.holds(subject))
