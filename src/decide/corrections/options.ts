/**
 * Options and verbs below a subcommand that a program does not know, where its own usage text lists those it takes.
 */
import { type Correction, type Failed, replaced } from "./Correction.ts"
import { closest } from "./rank.ts"
import { eachPlain, programOf } from "./rule.ts"

const unknownOption =
  /(?:unknown|unrecogni[sz]ed|invalid|illegal|no such|unexpected) (?:option|argument|flag|switch)s?:?(?: --)? ?[`'"‘]?(-{0,2}[\w-]+)/i

/** `git diff --stagd`: the nearest of the options that were printed. */
export const listedOption: Correction = {
  name: "listed-option",
  applies: ({ words, output }) =>
    words.some((word) => /^--[\w-]{3,}/.test(word)) && unknownOption.test(output) && /\s--[a-z]/.test(output),
  correct: (failed) => {
    const told = unknownOption.exec(failed.output)![1]!.replace(/^-+/, "")
    const at = failed.words.findIndex((word) => word.split("=")[0] === `--${told}`)
    if (at < 0) return []
    const listed = [...failed.output.matchAll(/--(?:\[no-\])?([a-z][\w-]+)/g)].map(([, name]) => `--${name}`)
    const typed = `--${told}`
    return eachOption(
      failed,
      at,
      closest(
        typed,
        listed.filter((each) => each !== typed),
        { cutoff: 0.75 },
      ),
    )
  },
}

const eachOption = (failed: Failed, at: number, options: ReadonlyArray<string>): ReadonlyArray<string> =>
  options.map((option) => {
    const value = /=.*$/s.exec(failed.line.slice(failed.part[at]!.start, failed.part[at]!.end))?.[0] ?? ""
    return replaced(failed, at, `${option}${value}`)
  })

/** `git remote ad`: the usage says `git remote add`. */
export const usageVerb: Correction = {
  name: "verb-of-the-usage",
  applies: ({ words, output }) =>
    words.length > 2 &&
    /^[a-z][a-z-]*$/.test(words[1]!) &&
    /^[a-z][a-z-]*$/.test(words[2]!) &&
    /^[ \t]*(?:usage|or):/im.test(output),
  correct: (failed) => {
    const [, sub = "", typed = ""] = failed.words
    const form = new RegExp(
      `\\b${programOf(failed).replace(/[^\w-]/g, ".")} ${sub} (?:\\[[^\\]\\n]*\\] )*\\(?([a-z][a-z-]+)`,
      "g",
    )
    const verbs = [...failed.output.matchAll(form)].map(([, verb]) => verb!)
    return verbs.includes(typed)
      ? []
      : eachPlain(closest(typed, verbs, { cutoff: 0.6 }), (word) => replaced(failed, 2, word))
  },
}
