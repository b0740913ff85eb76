/**
 * Compiles a tool call to an action: effects with the classes rules match on, certainty, digest.
 * Pure given the oracle, and total: an input that does not fit, or a tool nobody knows, is uncertain; an
 * error on the way is an effect of class `failed`, which is denied.
 */
import type { Action, ToolCall } from "../src/domain/action.ts"
import { isHarmless } from "../src/domain/neutralise.ts"
import { Collector, type Seen } from "./Collector.ts"
import type { CommandTable } from "./CommandTable.ts"
import { digestOf } from "./digest.ts"
import { isPresentable, remoteContent } from "./display.ts"
import { gitToolArgv } from "./gitTool.ts"
import { type PathOracle, remembering } from "./PathOracle.ts"
import type { Scope } from "./Scope.ts"
import { judgeArgv, judgeShell, shellTools } from "./shell/judgeShell.ts"
import { scanArgument } from "./shell/scan.ts"

export interface Compiled extends Action {
  /** The effects again, each with its classes and what would make it harmless. */
  readonly seen: ReadonlyArray<Seen>
}

type Input = Readonly<Record<string, unknown>>

const text = (input: Input, ...keys: ReadonlyArray<string>): string | null => {
  for (const key of keys) {
    const value = Object.hasOwn(input, key) ? input[key] : undefined
    if (typeof value === "string") return value
  }
  return null
}

const pathKeys = ["path", "file_path", "file", "filename", "notebook_path"]

type Compiler = (input: Input, collector: Collector, table: CommandTable) => void

const atPath =
  (...uses: ReadonlyArray<"read" | "write">): Compiler =>
  (input, collector) => {
    const path = text(input, ...pathKeys)
    if (path === null) return collector.doubt("the input names no path")
    // a file tool takes the name as it is: no device is harmless to it
    for (const use of uses)
      collector.path(
        use,
        path === "" ? "" : path.startsWith("/dev/") ? `${path}/.` : path,
        collector.scope.cwd,
      )
    for (const value of Object.values(input)) if (typeof value === "string") collector.carries(value)
  }

const glob: Compiler = (input, collector) => {
  const base = text(input, "path", "cwd") ?? "."
  collector.path("read", base, collector.scope.cwd)
  const pattern = text(input, "pattern", "glob")
  if (pattern === null) return collector.doubt("the input names no pattern")
  const fixed = pattern.split(/[*?[{]/)[0]!
  if (fixed.startsWith("/") || fixed.startsWith("~") || /(?:^|\/)\.\.(?:\/|$)/.test(pattern))
    collector.path(
      "read",
      fixed.startsWith("/") || fixed.startsWith("~") ? fixed : `${base}/${pattern}`,
      collector.scope.cwd,
    )
}

const grep: Compiler = (input, collector) => {
  if (text(input, "pattern") === null) collector.doubt("the input names no pattern")
  collector.tree(text(input, "path") ?? ".", collector.scope.cwd, true)
}

const bash: Compiler = (input, collector, table) => {
  const command = text(input, "command", "cmd")
  if (command === null) return collector.doubt("the input names no command")
  judgeShell(command, collector, table)
}

const git: Compiler = (input, collector, table) => {
  const args = input["args"]
  const words = Array.isArray(args) && args.every((arg) => typeof arg === "string") ? ["git", ...args] : null
  const argv = words ?? gitToolArgv(input, collector)
  if (argv === null) return collector.doubt("the input names no operation the gate knows")
  judgeArgv(argv, collector, table)
}

const notify: Compiler = (input, collector) => {
  const shown = Object.values(input)
    .filter((value) => typeof value === "string")
    .join("\n")
  display(shown, collector)
  collector.carries(shown)
}

export const display = (shown: string, collector: Collector): void => {
  const classes = [isPresentable(shown) ? "harmless" : "hostile-text"]
  if (remoteContent(shown)) classes.push("remote-content")
  collector.add({ _tag: "display", text: shown }, classes)
}

const fetch: Compiler = (input, collector) => {
  const url = text(input, "url", "uri")
  if (url === null) return collector.doubt("the input names no URL")
  collector.url(url)
  for (const value of Object.values(input)) if (typeof value === "string") collector.carries(value)
}

/** Strings anywhere in a value, bounded. */
const strings = (value: unknown, depth = 0): ReadonlyArray<string> => {
  if (typeof value === "string") return [value]
  if (typeof value !== "object" || value === null || depth > 8) return []
  return Object.values(value)
    .flatMap((each) => strings(each, depth + 1))
    .slice(0, 1000)
}

/** Tools that would approve, grant or change what gates them, by any spelling of such a name. */
const answersForUser =
  /(?:^|[_:./-])(?:approve|approval|approvals|policy|policies|grant|trust|permissions?|settings?|config|allowlist|autoapprove)(?:$|[_:./-])/i

const unknownTool =
  (tool: string): Compiler =>
  (input, collector, table) => {
    collector.doubt(
      isHarmless(tool) ? `the tool ${tool} is not known to the gate` : "the tool's name is not plain text",
    )
    if (answersForUser.test(tool)) collector.add({ _tag: "approve", id: tool }, ["self-approval"])
    const tools = shellTools(collector, table)
    const at = { cwd: collector.scope.cwd, env: {}, stdin: null, depth: 0, plain: false }
    for (const value of strings(input)) {
      collector.carries(value)
      scanArgument(value, true, at, tools)
    }
  }

const compilers = new Map<string, Compiler>([
  ["bash", bash],
  ["read_file", atPath("read")],
  ["write_file", atPath("write")],
  ["edit_file", atPath("read", "write")],
  ["glob_search", glob],
  ["grep_search", grep],
  ["git", git],
  ["notify", notify],
  ["web_fetch", fetch],
  ["WebFetch", fetch],
  ["NotebookEdit", atPath("read", "write")],
  ["display", notify],
])

export const compile = (call: ToolCall, scope: Scope, oracle: PathOracle, table: CommandTable): Compiled => {
  const collector = new Collector(scope, remembering(oracle))
  try {
    const inside = scope.cwd === scope.workspace
    if (!inside) collector.path("read", scope.cwd, scope.workspace)
    const compiler = compilers.get(call.tool) ?? unknownTool(call.tool)
    compiler(call.input, collector, table)
  } catch (error) {
    collector.doubt("it could not be taken apart")
    collector.add({ _tag: "exec", argv: [call.tool], cwd: scope.cwd, env: {} }, ["failed"], String(error))
  }
  const effects = collector.seen.map((each) => each.effect)
  return {
    tool: call.tool,
    effects,
    commands: collector.commands,
    uncertain: collector.uncertain,
    actor: scope.actor,
    trust: scope.trust,
    digest: digestOf({ tool: call.tool, input: call.input, cwd: scope.cwd, effects }),
    seen: collector.seen,
  }
}
