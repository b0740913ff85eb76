/**
 * Rule files: their schema, how they are read, and when one rule matches one effect.
 * Conditions are literals and globs, all of which must hold; there are no expressions and no regular expressions.
 * Invariants: an unknown key, a pattern that is neither literal nor glob, or a contradictory example is an error
 * with its place; a workspace's file can only ask or deny.
 */
import picomatch from "picomatch"
import { Result } from "effect"
import type { ActionEffect, VerdictKind } from "../src/domain/action.ts"
import { nearest } from "../src/domain/nearest.ts"
import { parseToml } from "../src/domain/toml.ts"
import type { Seen } from "./Collector.ts"
import { Members, type Problem, type SourceText } from "./CommandTable.ts"
import type { Scope } from "./Scope.ts"

export type Tier = "builtin" | "preset" | "user" | "workspace"

export interface Condition {
  readonly key: string
  readonly holds: (subject: Subject) => boolean
}
/** One effect of one call, as a rule looks at it. `seen` is null for a call without effects. */
export interface Subject {
  readonly seen: Seen | null
  readonly tool: string
  readonly scope: Scope
}
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
  readonly conditions: ReadonlyArray<Condition>
  readonly match: ReadonlyArray<Example>
  readonly notMatch: ReadonlyArray<Example>
}

const effects = ["read", "write", "delete", "exec", "net", "secret", "display", "approve"] as const
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
  "match",
  "not_match",
  "reason",
]
export const classes = [
  "workspace",
  "outside",
  "workspace-root",
  "git-dir",
  "git-root",
  "git-config",
  "git-lock",
  "credential",
  "credential-below",
  "git-config-below",
  "too-many-below",
  "link-outside-below",
  "runs-later",
  "own",
  "own-state",
  "process",
  "device",
  "special-file",
  "hard-linked",
  "link-then-up",
  "unreadable",
  "ambiguous",
  "malformed",
  "read-only",
  "writes",
  "network",
  "runs",
  "changes-state",
  "unknown-program",
  "unknown-flag",
  "not-plain",
  "privilege",
  "system",
  "environment",
  "credential-tool",
  "agent",
  "own-program",
  "malware",
  "fork-bomb",
  "too-deep",
  "too-long",
  "failed",
  "public",
  "loopback",
  "private",
  "link-local",
  "metadata",
  "reserved",
  "rebinding",
  "look-alike",
  "bad-scheme",
  "credentials-in-url",
  "over-long",
  "unknown-host",
  "harmless",
  "hostile-text",
  "remote-content",
  "self-approval",
]

