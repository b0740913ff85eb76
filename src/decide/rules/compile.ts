/**
 * Makes a correction of one that is written as data. What was typed and printed binds its placeholders, the facts decide
 * its conditions, and its answers are lines or changes of the line.
 * Invariants: pure and total; a word from outside enters a line only where `plain` lets it; words that no answer names
 * stay byte for byte.
 */
import { type CorrectionData, type EditData, listOf } from "../../config/correctionRules.ts"
import type { ProbeRequest } from "../../domain/probe.ts"
import {
  type Correction,
  type Failed,
  insertedAfter,
  type Known,
  plain,
  removed,
  replaced,
} from "../corrections/Correction.ts"
import { scriptsIn, whichOf } from "../corrections/mistyped.ts"
import { closest } from "../corrections/rank.ts"
import { kinds, kindsOf, plainWords, programOf } from "../corrections/rule.ts"
import { subcommandsOf } from "../corrections/subcommands.ts"
import {
  type Bound,
  boundWords,
  compilePattern,
  eachBound,
  filled,
  firstBound,
  stretchesIn,
} from "./patterns.ts"

/** `-r` is also in `-lr`, `--force` also in `--force=x`. */
const isOption = (option: string, word: string): boolean =>
  word === option ||
  (/^-[A-Za-z]$/.test(option) && /^-[A-Za-z]+$/.test(word) && word.includes(option[1]!)) ||
  (option.startsWith("--") && word.startsWith(`${option}=`))

const asIs = (word: string): string => word

/** Paths and names of a condition, as far as they are bound. */
const named = (value: string | ReadonlyArray<string> | undefined, bound: Bound): ReadonlyArray<string> =>
  listOf(value).flatMap((text) => filled(text, bound, asIs) ?? [])

const gitBranch = { _tag: "gitBranch" } as const

