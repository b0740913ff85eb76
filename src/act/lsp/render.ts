/**
 * A server's answers as text for a model and a person: paths relative to the workspace, lines from 1, everything the server
 * or a file said made harmless and bounded. Pure but for the reader handed in.
 */
import { neutralise, neutraliseLines } from "../../domain/neutralise.ts"
import type { Finding, FoundSymbol, Place, Position, Some } from "./answers.ts"

const longestText = 8000
const longestLine = 200

export const brief = (text: string, most: number = longestText): string => {
  const clean = neutraliseLines(text)
  return clean.length > most ? `${clean.slice(0, most)} [cut]` : clean
}
const line = (text: string): string => {
  const clean = neutralise(text.trim().slice(0, longestLine + 1))
  return clean.length > longestLine ? `${clean.slice(0, longestLine)}...` : clean
}

const at = ({ character, line: row }: Position): string => `${row + 1}:${character + 1}`

const severities = { 1: "error", 2: "warning", 3: "information", 4: "hint" } as const

const droppedNote = (dropped: number, what: string): ReadonlyArray<string> =>
  dropped === 0 ? [] : [`[${dropped} ${what} left out: malformed, or too many]`]

export const renderFindings = (
  name: string,
  { dropped, found }: Some<Finding>,
  isInside: (position: Position) => boolean,
): string => {
  if (found.length === 0 && dropped === 0) return `No diagnostics for ${name}.`
  const lines = found
    .toSorted((a, b) => a.severity - b.severity || a.range.start.line - b.range.start.line)
    .map(({ code, message, range, severity, source }) => {
      const place = isInside(range.start) ? at(range.start) : `${at(range.start)} (outside the file)`
      const origin = [source, code].filter((part) => part !== null).join(" ")
      return `${name}:${place} ${severities[severity]}${origin === "" ? "" : ` [${line(origin)}]`}: ${brief(message, 600)}`
    })
  return [...lines, ...droppedNote(dropped, "diagnostics")].join("\n")
}

/** A place that was checked: in the workspace and in its file, or not. */
export interface SeenPlace {
  readonly name: string
  readonly place: Place
  /** The line's text; null where it is not shown. */
  readonly text: string | null
  readonly note: string | null
}

export const renderPlaces = (what: string, places: ReadonlyArray<SeenPlace>, dropped: number): string => {
  if (places.length === 0 && dropped === 0) return `No ${what} found.`
  const lines = places.map(
    ({ name, note, place, text }) =>
      `${name}:${at(place.range.start)}${text === null ? "" : `  ${line(text)}`}${note === null ? "" : ` [${note}]`}`,
  )
  return [...lines, ...droppedNote(dropped, "answers")].join("\n")
}

const kinds: ReadonlyArray<string> =
  "file module namespace package class method property field constructor enum interface function variable constant string number boolean array object key null enum-member struct event operator type-parameter".split(
    " ",
  )

export const renderSymbols = (name: string, { dropped, found }: Some<FoundSymbol>): string =>
  found.length === 0 && dropped === 0
    ? `No symbols in ${name}.`
    : [
        ...found.map(
          (symbol) =>
            `${"  ".repeat(symbol.depth)}${kinds[symbol.kind - 1] ?? "symbol"} ${line(symbol.name)} ${at(symbol.at)}`,
        ),
        ...droppedNote(dropped, "symbols"),
      ].join("\n")
