/**
 * Slips in the line itself, whatever program it is about: a word twice, a missing or wrong blank, a prompt pasted along, a
 * blank that is none, the wrong keyboard layout, quotes.
 */
import { type Correction, type Failed, replaced, spliced } from "./Correction.ts"
import { inLatin } from "./keyboards.ts"
import { isNotFound, nearOf, whichOf } from "./mistyped.ts"
import { isEveryday } from "./programs.ts"
import { closest } from "./rank.ts"
import { plainWords, rule } from "./rule.ts"
import { isSubcommand } from "./subcommands.ts"

const doubled = [
  "git",
  "cd",
  "npm",
  "npx",
  "sudo",
  "docker",
  "cargo",
  "pip",
  "python",
  "go",
  "make",
  "yarn",
  "kubectl",
]

export const twice: Correction = {
  name: "said-twice",
  applies: ({ words, exit }) =>
    words.length > 1 &&
    words[0] === words[1] &&
    /^\w/.test(words[0]!) &&
    (doubled.includes(words[0]!) || exit === null || exit === 127),
  correct: (failed) => [spliced(failed, 0, 1, "")],
}

const missingProgram = (failed: Failed): boolean =>
  /^[A-Za-z][\w.+-]*$/.test(failed.words[0] ?? "") &&
  (isNotFound(failed) || (failed.exit === null && failed.output.trim() === ""))

const prefixes = (word: string): ReadonlyArray<string> =>
  Array.from({ length: Math.max(0, word.length - 1) }, (_, i) => word.slice(0, word.length - 1 - i)).slice(
    0,
    30,
  )

/** The word, what it may begin with, and the page that `man` may be asked for. */
const gluedNames = (word: string): ReadonlyArray<string> => [
  ...new Set([word, ...prefixes(word), ...(/^man\w{2}/.test(word) ? [word.slice(3)] : [])]),
]

/** `gitbranch`, `ls-la`: a program with what follows stuck to it. */
export const gluedWord: Correction = {
  name: "missing-blank",
  applies: missingProgram,
  asks: ({ words }) => [whichOf(...gluedNames(words[0]!)), nearOf(words[0]!)],
  correct: (failed, { facts }) => {
    const word = failed.words[0]!
    const found = facts.get<"which">(whichOf(...gluedNames(word)))
    const absent = found?.[word] === null || (found?.[word] === undefined && isNotFound(failed))
    if (found === undefined || !absent) return []
    // A name with a dash in it, nearly as it was typed, is likelier than one dash too many.
    const alike = closest(word, facts.get<"executablesNear">(nearOf(word)) ?? [], { cutoff: 0.85 })
    const whole = prefixes(word).filter(
      (name) =>
        typeof found[name] === "string" ||
        (found[name] === undefined && isEveryday(name) && isEveryday(word.slice(name.length))),
    )
    return whole.flatMap((name) => {
      const rest = word.slice(name.length)
      if (/^-[a-z][a-z-]+$/.test(rest) && isSubcommand(name, rest.slice(1)))
        return [replaced(failed, 0, `${name} ${rest.slice(1)}`)]
      if (/^-[A-Za-z]{1,4}$/.test(rest)) return [replaced(failed, 0, `${name} ${rest}`)]
      if (/^-[a-z][a-z-]+$/.test(rest) && alike.length === 0)
        return [replaced(failed, 0, `${name} ${rest.slice(1)}`)]
      const page = name === "man" && typeof found[rest] === "string"
      const known = isEveryday(rest) || isSubcommand(name, rest) || page
      return name.length > 1 && known ? [replaced(failed, 0, `${name} ${rest}`)] : []
    })
  },
}

export const promptPasted: Correction = {
  name: "prompt-pasted",
  applies: ({ line, output, exit }) =>
    /^\$\s+\S/.test(line) &&
    (exit === 127 || /\$: (?:command )?not found|command not found: \$|Unknown command/i.test(output)),
  correct: ({ line }) => [line.replace(/^(?:\$\s+)+/, "")],
}

/** A no-break space where a blank was meant (the alt key held too long). */
export const blankThatIsNone: Correction = {
  name: "no-break-blank",
  applies: ({ line, output, exit }) =>
    /\u00a0/.test(line) &&
    (exit === 127 || /not found|unknown|unrecogni[sz]ed|invalid|no such/i.test(output)),
  correct: ({ line }) => [line.replaceAll("\u00a0", " ")],
}

export const cedilla: Correction = {
  name: "trailing-cedilla",
  applies: ({ line }) => /\S\s*ç$/.test(line),
  correct: ({ line }) => [line.replace(/ç$/, "")],
}

export const mixedQuotes: Correction = {
  name: "mixed-quotes",
  applies: ({ line, words }) => words.length === 0 && line.includes("'") && line.includes('"'),
  correct: ({ line }) => [line.replaceAll("'", '"')],
}

const schemes = ["file", "ftp", "ftps", "git", "http", "https", "sftp", "ssh", "svn", "ws", "wss"]
const noScheme =
  /protocol ["'‘]?\w+["'’]? (?:is )?(?:not supported|unknown)|unsupported (?:scheme|protocol)|unknown (?:scheme|protocol|url type)|unable to find remote helper|not a (?:known|supported) (?:scheme|protocol)/i

/** `curl htpp://host/`: how the address begins. */
export const mistypedScheme: Correction = {
  name: "mistyped-scheme",
  applies: ({ words, output }) => noScheme.test(output) && words.some((word) => /^[a-z]+:\/\/./i.test(word)),
  correct: (failed) =>
    failed.words.flatMap((word, at) => {
      const typed = /^([a-z]+):\/\/./i.exec(word)?.[1]
      if (typed === undefined || at === 0 || schemes.includes(typed.toLowerCase())) return []
      if (!failed.output.includes(typed)) return []
      const raw = failed.line.slice(failed.part[at]!.start, failed.part[at]!.end)
      return closest(typed, schemes, { limit: 2 }).map((near) =>
        replaced(
          failed,
          at,
          raw.replace(typed, () => near),
        ),
      )
    }),
}

/** The line as the same keys give it on a Latin keyboard. */
export const otherLayout: Correction = {
  name: "other-keyboard-layout",
  applies: ({ words, output, seen, exit }) => {
    const latin = inLatin(words[0] ?? "")
    return (
      latin !== null && (seen ? /not found|unknown command|is not recognized/i.test(output) : exit === 127)
    )
  },
  asks: ({ words }) => [whichOf(inLatin(words[0]!) ?? "")],
  correct: ({ line, words }, { facts }) => {
    const latin = inLatin(line)
    const first = inLatin(words[0]!)
    if (latin === null || first === null) return []
    const found = facts.get<"which">(whichOf(first))?.[first]
    return isEveryday(first) || typeof found === "string" ? [latin] : []
  },
}

/** The help that the program itself names. */
export const longHelp = rule(
  "long-help",
  { says: /(?:Run|Try|See) [`'"][^`'"\n]+--?help[`'"]|--help/i },
  (failed) => {
    const told =
      /(?:Run|Try) [`'"]([a-z\d_ ./-]+ --help)[`'"](?: or [`'"][^`'"\n]+[`'"])? for (?:details|more info)/.exec(
        failed.output,
      )?.[1]
    const line = told === undefined ? null : plainWords(told)
    if (line !== null) return [line]
    const at = failed.words.indexOf("-h")
    return at < 0 ? [] : [replaced(failed, at, "--help")]
  },
  { notOffered: true },
)
