/**
 * Reads a command's arguments by its entry in the table: which flags are known, and what each value and operand
 * stands for. Follows getopt as GNU programs do: clusters, joined values, `--`, options after operands.
 * Invariant: nothing is dropped; what does not fit comes back as `unknown`, and its text still as a value.
 */
import type { CommandSpec, Role } from "./CommandTable.ts"

export interface Argument {
  readonly role: Role
  readonly text: string
}
export interface ReadArguments {
  readonly values: ReadonlyArray<Argument>
  /** First thing that did not fit, for the explanation; null where all did. */
  readonly unknown: string | null
  /** Texts without a known meaning: unknown flags and what is joined to them. */
  readonly strays: ReadonlyArray<string>
  readonly flags: ReadonlySet<string>
  /** Words behind `--` that would be no known flag before it. */
  readonly dashed: ReadonlyArray<string>
}

const help = new Set(["--help", "--version"])

const isFlag = (spec: CommandSpec, arg: string): boolean =>
  spec.flags.has(arg) ||
  (/^-[A-Za-z0-9]+$/.test(arg) &&
    arg
      .slice(1)
      .split("")
      .every((c) => spec.flags.has(`-${c}`)))

export const readArguments = (spec: CommandSpec, args: ReadonlyArray<string>): ReadArguments => {
  const values: Array<Argument> = []
  const operands: Array<string> = []
  const strays: Array<string> = []
  const flags = new Set<string>()
  const dashed: Array<string> = []
  let unknown: string | null = null
  let ended = false
  let afterDashes = -1
  const stray = (text: string): void => {
    unknown ??= text
    strays.push(text)
  }
  const value = (flag: string, text: string | undefined): void => {
    if (text === undefined) return spec.optional.has(flag) ? void flags.add(flag) : stray(flag)
    flags.add(flag)
    values.push({ role: spec.values.get(flag)!, text })
  }
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (ended || arg === "-" || !arg.startsWith("-")) {
      operands.push(arg)
      if (afterDashes >= 0 && arg.length > 1 && arg.startsWith("-") && !isFlag(spec, arg)) dashed.push(arg)
      ended ||= spec.stops
      continue
    }
    if (arg === "--") {
      ended = true
      afterDashes = operands.length
      continue
    }
    if (spec.two.has(arg)) {
      const [name, text] = [args[++i], args[++i]]
      if (text === undefined) stray(arg)
      else values.push({ role: "text", text: name! }, { role: spec.two.get(arg)!, text })
      if (/^--$|^--?[A-Za-z]/.test(name ?? "")) stray(name!)
    } else if (spec.values.has(arg)) {
      value(arg, args[++i])
      // programs differ in whether they take an option for a value here
      if (/^--$|^--?[A-Za-z]/.test(args[i] ?? "") && !/^(?:-e|--regexp)$/.test(arg)) stray(args[i]!)
    } else if (spec.flags.has(arg) || spec.optional.has(arg)) flags.add(arg)
    else if (spec.number && /^-\d+$/.test(arg)) flags.add("-#")
    else if (help.has(arg) && args.length === 1 && spec.kind === "reads" && spec.sub.length === 0)
      flags.add(arg)
    else if (arg.startsWith("--") || spec.singleDash) {
      const equals = arg.indexOf("=")
      const name = equals < 0 ? arg : arg.slice(0, equals)
      if (equals > 0 && spec.values.has(name)) value(name, arg.slice(equals + 1))
      else if (equals > 0 && spec.optional.has(name)) flags.add(name)
      else stray(arg)
    } else i = cluster(arg, i)
  }

  function cluster(arg: string, index: number): number {
    for (let at = 1; at < arg.length; at++) {
      const flag = `-${arg[at]}`
      const joined = arg.slice(at + 1)
      if (spec.values.has(flag)) {
        if (joined !== "") value(flag, joined)
        else value(flag, args[index + 1])
        return joined === "" ? index + 1 : index
      }
      if (spec.optional.has(flag)) {
        flags.add(flag)
        return index
      }
      if (!spec.flags.has(flag)) {
        stray(arg)
        return index
      }
      flags.add(flag)
    }
    return index
  }

  const any = (wanted: ReadonlySet<string>): boolean => [...wanted].some((flag) => flags.has(flag))
  const replaced = any(spec.replacesFirst)
  const lead = replaced ? spec.operands.slice(1) : spec.operands
  const treeFlag = any(spec.treeWith)
  if (spec.assumed !== null && operands.length <= lead.length && (spec.treeWith.size === 0 || treeFlag)) {
    while (operands.length < lead.length) operands.push("")
    operands.push(spec.assumed)
  }
  if (operands.length > 0 && spec.operandsWith.size > 0 && !any(spec.operandsWith))
    unknown ??= `operand ${operands[0]}`
  const names = any(spec.namesWith) && !any(spec.namesUnless)
  if (operands.length < spec.min || operands.length > spec.max) unknown ??= `${operands.length} operands`
  operands.forEach((text, index) => {
    const equals = text.indexOf("=")
    const pair = equals > 0 ? spec.pairs.get(text.slice(0, equals)) : undefined
    const isLast = index === operands.length - 1 && index > 0
    let role = pair ?? (isLast && spec.last !== null ? spec.last : (lead[index] ?? spec.rest))
    if (!text.startsWith(spec.prefix) || (spec.atFile && text.startsWith("@"))) stray(text)
    if (role === null) {
      unknown ??= `operand ${text}`
      role = "read"
    }
    if (role === "rev" && afterDashes >= 0 && index >= afterDashes) role = "read"
    if (names && role !== "text") role = "text"
    if (role === "read" && treeFlag) role = "tree"
    values.push({ role, text: pair === undefined ? text : text.slice(equals + 1) })
  })
  return { values, unknown, strays, flags, dashed }
}
