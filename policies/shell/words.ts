/**
 * What a shell word may turn into, worked out as far as text alone allows: quoting and ANSI-C escapes undone,
 * braces expanded, `~`, known variables and output of constant commands put in, the rest left as holes.
 * Invariant: an unknown piece becomes a hole, never nothing, so that no unknown looks like a known harmless word.
 */
import { parse, type ParsedScript, type Word, type WordPart } from "unbash"
import { hole } from "../wild.ts"
import { printed } from "./printed.ts"
import { expandBraces } from "./braces.ts"

/** Splits fields where an unquoted expansion brought white space. */
export const split = "\ue000"
const mostAlternatives = 16

export interface Variables {
  readonly home: string
  readonly cwd: string
  /** Every value a name was given so far: conditions are not followed, so all may hold. */
  readonly values: ReadonlyMap<string, ReadonlyArray<string>>
  /** Names in a directory, where they can be asked for. */
  readonly list?: (directory: string) => ReadonlyArray<string> | null
  /** How many substitutions deep the word stands. */
  readonly depth?: number
}
const deepestOutput = 4

/** Longer than any path or honest word: what grows past it by expansion is unknown. */
const longestWord = 16_384
export const bounded = (text: string, longest = longestWord): string => (text.length > longest ? hole : text)
/** What a variable holds is put in again and again. */
export const longestValue = 4096

const cross = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): ReadonlyArray<string> =>
  left.flatMap((a) => right.map((b) => bounded(a + b))).slice(0, mostAlternatives)

const lookUp = (name: string, variables: Variables): ReadonlyArray<string> => {
  const given = variables.values.get(name)
  if (given !== undefined) return given
  if (name === "HOME") return [variables.home]
  if (name === "PWD") return [variables.cwd]
  if (name === "IFS") return [" "]
  return [hole]
}

const spread = (values: ReadonlyArray<string>, quoted: boolean): ReadonlyArray<string> =>
  quoted ? values : values.map((value) => value.replace(/[ \t\n]+/g, split))

/** Output of a script that is one command, or one pipe, of words that are known. */
export const constantOutput = (
  script: ParsedScript | undefined,
  variables: Variables,
): ReadonlyArray<string> => {
  const only = script?.commands.length === 1 ? script.commands[0]!.command : undefined
  const commands = only?.type === "Pipeline" ? only.commands : [only]
  const depth = (variables.depth ?? 0) + 1
  let text: string | null = null
  for (const command of depth > deepestOutput ? [undefined] : commands) {
    if (command?.type !== "Command" || command.redirects.length > 0 || command.prefix.length > 0)
      return [hole]
    const argv = [command.name, ...command.args].flatMap((word) =>
      word?.type === "Word" ? expandWord(word, { ...variables, depth }) : [hole],
    )
    text = printed(argv, text, variables.cwd, variables.list)
  }
  return [text?.replace(/\n+$/, "") ?? hole]
}

const parameter = (
  part: Extract<WordPart, { type: "ParameterExpansion" }>,
  quoted: boolean,
  variables: Variables,
): ReadonlyArray<string> => {
  if (part.prefix !== undefined) return [hole]
  const all = lookUp(part.parameter, variables)
  const values = part.index === undefined ? all : all.flatMap((value) => element(value, part.index!.value))
  const operation = part.operation
  if (operation === undefined) return spread(values, quoted)
  if (operation.type === "Default") {
    const other = expandWord(operation.operand, variables)
    return [...spread(values, quoted), ...other].slice(0, mostAlternatives)
  }
  if (operation.type === "Slice") {
    const offset = Number(operation.offset.value)
    const length = operation.length === undefined ? undefined : Number(operation.length.value)
    if (!Number.isInteger(offset) || offset < 0 || (length !== undefined && !(length >= 0))) return [hole]
    return values.map((v) =>
      v.includes(hole) ? hole : v.slice(offset, length === undefined ? undefined : offset + length),
    )
  }
  if (operation.type === "CaseModification")
    return values.flatMap((value) => [value.toLowerCase(), value.toUpperCase()])
  if (operation.type !== "Remove" && operation.type !== "Replace") return [hole]
  const written = operation.type === "Remove" ? operation.operand : operation.pattern
  const [pattern = ""] = expandWord(written, variables)
  const by = operation.type === "Remove" ? "" : (expandWord(operation.replacement, variables)[0] ?? "")
  // the untouched value stays a guess as well: the pattern may be a glob
  return [...values.map((value) => replaced(value, operation.operator, pattern, by)), ...values, hole].slice(
    0,
    mostAlternatives,
  )
}

