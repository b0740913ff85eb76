/**
 * How most corrections are written: a program, what was typed, what it said, and the new lines. Also the small moves
 * that many of them share: something first, an option more, a path as a probe wants it.
 */
import type { ProbeRequest } from "../../domain/probe.ts"
import { type Correction, type Failed, insertedAfter, type Known, plain } from "./Correction.ts"

/**
 * Whether a failure can be of this kind: by what was printed, or, where the terminal gave nothing, by the exit alone;
 * then facts have to say the rest.
 */
export const mayBe = (
  { seen, output, exit, alone }: Failed,
  says: RegExp,
  exits: ReadonlyArray<number> = [1],
): boolean => (seen ? says.test(output) : alone && exit !== null && exits.includes(exit))

export interface When {
  /** Names of the program, apart by blanks; a path before the name is passed over. */
  readonly program?: string
  /** The words after the program, joined by one blank. */
  readonly typed?: RegExp
  readonly says?: RegExp
}

export const programOf = ({ words }: Pick<Failed, "words">): string =>
  (words[0] ?? "").split("/").at(-1) ?? ""

export const argumentsOf = ({ words }: Failed): string => words.slice(1).join(" ")

export const rule = (
  name: string,
  { program, typed, says }: When,
  correct: Correction["correct"],
  more: Omit<Correction, "name" | "applies" | "correct"> = {},
): Correction => {
  const programs = program?.split(" ")
  return {
    name,
    applies: (failed) =>
      (programs === undefined || programs.includes(programOf(failed))) &&
      (typed === undefined || typed.test(argumentsOf(failed))) &&
      (says === undefined || says.test(failed.output)),
    correct,
    ...more,
  }
}

/** `first && line`, behind a `cd` that the command stands behind. */
export const preceded = ({ line, from }: Failed, first: string): string =>
  `${line.slice(0, from)}${first} && ${line.slice(from)}`

/** Where the first word that is no option stands, from `from` on; -1 where none does. */
export const operandAt = (words: ReadonlyArray<string>, from = 1): number =>
  words.findIndex((word, at) => at >= from && !word.startsWith("-"))

/** Where the operands of the program stand. */
export const operands = (failed: Failed, from = 1): ReadonlyArray<number> =>
  failed.words.flatMap((word, at) => (at >= from && word !== "--" && !word.startsWith("-") ? [at] : []))

/** An option right after word `at`. */
export const withOption = (failed: Failed, at: number, option: string): ReadonlyArray<string> => [
  insertedAfter(failed, at, option),
]

/** Lines made of these templates, one for each word of the output that may stand in a line. */
export const eachPlain = (
  words: Iterable<string | undefined>,
  line: (word: string) => string,
): ReadonlyArray<string> =>
  [...words].flatMap((word) => {
    const safe = word === undefined ? null : plain(word)
    return safe === null ? [] : [line(safe)]
  })

/** The words of a stretch of output, if all of them may stand in a line. */
export const plainWords = (text: string): string | null => {
  const words = text
    .trim()
    .split(/\s+/)
    .map((word) => (/^--?[\w-]+(?:=[\w./:@-]+)?$/.test(word) ? word : plain(word)))
  return words.length > 0 && words.every((word) => word !== null) ? words.join(" ") : null
}

/** A path as it was typed, as path probes want it. */
export const probePath = (dir: string, path: string): string =>
  path.startsWith("/") || path.startsWith("~") || dir === "." ? path : `${dir}/${path}`

/** What a shell would have made something else of; nobody but the shell knows what was meant. */
const expands = (path: string): boolean => path === "" || /[~$*?{}[\]`]/.test(path)

export const kindsOf = (
  dir: string,
  paths: ReadonlyArray<string>,
): Extract<ProbeRequest, { _tag: "pathKinds" }> => ({
  _tag: "pathKinds",
  paths: paths.filter((path) => !expands(path)).map((path) => probePath(dir, path)),
})

/** What each of these paths is; undefined where it could not be seen. */
export const kinds = (
  known: Known,
  paths: ReadonlyArray<string>,
): ReadonlyArray<"file" | "dir" | "link" | null | undefined> => {
  const answer = known.facts.get<"pathKinds">(kindsOf(known.dir, paths))
  return paths.map((path) => (expands(path) ? undefined : answer?.[probePath(known.dir, path)]))
}

/** The operands themselves, no more than are worth asking about. */
export const operandWords = (failed: Failed): ReadonlyArray<string> =>
  operands(failed)
    .slice(0, 8)
    .map((at) => failed.words[at]!)

/** The folder that holds what a path names; empty where the path has none. */
export const above = (path: string): string => path.replace(/\/+$/, "").replace(/\/?[^/]*$/, "")