const listed = (output: string, header: RegExp): ReadonlyArray<string> => {
  header.lastIndex = 0
  const found = header.exec(output)
  if (found === null) return []
  return output
    .slice(found.index + found[0].length)
    .slice(0, 8_000)
    .split("\n")
    .slice(0, 200)
    .flatMap((line) => {
      const words = line
        .trim()
        .split(/[\s,|'"`()[\]{}]+/)
        .filter((word) => /^[A-Za-z][\w:.-]*$/.test(word))
      return /[,|]/.test(line) ? words : words.slice(0, 1)
    })
}

const edited = (failed: Failed, edit: EditData, fill: (text: string) => string | null): string | null => {
  const at = (text: string): number => {
    const word = fill(text)
    return word === null ? -1 : failed.words.indexOf(word, 1)
  }
  if (edit.remove !== undefined) return at(edit.remove) < 0 ? null : removed(failed, at(edit.remove))
  if (edit.replace !== undefined) {
    const place = edit.replace === "{program}" ? 0 : at(edit.replace)
    const word = fill(edit.with ?? "")
    return place < 0 || word === null ? null : replaced(failed, place, word)
  }
  const words = fill(edit.add ?? "")
  const last = failed.part.length - 1
  const after = edit.at_end === true ? last : edit.after === undefined ? 0 : at(edit.after)
  return words === null || after < 0 ? null : insertedAfter(failed, after, words)
}

/** `{line}` is what was typed behind a `cd`: what is put before it has to be done there as well. */
const written = (failed: Failed, answer: string, fill: (text: string) => string | null): string | null => {
  const from = answer.includes("{line}") ? failed.from : 0
  const text = fill(answer.replaceAll("{line}", "\u0001"))
  const line = text?.replaceAll("\u0001", () => failed.line.slice(from))
  return line === undefined ? null : failed.line.slice(0, from) + line
}

export const compileCorrection = (data: CorrectionData): Correction => {
  const programs = data.program === undefined ? null : new Set(listOf(data.program))
  const typed = listOf(data.typed).map((text) => text.trim().split(/\s+/))
  const says = listOf(data.says).map(compilePattern)
  const never = listOf(data.not_says).map(compilePattern)
  const exits = listOf(data.exit)
  const each = data.each === undefined ? null : compilePattern(data.each)
  const header = data.near?.listed_after === undefined ? null : compilePattern(data.near.listed_after)
  const among = listOf(data.near?.among)
  const stretches = stretchesIn([...listOf(data.says), ...listOf(data.each)])
  const { when = {} } = data
  const answers = listOf(data.answer)

  const boundBy = (failed: Failed): Bound | null => {
    if (failed.words.length === 0) return null
    if (programs !== null && !programs.has(programOf(failed))) return null
    if (exits.length > 0 && failed.exit !== null && !exits.includes(failed.exit)) return null
    const has = listOf(data.has)
    const stands = (option: string): boolean => failed.words.some((word) => isOption(option, word))
    if (has.length > 0 && !has.some(stands)) return null
    if (listOf(data.lacks).some(stands)) return null
    const words = failed.words.slice(1)
    const command =
      typed.length === 0 ? new Map<string, string>() : firstOf(typed, (one) => boundWords(one, words))
    if (command === null) return null
    const printed =
      says.length === 0 ? new Map<string, string>() : firstOf(says, (one) => firstBound(one, failed.output))
    if (printed === null || never.some((one) => firstBound(one, failed.output) !== null)) return null
    // what is named in both is one and the same word
    for (const [name, word] of printed) if ((command.get(name) ?? word) !== word) return null
    return new Map([["program", programOf(failed)], ...command, ...printed])
  }

  const asks = (failed: Failed, dir: string): ReadonlyArray<ProbeRequest> => {
    const bound = boundBy(failed)
    if (bound === null) return []
    const paths = [...named(when.file, bound), ...named(when.dir, bound), ...named(when.missing, bound)]
    const programNames = [...named(when.program, bound), ...named(when.no_program, bound)]
    return [
      ...(paths.length === 0 ? [] : [kindsOf(dir, paths)]),
      ...(programNames.length === 0 ? [] : [whichOf(...programNames)]),
      ...(when.branch === undefined && !among.includes("@branches") ? [] : [gitBranch]),
      ...(among.includes("@scripts") ? [{ _tag: "manifest", dir } as const] : []),
      ...(among.includes("@files") ? [filesOf(dir)] : []),
    ]
  }

  const holds = (bound: Bound, known: Known): boolean => {
    const pathList = [when.file, when.dir, when.missing].map((value) => named(value, bound))
    const all = kinds(known, pathList.flat())
    const [files, dirs] = pathList
    const wanted = pathList
      .flat()
      .map((_, at) => (at < files!.length ? "file" : at < files!.length + dirs!.length ? "dir" : null))
    if (!wanted.every((kind, at) => all[at] === kind)) return false
    const there = named(when.program, bound)
    const absent = named(when.no_program, bound)
    const found =
      there.length + absent.length === 0 ? {} : known.facts.get<"which">(whichOf(...there, ...absent))
    if (found === undefined) return false
    if (!there.every((name) => typeof found[name] === "string")) return false
    if (!absent.every((name) => found[name] === null)) return false
    const branches = known.facts.get<"gitBranch">(gitBranch)?.branches ?? []
    return named(when.branch, bound).every((name) => branches.includes(name))
  }

  const candidates = (failed: Failed, known: Known): ReadonlyArray<string> => [
    ...among.flatMap((name): ReadonlyArray<string> => {
      switch (name) {
        case "@branches":
          return known.facts.get<"gitBranch">(gitBranch)?.branches ?? []
        case "@scripts":
          return scriptsIn(known)
        case "@subcommands":
          return subcommandsOf(programOf(failed))?.usual ?? []
        case "@files":
          return known.facts.get<"listDir">(filesOf(known.dir)) ?? []
        default:
          return [name]
      }
    }),
    ...(header === null ? [] : listed(failed.output, header)),
  ]

  const lines = (failed: Failed, bound: Bound): ReadonlyArray<string> => {
    const fill = (text: string): string | null =>
      filled(text, bound, (word, name) => (stretches.has(name) ? plainWords(word) : plain(word)))
    return answers.flatMap((answer) => {
      const line = typeof answer === "string" ? written(failed, answer, fill) : edited(failed, answer, fill)
      return line === undefined || line === null ? [] : [line]
    })
  }

  return {
    name: data.name,
    data,
    applies: (failed) => boundBy(failed) !== null,
    asks,
    correct: (failed, known) => {
      const bound = boundBy(failed)
      if (bound === null || !holds(bound, known)) return []
      const word = data.near === undefined ? null : filled(data.near.word, bound, asIs)
      const near =
        data.near === undefined || word === null
          ? []
          : closest(word, candidates(failed, known), { cutoff: data.near.cutoff ?? 0.6 })
      const places =
        each === null ? [bound] : eachBound(each, failed.output).map((more) => new Map([...bound, ...more]))
      return places.flatMap((place) =>
        near.length === 0
          ? lines(failed, place)
          : near.flatMap((found) => lines(failed, new Map([...place, ["near", found]]))),
      )
    },
    ...(data.dangerous === true ? { dangerous: true as const } : {}),
    ...(data.offer === false ? { notOffered: true as const } : {}),
  }
}

const firstOf = <A, B>(all: ReadonlyArray<A>, find: (one: A) => B | null): B | null => {
  for (const one of all) {
    const found = find(one)
    if (found !== null) return found
  }
  return null
}

const filesOf = (dir: string): Extract<ProbeRequest, { readonly _tag: "listDir" }> => ({
  _tag: "listDir",
  path: dir,
  limit: 500,
})
