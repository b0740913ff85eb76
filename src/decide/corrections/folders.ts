/**
 * Paths that are folders, or whose folder is not there. Told by the messages of GNU, BSD and BusyBox tools; where the
 * terminal gave no output, by the exit and by what is there.
 */
import { type Correction, type Failed, type Known, replaced } from "./Correction.ts"
import { besides, higherUp, waysTo } from "./mistypedPaths.ts"
import {
  above,
  eachPlain,
  kinds,
  kindsOf,
  mayBe,
  operandWords,
  operands,
  preceded,
  programOf,
  withOption,
} from "./rule.ts"

const isDirectory = /[Ii]s a directory/

/** A program that was given a folder where it takes files, told by its words or by what is there. */
const givenFolder = (
  name: string,
  programs: string,
  says: RegExp,
  exits: ReadonlyArray<number>,
  correct: (failed: Failed) => ReadonlyArray<string>,
): Correction => ({
  name,
  applies: (failed) =>
    programs.split(" ").includes(programOf(failed)) &&
    mayBe(failed, says, exits) &&
    (!failed.seen || namesOperand(failed)),
  asks: (failed, dir) => (failed.seen ? [] : [kindsOf(dir, given(failed))]),
  correct: (failed, known) =>
    failed.seen || kinds(known, given(failed)).includes("dir") ? correct(failed) : [],
})

/** It is about one of the paths that were given; a name left to the shell can be any. */
const namesOperand = (failed: Failed): boolean => {
  const paths = operandWords(failed).map((path) => path.replace(/(?<=.)\/+$/, ""))
  return paths.length === 0 || paths.some((path) => /[*?$~[{]/.test(path) || failed.output.includes(path))
}

/** What is taken as input: of `cp` all but the last. */
const given = (failed: Failed): ReadonlyArray<string> =>
  /^(?:cp|scp)$/.test(programOf(failed)) ? operandWords(failed).slice(0, -1) : operandWords(failed)

const hasOption = (failed: Failed, option: RegExp): boolean => failed.words.some((word) => option.test(word))

export const catDirectory = givenFolder("cat-directory", "cat bat less", isDirectory, [1], (failed) => [
  replaced(failed, 0, "ls"),
])

export const copyDirectory = givenFolder(
  "copy-directory",
  "cp scp",
  /omitting directory|-r not specified|is a directory|not a regular file/i,
  [1],
  (failed) =>
    hasOption(failed, /^-[a-zA-Z]*[rRa]|^--(?:recursive|archive)$/) ||
    (!failed.seen && operands(failed).length < 2)
      ? []
      : withOption(failed, 0, programOf(failed) === "cp" ? "-a" : "-r"),
)

export const removeDirectory = givenFolder("remove-directory", "rm", isDirectory, [1], (failed) =>
  hasOption(failed, /^-[a-zA-Z]*[rR]|^--recursive$/) ? [] : withOption(failed, 0, "-rf"),
)

export const grepDirectory = givenFolder("grep-directory", "grep egrep fgrep", isDirectory, [2], (failed) =>
  hasOption(failed, /^-[a-zA-Z]*[rR]|^--recursive$|^-d/) ? [] : withOption(failed, 0, "-r"),
)

export const makeParents: Correction = {
  name: "make-parents",
  applies: (failed) =>
    programOf(failed) === "mkdir" &&
    !hasOption(failed, /^-[a-z]*p|^--parents$/) &&
    mayBe(failed, /No such file or directory/),
  asks: (failed, dir) => [kindsOf(dir, operandWords(failed).map(above))],
  correct: (failed, known) => {
    const missing = kinds(known, operandWords(failed).map(above))
    const told = operandWords(failed).some((path, at) => above(path) !== "" && missing[at] === null)
    return failed.seen || told ? withOption(failed, 0, "-p") : []
  },
}

/** The folders that would have to be made for what was named last, the likeliest first. */
const destinations = (failed: Failed): ReadonlyArray<string> => {
  const at = operands(failed)
  const target = at.length === 0 ? "" : failed.words[at.at(-1)!]!
  const folder = above(target)
  if (programOf(failed) === "touch") return folder === "" ? [] : [folder]
  if (at.length < 2) return []
  if (target.endsWith("/") || at.length > 2) return [target]
  return folder === "" ? [] : [folder, target]
}

const sourcesOf = (failed: Failed): ReadonlyArray<string> =>
  programOf(failed) === "touch" ? [] : operandWords(failed).slice(0, -1)

/** The target with the folder that is called nearly so; one that goes on where the other ends is another. */
const nearDestination = (
  failed: Failed,
  known: Known,
  missing: string | undefined,
): ReadonlyArray<string> => {
  const at = operands(failed).at(-1)
  if (at === undefined || missing === undefined || !failed.words[at]!.startsWith(missing)) return []
  const typed = missing.replace(/\/+$/, "")
  const rest = failed.words[at]!.slice(typed.length)
  return eachPlain(
    [...(besides(known, typed, 0.75) ?? []), ...higherUp(known, typed, 0.75)].filter(
      (near) => !near.startsWith(typed) && !typed.startsWith(near),
    ),
    (word) => replaced(failed, at, `${word}${rest}`),
  )
}

/** `cp a b/c/`, `mv a b/c`, `touch b/c/d` where the folder is missing. */
export const makeDestination: Correction = {
  name: "make-destination",
  applies: (failed) =>
    /^(?:cp|mv|touch|install|rsync)$/.test(programOf(failed)) &&
    mayBe(failed, /No such file or directory|does not exist|[Nn]ot a directory/),
  asks: (failed, dir) => [
    kindsOf(dir, destinations(failed)),
    kindsOf(dir, sourcesOf(failed)),
    ...destinations(failed)
      .slice(0, 1)
      .flatMap((folder) => waysTo(dir, folder)),
  ],
  correct: (failed, known) => {
    const folders = destinations(failed)
    const sources = sourcesOf(failed)
    const all = kinds(known, folders)
    const missing = folders.filter(
      (path, at) =>
        !/^\/(?:proc|sys|dev)\b/.test(path) && (all[at] === null || (failed.seen && all[at] === undefined)),
    )
    const named = (folder: string): boolean => failed.output.includes(folder.replace(/\/+$/, ""))
    // A bare message names no path; one about a directory that is not there can only mean where it was to go.
    const unnamed = /^No such file or directory$|directory \S+ does not exist/m.test(failed.output)
    const told = !failed.seen || unnamed || missing.some(named)
    // Where the source is not there either, a folder does not help.
    const noSource = failed.seen
      ? sources.some((path) => new RegExp(`stat '?${escaped(path)}'?:`).test(failed.output))
      : kinds(known, sources).some((kind) => kind === null || kind === undefined)
    const asNamed = missing.map((folder) =>
      failed.seen && !unnamed ? folder.replace(/(?<=.)\/+$/, "") : folder,
    )
    if (!told || noSource) return []
    return [
      ...nearDestination(failed, known, missing[0]),
      ...eachPlain(asNamed, (word) => preceded(failed, `mkdir -p ${word}`)),
    ]
  },
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
