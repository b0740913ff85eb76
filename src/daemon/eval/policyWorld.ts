/**
 * The world a policy table plays in, and one row judged there: a tree in memory laid out as the row states it
 * (`/home/dev/proj` with planted secrets, links, a pipe and policies of its own), so that no row touches this machine.
 * Invariant: a kind whose subject does not exist is judged as null, never as allowed.
 */
import { Schema } from "effect"
import type { ToolCall, Trust, VerdictKind } from "../../domain/action.ts"
import { compile } from "../../../policies/compile.ts"
import { evaluate, type RuleSet } from "../../../policies/evaluate.ts"
import { fold, isCredential } from "../../../policies/names.ts"
import { memoryOracle, type Tree } from "../../../policies/memoryOracle.ts"
import { lexical } from "../../../policies/PathOracle.ts"
import { judgePackage } from "../../../policies/packages.ts"
import { judgePattern } from "../../../policies/patterns.ts"
import type { Scope } from "../../../policies/Scope.ts"

export const Answer = Schema.Literals(["allow", "ask", "deny"])
export const PolicyRow = Schema.Struct({
  id: Schema.String,
  kind: Schema.String,
  input: Schema.String,
  cwd: Schema.String,
  expected: Answer,
  accept: Schema.Array(Answer),
  why: Schema.optionalKey(Schema.String),
})
export type PolicyRow = typeof PolicyRow.Type

export interface PolicyEvalOptions {
  readonly rules: RuleSet
  readonly isCompromised: (name: string, version: string | null) => boolean
  /** Milliseconds of a monotonic clock; null: nothing is timed. */
  readonly now: (() => number) | null
}

const home = "/home/dev"
const project = `${home}/proj`

/** Files the tables speak of; what is not here is absent. */
const standingTree: Tree = {
  ...Object.fromEntries(
    [
      ".env",
      ".env.local",
      ".npmrc",
      ".gitignore",
      "config/.env.production",
      "certs/server.key",
      "terraform.tfstate",
      "README.md",
      "package.json",
      "src/index.ts",
      "src/a.ts",
      "docs/guide.md",
      "policies/default.toml",
      ".git/config",
      ".git/HEAD",
      ".git/hooks/pre-commit.sample",
      "nested/.git/config",
      "logs/app.log",
      "names.txt",
      "-weird.txt",
    ].map((name) => [`${project}/${name}`, "file"]),
  ),
  [`${home}/.ssh/id_rsa`]: "file",
  [`${home}/.aws/credentials`]: "file",
  [`${home}/.bashrc`]: "file",
  [`${home}/proj-evil`]: "dir",
  [`${home}/project2`]: "dir",
  "/etc/passwd": "file",
  "/etc/shadow": "file",
  "/etc/hosts": "file",
  "/dev/sda": "device",
  "/dev/stdin": "device",
}

