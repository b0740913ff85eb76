/**
 * What a correction is: a rule over one failed simple command and what it printed, which gives new command lines, best
 * first. Rules are pure data and total functions; what they need of the machine they ask by probe.
 * Invariants: an edit changes only the words it names; text that did not come from the user enters a line only
 * through `plain`, so that no output can smuggle in what a shell would act on.
 */
import type { CorrectionData } from "../../config/correctionRules.ts"
import type { ProbeRequest } from "../../domain/probe.ts"
import type { Facts, Memory } from "../Decider.ts"
import { shellWord } from "../words.ts"
import type { Part } from "./line.ts"

export interface Failed {
  /** The whole line, as typed. */
  readonly line: string
  /** The simple command looked at; without a leading plain `sudo`. */
  readonly words: ReadonlyArray<string>
  readonly part: Part
  /** Where it ran: where the line was typed, or where a `cd` before it went. */
  readonly dir: string
  /** Where in the line something that has to be done first would stand: behind such a `cd`. */
  readonly from: number
  /** It is the whole line, so that it ran where the line was typed. */
  readonly alone: boolean
  /** A plain `sudo` stood before it. */
  readonly sudo: boolean
  /** What was printed; empty where nothing is known of it. */
  readonly output: string
  /** Whether the terminal gave the output at all. */
  readonly seen: boolean
  /** Null where it is not known. */
  readonly exit: number | null
}

/** How the user's editor opens a file at a line: templates with `{editor}`, `{file}`, `{line}` and `{col}`. */
export interface Editor {
  readonly command: string
  readonly line: string
  readonly column: string | null
}

export interface Known {
  readonly facts: Facts
  readonly memory: Memory
  /** Where the command ran, relative to the workspace or absolute, as path probes want it. */
  readonly dir: string
  readonly editor: Editor | null
}

export interface Correction {
  /** Kebab-case, unique. */
  readonly name: string
  /** Cheap look without facts. */
  readonly applies: (failed: Failed) => boolean
  readonly asks?: (failed: Failed, dir: string) => ReadonlyArray<ProbeRequest>
  /** New lines, best first; empty: it does not apply after all. */
  readonly correct: (failed: Failed, known: Known) => ReadonlyArray<string>
  /** As it is written, where it is data. */
  readonly data?: CorrectionData
  /** What it proposes is never ready to run, whatever the line looks like. */
  readonly dangerous?: true
  /** Another reflex answers this in the loop: nothing is proposed there. */
  readonly leftTo?: string
  /** Recognised and scored, never offered: it answers a command that did not fail, or needs a terminal of its own. */
  readonly notOffered?: true
}

/** A family of corrections: one reflex, named for it, speaks for all of them. */
export interface Family {
  readonly name: string
  readonly corrections: ReadonlyArray<Correction>
  /** Speaks in this workspace only; null or absent: everywhere. */
  readonly workspace?: string | null
  /** Where a user wrote it. */
  readonly file?: string
}

/** A word from outside as it may enter a line; null where a shell could read more into it. */
export const plain = (word: string): string | null =>
  /^[\p{L}\p{N}_./@:+][\p{L}\p{N}_./@:+,=%-]*$/u.test(word) ? word : shellWord(word)

/** Words `from` to before `to` replaced by `text` (empty: taken out together with the blank before them). */
export const spliced = (failed: Failed, from: number, to: number, text: string): string => {
  const { line, part } = failed
  const first = part[from]
  if (first === undefined || to <= from) {
    const before = part[from - 1]
    return before === undefined
      ? `${text} ${line}`
      : `${line.slice(0, before.end)} ${text}${line.slice(before.end)}`
  }
  const end = (part[to - 1] ?? part.at(-1)!).end
  if (text !== "") return line.slice(0, first.start) + text + line.slice(end)
  const start = from === 0 ? first.start : part[from - 1]!.end
  return line.slice(0, start) + line.slice(from === 0 ? (part[to]?.start ?? end) : end)
}

export const replaced = (failed: Failed, at: number, text: string): string =>
  spliced(failed, at, at + 1, text)
export const removed = (failed: Failed, at: number): string => spliced(failed, at, at + 1, "")
/** `text` as new words after word `at`. */
export const insertedAfter = (failed: Failed, at: number, text: string): string =>
  spliced(failed, at + 1, at + 1, text)

/** One line for each of these words that may stand in a line. */
export const eachReplaced = (failed: Failed, at: number, words: Iterable<string>): ReadonlyArray<string> =>
  [...words].flatMap((word) => {
    const safe = plain(word)
    return safe === null ? [] : [replaced(failed, at, safe)]
  })
