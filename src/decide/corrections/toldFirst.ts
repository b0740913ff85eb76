/**
 * What a program says has to be run before it can work: `terraform init`, `gh auth login`. Only lines of the program that
 * failed, only its verbs, and never what it prints by the way about a newer version of itself.
 * Invariants: no name and no value is taken from the output, and of flags only those the program is known to have.
 */
import type { Correction, Failed } from "./Correction.ts"
import { preceded, programOf } from "./rule.ts"
import { isOwnFlag, isOwnVerb } from "./toldWords.ts"

const prepares =
  /^(?:adduser|auth|authenticate|bootstrap|build|connect|deps\.get|fetch|generate|init|initiali[sz]e|install|link|login|log-in|machine|migrate|prepare|restore|setup|signin|start|sync|unlock|up|update)$/

/** Ends right before a command that is to be run. */
const leadsTo = /\b(?:run|running|use|using|try|with|execut(?:e|ing)|issue)[:,]?\s+[`'"“]?(?:\$ )?$/i

const byTheWay =
  /notice|\b(?:can|alternatively|if you|might|may(?! need))\b|update available|new(?:er)? (?:\w+ )?version|to (?:update|upgrade)\b|deprecat|see (?:all|a list)|to (?:see|list|view)\b|more (?:information|details)/i

/** It went well, and what is told comes after it. */
const wentWell = /\b(?:success(?:ful(?:ly)?)?|finished|created|initiali[sz]ed|done|ready)\b/i
const wentWrong =
  /error|fail|fatal|unable|cannot|can't|could ?n[o']t|\bnot\b|n't\b|must|need|requir|missing|please|first\b/i

const maxTold = 40
const mostBefore = 160
const longest = 120

/** The command that begins here: to the end of its quotes or of its line, or as far as its words prepare something. */
const commandAt = (output: string, at: number): string | null => {
  const quote = output[at - 1] ?? ""
  const line = output.slice(at, at + longest).split("\n", 1)[0]!
  if (/[`'"“]/.test(quote)) return line.split(/[`'"”]/, 1)[0]!
  const before = output.slice(output.lastIndexOf("\n", at - 1) + 1, at)
  if (/^[│|\s$]*$/.test(before)) return line.trim()
  const words = line.split(/[\s.,;?!]+/)
  const end = words.findIndex((word, i) => i > 0 && prepares.test(word) && !prepares.test(words[i + 1] ?? ""))
  // What is to be run instead is not to be run before.
  return end < 0 || /\binstead\b/i.test(line) ? null : words.slice(0, end + 1).join(" ")
}

/** Several ways on are told, and which of them is the user's to say: `use 'hg update' or check 'hg heads'`. */
const isOneOfSeveral = (output: string, at: number, program: string): boolean => {
  const further = output.slice(at + program.length, at + mostBefore).split(/\n\s*\n/, 1)[0]!
  return new RegExp(`(?:^|[\\s(])or\\b[^.;]*[\\s\`'"]${program.replace(/\W/g, "\\$&")} [a-z]`, "is").test(
    further,
  )
}

/** A box drawn at the line's beginning is no part of what is said. */
const unboxed = (output: string): string => output.replace(/^[ \t]*[│|╷╵][ \t]?/gm, "")

const told = (failed: Failed): ReadonlyArray<string> => {
  const output = unboxed(failed.output)
  const program = programOf(failed)
  const places = [...output.matchAll(new RegExp(`\\b${program.replace(/\W/g, "\\$&")} `, "g"))].slice(
    0,
    maxTold,
  )
  return places.flatMap(({ index }) => {
    const said = output.slice(Math.max(0, index - mostBefore), index)
    if (!leadsTo.test(said) || byTheWay.test(said.split(/[.!?]\s|\n\s*\n/).at(-1)!)) return []
    if (isOneOfSeveral(output, index, program)) return []
    return commandAt(output, index) ?? []
  })
}

/** It prepares, takes no more than verbs and plain flags, and is not what has just failed. */
const isFirst = (failed: Failed, command: string): boolean => {
  const [, ...words] = command.split(/\s+/)
  const verbs = words.filter((word) => !word.startsWith("-"))
  const typed = failed.words.slice(1).filter((word) => !word.startsWith("-"))
  return (
    verbs.length > 0 &&
    verbs.length < 4 &&
    verbs[0] !== "build" &&
    verbs[0] !== "help" &&
    verbs.some((word) => prepares.test(word)) &&
    verbs.every((word) => prepares.test(word) || isOwnVerb(failed, word)) &&
    words.every((word) => !word.startsWith("-") || isOwnFlag(failed, word)) &&
    verbs[0] !== typed[0]
  )
}

export const toldFirst: Correction = {
  name: "told-to-run-first",
  applies: ({ words, output, exit }) =>
    words.length > 1 &&
    exit !== 0 &&
    output.includes(`${programOf({ words })} `) &&
    !(exit === null && wentWell.test(output) && !wentWrong.test(output)),
  correct: (failed) =>
    [...new Set(told(failed))]
      .filter((command) => isFirst(failed, command))
      .slice(0, 1)
      .map((command) => preceded(failed, command.split(/\s+/).join(" "))),
}
