/** Effects of the tools that run programs: each command is taken apart as if it were typed. */
import { judgeArgv, judgeShell } from "../shell/judgeShell.ts"
import { type Compiler, text } from "./Compiler.ts"
import { gitToolArgv } from "./gitTool.ts"

const bash: Compiler = (input, collector, table) => {
  const command = text(input, "command", "cmd")
  if (command === null) return collector.doubt("the input names no command")
  judgeShell(command, collector, table)
}

const git: Compiler = (input, collector, table) => {
  const args = input["args"]
  // an operation is what the tool goes by: no other words may speak for it
  const spoken = input["operation"] === undefined && Array.isArray(args)
  const words = spoken && args.every((arg) => typeof arg === "string") ? ["git", ...args] : null
  const argv = words ?? gitToolArgv(input, collector)
  if (argv === null) return collector.doubt("the input names no operation the gate knows")
  judgeArgv(argv, collector, table)
}

/** Looks at, or ends, what an earlier call started: nothing beyond that call's own effects. */
const ownTask: Compiler = (input, collector) => {
  if (text(input, "task_id") === null) collector.doubt("the input names no task")
}

export const commandCompilers: ReadonlyArray<readonly [string, Compiler]> = [
  ["bash", bash],
  ["monitor", bash],
  ["task_output", ownTask],
  ["task_stop", ownTask],
  ["git", git],
]
