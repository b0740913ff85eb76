/**
 * Programs whose arguments are a language of their own: find's expression, sed's script, jq's filter.
 * Invariant: each returns the first thing it cannot vouch for, or null; only null can lead to "read-only".
 */
import { type At, inner, type Tools } from "./At.ts"
import { scanCode } from "./scan.ts"

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "))

const findPlain = words(
  "-empty -depth -xdev -mount -print -print0 -ls -prune -true -false -quit -noleaf -nogroup -nouser -o -or -a -and -not " +
    "-readable -writable -executable -daystart -warn -nowarn ! ( ) , -H -P -O0 -O1 -O2 -O3",
)
const findValue = words(
  "-name -iname -path -ipath -wholename -iwholename -regex -iregex -type -xtype -maxdepth -mindepth -size -mtime -mmin " +
    "-atime -amin -ctime -cmin -perm -user -group -uid -gid -links -inum -lname -ilname -printf -regextype -fstype -used -newermt",
)
const findReads = words(
  "-newer -anewer -cnewer -samefile -newerma -newermm -newermc -neweraa -newerac -newercc -newermB",
)
const findWrites = words("-fprint -fprint0 -fls -fprintf")
const findRuns = words("-exec -execdir -ok -okdir")

export const judgeFind = (args: ReadonlyArray<string>, at: At, tools: Tools): string | null => {
  const { collector } = tools
  const expression = args.findIndex(
    (arg) => (/^[-(!,]/.test(arg) && !/^-[HLP]$|^-O\d$/.test(arg)) || arg === ")",
  )
  const head = expression < 0 ? args : args.slice(0, expression)
  const starts = head.filter((arg) => !/^-[HLP]$|^-O\d$/.test(arg))
  const roots = starts.length === 0 ? ["."] : starts
  for (const root of roots) collector.path("read", root, at.cwd)
  let doubt = head.includes("-L") ? "-L" : null
  const rest = expression < 0 ? [] : args.slice(expression)
  const names = rest.flatMap((arg, i) =>
    /^-i?(?:name|path|wholename)$/.test(arg) ? [rest[i + 1] ?? ""] : [],
  )
  const narrowed = names.length > 0 && !names.every((name) => /^[*?]+$/.test(name))
  const found = roots.flatMap((root) => (narrowed ? names.map((name) => `${root}/${name}`) : [root]))
  for (let i = 0; i < rest.length; i++) {
    const arg = rest[i]!
    if (findPlain.has(arg)) continue
    if (findValue.has(arg)) {
      const value = rest[++i] ?? ""
      if (/^-[A-Za-z]/.test(value)) doubt ??= value
      continue
    }
    if (findReads.has(arg)) {
      collector.path("read", rest[++i] ?? "", at.cwd)
      continue
    }
    doubt ??= arg
    if (findWrites.has(arg)) collector.path("write", rest[i + 1] ?? "", at.cwd)
    else if (arg === "-delete") for (const path of found) collector.path("delete", path, at.cwd)
    else if (findRuns.has(arg)) {
      const end = rest.findIndex(
        (each, index) => index > i && (each === ";" || each === "+" || each === "\\;"),
      )
      const command = rest.slice(i + 1, end < 0 ? undefined : end)
      for (const path of found)
        tools.command(
          command.map((word) => word.replaceAll("{}", path)),
          inner(at),
        )
      i = end < 0 ? rest.length : end
    } else collector.suspect(arg, at.cwd)
  }
  return doubt
}

/** An escape is one letter that makes no other character and ends no line. */
const sedEscape = String.raw`\\[^cdox\n]`
const sedAddress = String.raw`(?:\d+(?:~\d+)?|\$|/(?:[^/\\]|${sedEscape})*/I?)`
const sedRange = `(?:${sedAddress}(?:,(?:${sedAddress}|\\+\\d+))?)?`
const sedPrint = new RegExp(`^${sedRange}\\s*!?\\s*[pPdDqQ=nN]$`)
const sedSwap = new RegExp(
  `^${sedRange}s([/|,#])(?:(?!\\1)[^\\\\]|${sedEscape})*\\1(?:(?!\\1)[^\\\\]|${sedEscape})*\\1[gpIi0-9]*$`,
)
const sedFlags = words(
  "-n --quiet --silent -E -r --regexp-extended -s --separate -u --unbuffered -z --null-data --posix -nE -En -nr",
)

/** Only scripts of prints, deletions from the output, and simple swaps are known not to run or write anything. */
export const judgeSed = (args: ReadonlyArray<string>, at: At, tools: Tools): string | null => {
  const { collector } = tools
  const scripts: Array<string> = []
  const operands: Array<string> = []
  let doubt: string | null = null
  let inPlace = false
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    const long = /^--(expression|file)=(.*)$/s.exec(arg)
    if (sedFlags.has(arg)) continue
    if (arg === "--") continue
    if (arg === "-e" || arg === "--expression") scripts.push(args[++i] ?? "")
    else if (long?.[1] === "expression") scripts.push(long[2]!)
    else if (arg === "-f" || arg === "--file" || long !== null) {
      doubt ??= arg
      collector.path("read", long?.[2] ?? args[++i] ?? "", at.cwd)
    } else if (arg.startsWith("-") && arg.length > 1) {
      doubt ??= arg
      if (/^-[a-zA-Z]*i|^--in/.test(arg)) inPlace = true
      else scanCode(arg, at, tools)
    } else operands.push(arg)
  }
  if (scripts.length === 0) scripts.push(...operands.splice(0, 1))
  for (const script of scripts) {
    if (script.split(";").every((each) => sedPrint.test(each.trim()) || sedSwap.test(each.trim()))) continue
    doubt ??= script
    scanCode(script, at, tools)
    for (const [, use = "r", path = ""] of script.matchAll(/([rRwW])\s*([^\s;}]+)/g)) {
      if (use.toLowerCase() === "r") collector.suspect(path, at.cwd)
      else if (!/^[gpIi0-9]*$/.test(path)) collector.path("write", path, at.cwd)
    }
    for (const [, command = ""] of script.matchAll(/(?:^|[\d$/;{}])\s*e\s+([^;]*)/g))
      tools.script(command, inner(at))
  }
  for (const path of operands) {
    collector.path("read", path, at.cwd)
    if (inPlace) collector.path("write", path, at.cwd)
  }
  return doubt
}

/** A filter may read the environment, import files, or name its own input. */
export const judgeFilter = (filter: string, at: At, tools: Tools): string | null => {
  if (/(?<![.\w"])env\b|\$ENV|\$__prog/i.test(filter)) {
    tools.collector.exec(["jq", filter], at.cwd, {}, ["environment"])
    return filter
  }
  if (/[^ -~]|^-/.test(filter)) return filter
  return /\b(?:import|include|modulemeta|input_filename|get_search_list|halt_error|debug|stderr|system|exec)\b/.test(
    filter,
  )
    ? filter
    : null
}
