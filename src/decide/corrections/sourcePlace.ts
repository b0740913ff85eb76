/** A compiler, interpreter or linter named a place in a file: open it there, then run the same again. */
import { type Correction, type Editor, plain } from "./Correction.ts"
import { kinds, kindsOf } from "./rule.ts"

interface Place {
  readonly file: string
  readonly line: string
  readonly column: string | null
}

/** Each with file, line and (perhaps) column; the surest first. */
const forms: ReadonlyArray<RegExp> = [
  /(?:^|[\s(])(?<file>[^\s:()"'`]+):(?<line>\d+):(?<column>\d+)(?!\d)/gm,
  /File "(?<file>[^"\n]+)", line (?<line>\d+)/g,
  /^(?:\S+: )?(?<file>[^\s:()"']+):(?<line>\d+)(?=[:\s]|$)/gm,
  /^(?<file>[^\s:]+): line (?<line>\d+)\b/gm,
  /\b(?:at|in) (?<file>[^\s"']+) (?:(?:at|on) )?line (?<line>\d+)\b/g,
  /\bline (?<line>\d+) (?:in|of)(?: file)? (?<file>[^\s"',]+)/g,
  /^(?<file>\S+) \(line (?<line>\d+)\)/gm,
]

const maxPlaces = 12

const placesIn = (output: string): ReadonlyArray<Place> =>
  forms
    .flatMap((form) => [...output.matchAll(form)].slice(0, maxPlaces))
    .map(({ groups = {} }) => ({
      file: groups["file"]!,
      line: groups["line"]!,
      column: groups["column"] ?? null,
    }))
    .slice(0, maxPlaces * 2)

const opened = ({ command, line, column }: Editor, place: Place): string | null => {
  const file = plain(place.file)
  const template = place.column === null ? line : (column ?? line)
  return file === null
    ? null
    : template
        .replace("{editor}", () => command)
        .replace("{file}", () => file)
        .replace("{line}", place.line)
        .replace("{col}", place.column ?? "1")
}

export const openPlace: Correction = {
  name: "open-place",
  applies: ({ output }) => placesIn(output).length > 0,
  asks: ({ output }, dir) => [kindsOf(dir, [...new Set(placesIn(output).map(({ file }) => file))])],
  correct: (failed, known) => {
    if (known.editor === null) return []
    const places = placesIn(failed.output)
    const all = kinds(known, [...new Set(places.map(({ file }) => file))])
    const files = [...new Set(places.map(({ file }) => file))].filter((_, at) => all[at] === "file")
    const place = places.find(({ file }) => files.includes(file))
    const line = place === undefined ? null : opened(known.editor, place)
    return line === null ? [] : [`${line} && ${failed.line}`]
  },
  notOffered: true,
}
