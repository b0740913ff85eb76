/**
 * Compiles a tool call to an action: effects with the classes rules match on, certainty, digest.
 * Pure given the oracle, and total: an input that does not fit, or a tool nobody knows, is uncertain; an
 * error on the way is an effect of class `failed`, which is denied.
 */
import type { Action, ToolCall } from "../src/domain/action.ts"
import { lastingInput } from "../src/domain/canonicalCall.ts"
import { isHarmless } from "../src/domain/neutralise.ts"
import { Collector, type Seen } from "./Collector.ts"
import type { CommandTable } from "./CommandTable.ts"
import { digestOf } from "./digest.ts"
import { type PathOracle, remembering } from "./PathOracle.ts"
import type { Scope } from "./Scope.ts"
import { shellTools } from "./shell/judgeShell.ts"
import { scanArgument } from "./shell/scan.ts"
import { codeCompilers } from "./tools/code.ts"
import { commandCompilers } from "./tools/commands.ts"
import type { Compiler } from "./tools/Compiler.ts"
import { fileCompilers } from "./tools/files.ts"
import { sessionCompilers } from "./tools/session.ts"
import { webCompilers } from "./tools/web.ts"

export interface Compiled extends Action {
  /** The effects again, each with its classes and what would make it harmless. */
  readonly seen: ReadonlyArray<Seen>
  /** Of the call without what changes from time to time, and its effects: what a grant of this very call is bound to. */
  readonly key: string
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
  ...fileCompilers,
  ...commandCompilers,
  ...codeCompilers,
  ...webCompilers,
  ...sessionCompilers,
])

/** No tool takes an input that is nested deeper; walking through one might not come back. */
const deepestInput = 64

const isTooDeep = (value: unknown, depth = 0): boolean =>
  typeof value === "object" &&
  value !== null &&
  (depth > deepestInput || Object.values(value).some((each) => isTooDeep(each, depth + 1)))

export const compile = (call: ToolCall, scope: Scope, oracle: PathOracle, table: CommandTable): Compiled =>
  isTooDeep(call.input)
    ? // what is denied needs no digest of its own
      compiled({ ...call, input: {} }, scope, oracle, table, (_, collector) =>
        collector.exec([call.tool], scope.cwd, {}, ["too-deep"]),
      )
    : compiled(call, scope, oracle, table, compilers.get(call.tool) ?? unknownTool(call.tool))

const compiled = (
  call: ToolCall,
  scope: Scope,
  oracle: PathOracle,
  table: CommandTable,
  compiler: Compiler,
): Compiled => {
  const collector = new Collector(scope, remembering(oracle))
  try {
    const inside = scope.cwd === scope.workspace
    if (!inside) collector.path("read", scope.cwd, scope.workspace)
    compiler(call.input, collector, table)
  } catch (error) {
    collector.doubt("it could not be taken apart")
    collector.add({ _tag: "exec", argv: [call.tool], cwd: scope.cwd, env: {} }, ["failed"], String(error))
  }
  const effects = collector.seen.map((each) => each.effect)
  const digestWith = (input: ToolCall["input"]) =>
    digestOf({ tool: call.tool, input, cwd: scope.cwd, effects })
  const digest = digestWith(call.input)
  const lasting = lastingInput(call.input)
  const same = Object.keys(lasting).length === Object.keys(call.input).length
  return {
    tool: call.tool,
    effects,
    commands: collector.commands,
    uncertain: collector.uncertain,
    actor: scope.actor,
    trust: scope.trust,
    digest,
    seen: collector.seen,
    key: same ? digest : digestWith(lasting),
  }
}
