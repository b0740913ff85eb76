/**
 * git's own options before the subcommand, and what must be looked at in every git call: other repositories,
 * settings given on the command line, words that are commands.
 * Invariant: any option before the subcommand that is not on the short list makes the call unknown.
 */
import { type At, inner, type Tools } from "./At.ts"
import { scanArgument, scanCode } from "./scan.ts"

const harmless = new Set([
  "--no-pager",
  "-P",
  "--no-optional-locks",
  "--no-replace-objects",
  "--literal-pathspecs",
  "--glob-pathspecs",
  "--noglob-pathspecs",
  "--icase-pathspecs",
])
const takesPath = new Set([
  "-C",
  "--git-dir",
  "--work-tree",
  "--exec-path",
  "--super-prefix",
  "--namespace",
  "--attr-source",
])
const takesSetting = new Set(["-c", "--config-env"])
const runsWords: Readonly<Record<string, RegExp>> = {
  bisect: /^run$/,
  submodule: /^foreach$/,
  "filter-branch": /^--(?:tree|index|msg|env|parent|commit|tag-name)-filter$/,
  rebase: /^(?:-x|--exec)$/,
  "for-each-repo": /./,
  difftool: /^(?:-x|--extcmd)$/,
}

export interface GitCall {
  /** Subcommand and what follows. */
  readonly argv: ReadonlyArray<string>
  readonly cwd: string
  /** First option before the subcommand that is not harmless. */
  readonly unknown: string | null
}

export const readGit = (args: ReadonlyArray<string>, at: At, tools: Tools): GitCall => {
  let unknown: string | null = null
  let cwd = at.cwd
  let i = 0
  for (; i < args.length; i++) {
    const arg = args[i]!
    if (!arg.startsWith("-")) break
    if (harmless.has(arg)) continue
    if (arg === "--version" && args.length === 1) break
    unknown ??= arg
    const equals = arg.indexOf("=")
    const name = equals > 0 ? arg.slice(0, equals) : arg
    const value = equals > 0 ? arg.slice(equals + 1) : (args[i + 1] ?? "")
    if (takesPath.has(name)) {
      tools.collector.path("read", value, cwd)
      if (name === "-C") cwd = value.startsWith("/") ? value : `${cwd}/${value}`
      if (equals < 0) i++
    } else if (takesSetting.has(name)) {
      setting(value, at, tools)
      if (equals < 0) i++
    } else scanArgument(arg, false, at, tools)
  }
  const argv = args.slice(i)
  words(argv, at, tools)
  return { argv, cwd, unknown }
}

/** `alias.x=!cmd`, `core.pager=cmd`: the value may be run. */
const setting = (text: string, at: At, tools: Tools): void => {
  const value = text.slice(text.indexOf("=") + 1).replace(/^!/, "")
  scanCode(value, at, tools)
  tools.script(value, inner(at))
}

const words = (argv: ReadonlyArray<string>, at: At, tools: Tools): void => {
  const [sub = "", ...rest] = argv
  const runs = runsWords[sub]
  if (runs !== undefined) {
    const start = rest.findIndex((word) => runs.test(word))
    if (start >= 0) {
      const command = rest.slice(start + 1)
      if (command.length === 1) tools.script(command[0]!, inner(at))
      else {
        tools.command(command, inner(at))
        for (const word of command) if (/\s/.test(word)) tools.script(word, inner(at))
      }
    }
  }
  for (const word of rest) {
    const joined = /^(?:-x|--(?:exec|extcmd|upload-pack|receive-pack|[a-z-]+-filter)=)(.+)$/s.exec(word)
    if (joined !== null) tools.script(joined[1]!, inner(at))
  }
  if (sub === "config") {
    if (rest.some((word) => /^--(?:global|system)$/.test(word)))
      tools.collector.path("write", `${tools.collector.scope.home}/.gitconfig`, at.cwd)
    for (const word of rest) if (/\s/.test(word)) tools.script(word.replace(/^!/, ""), inner(at))
  }
}

/** `HEAD:path`, `:0:path`, `path`: what a revision argument may show of a file. */
export const revisionPaths = (text: string): ReadonlyArray<string> => {
  const colon = text.lastIndexOf(":")
  const after = colon < 0 ? [] : [text.slice(colon + 1), text.slice(text.indexOf(":") + 1)]
  const pathspec = text.startsWith(":") ? [text.replace(/^:(?:\([^)]*\)|[!^/]*)/, "")] : []
  return [...new Set([text, ...after, ...pathspec])].filter((each) => each !== "" && !/^[\^]/.test(each))
}