/** `${x%a}`, `${x#a}`, `${x/a/b}` where the pattern is a text. */
const replaced = (value: string, operator: string, pattern: string, by: string): string => {
  if (pattern === "" || value.includes(hole)) return value
  if (operator === "//") return value.replaceAll(pattern, () => by)
  if (operator === "/") return value.replace(pattern, () => by)
  if (operator.includes("#")) return value.startsWith(pattern) ? by + value.slice(pattern.length) : value
  return value.endsWith(pattern) ? value.slice(0, -pattern.length) + by : value
}

/** `${list[@]}`, `${list[2]}`. */
const element = (value: string, index: string): ReadonlyArray<string> => {
  if (index === "@" || index === "*") return [value]
  const list = value.split(split)
  return /^\d+$/.test(index) ? [list[Number(index)] ?? ""] : [...list, hole]
}

const expandPart = (part: WordPart, quoted: boolean, variables: Variables): ReadonlyArray<string> => {
  switch (part.type) {
    case "Literal":
    case "Glob":
      return [part.value]
    case "SingleQuoted":
    case "AnsiCQuoted":
      return [part.value]
    case "DoubleQuoted":
    case "LocaleString":
      return part.parts.reduce<ReadonlyArray<string>>(
        (all, each) => cross(all, expandPart(each, true, variables)),
        [""],
      )
    case "SimpleExpansion":
      return spread(lookUp(part.text.slice(1), variables), quoted)
    case "ParameterExpansion":
      return parameter(part, quoted, variables)
    case "CommandExpansion":
      return spread(constantOutput(part.script, variables), quoted)
    case "ExtendedGlob":
      return [hole, ...part.pattern.split("|")]
    default:
      return [hole]
  }
}

const tilde = (text: string, variables: Variables): string => {
  const home = text.replace(/^~(?=$|\/)/, variables.home).replace(/^~\+(?=$|\/)/, variables.cwd)
  return home.replace(/(?<=^[A-Za-z_][A-Za-z0-9_]*=(?:.*:)?)~(?=$|\/)/, variables.home)
}

/** The words (fields) that one written word becomes; several where its value is not certain. */
export const expandWord = (word: Word, variables: Variables): ReadonlyArray<string> => {
  if (word.parts?.some((part) => part.type === "BraceExpansion") === true) {
    const texts = expandBraces(word.text)
    if (texts.length > 1 || texts[0] !== word.text)
      return texts.flatMap((text) => {
        const command = parse(`: ${text}`).commands[0]?.command
        const words = command?.type === "Command" ? command.args : []
        return words.flatMap((each) => (each.type === "Word" ? expandFields(each, variables) : [hole]))
      })
  }
  return expandFields(word, variables)
}

const expandFields = (word: Word, variables: Variables): ReadonlyArray<string> => {
  const values =
    word.parts === undefined
      ? [word.value]
      : word.parts.reduce<ReadonlyArray<string>>(
          (all, part) => cross(all, expandPart(part, false, variables)),
          [""],
        )
  const started = word.text.startsWith("~") || /^[A-Za-z_]\w*=/.test(word.text)
  return values
    .flatMap((value) =>
      value.includes(split) ? value.split(split).filter((field) => field !== "") : [value],
    )
    .map((value) => (started ? tilde(value, variables) : value))
}
