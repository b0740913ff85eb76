/**
 * Whether a situation is what a rule written as data waits for, and the words it binds by that. Pure, without facts.
 * Invariant: of files only those are bound that the rule's patterns mean.
 */
import { spanMs } from "../../config/amounts.ts"
import { listOf } from "../../config/correctionRules.ts"
import type { ReflexData } from "../../config/reflexRules.ts"
import type { Situation } from "../../domain/situation.ts"
import { compileGlobs, nameFits } from "./globs.ts"
import { type Bound, boundWords, compilePattern, firstBound } from "./patterns.ts"
import { type Seen, seenIn } from "./seen.ts"

export interface Match {
  readonly seen: Seen
  readonly files: ReadonlyArray<string>
  /** Words of the command, the text and the situation. */
  readonly bound: Bound
}

const first = <A, B>(all: ReadonlyArray<A>, find: (one: A) => B | null): B | null => {
  for (const one of all) {
    const found = find(one)
    if (found !== null) return found
  }
  return null
}
const none: Bound = new Map()

export const compileMatch = (data: ReflexData): ((situation: Situation) => Match | null) => {
  const chosen = data.files === undefined ? null : compileGlobs(listOf(data.files))
  const commands = listOf(data.command).map((text) => text.trim().split(/\s+/))
  const says = listOf(data.says).map(compilePattern)
  const never = listOf(data.not_says).map(compilePattern)
  const exits = listOf(data.exit)
  const hows = listOf(data.how)
  const branches = listOf(data.branch)
  const leastMs = data.min_duration === undefined ? 0 : spanMs(data.min_duration)

  const commandOf = ({ command }: Seen): Bound | null => {
    if (command === null) return none
    if (exits.length > 0 && !exits.includes(command.exit)) return null
    if (command.durationMs < leastMs) return null
    const program = command.parts[0]?.[0] ?? ""
    if (commands.length === 0) return new Map([["program", program]])
    return first(command.parts, (part) => {
      const bound = first(commands, (wanted) => boundWords(wanted, part))
      return bound === null ? null : new Map([["program", part[0]!], ...bound])
    })
  }

  return (situation) => {
    if (situation.kind !== data.when) return null
    const seen = seenIn(situation)
    if (seen === null) return null
    if (hows.length > 0 && (seen.how === null || !hows.includes(seen.how))) return null
    if (branches.length > 0 && seen.branch !== undefined && !nameFits(branches, seen.branch ?? "HEAD"))
      return null
    const files = chosen === null ? seen.files : chosen(seen.files)
    if (chosen !== null && files.length === 0) return null
    const command = commandOf(seen)
    if (command === null) return null
    const said = says.length === 0 ? none : first(says, (one) => firstBound(one, seen.text))
    if (said === null || never.some((one) => firstBound(one, seen.text) !== null)) return null
    // what is named in both is one and the same word
    for (const [name, word] of said) if ((command.get(name) ?? word) !== word) return null
    return { seen, files, bound: new Map([...Object.entries(seen.words), ...command, ...said]) }
  }
}
