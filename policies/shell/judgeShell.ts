/**
 * Judges a shell command: as argv lists where it is plain, by looking into it otherwise.
 * Invariant: a command that is not plain is uncertain, so at least a question, whatever is found in it.
 */
import type { Collector } from "../Collector.ts"
import { type CommandTable, inClass } from "../CommandTable.ts"
import type { At, Tools } from "./At.ts"
import { judgeCommand } from "./commands.ts"
import { nameOf } from "./scan.ts"
import { argvOf, readPlain } from "./plain.ts"
import { seeScript } from "./see.ts"

export const shellTools = (collector: Collector, table: CommandTable): Tools => {
  const tools: Tools = {
    collector,
    table,
    command: (argv, at) => judgeCommand(argv, at, tools),
    script: (text, at) => seeScript(text, at, tools),
  }
  return tools
}

const standing = (cwd: string, plain: boolean): At => ({ cwd, env: {}, stdin: null, depth: 0, plain })

export const judgeShell = (text: string, collector: Collector, table: CommandTable): void => {
  const tools = shellTools(collector, table)
  const { cwd } = collector.scope
  collector.carries(text)
  const plain = readPlain(text)
  if (!plain.ok) {
    collector.doubt(plain.reason)
    return seeScript(text, standing(cwd, false), tools)
  }
  for (const command of plain.commands) {
    const index = collector.commands.length
    judgeCommand(command.argv, { ...standing(cwd, true), env: command.env }, tools)
    collector.commands[index] = argvOf(command)
  }
  // where a command goes elsewhere, or runs what it is fed, the others depend on it; such a line is a question anyway
  if (plain.commands.some(({ argv }) => bearsOnOthers(argv, table)))
    seeScript(text, standing(cwd, false), tools)
}

const goesElsewhere = new Set(["cd", "pushd", "popd", "chdir", "set", "read", "printf", "export", "declare"])

const bearsOnOthers = ([program = "", first = ""]: ReadonlyArray<string>, table: CommandTable): boolean => {
  const name = nameOf(program).toLowerCase()
  if (goesElsewhere.has(name)) return name !== "printf" || first.startsWith("-v")
  return table.wrappers.has(name) || inClass(table, "shell", [name]) || inClass(table, "interpreter", [name])
}

/** A call that is an argv already (the typed git tool). */
export const judgeArgv = (argv: ReadonlyArray<string>, collector: Collector, table: CommandTable): void =>
  judgeCommand(argv, standing(collector.scope.cwd, true), shellTools(collector, table))
