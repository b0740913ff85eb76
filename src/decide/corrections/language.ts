/**
 * Whether what a command printed is in a language other than English. What rules read is English; words they cannot read
 * tell them as little as a terminal that gave none, and then those that go by the exit and by facts still can speak.
 * Pure. It asks for signs of another language, so that terse English (`Permission denied`) stays what it is.
 */
import type { Failed } from "./Correction.ts"

/** Words that carry no matter, in English and in messages of programs. */
const english = new Set(
  "the is are was be been not of to and or in on for with at by from it its this that did does do you your has have can cannot could if as an a such usage error failed found denied command unknown invalid option".split(
    " ",
  ),
)

/** The same of other languages that programs speak; none that English has, too. */
const others = new Set(
  [
    // German, Dutch
    "der das ist nicht kein keine keiner keinen ein eine einen und oder mit für von zu auf den dem werden wurde kann konnte het een niet geen voor naar",
    // Swedish, Danish, Norwegian
    "är inte och ett av för kan ikke og er med til ej",
    // French, Spanish, Italian, Portuguese
    "le les est pas un une et avec pour des dans aucun aucune ne sur du es el los las es una con para del ningún ninguna il lo gli è non di che nessun nessuna não é um uma em nenhum nenhuma você",
    // Polish, Czech, Hungarian, Finnish, Turkish
    "nie jest się dla není nebo že nem egy ei ole tai değil bir ve için",
  ].flatMap((words) => words.split(" ")),
)

const mostRead = 1_024
const latin = /^\p{Script=Latin}+$/u

const wordsOf = (text: string): ReadonlyArray<string> => text.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? []

/** It speaks of what was typed: of the program where there is none, else of one of its operands. */
export const speaksOf = (output: string, { exit, words }: Pick<Failed, "exit" | "words">): boolean => {
  const tokens = new Set(output.slice(0, mostRead).split(/[\s:'"`‘’“”„«»「」,;()]+/))
  const typed = exit === 127 ? words.slice(0, 1) : words.slice(1).filter((word) => !word.startsWith("-"))
  return typed.some((word) => tokens.has(word))
}

export const isForeign = (output: string, command: string): boolean => {
  const own = new Set(wordsOf(command))
  const words = wordsOf(output.slice(0, mostRead)).filter((word) => !own.has(word))
  const known = words.filter((word) => english.has(word)).length
  const foreign = words.filter((word) => others.has(word) || !latin.test(word)).length
  return foreign > 2 * known
}
