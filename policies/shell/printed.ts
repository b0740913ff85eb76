/**
 * What a command of known words would print, given what it is fed: enough to see through `echo ... | base64 -d | sh`
 * and its like. Pure; null where it cannot be told.
 * Invariant: filters that may change the text pass it on unchanged, as the best guess; nothing here can make a
 * verdict milder, it only shows more text to look into.
 */
import { nameOf } from "./scan.ts"

const unescape = (text: string): string =>
  text
    .replace(/\\x([0-9a-fA-F]{1,2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\0?([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .replace(/\\n/g, "\n")
    .replace(/\\t/g, "\t")

const echoed = (args: ReadonlyArray<string>): string => {
  const start = args.findIndex((arg) => !/^-[neE]+$/.test(arg))
  const flags = start < 0 ? args : args.slice(0, start)
  const text = start < 0 ? "" : args.slice(start).join(" ")
  return flags.some((flag) => flag.includes("e")) ? unescape(text) : text
}

const formatted = (args: ReadonlyArray<string>): string => {
  const [format = "", ...values] = args[0] === "--" ? args.slice(1) : args
  let used = 0
  const filled = unescape(format).replace(/%[sdbq]/g, () => values[used++] ?? "")
  return [filled, ...(used === 0 ? [] : values.slice(used))].join(" ")
}

const passesOn = /^(?:tr|sed|awk|gawk|head|tail|sort|uniq|tee|grep|fold|cut|tac|nl)$/

export const printed = (
  argv: ReadonlyArray<string>,
  fed: string | null,
  cwd: string,
  list: (directory: string) => ReadonlyArray<string> | null = () => null,
): string | null => {
  const [program = "", ...args] = argv
  const name = nameOf(program)
  if (name === "pwd") return cwd
  if (name === "echo") return echoed(args)
  if (name === "printf") return formatted(args)
  if (name === "find") return args.filter((_, i) => /^-i?name$/.test(args[i - 1] ?? "")).join("\n") || null
  if (name === "ls") return listed(args, cwd, list)
  if (fed === null) return null
  if (name === "cat" && args.every((arg) => arg === "-")) return fed
  if (name === "base64" && args.some((arg) => /^(?:-[dDi]+|--decode)$/.test(arg)))
    return Buffer.from(fed.trim(), "base64").toString("utf8")
  if (name === "xxd" && args.some((arg) => /^-[rp]+$/.test(arg)))
    return Buffer.from(fed.replace(/\s/g, ""), "hex").toString("utf8")
  if (name === "rev") return [...fed].reverse().join("")
  if (name === "grep" && args.length === 1 && /^[\w.][\w.-]*$/.test(args[0]!))
    return fed.split("\n").filter(fitting(args[0]!)).join("\n")
  return passesOn.test(name) ? fed : null
}

const fitting =
  (pattern: string) =>
  (line: string): boolean =>
    pattern.split(".").every((piece) => line.includes(piece))

const mostListed = 200

const listed = (
  args: ReadonlyArray<string>,
  cwd: string,
  list: (directory: string) => ReadonlyArray<string> | null,
): string | null => {
  const named = args.filter((arg) => !arg.startsWith("-"))
  if (named.length > 0) return named.join("\n")
  const hidden = args.some((arg) => /^-[a-zA-Z]*[aA]|^--a/.test(arg))
  const names = (list(cwd) ?? []).filter((name) => hidden || !name.startsWith("."))
  return names.length === 0 || names.length > mostListed ? null : names.join("\n")
}
