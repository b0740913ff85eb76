/**
 * Paths that are folders, are not there, or were mistyped. Told by the messages of GNU, BSD and BusyBox tools and of the
 * shells' own `cd`; where the terminal gave no output, by the exit and by what is there.
 */
import type { ProbeRequest } from "../../domain/probe.ts"
import { type Correction, type Failed, type Known, replaced } from "./Correction.ts"
import { closest } from "./rank.ts"
import {
  eachPlain,
  kinds,
  kindsOf,
  mayBe,
  operandAt,
  operands,
  preceded,
  probePath,
  programOf,
  withOption,
} from "./rule.ts"

const isDirectory = /[Ii]s a directory/

const absent =
  /No such file or directory|does not exist|cannot access|can't cd to|not a directory: |no such file/i

/** A program that was given a folder where it takes files, told by its words or by what is there. */
const givenFolder = (
  name: string,
  programs: string,
  says: RegExp,
  exits: ReadonlyArray<number>,
  correct: (failed: Failed) => ReadonlyArray<string>,
): Correction => ({
  name,
  applies: (failed) => programs.split(" ").includes(programOf(failed)) && mayBe(failed, says, exits),
  asks: (failed, dir) => (failed.seen ? [] : [kindsOf(dir, given(failed))]),
  correct: (failed, known) =>
    failed.seen || kinds(known, given(failed)).includes("dir") ? correct(failed) : [],
})

const operandWords = (failed: Failed): ReadonlyArray<string> =>
  operands(failed)
    .slice(0, 8)
    .map((at) => failed.words[at]!)

/** What is taken as input: of `cp` all but the last. */
const given = (failed: Failed): ReadonlyArray<string> =>
  programOf(failed) === "cp" ? operandWords(failed).slice(0, -1) : operandWords(failed)

const hasOption = (failed: Failed, option: RegExp): boolean => failed.words.some((word) => option.test(word))

export const catDirectory = givenFolder("cat-directory", "cat bat less", isDirectory, [1], (failed) => [
  replaced(failed, 0, "ls"),
])

export const copyDirectory = givenFolder(
  "copy-directory",
  "cp",
  /omitting directory|-r not specified|is a directory/i,
  [1],
  (failed) =>
    hasOption(failed, /^-[a-zA-Z]*[rRa]|^--(?:recursive|archive)$/) ||
    (!failed.seen && operands(failed).length < 2)
      ? []
      : withOption(failed, 0, "-a"),
)

export const removeDirectory = givenFolder("remove-directory", "rm", isDirectory, [1], (failed) =>
  hasOption(failed, /^-[a-zA-Z]*[rR]|^--recursive$/) ? [] : withOption(failed, 0, "-rf"),
)

export const grepDirectory = givenFolder("grep-directory", "grep egrep fgrep", isDirectory, [2], (failed) =>
  hasOption(failed, /^-[a-zA-Z]*[rR]|^--recursive$|^-d/) ? [] : withOption(failed, 0, "-r"),
)

const above = (path: string): string => path.replace(/\/+$/, "").replace(/\/?[^/]*$/, "")

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

