/**
 * One reflex for each family of corrections. All of them look with the one engine, so at most one speaks of a
 * command: the family whose correction stands first.
 * Invariants: a line to be weighed is a question of high risk and nothing of it is ready to run, it stands among the
 * alternatives for a person to choose; one that turns a safeguard off is not offered at all; where another reflex
 * knows more about a failure, these are silent.
 */
import type { Situation } from "../../domain/situation.ts"
import { bash } from "../actions.ts"
import { sameLine } from "../checks.ts"
import type { Memory, Reflex } from "../Decider.ts"
import { propose, silent } from "../proposal.ts"
import { isSituation, type SituationOf } from "../situationData.ts"
import { applying, asked, correct, type Input } from "./correct.ts"
import type { Family } from "./Correction.ts"
import { families } from "./families.ts"

const ttlMs = 15 * 60_000

/** What may be said of a command that failed, without an editor of its own. */
const offered: ReadonlyArray<Family> = families.map(({ name, corrections }) => ({
  name,
  corrections: corrections.filter(({ notOffered }) => notOffered !== true),
}))

const inputOf = ({ data }: SituationOf<"command.failed">): Input => ({
  command: data.command,
  dir: data.dir,
  exit: data.exit,
  ...(data.output === undefined ? {} : { output: data.output }),
})

const makeReflex = (family: Family): Reflex => ({
  name: family.name,
  situations: ["command.failed"],
  timing: "command",
  applies: (situation: Situation) =>
    isSituation(situation, "command.failed") && applying(inputOf(situation), [family]).length > 0,
  probes: (situation: Situation) =>
    isSituation(situation, "command.failed") ? asked(inputOf(situation), offered) : [],
  propose: (situation: Situation, facts, memory: Memory) => {
    if (!isSituation(situation, "command.failed")) return silent("not a failed command")
    const { data } = situation
    const all = correct(inputOf(situation), facts, memory, offered).filter(({ danger }) => danger !== "never")
    const [first] = all
    // Of the same rule's lines one that a person need not weigh goes before the others.
    const best = all.find(({ rule, danger }) => rule === first!.rule && danger === "none") ?? first
    const others = all.filter((each) => each !== best)
    if (best === undefined) return silent("nothing near enough is known")
    if (best.leftTo !== null) return silent(`left to ${best.leftTo}`)
    if (best.family !== family.name) return silent(`left to ${best.family}`)
    const weigh = best.danger === "weigh"
    const also = others.filter(({ leftTo }) => leftTo === null)
    return propose(family.name, situation, {
      title: weigh ? `To be weighed: ${best.command}` : `Did you mean ${best.command}?`,
      why: [
        { text: `\`${data.command}\` failed with exit ${data.exit}`, seq: situation.evidence[0] ?? null },
        `told by ${best.rule}${weigh ? "; it cannot simply be taken back, so nothing of it is ready to run" : ""}`,
      ],
      same: [best.rule, best.command],
      mode: weigh ? "question" : "draft",
      risk: weigh ? "high" : "low",
      actions: weigh ? [] : [bash(best.command, data.cwd)],
      alternatives: (weigh ? [best, ...also] : also).map(({ command }) => [bash(command, data.cwd)]),
      expiresWhen: ["command:next", `ran:${sameLine(best.command)}`],
      ttlMs,
    })
  },
})

export const correctionReflexes: ReadonlyArray<Reflex> = offered.map(makeReflex)
