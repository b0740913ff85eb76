/** Paths that are not there, and one near to them that is: beside them, or in what was run before. */
import type { ProbeRequest } from "../../domain/probe.ts"
import { type Correction, type Failed, type Known, replaced } from "./Correction.ts"
import { closest } from "./rank.ts"
import {
  above,
  eachPlain,
  kinds,
  kindsOf,
  mayBe,
  operandAt,
  operandWords,
  operands,
  preceded,
  probePath,
  programOf,
} from "./rule.ts"

const absent =
  /No such file or directory|does not exist|cannot access|can't cd to|not a directory: |no such file/i

/** The folder that holds what a path names. */
export const lookedIn = (dir: string, path: string): Extract<ProbeRequest, { readonly _tag: "listDir" }> => {
  const folder = above(path)
  return {
    _tag: "listDir",
    path: folder === "" ? (path.startsWith("/") ? "/" : dir) : probePath(dir, folder),
    limit: 500,
  }
}

/** Paths beside this one whose name is near to its own; null where nobody knows, or where it is there after all. */
export const besides = (known: Known, path: string, cutoff: number): ReadonlyArray<string> | null => {
  const names = known.facts.get<"listDir">(lookedIn(known.dir, path))
  const name = path.replace(/\/+$/, "").split("/").at(-1)!
  if (names === undefined || names.includes(name)) return null
  const folder = path.slice(0, path.replace(/\/+$/, "").length - name.length)
  return closest(name, names, { cutoff }).map((near) => `${folder}${near}`)
}

/** The path and each of its folders, the shortest last. */
export const folders = (path: string): ReadonlyArray<string> => {
  const out = [path.replace(/(?<=.)\/+$/, "")]
  while (above(out.at(-1)!) !== "" && out.length < 8) out.push(above(out.at(-1)!))
  return out
}

/** What has to be known to tell which part of a path is not there. */
export const waysTo = (dir: string, path: string): ReadonlyArray<ProbeRequest> =>
  folders(path).map((folder) => lookedIn(dir, folder))

/** The first folder on the way that is not there, put right; what lies below it stays as it was typed. */
export const higherUp = (known: Known, path: string, cutoff: number): ReadonlyArray<string> => {
  for (const folder of folders(path).toReversed()) {
    if (/(?:^|\/)\.{1,2}$/.test(folder)) continue
    const near = besides(known, folder, cutoff)
    if (near === null) continue
    return folder === folders(path)[0] ? [] : near.map((each) => `${each}${path.slice(folder.length)}`)
  }
  return []
}

/** Paths that ended so in what was run before. */
const pathsBefore = (known: Known, path: string): ReadonlyArray<string> => {
  const words = known.memory.commands.flatMap(({ command }) => command.split(/\s+/).slice(1))
  return [
    ...new Set(words.map((word) => word.replace(/\/+$/, "")).filter((word) => word.endsWith(`/${path}`))),
  ]
}

