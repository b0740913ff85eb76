/**
 * Who speaks in an output. A program that runs others, or stands beside them in a line, prints what they say of words that
 * are theirs; what they propose is for them and not for the words that were typed. Pure; where nobody can be told, it
 * says nothing.
 */
import type { Failed } from "./Correction.ts"
import { saysUnknown } from "./furtherSubcommands.ts"
import { isEveryday } from "./programs.ts"
import { programOf } from "./rule.ts"
import { gitSubcommandAt, subcommandAt, subcommandsOf } from "./subcommands.ts"
import { usualOptions } from "./usualOptions.ts"

/** Programs name themselves in these: in their usage, in where help is to be had, in what a word is none of. */
const namesItself: ReadonlyArray<RegExp> = [
  /^[ \t]*usage:[ \t]+([a-z][\w.-]*)(?=[ \t]|$)/im,
  /\b(?:see|run|try|type|use) [`'"]([a-z][\w.-]*) (?:--?)?help\b/i,
  /\bis not an? ([a-z][\w-]*) command\b/i,
  /\bunknown (?:sub)?command [^\n]* for ["'`]([a-z][\w-]*)/i,
  /^([a-z][\w-]*) has no (?:sub)?command named\b/im,
]

/** Before its message, as programs of Unix do; only of those that have subcommands, as a name there can be any. */
const beforeMessage = /^([a-z][\w-]*): /gm

const plainName = (name: string): string => name.replace(/[\d.]+$/, "").toLowerCase()

/** They run what is named to them, or a program of the project, which answers for itself. */
const runners = /^(?:bundle|bunx|deno|java|make|node|npx|perl|php|pipx|poetry|python|ruby|ssh|uv|uvx)$/
const runs = /^(?:run|run-script|exec|x|dlx|tool)$/

const runsAnother = (failed: Failed): boolean =>
  runners.test(plainName(programOf(failed))) ||
  runs.test(failed.words[1] ?? "") ||
  failed.words.includes("--")

/** The same program under another of its names: `pip3`, `docker-compose`, `git-lfs`, the twin that takes its place. */
const isSame = (a: string, b: string): boolean => {
  const [x, y] = [plainName(a), plainName(b)]
  return x === y || x.startsWith(`${y}-`) || y.startsWith(`${x}-`) || `${x} ${y}` === "docker podman"
}

/** As aliases are made of a program's name: `g`, `k`, `tf`. */
const isShortFor = (short: string, name: string): boolean => {
  let at = 0
  for (const letter of name) if (letter === short[at]) at += 1
  return short[0] === name[0] && at === short.length
}

const isKnown = (program: string): boolean =>
  subcommandsOf(program) !== null || isEveryday(program) || /^(?:heroku|tsuru)$/.test(program)

const speakersOf = (output: string): ReadonlyArray<string> => [
  ...namesItself.flatMap((form) => form.exec(output)?.[1]?.toLowerCase() ?? []),
  ...[...output.matchAll(beforeMessage)]
    .slice(0, 20)
    .flatMap(([, name]) => (subcommandsOf(name!) === null ? [] : [name!])),
]

/** Every program that says who it is, is none of the line's; of a name nobody knows, an alias can be behind it. */
const isAnothers = (failed: Failed): boolean => {
  if (runsAnother(failed)) return false
  const program = programOf(failed)
  const said = speakersOf(failed.output)
  const speakers = isKnown(program)
    ? said
    : said.filter((name) => isKnown(name) && !isShortFor(program, name))
  const typed = failed.words.map((word) => word.split("/").at(-1)!)
  return speakers.length > 0 && !speakers.some((name) => typed.some((word) => isSame(word, name)))
}

/** A word that could be several: known well enough. */
const ambiguous = /\bambiguous\b/

/**
 * Whether what is proposed for the word at `at` can be meant for it: no other program says so, and where the program has
 * its own way to say that it does not know a subcommand, it is said in that way; one that has none never says so.
 */
export const isSaidOf = (failed: Failed, at: number): boolean => {
  if (isAnothers(failed)) return false
  const { output, words } = failed
  const program = programOf(failed)
  // It proposes nothing itself: that is of what it ran.
  if (program === "make") return false
  if (program === "git") return at !== gitSubcommandAt(words) || /\bgit\b/.test(output)
  const known = subcommandsOf(program)
  if (known === null)
    return runsAnother(failed) || usualOptions(program).length === 0 || !saysUnknown.test(output)
  const own = known.unknown
  return own === undefined || at !== subcommandAt(words) || own.test(output) || ambiguous.test(output)
}
