/**
 * A line that begins with a slash, read by the rows of the graph: which command, which arguments, what could stand at the
 * cursor. Pure.
 * Invariants: an exact name wins over an alias, an alias over a beginning; a beginning counts only where it is of one
 * command; nothing is guessed: what is not known is an error with the nearest name.
 */
import { Result } from "effect"
import type { ArgumentKind, CommandArgument, CommandRow } from "./command.ts"
import { distance } from "./nearest.ts"

export type Row = Omit<CommandRow, "v">

/** How far a name may be from what was typed to be suggested. */
const suggestedWithin = 2

/** A path is none: `/etc/hosts is wrong`. */
export const isCommandLine = (text: string): boolean => /^\/[a-zA-Z?][\w-]*(?:\s|$)/.test(text.trimStart())

/** `/model [MODEL]`, `/why ID`. */
export const usageOf = (row: Pick<Row, "name" | "arguments">): string =>
  [
    `/${row.name}`,
    ...row.arguments.map(({ choices, name, required, rest }) => {
      const word = choices.length > 0 && choices.length <= 4 ? choices.join("|") : name.toUpperCase()
      const more = rest ? `${word}...` : word
      return required ? more : `[${more}]`
    }),
  ].join(" ")

/** Null: none is near enough. */
export const suggested = (word: string, rows: ReadonlyArray<Row>): string | null => {
  const near = rows
    .flatMap((row) => [row.name, ...row.aliases].map((name) => ({ name, row })))
    .map(({ name, row }) => ({ row, far: distance(word, name, suggestedWithin) }))
    .filter(({ far }) => far <= suggestedWithin && far < word.length)
    .toSorted((a, b) => a.far - b.far)
  return near[0]?.row.name ?? null
}

export const findCommand = <R extends Row>(
  typed: string,
  rows: ReadonlyArray<R>,
): Result.Result<R, string> => {
  const word = typed.toLowerCase()
  const exact = rows.find(({ name }) => name === word) ?? rows.find(({ aliases }) => aliases.includes(word))
  if (exact !== undefined) return Result.succeed(exact)
  const begun = word === "" ? [] : rows.filter(({ name }) => name.startsWith(word))
  if (begun.length === 1) return Result.succeed(begun[0]!)
  if (begun.length > 1)
    return Result.fail(
      `/${typed} could be ${begun.map(({ name }) => `/${name}`).join(", ")}: type one more letter`,
    )
  const near = suggested(word, rows)
  return Result.fail(
    `there is no command /${typed}${near === null ? "" : `: did you mean /${near}?`} (/help lists them)`,
  )
}

interface Word {
  readonly text: string
  readonly from: number
}

/** Words with quotes taken off; a quote that is not closed goes to the end. */
const words = (text: string): ReadonlyArray<Word> =>
  [...text.matchAll(/"([^"]*)(?:"|$)|'([^']*)(?:'|$)|(\S+)/g)].map((found) => ({
    text: found[1] ?? found[2] ?? found[3] ?? "",
    from: found.index,
  }))

export type ArgumentValues = Readonly<Record<string, string>>

const wrongChoice = ({ choices, name }: CommandArgument, text: string): string =>
  `${name} is one of ${choices.join(", ")}, and not ${JSON.stringify(text)}`

const readArguments = (row: Row, text: string): Result.Result<ArgumentValues, string> => {
  const values: Record<string, string> = {}
  const typed = words(text)
  const usage = `use it as ${usageOf(row)}`
  let at = 0
  for (const argument of row.arguments) {
    const word = typed[at]
    if (word === undefined) {
      if (argument.required) return Result.fail(`/${row.name} needs ${argument.name}: ${usage}`)
      break
    }
    const value = argument.rest ? text.slice(word.from).trim() : word.text
    if (argument.kind === "choice" && !argument.choices.includes(value))
      return Result.fail(`${wrongChoice(argument, value)}: ${usage}`)
    if (argument.kind === "number" && !/^\d{1,15}$/.test(value))
      return Result.fail(`${argument.name} is a number, and not ${JSON.stringify(value)}: ${usage}`)
    values[argument.name] = value
    at = argument.rest ? typed.length : at + 1
  }
  const extra = typed[at]
  return extra === undefined
    ? Result.succeed(values)
    : Result.fail(`/${row.name} has no place for ${JSON.stringify(extra.text)}: ${usage}`)
}

export interface ReadLine<R extends Row> {
  readonly row: R
  readonly values: ArgumentValues
}

/** `/compact`, `/model small`. */
export const readCommand = <R extends Row>(
  line: string,
  rows: ReadonlyArray<R>,
): Result.Result<ReadLine<R>, string> => {
  const found = /^\s*\/(\S*)([\s\S]*)$/.exec(line)
  if (found === null) return Result.fail("a command begins with a slash (/help lists them)")
  return Result.flatMap(findCommand(found[1]!, rows), (row) =>
    Result.map(readArguments(row, found[2]!), (values) => ({ row, values })),
  )
}

/** What could stand at the cursor: candidates replace the text from `from` on. */
export interface Completing {
  readonly from: number
  readonly kind: ArgumentKind
  readonly word: string
  readonly choices: ReadonlyArray<string>
}

export const completingAt = (line: string, cursor: number, rows: ReadonlyArray<Row>): Completing | null => {
  const text = line.slice(0, cursor)
  const name = /^\s*\/(\S*)$/.exec(text)
  if (name !== null) {
    const word = name[1]!
    return {
      from: cursor - word.length,
      kind: "command",
      word,
      choices: rows.flatMap(({ name: one }) => (one.startsWith(word.toLowerCase()) ? [one] : [])),
    }
  }
  const found = /^\s*\/(\S+)(\s[\s\S]*)$/.exec(text)
  const row = found === null ? null : findCommand(found[1]!, rows)
  if (found === null || row === null || Result.isFailure(row)) return null
  const typed = words(found[2]!)
  const open = /\s$/.test(text) ? { text: "", from: found[2]!.length } : typed.at(-1)!
  const index = /\s$/.test(text) ? typed.length : typed.length - 1
  const list = row.success.arguments
  const argument = list[index] ?? (list.at(-1)?.rest === true ? list.at(-1) : undefined)
  if (argument === undefined || (argument.kind === "words" && argument.choices.length === 0)) return null
  return {
    from: cursor - (found[2]!.length - open.from),
    kind: argument.kind,
    word: open.text,
    choices: argument.choices.filter((choice) => choice.startsWith(open.text)),
  }
}
