/**
 * One reflex for each family of corrections. All of them look with the one engine, so at most one speaks of a
 * command: the family whose correction stands first.
 * Invariants: a line to be weighed is a question of high risk and nothing of it is ready to run, it stands among the
 * alternatives for a person to choose; one that turns a safeguard off is not offered at all; where another reflex
 * knows more about a failure, these are silent. What a program wants to be run first is missing until it was: that is
 * said once, and stands over the next command.
 */
import type { Situation } from "../../domain/situation.ts"
import { bash } from "../actions.ts"
import { sameLine } from "../checks.ts"
import type { Memory, Reflex } from "../Decider.ts"
import { propose, silent } from "../proposal.ts"
import { isSituation, type SituationOf } from "../situationData.ts"
import { applying, asked, correct, type Corrected, type Input } from "./correct.ts"
import { explainsRights, wrongOwner } from "../reflexes/machine.ts"
import { type OwnRules, ownInForce } from "../rules/ownRules.ts"
import type { Correction, Family } from "./Correction.ts"
import { families } from "./families.ts"
import { asRoot } from "./privileges.ts"
import { simpleCommands } from "../words.ts"

const ttlMs = 15 * 60_000

/** What may be said of a command that failed, without an editor of its own. */
export const offered: ReadonlyArray<Family> = families.map((family) => ({
  ...family,
  corrections: family.corrections.filter(({ notOffered }) => notOffered !== true),
}))

const inputOf = ({ data }: SituationOf<"command.failed">): Input => ({
  command: data.command,
  dir: data.dir,
  exit: data.exit,
  ...(data.output === undefined ? {} : { output: data.output }),
})

const writtenAs = ({ name, applies, correct: lines, data }: Correction): unknown =>
  data ?? [name, String(applies), String(lines)]

/** A workspace's own rules are nobody else's. */
const spokenIn = (situation: Situation, all: ReadonlyArray<Family>): ReadonlyArray<Family> =>
  all.filter(({ workspace }) => (workspace ?? null) === null || workspace === situation.workspace)

/** Families of what programs say themselves. */
const toldByPrograms: ReadonlySet<string> = new Set(["correct-tools", "correct-suggested"])

interface First {
  /** What stands before it in the line. */
  readonly after: string
  readonly command: string
}

/** What the new line does before it does what was typed; null: it does something else. */
const firstOf = (typed: string, command: string): First | null => {
  const places = [0, ...[...typed.matchAll(/&&\s*/g)].map(({ 0: sign, index }) => index + sign.length)]
  for (const at of places) {
    const after = typed.slice(0, at)
    const rest = ` && ${typed.slice(at)}`
    const first = command.slice(at, -rest.length)
    if (first !== "" && command === `${after}${first}${rest}`) return { after, command: first }
  }
  return null
}

interface Same {
  readonly same: unknown
  readonly subject: string
  readonly expiresWhen: ReadonlyArray<string>
}

/** What makes it the same, and what ends it. */
const sameness = (situation: SituationOf<"command.failed">, best: Corrected): Same => {
  const { command, cwd, session } = situation.data
  const typed = command.trim()
  const first = toldByPrograms.has(best.family) ? firstOf(typed, best.command) : null
  const ran = `ran:${sameLine(best.command)}`
  if (first === null) {
    const same = [best.rule, best.command]
    return { same, subject: situation.subject, expiresWhen: [`session:${session}`, ran] }
  }
  const [program, verb] = simpleCommands(first.command)?.at(-1)?.words ?? []
  return {
    same: [best.rule, first.after, first.command],
    subject: cwd,
    expiresWhen: [
      ran,
      `passed:${sameLine(typed)}`,
      ...(verb === undefined ? [] : [`did:${program} ${verb}`]),
    ],
  }
}

const makeReflex = (name: string, all: ReadonlyArray<Family>): Reflex => ({
  name,
  situations: ["command.failed"],
  data: all.filter((family) => family.name === name).flatMap(({ corrections }) => corrections.map(writtenAs)),
  timing: "command",
  applies: (situation: Situation) =>
    isSituation(situation, "command.failed") &&
    applying(
      inputOf(situation),
      spokenIn(situation, all).filter((family) => family.name === name),
    ).length > 0,
  probes: (situation: Situation) =>
    isSituation(situation, "command.failed") ? asked(inputOf(situation), spokenIn(situation, all)) : [],
  propose: (situation: Situation, facts, memory: Memory) => {
    if (!isSituation(situation, "command.failed")) return silent("not a failed command")
    const { data } = situation
    const lines = correct(inputOf(situation), facts, memory, spokenIn(situation, all)).filter(
      ({ danger }) => danger !== "never",
    )
    const [first] = lines
    // Of the same rule's lines one that a person need not weigh goes before the others.
    const best = lines.find(({ rule, danger }) => rule === first!.rule && danger === "none") ?? first
    const others = lines.filter((each) => each !== best)
    if (best === undefined) return silent("nothing near enough is known")
    if (best.leftTo !== null) return silent(`left to ${best.leftTo}`)
    // whose file it is says more than that another user could do it
    if (best.rule === asRoot.name && explainsRights(situation)) return silent(`left to ${wrongOwner.name}`)
    if (best.family !== name) return silent(`left to ${best.family}`)
    const weigh = best.danger === "weigh"
    const also = others.filter(({ leftTo }) => leftTo === null)
    const { same, subject, expiresWhen } = sameness(situation, best)
    return propose(
      name,
      { ...situation, subject },
      {
        title: weigh ? `To be weighed: ${best.command}` : `Did you mean ${best.command}?`,
        why: [
          { text: `\`${data.command}\` failed with exit ${data.exit}`, seq: situation.evidence[0] ?? null },
          `told by ${best.rule}${best.file === null ? "" : ` of ${best.file}`}${weigh ? "; it cannot simply be taken back, so nothing of it is ready to run" : ""}`,
        ],
        same,
        mode: weigh ? "question" : "draft",
        risk: weigh ? "high" : "low",
        actions: weigh ? [] : [bash(best.command, data.cwd)],
        alternatives: (weigh ? [best, ...also] : also).map(({ command }) => [bash(command, data.cwd)]),
        expiresWhen,
        ttlMs,
      },
    )
  },
})

const reflexesOf = (all: ReadonlyArray<Family>): ReadonlyArray<Reflex> =>
  [...new Set(all.map(({ name }) => name))].map((name) => makeReflex(name, all))

export const correctionReflexes: ReadonlyArray<Reflex> = reflexesOf(offered)

const shippedNames = new Set(correctionReflexes.map(({ name }) => name))

const made = new WeakMap<OwnRules, ReadonlyArray<Reflex>>()

const madeOf = (own: OwnRules, taken: ReadonlySet<string>): ReadonlyArray<Reflex> => {
  const inForce = ownInForce(own, taken)
  return [...inForce.reflexes, ...reflexesOf([...inForce.families, ...offered])]
}

/** These rules together with what users wrote themselves; theirs are believed first. */
export const withOwnRules = (reflexes: ReadonlyArray<Reflex>, own: OwnRules): ReadonlyArray<Reflex> => {
  if (Object.keys(own).length === 0) return reflexes
  const others = reflexes.filter(({ name }) => !shippedNames.has(name))
  const known = made.get(own)
  const inForce = known ?? madeOf(own, new Set([...shippedNames, ...others.map(({ name }) => name)]))
  if (known === undefined) made.set(own, inForce)
  return [...others, ...inForce]
}
