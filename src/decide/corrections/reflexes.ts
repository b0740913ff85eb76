/**
 * One reflex for each family of corrections. All of them look with the one engine, so at most one speaks of a
 * command: the family whose correction stands first.
 * Invariants: a dangerous line is a question of high risk and never ready to run; one that turns a safeguard off
 * is not offered; where another reflex knows more about a failure, these are silent.
 */
import { bash } from "../actions.ts"
import { sameLine } from "../checks.ts"
import type { Memory, Reflex } from "../Decider.ts"
import { propose, silent } from "../proposal.ts"
import { isSituation, type SituationOf } from "../situationData.ts"
import type { Situation } from "../../domain/situation.ts"
import { applying, asked, correct, type Corrected, type Input } from "./correct.ts"
import type { Family } from "./Correction.ts"
import { families } from "./families.ts"

const ttlMs = 15 * 60_000

const inputOf = ({ data }: SituationOf<"command.failed">): Input => ({
  command: data.command,
  dir: data.dir,
  exit: data.exit,
  ...(data.output === undefined ? {} : { output: data.output }),
})

const offered = (all: ReadonlyArray<Corrected>): ReadonlyArray<Corrected> =>
  all.filter((each) => each.offered)

const makeReflex = (family: Family): Reflex => ({
  name: family.name,
  situations: ["command.failed"],
  timing: "command",
  applies: (situation: Situation) =>
    isSituation(situation, "command.failed") && applying(inputOf(situation), [family]).length > 0,
  probes: (situation: Situation) =>
    isSituation(situation, "command.failed") ? asked(inputOf(situation)) : [],
  propose: (situation: Situation, facts, memory: Memory) => {
    if (!isSituation(situation, "command.failed")) return silent("not a failed command")
    const { data } = situation
    const all = correct(inputOf(situation), facts, memory)
    const [best, ...others] = offered(all)
    if (best === undefined)
      return silent(
        all.length === 0 ? "nothing near enough is known" : "what is known of it is not for offering",
      )
    if (best.leftTo !== null) return silent(`left to ${best.leftTo}`)
    if (best.family !== family.name) return silent(`${best.rule} knows more of it`)
    const weigh = best.danger === "weigh"
    return propose(family.name, situation, {
      title: weigh ? `Did you mean ${best.command}? Look twice` : `Did you mean ${best.command}?`,
      why: [
        { text: `\`${data.command}\` failed with exit ${data.exit}`, seq: situation.evidence[0] ?? null },
        `${best.rule.replaceAll("-", " ")}`,
      ],
      same: [best.rule, best.command],
      mode: weigh ? "question" : "draft",
      risk: weigh ? "high" : "low",
      actions: [bash(best.command, data.cwd)],
      alternatives: others
        .filter(({ leftTo, danger }) => leftTo === null && (weigh || danger === "none"))
        .map(({ command }) => [bash(command, data.cwd)]),
      expiresWhen: ["command:next", `ran:${sameLine(best.command)}`],
      ttlMs,
    })
  },
})

export const correctionReflexes: ReadonlyArray<Reflex> = families.map(makeReflex)
