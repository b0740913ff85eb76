/**
 * Programs that run other programs: the inner command is found and judged as if it stood alone.
 * Invariant: besides the place where the inner command should begin, every later word that names a known program
 * is tried too, so that a flag the table does not know cannot hide it.
 */
import { inClass, type WrapperSpec } from "../CommandTable.ts"
import { type At, inner, type Tools } from "./At.ts"
import { judgePowerShell } from "./powershell.ts"
import { nameOf, scanArgument } from "./scan.ts"

const shellScript = /^-[a-zA-Z]*c[a-zA-Z]*$/

export const unwrap = (wrapper: WrapperSpec, argv: ReadonlyArray<string>, at: At, tools: Tools): void => {
  const args = argv.slice(1)
  const deeper = inner(at)
  const start = begin(wrapper, args, deeper, tools)
  const rest = args.slice(start)
  for (const arg of args.slice(0, start)) scanArgument(arg, false, deeper, tools)
  if (wrapper.joined) tools.script(rest.join(" "), deeper)
  if (wrapper.each) for (const arg of rest) if (/\s/.test(arg)) tools.script(arg, deeper)
  const fed = feeds.has(wrapper.program) ? feed(args, rest, at.stdin) : null
  if (rest.length > 0) tools.command(rest, deeper)
  if (fed !== null) tools.command(fed, deeper)
  // what it is fed may be hosts
  else if (feeds.has(wrapper.program) && rest.some((word) => inClass(tools.table, "network", [nameOf(word)])))
    tools.collector.network("https")
  args.forEach((word, index) => {
    if (index === start || (index < nearby ? !isProgram(word, tools) : !isGrave(word, tools))) return
    tools.command(args.slice(index), deeper)
  })
}

const feeds = new Set(["xargs", "parallel"])

/** How many words after a wrapper may still be the inner program; beyond, only grave names are tried. */
export const nearby = 32

export const isGrave = (word: string, { table }: Tools): boolean => {
  const name = nameOf(word)
  return ["privilege", "system", "environment", "destructive", "shell"].some(
    (each) => table.classes.get(each)?.has(name) === true,
  )
}

const isProgram = (word: string, { table }: Tools): boolean => {
  const name = nameOf(word)
  return (
    table.specs.has(name) ||
    table.wrappers.has(name) ||
    ["shell", "interpreter", "privilege", "system", "environment", "destructive", "network"].some(
      (each) => table.classes.get(each)?.has(name) === true,
    )
  )
}

/** Index of the first word of the inner command. */
const begin = (wrapper: WrapperSpec, args: ReadonlyArray<string>, deeper: At, tools: Tools): number => {
  let own = wrapper.skip
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    const equals = arg.indexOf("=")
    const name = equals > 0 && arg.startsWith("--") ? arg.slice(0, equals) : arg
    if (wrapper.script.has(name))
      tools.script(equals > 0 ? arg.slice(equals + 1) : (args[i + 1] ?? ""), deeper)
    const clustered = [...wrapper.script].find(
      (flag) => flag.length === 2 && arg.startsWith(flag) && arg.length > 2,
    )
    if (clustered !== undefined && !arg.startsWith("--")) tools.script(arg.slice(2), deeper)
    if (arg === "--") return i + 1
    if (wrapper.values.has(arg)) i++
    else if (arg.startsWith("-") && arg.length > 1) continue
    else if (wrapper.assignments && /^[A-Za-z_]\w*=/.test(arg)) continue
    else if (own > 0) own--
    else return i
  }
  return args.length
}

/** What xargs appends, or puts in for its `-I` word; `:::` of parallel. */
const feed = (
  args: ReadonlyArray<string>,
  rest: ReadonlyArray<string>,
  stdin: string | null,
): ReadonlyArray<string> | null => {
  const colons = rest.indexOf(":::")
  if (colons >= 0)
    return [...rest.slice(0, colons).filter((word) => word !== "{}"), ...rest.slice(colons + 1)]
  if (stdin === null) return null
  const words = stdin.split(/[\s\0]+/).filter((word) => word !== "")
  const flag = args.findIndex((arg) => /^(?:-I|-i|--replace)/.test(arg))
  const mark = flag < 0 ? null : args[flag]!.replace(/^(?:-[Ii]|--replace=?)/, "") || (args[flag + 1] ?? "{}")
  const filled =
    mark === null
      ? rest
      : rest.map((word) => (word.includes(mark) ? word.replaceAll(mark, words[0] ?? "") : word))
  return [...(filled.length === 0 ? ["echo"] : filled), ...(mark === null ? words : words.slice(1))]
}

/** `sh -c TEXT`, `sh FILE`, `... | sh`: everything that may be script is read as one. */
export const unwrapShell = (argv: ReadonlyArray<string>, at: At, tools: Tools): void => {
  const deeper = inner(at)
  const args = argv.slice(1)
  const command = args.some((arg) => shellScript.test(arg))
  const operands = args.filter((arg) => !/^[-+]/.test(arg))
  if (/^(?:pwsh|powershell)/i.test(nameOf(argv[0]!))) judgePowerShell(args.join(" "), deeper, tools)
  if (command) for (const text of operands) tools.script(text, deeper)
  else if (operands[0] !== undefined) tools.collector.path("read", operands[0], at.cwd)
  if (at.stdin !== null) tools.script(at.stdin, deeper)
}

/** Is it a shell, by whatever path? */
export const isShell = (argv: ReadonlyArray<string>, tools: Tools): boolean =>
  inClass(tools.table, "shell", [nameOf(argv[0] ?? "")])
