/**
 * A program said that it does not know a subcommand and proposed none: the nearest of those it is known to have, or
 * of the list that it printed.
 */
import { type Correction, type Failed, insertedAfter, plain, replaced, spliced } from "./Correction.ts"
import { scriptsIn, whichOf } from "./mistyped.ts"
import { closest } from "./rank.ts"
import { eachPlain, programOf } from "./rule.ts"
import { saysUnknown } from "./furtherSubcommands.ts"
import { isSaidOf } from "./speaker.ts"
import { groupOf, isSubcommand, subcommandAt, subcommandsOf } from "./subcommands.ts"

const mentions = (output: string, word: string): boolean =>
  output.split(/[^\w@./:+-]+/).some((each) => each.replace(/[.:]+$/, "") === word)

/** The word was never read as a subcommand: what stands in its place is all that the usage says. */
const isOwnUsage = (failed: Failed): boolean => {
  const [, program] = /^[ \t]*Usage:[ \t]+([\w-]+)(?: \[OPTIONS\])? COMMAND\b/im.exec(failed.output) ?? []
  return program === programOf(failed) && /unknown (?:shorthand )?flag/.test(failed.output)
}

export const unknownSubcommand: Correction = {
  name: "unknown-subcommand",
  applies: (failed) => {
    const known = subcommandsOf(programOf(failed))
    const at = subcommandAt(failed.words)
    if (known?.unknown === undefined || at < 0 || !(known.unknown.test(failed.output) || isOwnUsage(failed)))
      return false
    const word = failed.words[at]!
    if (isSubcommand(programOf(failed), word)) return false
    // A parser may stumble over the word behind the mistyped one.
    const likely = known.grows !== true && saysUnknown.test(failed.output)
    return (
      known.unnamed === true ||
      isOwnUsage(failed) ||
      mentions(failed.output, word) ||
      (likely && closest(word, known.usual, { cutoff: 0.85 }).length > 0)
    )
  },
  asks: (failed, dir) =>
    programOf(failed) === "yarn" || programOf(failed) === "pnpm" ? [{ _tag: "manifest", dir }] : [],
  correct: (failed, known) => {
    const at = subcommandAt(failed.words)
    const typed = failed.words[at]!
    const { usual, names } = subcommandsOf(programOf(failed))!
    const other = Object.hasOwn(names ?? {}, typed) ? names![typed]! : []
    const scripts = programOf(failed) === "yarn" || programOf(failed) === "pnpm" ? scriptsIn(known) : []
    const next = failed.words.find((word, i) => i > at && !word.startsWith("-"))
    // One that only holds others is asked for together with one of them.
    const bonus = (word: string): number => {
      const below = subcommandsOf(`${programOf(failed)} ${word}`)
      if (below === null) return 0
      return next === undefined ? -0.08 : below.usual.includes(next) ? 0.08 : 0
    }
    const near = closest(typed, [...usual, ...scripts], { parts: true, bonus })
    return [
      ...other.map((words) => replaced(failed, at, words)),
      ...eachPlain(near, (word) => replaced(failed, at, word)),
    ]
  },
}

/** `go mod tiddy`: the same of what stands below a subcommand. */
export const unknownBelow: Correction = {
  name: "unknown-below-subcommand",
  applies: (failed) => {
    const group = groupOf(failed.words)
    if (group === null) return false
    const word = failed.words[group.at]!
    const above = failed.words.slice(0, group.at).filter((each) => !each.startsWith("-"))
    return (
      !group.known.usual.includes(word) &&
      ((saysUnknown.test(failed.output) && mentions(failed.output, word)) ||
        // It was never read: the group's own usage is all that is said.
        new RegExp(`^[ \\t]*Usage:[ \\t]+${above.join("\\s+(?:\\[[^\\]\\n]*\\]\\s+)*")}\\s*$`, "im").test(
          failed.output,
        ))
    )
  },
  correct: (failed) => {
    const { at, known } = groupOf(failed.words)!
    return eachPlain(closest(failed.words[at]!, known.usual, { parts: true }), (word) =>
      replaced(failed, at, word),
    )
  },
}