/** A line of output that has this path in it, and not as a part of another. */
const names = (line: string, path: string): boolean => {
  const at = path === "" ? -1 : line.indexOf(path)
  return (
    at >= 0 &&
    /^$|[\s:'"‘’`]/.test(line.charAt(at - 1)) &&
    /^\/*(?:$|[\s:'"‘’`])/.test(line.slice(at + path.length))
  )
}

/** The shell speaks of the folder it was to go to, and not another command of its own files. */
const isOfShell = ({ words, output, alone }: Failed): boolean => {
  const named = folders((words[operandAt(words)] ?? "").replace(/(?<=.)\/+$/, ""))
  return output.split("\n", 20).some((line) => {
    if (!absent.test(line)) return false
    if (!/\b(?:cd|pushd)\b|directory ['"]/.test(line)) return alone && /^\S* *\S*No such/.test(line)
    return named.some((path) => names(line, path))
  })
}

/** `cd srv`: one it was in before, a folder near to it, or a new one. */
export const changeDirectory: Correction = {
  name: "change-directory",
  applies: (failed) =>
    /^(?:cd|pushd)$/.test(programOf(failed)) && mayBe(failed, absent) && (!failed.seen || isOfShell(failed)),
  asks: ({ words }, dir) => (operandAt(words) < 0 ? [] : waysTo(dir, words[operandAt(words)]!)),
  correct: (failed, known) => {
    const at = operandAt(failed.words)
    const path = failed.words[at]
    if (path === undefined || /^[-~$]/.test(path)) return []
    const near = besides(known, path, 0.6)
    if (!failed.seen && near === null) return []
    return [
      ...asWritten(failed, at, pathsBefore(known, path)),
      ...eachPlain([...(near ?? []), ...higherUp(known, path, 0.65)], (word) => replaced(failed, at, word)),
      // What goes up again is no place of its own.
      ...eachPlain(/\/\.\.(?:\/|$)/.test(path) ? [] : [path], (word) => preceded(failed, `mkdir -p ${word}`)),
    ]
  },
}

/** A word of the user's own history goes back as it was written there. */
const asWritten = (failed: Failed, at: number, paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  paths.filter((path) => /^~?[\w./@:+-]+$/.test(path)).map((path) => replaced(failed, at, path))

const missingIn =
  /(?:cannot access '?|can't cd to |[Nn]o such file or directory: |The directory ')([^\s':]+)|[: ]([^\s:']+): No such file or directory/g

/** `tool app`, where `/srv/app` was named before: whatever the program. */
export const pathBefore: Correction = {
  name: "path-before",
  applies: (failed) => failed.seen && absent.test(failed.output) && failed.words.length > 1,
  correct: (failed, known) => {
    const named = [...failed.output.matchAll(missingIn)].slice(0, 8).map(([, a, b]) => a ?? b!)
    return [...new Set(named)].flatMap((path) => {
      const at = failed.words.lastIndexOf(path)
      return at < 1 ? [] : asWritten(failed, at, pathsBefore(known, path))
    })
  },
}

const readers =
  "cat bat less more head tail wc cp mv rm ls stat file vi vim nvim nano code subl source . sh bash zsh python python3 node deno ruby perl php grep egrep sed awk sort diff tar unzip chmod cd"

const unread =
  /No such file or directory|cannot access|can(?:'t|not) (?:open|find|read|stat)|Cannot find module|no such path|pathspec|bad source|no required module provides package|is not in (?:std|GOROOT)|only accepted if annotation processing|(?:file|path|module|directory)[^\n]*(?:does not exist|not found|doesn't exist)/i

/** It is this path that is not there. */
export const saidAbsent = ({ output }: Pick<Failed, "output">, path: string): boolean =>
  output.split("\n", 200).some((line) => line.includes(path.replace(/^\.\//, "")) && unread.test(line))

/** `cat REAMDE.md`: the one path that is not there, and one near to it that is. */
export const mistypedPath: Correction = {
  name: "mistyped-path",
  applies: (failed) =>
    (failed.seen || readers.split(" ").includes(programOf(failed))) &&
    mayBe(failed, unread, [1, 2, 127]) &&
    operandWords(failed).some((path) => /^[\w./-]+$/.test(path)),
  asks: (failed, dir) => {
    const paths = operandWords(failed)
    return [kindsOf(dir, paths), ...paths.flatMap((path) => waysTo(dir, path))]
  },
  correct: (failed, known) => {
    const at = operands(failed).slice(0, 8)
    const all = kinds(known, operandWords(failed))
    const wrong = at.filter((_, i) => all[i] === null && /^[\w./-]+$/.test(operandWords(failed)[i]!))
    const told = wrong.filter((i) => !failed.seen || saidAbsent(failed, failed.words[i]!))
    return told.flatMap((i) => {
      const path = failed.words[i]!
      const near = besides(known, path, path.length < 4 ? 0.75 : 0.7) ?? []
      return [
        ...eachPlain([...near, ...higherUp(known, path, 0.7)], (word) => replaced(failed, i, word)),
        ...asWritten(failed, i, pathsBefore(known, path)),
      ]
    })
  },
}

const notThere = /No such file or directory|Unknown command|not found/i

/** `./biuld.sh`: what was to be run lies beside it, under another name. */
export const mistypedRun: Correction = {
  name: "mistyped-path-run",
  applies: (failed) =>
    /^[\w.-]*\/[\w./-]+$/.test(failed.words[0] ?? "") &&
    !failed.words[0]!.startsWith("/") &&
    (failed.exit === null || failed.exit === 127) &&
    (!failed.seen ||
      failed.output.split("\n", 20).some((line) => line.includes(failed.words[0]!) && notThere.test(line))),
  asks: ({ words }, dir) => [kindsOf(dir, [words[0]!]), ...waysTo(dir, words[0]!)],
  correct: (failed, known) => {
    const path = failed.words[0]!
    if (kinds(known, [path])[0] !== null) return []
    const near = besides(known, path, 0.7) ?? []
    return eachPlain([...near, ...higherUp(known, path, 0.7)], (word) => replaced(failed, 0, word))
  },
}