/** `cp a b/c/`, `mv a b/c`, `touch b/c/d` where the folder is missing. */
export const makeDestination: Correction = {
  name: "make-destination",
  applies: (failed) =>
    /^(?:cp|mv|touch|install|rsync)$/.test(programOf(failed)) &&
    mayBe(failed, /No such file or directory|does not exist|[Nn]ot a directory/),
  asks: (failed, dir) => [kindsOf(dir, [...operandWords(failed), ...destinations(failed)])],
  correct: (failed, known) => {
    const folders = destinations(failed)
    const sources = programOf(failed) === "touch" ? [] : operandWords(failed).slice(0, -1)
    const all = kinds(known, folders)
    const missing = folders.filter((_, at) => all[at] === null || (failed.seen && all[at] === undefined))
    const told = !failed.seen || missing.some((folder) => failed.output.includes(folder.replace(/\/+$/, "")))
    // Where the source is not there either, a folder does not help.
    const noSource = failed.seen
      ? sources.some((path) => new RegExp(`stat '?${escaped(path)}'?:`).test(failed.output))
      : kinds(known, sources).some((kind) => kind === null || kind === undefined)
    return told && !noSource ? eachPlain(missing, (word) => preceded(failed, `mkdir -p ${word}`)) : []
  },
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** The folder that holds what a path names. */
const lookedIn = (dir: string, path: string): Extract<ProbeRequest, { readonly _tag: "listDir" }> => {
  const folder = above(path)
  return {
    _tag: "listDir",
    path: folder === "" ? (path.startsWith("/") ? "/" : dir) : probePath(dir, folder),
    limit: 500,
  }
}

/** Paths beside this one whose name is near to its own; null where nobody knows, or where it is there after all. */
const besides = (known: Known, path: string, cutoff: number): ReadonlyArray<string> | null => {
  const names = known.facts.get<"listDir">(lookedIn(known.dir, path))
  const name = path.replace(/\/+$/, "").split("/").at(-1)!
  if (names === undefined || names.includes(name)) return null
  const folder = path.slice(0, path.replace(/\/+$/, "").length - name.length)
  return closest(name, names, { cutoff }).map((near) => `${folder}${near}`)
}

/** Paths that ended so in what was run before. */
const pathsBefore = (known: Known, path: string): ReadonlyArray<string> => {
  const words = known.memory.commands.flatMap(({ command }) => command.split(/\s+/).slice(1))
  return [
    ...new Set(words.map((word) => word.replace(/\/+$/, "")).filter((word) => word.endsWith(`/${path}`))),
  ]
}

/** `cd srv`: one it was in before, a folder near to it, or a new one. */
export const changeDirectory: Correction = {
  name: "change-directory",
  applies: (failed) => /^(?:cd|pushd)$/.test(programOf(failed)) && mayBe(failed, absent),
  asks: ({ words }, dir) => (operandAt(words) < 0 ? [] : [lookedIn(dir, words[operandAt(words)]!)]),
  correct: (failed, known) => {
    const at = operandAt(failed.words)
    const path = failed.words[at]
    if (path === undefined || /^[-~$]/.test(path)) return []
    const near = besides(known, path, 0.6)
    if (!failed.seen && near === null) return []
    return [
      ...eachPlain([...pathsBefore(known, path), ...(near ?? [])], (word) => replaced(failed, at, word)),
      ...eachPlain([path], (word) => `mkdir -p ${word} && ${failed.line}`),
    ]
  },
}

const readers =
  "cat bat less more head tail wc cp mv rm ls stat file vi vim nvim nano code subl source . sh bash zsh python python3 node deno ruby perl php grep egrep sed awk sort diff tar unzip chmod cd"

/** `cat REAMDE.md`: the one path that is not there, and one near to it that is. */
export const mistypedPath: Correction = {
  name: "mistyped-path",
  applies: (failed) =>
    readers.split(" ").includes(programOf(failed)) &&
    mayBe(
      failed,
      /No such file or directory|cannot access|can't open file|Cannot find module/i,
      [1, 2, 127],
    ) &&
    operandWords(failed).some((path) => /^[\w./-]+$/.test(path)),
  asks: (failed, dir) => {
    const paths = operandWords(failed)
    return [kindsOf(dir, paths), ...paths.map((path) => lookedIn(dir, path))]
  },
  correct: (failed, known) => {
    const at = operands(failed).slice(0, 8)
    const all = kinds(known, operandWords(failed))
    const wrong = at.filter((_, i) => all[i] === null && /^[\w./-]+$/.test(operandWords(failed)[i]!))
    const told = wrong.filter((i) => !failed.seen || failed.output.includes(failed.words[i]!))
    return told.flatMap((i) => {
      const path = failed.words[i]!
      const near = besides(known, path, path.length < 4 ? 0.75 : 0.7) ?? []
      return eachPlain([...near, ...pathsBefore(known, path)], (word) => replaced(failed, i, word))
    })
  },
}
