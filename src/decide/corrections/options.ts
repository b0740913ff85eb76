/**
 * Options and verbs below a subcommand that a program does not know, where its own usage text lists those it takes.
 */
import { type Correction, type Failed, replaced } from "./Correction.ts"
import { closest } from "./rank.ts"
import { eachPlain, programOf } from "./rule.ts"
import { usualOptions } from "./usualOptions.ts"

const unknownOption =
  /(?:unknown|unrecogni[sz]ed|invalid|illegal|no such|unexpected|bad) (?:command[- ]line |long )?(?:option|argument|flag|switch|predicate)s?:?(?: --)? ?[`'"‘]?(-{0,2}[a-z][\w-]*)|flag provided but not defined: (-{1,2}[a-z][\w-]*)|(?:^|\s)(--[a-z][\w-]*): unknown option|option:? [`'"‘]?(--[a-z][\w-]*)['"’]?:? (?:is (?:unknown|ambiguous|not (?:understood|recogni[sz]ed|supported))|not recogni[sz]ed)/i

/** `git diff --stagd`: the nearest of the options that were printed, or of those the program is known to have. */
export const listedOption: Correction = {
  name: "listed-option",
  applies: ({ words, output }) =>
    words.some((word) => /^--?[\w-]{3,}/.test(word)) && unknownOption.test(output),
  correct: (failed) => {
    const said = unknownOption.exec(failed.output)!
    const name = said
      .slice(1)
      .find((each) => each !== undefined)!
      .replace(/^-+/, "")
    const at = failed.words.findIndex(
      (word) => /^--?(?=\w)/.test(word) && word.split("=")[0]!.replace(/^-+/, "") === name,
    )
    if (at < 0) return []
    const typed = failed.words[at]!.split("=")[0]!
    const printed = [...failed.output.matchAll(/--(?:\[no-\])?([a-z][\w-]+)/g)].map(([, each]) => `--${each}`)
    const usual = usualOptions(programOf(failed))
    // One dash, where the program has the same with two.
    if (!typed.startsWith("--") && usual.includes(`--${name}`)) return eachOption(failed, at, [`--${name}`])
    const near = (options: ReadonlyArray<string>, cutoff: number): ReadonlyArray<string> =>
      closest(
        typed,
        options.filter((each) => each !== typed),
        { cutoff },
      )
    const listed = typed.startsWith("--") ? near(printed, 0.75) : []
    return eachOption(failed, at, listed.length > 0 ? listed : near(usual, 0.8))
  },
}

/** The words of a line that look like options and that the output does not have. */
const unread = ({ words, output }: Failed): ReadonlyArray<number> =>
  words.flatMap((word, at) => {
    const name = word.split("=")[0]!
    return /^--[a-z][\w-]*$|^-[a-z][\w-]{3,}$/.test(name) && !output.includes(name) ? [at] : []
  })

/** `zstd --decmpress`: its usage is all that is printed, with an option in it that is called nearly so. */
export const usageOption: Correction = {
  name: "option-of-the-usage",
  applies: (failed) =>
    /^[ \t]*usage:/im.test(failed.output) &&
    !unknownOption.test(failed.output) &&
    unread(failed).length === 1,
  correct: (failed) => {
    const at = unread(failed)[0]!
    const typed = failed.words[at]!.split("=")[0]!
    const printed = [...failed.output.matchAll(/(?<![\w-])--?(?:\[no-\])?[a-z][\w-]+/g)].map(([each]) =>
      each.replace("[no-]", ""),
    )
    const usual = usualOptions(programOf(failed))
    const same = [...printed, ...usual].filter((each) => each.startsWith("--") === typed.startsWith("--"))
    return usual.includes(typed)
      ? []
      : eachOption(failed, at, closest(typed, same, { cutoff: 0.8, limit: 1 }))
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
    /^(?:npm (?:error|ERR!))?[ \t]*(?:usage|or):/im.test(output),
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
