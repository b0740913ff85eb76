/**
 * Comments addressed to Claw, from the files of a burst of saves to situations of their own. Pure.
 * Invariants: looked for only where a model can be asked; not in what git wrote, nor in other people's packages; a comment
 * is a situation once, until its text changes; whoever wrote it is an outsider.
 */
import type { Event } from "../../domain/event.ts"
import type { ProbeRequest } from "../../domain/probe.ts"
import type { Situation } from "../../domain/situation.ts"
import type { Facts } from "../Decider.ts"
import { isBinaryName, isPassing, isVendored } from "../paths.ts"
import { isSituation } from "../situationData.ts"
import type { MachineState, OpenSituation } from "../state.ts"
import { type Candidate, candidate } from "../watch/found.ts"
import { fingerprintOfThought, mayThink } from "./deciding.ts"

export const commentRule = "comments"

/** Of one burst of saves. */
const mostComments = 5

type Sought = Extract<ProbeRequest, { readonly _tag: "comments" }>

/** Git says of a switch or merge only after it wrote the files, and a watcher tells of those at any time around. */
const movedMarginMs = 2_000

/** Git wrote files itself about then: what stands in them is not what was just typed. */
const gitWrote = ({ workspaces }: MachineState, { workspace }: Situation): boolean => {
  const memory = workspace === null ? undefined : workspaces[workspace]
  if (memory === undefined || memory.movedMs === null) return false
  return memory.movedMs >= (memory.settledSinceMs ?? 0) - movedMarginMs
}

const pathsIn = (situation: Situation): ReadonlyArray<string> => {
  if (!isSituation(situation, "files.settled")) return []
  const { operation, paths } = situation.data
  return operation !== null
    ? []
    : paths.filter((path) => !isVendored(path) && !isPassing(path) && !isBinaryName(path))
}

/** What to ask of the workspace; null: nothing is looked for. */
export const commentsSought = (state: MachineState, situation: Situation): Sought | null => {
  if (!mayThink(state, "comment") || gitWrote(state, situation)) return null
  const paths = pathsIn(situation)
  return paths.length === 0 ? null : { _tag: "comments", paths }
}

export const saidOf = (count: number): string =>
  count === 0 ? "no new comment is addressed to Claw" : `${count} addressed to Claw, each looked at by itself`

/** Those that were not thought about yet. */
export const addressed = (
  state: MachineState,
  open: OpenSituation,
  event: Event,
  facts: Facts,
): ReadonlyArray<Candidate> => {
  const { situation } = open
  const comments = facts.get<"comments">({ _tag: "comments", paths: pathsIn(situation) }) ?? []
  const workspace = situation.workspace
  if (workspace === null) return []
  return comments
    .map(({ line, path, text, wants }) =>
      candidate(
        "comment.addressed",
        workspace,
        { id: event.id, trust: "untrusted" },
        {
          subject: `${path}: ${text}`.slice(0, 300),
          evidence: [...situation.evidence, event.seq],
          data: { path, line, text, wants, branch: state.workspaces[workspace]?.branch ?? null },
        },
      ),
    )
    .filter(({ situation: found }) => {
      const fingerprint = fingerprintOfThought(state, found)
      const { asked, open: thinking } = state.deliberation
      return !asked.includes(fingerprint) && thinking.every((one) => one.fingerprint !== fingerprint)
    })
    .slice(0, mostComments)
}
