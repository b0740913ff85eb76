/**
 * The conditions of a rule: literals and globs over one effect, its classes and its call. No expressions, and no
 * regular expressions from outside.
 * Invariant: a pattern that is neither literal nor glob, or a word nobody knows, is a problem with its place.
 */
import picomatch from "picomatch"
import type { ActionEffect } from "../src/domain/action.ts"
import { nearest } from "../src/domain/nearest.ts"
import type { Seen } from "./Collector.ts"
import type { Members } from "./members.ts"
import type { Scope } from "./Scope.ts"

export interface Condition {
  readonly key: string
  /** As the file has it: for people. */
  readonly wants: string
  /** The only kinds of effect it can hold for; absent: any. */
  readonly effects?: ReadonlySet<string>
  /** The only program it can hold for; absent: any. */
  readonly program?: string
  readonly holds: (subject: Subject) => boolean
}
/** One effect of one call, as a rule looks at it. `seen` is null for a call without effects. */
export interface Subject {
  readonly seen: Seen | null
  readonly tool: string
  readonly scope: Scope
}
const effects = ["read", "write", "delete", "exec", "net", "secret", "display", "approve"] as const
const classes = [
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
  if (unbalanced(pattern)) return "its brackets do not close"
  try {
    picomatch.makeRe(pattern, options)
  } catch {
    return "it is neither a literal nor a glob"
  }
  return null
}

const unbalanced = (pattern: string): boolean =>
  (
    [
      ["[", "]"],
      ["{", "}"],
    ] as const
  ).some(([open, close]) => pattern.split(open).length !== pattern.split(close).length)

const onExec = new Set(["exec"])
const onPath = new Set(["read", "write", "delete"])
const onNet = new Set(["net"])
const onSecret = new Set(["secret"])

/** What stands before the first wild character has to stand there as it is. */
const matcher = (pattern: string): ((text: string) => boolean) => {
  if (!isGlob(pattern)) return (text) => text === pattern
  const test = picomatch(pattern, options)
  const fixed = /^[^*?[\]{}()!+@\\]*(?=\/)/.exec(pattern)?.[0] ?? ""
  return (text) => text.startsWith(fixed) && test(text)
}

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

/** It holds for an agent of Claw's, in the worktree that it has to itself. */
export const ownWorktree = "own_worktree"

export const readConditions = (m: Members): ReadonlyArray<Condition> => {
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
  const on = (
    key: string,
    holds: Condition["holds"],
    effects?: ReadonlySet<string>,
    program?: string,
  ): void => {
    conditions.push({
      key,
      wants: JSON.stringify(m.get(key)) ?? "",
      holds,
      ...(effects === undefined ? {} : { effects }),
      ...(program === undefined ? {} : { program }),
    })
  }
  const literal = (list: ReadonlyArray<string>): string | undefined =>
    list[0] === undefined || isGlob(list[0]) ? undefined : list[0]
  const effect = (subject: Subject): ActionEffect | undefined => subject.seen?.effect
  if (m.has("effect")) {
    const wanted = words("effect", effects)
    on("effect", (subject) => subject.seen !== null && wanted.has(subject.seen.effect._tag), wanted)
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
    const list = patterns("program")
    const tests = list.map(matcher)
    on(
      "program",
      (subject) => {
        const one = effect(subject)
        return one?._tag === "exec" && tests.some((test) => test(one.argv[0] ?? ""))
      },
      onExec,
      list.length === 1 ? literal(list) : undefined,
    )
  }
  if (m.has("argv")) {
    const list = patterns("argv")
    const tests = list.map(matcher)
    on(
      "argv",
      (subject) => {
        const one = effect(subject)
        return (
          one?._tag === "exec" &&
          one.argv.length >= tests.length &&
          tests.every((test, index) => test(one.argv[index]!))
        )
      },
      onExec,
      literal(list),
    )
  }
  if (m.has("path")) {
    const tests = patterns("path").map(pathMatcher)
    on(
      "path",
      (subject) => {
        const path = pathOf(effect(subject))
        return path !== null && tests.some((test) => test(path, subject.scope))
      },
      onPath,
    )
  }
  const net = (key: "host" | "scheme"): void => {
    if (!m.has(key)) return
    const tests = patterns(key).map((pattern) => matcher(pattern.toLowerCase()))
    on(
      key,
      (subject) => {
        const one = effect(subject)
        return one?._tag === "net" && tests.some((test) => test(one[key].toLowerCase().replace(/\.$/, "")))
      },
      onNet,
    )
  }
  net("host")
  net("scheme")
  if (m.has("port")) {
    const value = m.get("port")
    const list = Array.isArray(value) ? value : [value]
    if (!list.every((port) => typeof port === "number"))
      m.problem("port", `"port" must be a number or a list of numbers`)
    on(
      "port",
      (subject) => {
        const one = effect(subject)
        return one?._tag === "net" && list.includes(one.port)
      },
      onNet,
    )
  }
  if (m.has("kind")) {
    const tests = patterns("kind").map(matcher)
    on(
      "kind",
      (subject) => {
        const one = effect(subject)
        return one?._tag === "secret" && tests.some((test) => test(one.kind))
      },
      onSecret,
    )
  }
  if (m.has("actor")) {
    const tests = patterns("actor").map(matcher)
    on("actor", (subject) => tests.some((test) => test(subject.scope.actor)))
  }
  if (m.has("trust")) {
    const wanted = words("trust", ["trusted", "untrusted"])
    on("trust", (subject) => wanted.has(subject.scope.trust))
  }
  if (m.flag(ownWorktree)) on(ownWorktree, (subject) => subject.scope.ownWorktree === true)
  if (m.get("tainted") === true) on("tainted", (subject) => subject.scope.trust === "untrusted")
  return conditions
}
