/**
 * Corrections and reflexes that users wrote: the texts stand in the log, the decider keeps those in force and makes the same rules of
 * them on every replay.
 * Invariants: a workspace's rules speak in that workspace only; of the same text always the same rules; a rule that does
 * not pass its own examples is none.
 */
import type { EventOf } from "../../domain/event.ts"
import type { Family } from "../corrections/Correction.ts"
import type { ReflexData } from "../../config/reflexRules.ts"
import type { Situation } from "../../domain/situation.ts"
import type { Memory, Reflex } from "../Decider.ts"
import { compileCorrection } from "./compile.ts"
import { readRules, type RuleProblem } from "./read.ts"
import { compileReflex } from "./situations.ts"

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

export interface WrittenReflex {
  readonly file: string
  readonly data: ReflexData
  readonly reflex: Reflex
}

interface Loaded {
  readonly families: ReadonlyArray<Family>
  readonly reflexes: ReadonlyArray<WrittenReflex>
  readonly problems: ReadonlyArray<RuleProblem>
}

/** All of them are asked about each situation of their kind. */
const maxReflexes = 200

/** Files in order; a name belongs to the first that has it. `taken`: the names of what ships. */
export const loadOwn = (
  texts: ReadonlyArray<RuleText>,
  workspace: string | null,
  taken: ReadonlySet<string>,
): Loaded => {
  const names = new Set(taken)
  const families: Array<Family> = []
  const reflexes: Array<WrittenReflex> = []
  const problems: Array<RuleProblem> = []
  for (const { file, text } of texts) {
    const read = readRules(file, text, { known: names, workspace: workspace !== null })
    problems.push(...read.problems)
    for (const rule of read.rules) {
      names.add(rule.name)
      families.push({ name: rule.name, corrections: [compileCorrection(rule)], workspace, file })
    }
    for (const data of read.reflexes) {
      names.add(data.name)
      if (reflexes.length >= maxReflexes) {
        problems.push({ file, line: null, key: data.name, message: `more than ${maxReflexes} reflexes` })
        break
      }
      reflexes.push({ file, data, reflex: compileReflex(data, { workspace, file }) })
    }
  }
  return { families, reflexes, problems }
}

/** Of one name in several workspaces, one that speaks for whichever the situation is of; the user's own first. */
const together = (all: ReadonlyArray<Reflex>): Reflex => {
  const [one] = all
  if (all.length === 1) return one!
  const meant = (situation: Situation, memory: Memory): Reflex =>
    all.find((each) => each.situations.includes(situation.kind) && each.applies(situation, memory)) ?? one!
  return {
    ...one!,
    situations: [...new Set(all.flatMap(({ situations }) => situations))],
    ...(all.some(({ once }) => once === true) ? { once: true as const } : {}),
    data: all.map(({ data }) => data),
    applies: (situation, memory) => meant(situation, memory).applies(situation, memory),
    probes: (situation, memory) => meant(situation, memory).probes(situation, memory),
    propose: (situation, facts, memory) => meant(situation, memory).propose(situation, facts, memory),
  }
}

/** All that are in force. A name is the user's own before a workspace's. */
export const ownInForce = (
  own: OwnRules,
  taken: ReadonlySet<string>,
): { readonly families: ReadonlyArray<Family>; readonly reflexes: ReadonlyArray<Reflex> } => {
  const users = Object.entries(own).toSorted(([a], [b]) => Number(a !== "") - Number(b !== ""))
  const loaded = users.map(([workspace, texts]) => loadOwn(texts, workspace === "" ? null : workspace, taken))
  return {
    families: loaded.flatMap(({ families }) => families),
    reflexes: [
      ...Map.groupBy(
        loaded.flatMap(({ reflexes }) => reflexes.map(({ reflex }) => reflex)),
        ({ name }) => name,
      ).values(),
    ].map(together),
  }
}
