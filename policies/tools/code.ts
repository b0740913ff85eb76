/**
 * Effects of the tools that run code by an interpreter, or start a language server: what is handed to a program to run is
 * looked through as if it stood on its command line, and is a question whatever is found in it.
 */
import { judgeArgv, judgeShell, shellTools } from "../shell/judgeShell.ts"
import { judgePowerShell } from "../shell/powershell.ts"
import { type Compiler, text } from "./Compiler.ts"
import { serverCommands } from "./languageServers.ts"

const interpreters: Readonly<Record<string, (code: string) => ReadonlyArray<string>>> = {
  node: (code) => ["node", "-e", code],
  python: (code) => ["python3", "-c", code],
  sh: (code) => ["sh", "-c", code],
}

const repl: Compiler = (input, collector, table) => {
  const code = text(input, "code")
  const language = text(input, "language")
  if (code === null) return collector.doubt("the input names no code")
  if (language === null || !Object.hasOwn(interpreters, language))
    return collector.doubt("the input names no language the gate knows")
  if (language === "sh") judgeShell(code, collector, table)
  judgeArgv(interpreters[language]!(code), collector, table)
  collector.doubt(`code is run by ${language}`)
}

const powerShell: Compiler = (input, collector, table) => {
  const command = text(input, "command")
  if (command === null) return collector.doubt("the input names no command")
  judgeArgv(["pwsh", "-Command", command], collector, table)
  // what a POSIX shell would make of the words finds programs and paths the scan of one argument does not
  judgeShell(command, collector, table)
  const at = { cwd: collector.scope.cwd, env: {}, stdin: null, depth: 0, plain: false }
  judgePowerShell(command, at, shellTools(collector, table))
  collector.doubt("a PowerShell command is not taken apart")
}

/** Each server that may answer for the file, as it would be started; the tool starts one of these and no other. */
const lsp: Compiler = (input, collector, table) => {
  const path = text(input, "path")
  if (path === null) return collector.doubt("the input names no path")
  const { cwd, workspace } = collector.scope
  collector.path("read", path, cwd)
  const commands = serverCommands(
    path,
    workspace,
    (relative) => collector.oracle.entry(`${workspace}/${relative}`).kind !== "absent",
  )
  if (commands.length === 0) return collector.doubt("no language server is known for this file")
  for (const argv of commands) judgeArgv(argv, collector, table)
  collector.doubt("a language server runs code of the workspace")
}

export const codeCompilers: ReadonlyArray<readonly [string, Compiler]> = [
  ["REPL", repl],
  ["PowerShell", powerShell],
  ["lsp", lsp],
]
