/**
 * What a program says to run instead of what was typed: `Use "yarn add" instead`. Of its line only verbs and flags are
 * taken; what was typed behind the verbs stays.
 */
import { type Correction, type Failed, spliced } from "./Correction.ts"
import { argumentsOf, programOf } from "./rule.ts"
import { isOwnFlag, isOwnVerb } from "./toldWords.ts"

const inQuotes = /(?:use|run|try|with)[^\n`'"]{0,20}[`'"]([\w./-]+ [^`'"\n]{1,100})[`'"] instead/gi
const bare = /\b(?:use|run|try) ([\w-]+(?: --?[a-z][\w-]*| [a-z][\w-]*){1,4}) instead\b/gi

/** How many of the typed words the output itself speaks of, from the program on: what is to be put otherwise. */
const spokenOf = ({ words, output }: Failed, said: string): number => {
  const elsewhere = output.replaceAll(said, "")
  let at = words.length
  while (at > 2 && !elsewhere.includes(words.slice(0, at).join(" "))) at -= 1
  return at
}

const mostWords = 8

const lineOf = (failed: Failed, said: string): ReadonlyArray<string> => {
  const words = said.trim().split(/\s+/)
  if (words[0] !== programOf(failed) || words.length < 2 || words.length > mostWords) return []
  const own = words
    .slice(1)
    .every((word) =>
      word.startsWith("-") ? isOwnFlag(failed, word) : word === "." || isOwnVerb(failed, word),
    )
  if (!own || words.slice(1).join(" ") === argumentsOf(failed)) return []
  const operands = failed.words.slice(2).filter((word) => !word.startsWith("-"))
  // Spelled out with what was typed, or the verbs alone, which take the place of those that were typed.
  const whole = operands.length > 0 && operands.every((word) => words.includes(word))
  const to = whole ? failed.words.length : Math.min(spokenOf(failed, said), failed.words.length)
  return [spliced(failed, 1, to, words.slice(1).join(" "))]
}

export const spelledOut: Correction = {
  name: "spelled-out-by-the-program",
  applies: ({ words, output }) => words.length > 1 && /\binstead\b/i.test(output),
  correct: (failed) =>
    [...failed.output.matchAll(inQuotes), ...failed.output.matchAll(bare)]
      .slice(0, mostWords)
      .flatMap(([, said]) => lineOf(failed, said!)),
}