/** Words of a row that may be paths. */
const pathsIn = (input: string): ReadonlyArray<string> =>
  [...input.matchAll(/[^\s'"`$;&|<>(){}=:,]+/g)].map(([word]) => word)

/** A row whose path carries a link, a pipe or a hard link in its name has that in its tree. */
const rowTree = (row: PolicyRow, input: string): Tree => {
  const tree: Record<string, string> = {}
  const inside =
    /stays|inside|within/.test(row.why ?? "") && !/outside|leaves|leads out|escape/.test(row.why ?? "")
  for (const word of pathsIn(input)) {
    const absolute = lexical(word.startsWith("/") ? word : `${row.cwd}/${word}`)
    if (!absolute.startsWith(`${row.cwd}/`)) continue
    const names = absolute.slice(row.cwd.length + 1).split("/")
    names.forEach((name, index) => {
      // a path as long as a command has thousands of names, of which hardly one says what it is
      if (!/link|fifo|pipe|sock/i.test(name)) return
      const path = `${row.cwd}/${names.slice(0, index + 1).join("/")}`
      if (
        /(?:^|[-_.])(?:sym)?link(?:s|ed)?(?:[-_.]|$)|linkdir|dirlink/i.test(name) &&
        !/^\.?link(?:er|ing)/.test(name)
      )
        tree[path] = inside ? "link:README.md" : linkTarget(name, index < names.length - 1)
      else if (/fifo|\.pipe$/i.test(name)) tree[path] = "fifo"
      else if (/\.sock(?:et)?$/i.test(name)) tree[path] = "socket"
      else if (/hard-?link/i.test(name)) tree[path] = "hard-linked"
    })
  }
  return tree
}

const linkTarget = (name: string, directory: boolean): string => {
  const to = /(?:to|2)[-_](.+)$/i.exec(name)?.[1]?.toLowerCase() ?? ""
  if (to.startsWith("etc")) return directory ? "link:/etc" : "link:/etc/passwd"
  if (to.startsWith("home")) return `link:${home}`
  if (to.startsWith("ssh")) return `link:${home}/.ssh`
  if (/^(?:env|dotenv)/.test(to)) return `link:${project}/.env`
  if (to.startsWith("git")) return `link:${project}/.git`
  if (/^(?:parent|up|outside|out)/.test(to)) return "link:.."
  if (/^(?:readme|src|inside|docs|package)/.test(to))
    return to.startsWith("src") ? "link:src" : "link:README.md"
  return directory ? "link:/etc" : "link:/etc/passwd"
}

/** Values planted in the secret files of the tables' tree, and what a row says was read from such a file. */
const planted = (input: string): ReadonlyArray<string> => [
  ...new Set([
    ...(input.match(/CANARY(?:-[A-Z0-9]+)+/g) ?? []),
    "CANARY-ENV",
    "CANARY-SSH-KEY",
    ...observedSecrets(input),
  ]),
]

const observedSecrets = (input: string): ReadonlyArray<string> => {
  const seen = /"source":\s*"file:([^"]*)",\s*"text":\s*"((?:[^"\\]|\\.)*)"/.exec(input)
  if (
    seen === null ||
    !isCredential(
      seen[1]!
        .split("/")
        .filter((name) => name !== "")
        .map(fold),
      true,
    )
  )
    return []
  return seen[2]!.split(/\\[nrt]|[\s=]/).filter((word) => word.length >= 8)
}

const scopeOf = (row: PolicyRow, input: string, trust: Trust, options: PolicyEvalOptions): Scope => ({
  workspace: row.cwd,
  cwd: row.cwd,
  home,
  actor: "claw",
  trust,
  own: [`${row.cwd}/.claw`, `${row.cwd}/.assistant`, `${row.cwd}/policies`],
  ownReadable: [`${row.cwd}/.claw/policies`, `${row.cwd}/policies`],
  secrets: planted(`${row.input}\n${input}`),
  isCompromised: options.isCompromised,
})

export interface Judged {
  readonly verdict: VerdictKind
  readonly rule: string
  /** The compiler threw: the call was denied, but it should not have come to that. */
  readonly failed: boolean
  /** Null where nothing of the gate was timed. */
  readonly ms: number | null
}

/** Judged twice where it is timed: the first time lays out the tree and warms the code. */
const judge = (call: ToolCall, at: Place, trust: Trust, options: PolicyEvalOptions): Judged => {
  const { row, input } = at
  const scope = scopeOf(row, input, trust, options)
  const oracle = memoryOracle({ ...standingTree, ...rowTree(row, row.input), ...rowTree(row, input) })
  const once = (): Judged => {
    const compiled = compile(call, scope, oracle, options.rules.table)
    const { verdict, rule } = evaluate(options.rules, compiled, scope)
    const failed = compiled.seen.some((seen) => seen.classes.includes("failed"))
    return { verdict, rule, failed, ms: null }
  }
  const first = once()
  if (options.now === null) return first
  const start = options.now()
  return { ...once(), ms: options.now() - start }
}

const Injection = Schema.fromJsonString(
  Schema.Struct({
    observed: Schema.optionalKey(Schema.Unknown),
    proposed: Schema.Struct({ tool: Schema.String, args: Schema.Unknown }),
  }),
)
const decodeInjection = Schema.decodeUnknownSync(Injection)

const argumentOf: Readonly<Record<string, string>> = {
  bash: "command",
  read_file: "path",
  write_file: "path",
  edit_file: "path",
  web_fetch: "url",
  notify: "body",
  grep_search: "pattern",
  glob_search: "pattern",
}

const proposedCall = (tool: string, args: unknown): ToolCall => {
  if (typeof args === "object" && args !== null) return { tool, input: args as ToolCall["input"] }
  if (tool === "git") return { tool: "bash", input: { command: `git ${String(args)}` } }
  return { tool, input: { [argumentOf[tool] ?? "args"]: args } }
}

/** The row whose tree it plays in, and the words that are judged. */
interface Place {
  readonly row: PolicyRow
  readonly input: string
}

/** A row as a judged call; null where what it is about does not exist. `input`: other words in the same tree. */
export const judgeRow = (row: PolicyRow, options: PolicyEvalOptions, input = row.input): Judged | null => {
  const at: Place = { row, input }
  switch (row.kind) {
    case "command":
      return judge({ tool: "bash", input: { command: input } }, at, "trusted", options)
    case "read_file":
      return judge({ tool: "read_file", input: { path: input } }, at, "trusted", options)
    case "write_file":
      return judge({ tool: "write_file", input: { path: input, content: "" } }, at, "trusted", options)
    case "web_fetch":
      return judge({ tool: "web_fetch", input: { url: input } }, at, "trusted", options)
    case "display":
      return judge({ tool: "display", input: { text: input } }, at, "trusted", options)
    case "injection": {
      const { proposed } = decodeInjection(input)
      return judge(proposedCall(proposed.tool, proposed.args), at, "untrusted", options)
    }
    case "regex": {
      const judged = judgePattern(input)
      return {
        verdict: judged.ok ? "allow" : "deny",
        rule: judged.ok ? "pattern" : judged.reason,
        failed: false,
        ms: null,
      }
    }
    case "lockfile": {
      const judged = judgePackage(input, options.isCompromised)
      return { verdict: judged.verdict, rule: judged.reason, failed: false, ms: null }
    }
    default:
      return null
  }
}