/** The same without output: a word that is no subcommand, very near to one. Plugins and aliases are left alone. */
export const unseenSubcommand: Correction = {
  name: "mistyped-subcommand",
  applies: (failed) => {
    const { words, seen, alone, exit } = failed
    const known = subcommandsOf(programOf(failed))
    return (
      !seen &&
      alone &&
      exit !== null &&
      exit !== 127 &&
      known?.unknown !== undefined &&
      known.grows !== true &&
      words[0] !== "npm" &&
      /^[a-z][a-z-]{2,}$/.test(words[1] ?? "") &&
      !isSubcommand(programOf(failed), words[1]!)
    )
  },
  asks: ({ words }, dir) => [whichOf(`${words[0]}-${words[1]}`), { _tag: "manifest", dir }],
  correct: (failed, known) => {
    const [program = "", typed = ""] = failed.words
    const plugin = `${program}-${typed}`
    if (known.facts.get<"which">(whichOf(plugin))?.[plugin] !== null) return []
    const scripts = program === "yarn" || program === "pnpm" ? scriptsIn(known) : []
    if (scripts.includes(typed)) return []
    return eachPlain(
      closest(typed, [...subcommandsOf(program)!.usual, ...scripts], { cutoff: 0.75 }),
      (word) => replaced(failed, 1, word),
    )
  },
}

