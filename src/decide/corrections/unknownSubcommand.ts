/**
 * A program said that it does not know a subcommand and proposed none: the nearest of those it is known to have, or
 * of the list that it printed.
 */
import { type Correction, type Failed, insertedAfter, replaced } from "./Correction.ts"
import { scriptsIn, whichOf } from "./mistyped.ts"
import { closest } from "./rank.ts"
import { eachPlain, operandAt, programOf } from "./rule.ts"
import { isSubcommand, subcommandsOf } from "./subcommands.ts"

const mentions = (output: string, word: string): boolean =>
  output.split(/[^\w@./:+-]+/).some((each) => each.replace(/[.:]+$/, "") === word)

export const unknownSubcommand: Correction = {
  name: "unknown-subcommand",
  applies: (failed) => {
    const known = subcommandsOf(programOf(failed))
    const at = operandAt(failed.words)
    return (
      known?.unknown !== undefined &&
      at > 0 &&
      known.unknown.test(failed.output) &&
      mentions(failed.output, failed.words[at]!)
    )
  },
  asks: (failed, dir) =>
    programOf(failed) === "yarn" || programOf(failed) === "pnpm" ? [{ _tag: "manifest", dir }] : [],
  correct: (failed, known) => {
    const at = operandAt(failed.words)
    const typed = failed.words[at]!
    const { usual, names } = subcommandsOf(programOf(failed))!
    const other = Object.hasOwn(names ?? {}, typed) ? names![typed]! : []
    const scripts = programOf(failed) === "yarn" || programOf(failed) === "pnpm" ? scriptsIn(known) : []
    const near = closest(typed, [...usual, ...scripts])
    return [
      ...other.map((words) => replaced(failed, at, words)),
      ...eachPlain(near, (word) => replaced(failed, at, word)),
    ]
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
  /(?:available (?:commands|subcommands|tasks|lifecycle phases|goals)|valid (?:choices|commands|subcommands|operations)|\bcommands|choose from|one of)(?: are)?[^\n:(]{0,40}[:(]/i

/** Names listed after the header: on its own line, one a line with what they do, or several a line. */
const listedIn = (output: string): ReadonlyArray<string> => {
  const header = listHeader.exec(output)
  if (header === null) return []
  const [rest = "", ...below] = output
    .slice(header.index + header[0].length)
    .slice(0, 8_000)
    .split("\n")
  const lines = rest.trim() === "" ? below : [`${rest},`]
  return lines
    .flatMap((line) => {
      const words = line
        .trim()
        .split(/[\s,|'"`()[\]]+/)
        .filter((word) => word !== "")
      return /[,|]/.test(line) ? words : words.slice(0, 1)
    })
    .filter((word) => /^[a-z][\w:-]+$/i.test(word))
}

const unknownWord =
  /(?:invalid choice|unknown (?:sub)?command|no such (?:sub)?command|unrecognized (?:sub)?command|command\(s\) not found|unknown lifecycle phase|unknown operation|not a valid command)[:,]?\s*[`'"]?([\w:.-]+)/i

/** `mvn clena`: the words that the program lists as those it takes. */
export const listedWord: Correction = {
  name: "listed-by-the-program",
  applies: ({ words, output }) => words.length > 1 && unknownWord.test(output) && listHeader.test(output),
  correct: (failed: Failed) => {
    const typed = [...failed.output.matchAll(new RegExp(unknownWord, "gi"))].map(([, word]) => word!)
    const at = failed.words.findIndex((word, i) => i > 0 && typed.includes(word.split(":")[0]!))
    const list = listedIn(failed.output)
    return at < 0 || list.includes(failed.words[at]!)
      ? []
      : eachPlain(closest(failed.words[at]!.split(":")[0]!, list), (word) =>
          replaced(
            failed,
            at,
            failed.words[at]!.replace(/^[^:]+/, () => word),
          ),
        )
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