const options = { dot: true, nonegate: true, noextglob: true, strictBrackets: true } as const
const isGlob = (pattern: string): boolean => /[*?[{]/.test(pattern)

/** What is wrong with a pattern, or null. Regular expressions are refused by their look. */
export const patternFault = (pattern: string): string | null => {
  if (pattern === "") return "an empty pattern"
  if (/\\[a-zA-Z]|\.\*|\.\+|\(\?|^\^|\$$|\)[*+?]|\]\+|\|/.test(pattern))
    return "it looks like a regular expression; literals and globs (*, **, ?, [abc], {a,b}) only"
  try {
    picomatch.makeRe(pattern, options)
  } catch {
    return "it is neither a literal nor a glob"
  }
  return unbalanced(pattern) ? "its brackets do not close" : null
}

const unbalanced = (pattern: string): boolean =>
  (
    [
      ["[", "]"],
      ["{", "}"],
    ] as const
  ).some(([open, close]) => pattern.split(open).length !== pattern.split(close).length)

const matcher = (pattern: string): ((text: string) => boolean) =>
  isGlob(pattern) ? picomatch(pattern, options) : (text) => text === pattern

/** `src/**` is within the workspace, `~/x` in the home, `/x` anywhere. */
const pathMatcher = (pattern: string): ((path: string, scope: Scope) => boolean) => {
  const test = matcher(pattern.replace(/^\.\//, ""))
  if (pattern.startsWith("/")) return (path) => test(path)
  if (pattern.startsWith("~/")) {
    const below = matcher(pattern.slice(2))
    return (path, scope) => path.startsWith(`${scope.home}/`) && below(path.slice(scope.home.length + 1))
  }
  return (path, scope) =>
    path.startsWith(`${scope.workspace}/`) && test(path.slice(scope.workspace.length + 1))
}

const pathOf = (effect: ActionEffect | undefined): string | null =>
  effect !== undefined && (effect._tag === "read" || effect._tag === "write" || effect._tag === "delete")
    ? effect.path
    : null

const readConditions = (m: Members): ReadonlyArray<Condition> => {
  const conditions: Array<Condition> = []
  const patterns = (key: string): ReadonlyArray<string> => {
    const list = m.strings(key)
    list.forEach((pattern, index) => {
      const fault = patternFault(pattern)
      if (fault !== null)
        m.problem(
          key,
          `"${pattern}" in "${key}": ${fault}`,
          "error",
          Array.isArray(m.get(key)) ? index : undefined,
        )
    })
    return list.filter((pattern) => patternFault(pattern) === null)
  }
  const words = (key: string, known: ReadonlyArray<string>): ReadonlySet<string> => {
    const list = m.strings(key)
    for (const word of list)
      if (!known.includes(word)) {
        const near = nearest(word, known)
        m.problem(key, `"${word}" is no ${key}${near === null ? "" : `, did you mean "${near}"?`}`)
      }
    return new Set(list)
  }
  const on = (key: string, holds: Condition["holds"]): void => {
    conditions.push({ key, holds })
  }
  const effect = (subject: Subject): ActionEffect | undefined => subject.seen?.effect
  if (m.has("effect")) {
    const wanted = words("effect", effects)
    on("effect", (subject) => subject.seen !== null && wanted.has(subject.seen.effect._tag))
  }
  if (m.has("tool")) {
    const tests = patterns("tool").map(matcher)
    on("tool", (subject) => tests.some((test) => test(subject.tool)))
  }
  if (m.has("class")) {
    const wanted = words("class", classes)
    on("class", (subject) => subject.seen?.classes.some((each) => wanted.has(each)) === true)
  }
  if (m.has("not_class")) {
    const unwanted = words("not_class", classes)
    on(
      "not_class",
      (subject) => subject.seen !== null && !subject.seen.classes.some((each) => unwanted.has(each)),
    )
  }
  if (m.has("program")) {
    const tests = patterns("program").map(matcher)
    on("program", (subject) => {
      const one = effect(subject)
      return one?._tag === "exec" && tests.some((test) => test(one.argv[0] ?? ""))
    })
  }
  if (m.has("argv")) {
    const tests = patterns("argv").map(matcher)
    on("argv", (subject) => {
      const one = effect(subject)
      return (
        one?._tag === "exec" &&
        one.argv.length >= tests.length &&
        tests.every((test, index) => test(one.argv[index]!))
      )
    })
  }
  if (m.has("path")) {
    const tests = patterns("path").map(pathMatcher)
    on("path", (subject) => {
      const path = pathOf(effect(subject))
      return path !== null && tests.some((test) => test(path, subject.scope))
    })
  }
  const net = (key: "host" | "scheme"): void => {
    if (!m.has(key)) return
    const tests = patterns(key).map((pattern) => matcher(pattern.toLowerCase()))
    on(key, (subject) => {
      const one = effect(subject)
      return one?._tag === "net" && tests.some((test) => test(one[key].toLowerCase().replace(/\.$/, "")))
    })
  }
  net("host")
  net("scheme")
  if (m.has("port")) {
    const value = m.get("port")
    const list = Array.isArray(value) ? value : [value]
    if (!list.every((port) => typeof port === "number"))
      m.problem("port", `"port" must be a number or a list of numbers`)
    on("port", (subject) => {
      const one = effect(subject)
      return one?._tag === "net" && list.includes(one.port)
    })
  }
  if (m.has("kind")) {
    const tests = patterns("kind").map(matcher)
    on("kind", (subject) => {
      const one = effect(subject)
      return one?._tag === "secret" && tests.some((test) => test(one.kind))
    })
  }
  if (m.has("actor")) {
    const tests = patterns("actor").map(matcher)
    on("actor", (subject) => tests.some((test) => test(subject.scope.actor)))
  }
  if (m.has("trust")) {
    const wanted = words("trust", ["trusted", "untrusted"])
    on("trust", (subject) => wanted.has(subject.scope.trust))
  }
  return conditions
}

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
    const conditions = readConditions(m)
    if (conditions.length === 0) m.problem(null, "a rule without conditions would match everything")
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
    return [{ name, verdict, tier, workspace, file, line, column, reason, conditions, match, notMatch }]
  })
  return { rules, problems }
}

export const ruleMatches = (rule: Rule, subject: Subject): boolean =>
  (rule.workspace === null || rule.workspace === subject.scope.workspace) &&
  rule.conditions.every((condition) => condition.holds(subject))