const listHeader =
  /(?:available (?:commands|subcommands|tasks|lifecycle phases|goals)|valid (?:choices|commands|subcommands|operations)|\b(?:sub)?commands|one of)(?: are)?[^\n:('"]{0,40}[:('"]|choose from|(?:must|should) be one of|expected one of|(?:group|command) may be(?= +[a-z][\w-]* \|)|^[ \t]*(?:available )?(?:sub)?commands[ \t]*$/im

/** Names listed after the header: on its own line, one a line with what they do, or several a line. */
const listedIn = (output: string, program: string): ReadonlyArray<string> => {
  const header = listHeader.exec(output)
  if (header === null) return []
  const [rest = "", ...below] = output
    .slice(header.index + header[0].length)
    .slice(0, 8_000)
    .split("\n")
  // A list set apart by strokes goes on where its lines do.
  const more = below.filter((line) => / \|(?: |$)/.test(line))
  const lines = rest.trim() === "" ? below : [`${rest},`, ...more]
  return lines
    .flatMap((line) => {
      const words = line
        .trim()
        .split(/[\s,|'"`()[\]]+/)
        .filter((word) => /\w/.test(word))
      if (/[,|]/.test(line)) return words.filter((word) => word !== "or" && word !== "and")
      // Each with the program before it.
      return words.slice(words[0] === program ? 1 : 0).slice(0, 1)
    })
    .filter((word) => /^[a-z][\w:-]+$/i.test(word))
}

const unknownWord =
  /(?:invalid choice|unknown (?:sub)?command|no such (?:sub)?command|unrecognized (?:sub)?command|command\(s\) not found|unknown lifecycle phase|unknown operation|unknown argument|(?:task|target|recipe) not found|not a valid command|no idea what)[:,]?\s*[`'"]?([\w:.-]+)/i

/** What stands in the word's place where `Invalid choice, valid choices are:` names none. */
const unnamed = "valid"

/** The words that are not known, also where they stand one below the other. */
const unknownIn = (output: string): ReadonlyArray<string> => {
  const found = [...output.matchAll(new RegExp(unknownWord, "gi"))].map(([, word]) => word!)
  const below = /command\(s\) not found:\s*\n((?:[ \t]+\S+\n)+)/i.exec(output)?.[1] ?? ""
  return [...found, ...below.split(/\s+/)]
}

const listedFor = (word: string, list: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [name = "", ...rest] = word.split(/(?=:)/)
  return closest(name, list, { parts: true }).map((near) => [near, ...rest].join(""))
}

/** Where the words stand that are not known; where the program named none, the one that is most like a listed one. */
const notListed = (
  { words }: Failed,
  unknown: ReadonlyArray<string>,
  list: ReadonlyArray<string>,
): ReadonlyArray<number> => {
  const at = words.flatMap((word, i) => (i > 0 && !word.startsWith("-") && !list.includes(word) ? [i] : []))
  const told = at.filter((i) => unknown.includes(words[i]!.split(":")[0]!))
  if (told.length > 0 || !unknown.includes(unnamed)) return told
  const near = (cutoff: number, among: ReadonlyArray<number>): ReadonlyArray<number> =>
    among.filter((i) => closest(words[i]!, list, { cutoff }).length > 0).slice(0, 1)
  const found = near(0.75, at)
  // Of two letters that were swapped not much is left.
  return found.length > 0
    ? found
    : near(
        0.65,
        at.filter((i) => words[i]!.length === 2),
      )
}

/** `mvn clena`: the words that the program lists as those it takes. */
export const listedWord: Correction = {
  name: "listed-by-the-program",
  applies: ({ words, output }) => words.length > 1 && unknownWord.test(output) && listHeader.test(output),
  correct: (failed: Failed) => {
    const unknown = unknownIn(failed.output)
    const list = listedIn(failed.output, programOf(failed))
    const wrong = notListed(failed, unknown, list)
    const [first] = wrong
    if (first === undefined || !isSaidOf(failed, first)) return []
    if (wrong.length === 1)
      return eachPlain(listedFor(failed.words[first]!, list), (word) => replaced(failed, first, word))
    // Several at once: each its nearest.
    const best = failed.words.map((word, at) => (wrong.includes(at) ? listedFor(word, list)[0] : word))
    const raw = failed.part.map(({ start, end }, at) =>
      wrong.includes(at) ? plain(best[at] ?? "") : failed.line.slice(start, end),
    )
    return best.includes(undefined) || raw.includes(null)
      ? []
      : [spliced(failed, 1, failed.words.length, raw.slice(1).join(" "))]
  },
}

/** How a usage names what stands before a subcommand: `Usage: terraform [global options] state <subcommand>`. */
const usageForm =
  /^[ \t]*Usage:[ \t]+([\w-]+(?: (?:\[[^\]\n]*\]|[\w-]+)){1,6}?) (?:\[[^\]\n]*\] )*(?:COMMAND|<(?:sub)?command>|\[(?:sub)?command\])/im

/** `docker volume lss`: the usage of what stands before the word lists what may stand there. */
export const usageList: Correction = {
  name: "listed-in-the-usage",
  applies: ({ words, output }) => words.length > 2 && usageForm.test(output),
  correct: (failed) => {
    const form = usageForm.exec(failed.output)?.[1] ?? ""
    const path = form
      .replace(/\[[^\]]*\]/g, "")
      .trim()
      .split(/\s+/)
    const typed = failed.words[path.length]
    const list = listedIn(failed.output, programOf(failed))
    return typed === undefined ||
      typed.startsWith("-") ||
      list.includes(typed) ||
      path.some((word, at) => failed.words[at] !== word)
      ? []
      : eachPlain(closest(typed, list, { cutoff: 0.5 }), (word) => replaced(failed, path.length, word))
  },
}

/** Maven without a goal. */
export const mavenGoal: Correction = {
  name: "maven-goal",
  applies: (failed) =>
    programOf(failed) === "mvn" && /No goals have been specified for this build/.test(failed.output),
  correct: (failed) => [
    insertedAfter(failed, failed.part.length - 1, "clean package"),
    insertedAfter(failed, failed.part.length - 1, "clean install"),
  ],
}
