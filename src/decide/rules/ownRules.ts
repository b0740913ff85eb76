/**
 * Corrections that a user wrote: the texts stand in the log, the decider keeps those in force and makes the same rules of
 * them on every replay.
 * Invariants: a workspace's rules speak in that workspace only; of the same text always the same rules; a rule that does
 * not pass its own examples is none.
 */
import type { EventOf } from "../../domain/event.ts"
import type { Family } from "../corrections/Correction.ts"
import { compileCorrection } from "./compile.ts"
import { readRules, type RuleProblem } from "./read.ts"

export interface RuleText {
  readonly file: string
  readonly text: string
}

/** By workspace; the user's own by the empty name. */
export type OwnRules = Readonly<Record<string, ReadonlyArray<RuleText>>>

export const ownRulesAfter = (own: OwnRules, event: EventOf<"daemon.reflexes">): OwnRules => {
  const { [event.workspace ?? ""]: _, ...others } = own
  const files = event.payload.files.map(({ file, text }) => ({ file, text }))
  return files.length === 0 ? others : { ...others, [event.workspace ?? ""]: files }
}

interface Loaded {
  readonly families: ReadonlyArray<Family>
  readonly problems: ReadonlyArray<RuleProblem>
}

/** Files in order; a name belongs to the first that has it. `taken`: the names of what ships. */
export const loadOwn = (
  texts: ReadonlyArray<RuleText>,
  workspace: string | null,
  taken: ReadonlySet<string>,
): Loaded => {
  const names = new Set(taken)
  const families: Array<Family> = []
  const problems: Array<RuleProblem> = []
  for (const { file, text } of texts) {
    const read = readRules(file, text, names)
    problems.push(...read.problems)
    for (const rule of read.rules) {
      names.add(rule.name)
      families.push({ name: rule.name, corrections: [compileCorrection(rule)], workspace, file })
    }
  }
  return { families, problems }
}

export const familiesOf = (own: OwnRules, taken: ReadonlySet<string>): ReadonlyArray<Family> =>
  Object.entries(own).flatMap(
    ([workspace, texts]) => loadOwn(texts, workspace === "" ? null : workspace, taken).families,
  )
