/**
 * An operation git waits with. Its conflicts are all resolved: offer to go on. It has not moved for hours and the user
 * has just come back or commits: it is told in the digest, because only he knows whether to go on or to give up.
 */
import type { OpenOperation } from "../../domain/gitAnswers.ts"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import type { ToolCall } from "../../domain/action.ts"
import { bash, goOn, stage } from "../actions.ts"
import type { Facts, Reflex, Silence } from "../Decider.ts"
import { listed, propose, silent, unknown } from "../proposal.ts"
import { isSituation, type SituationOf } from "../situationData.ts"

const request = { _tag: "gitOpen" } as const
const hourMs = 60 * 60_000
/** A bisection takes its time. */
const leftMs: Readonly<Partial<Record<OpenOperation, number>>> = { bisect: 4 * hourMs }
const usuallyLeftMs = 2 * hourMs

type Open = NonNullable<ProbeAnswer<"gitOpen">>

const remaining = ({ edited, unmerged }: Open): ReadonlyArray<string> =>
  unmerged.filter((path) => !edited.includes(path))

const isReady = (open: Open, conflicted: boolean): boolean =>
  conflicted && open.operation !== "bisect" && !open.editing && !open.more && remaining(open).length === 0

const continues = (operation: OpenOperation, workspace: string): ToolCall | null =>
  operation === "bisect" ? null : operation === "am" ? bash("git am --continue", workspace) : goOn(operation)

const where = ({ branch, step }: Open): string =>
  `${branch === null ? "" : ` of ${branch}`}${step === null ? "" : `, step ${step.at} of ${step.of}`}`

/** What git still waits with, or why there is nothing to say of it. */
const openOf = (situation: SituationOf<"operation.waiting">, facts: Facts): Open | Silence => {
  const open = facts.get<"gitOpen">(request)
  if (open === undefined) return unknown("what git waits with")
  return open === null || open.operation !== situation.data.operation ? silent("it has ended") : open
}

export const operationResolved: Reflex = {
  name: "git-operation-resolved",
  situations: ["operation.waiting"],
  applies: (situation) => isSituation(situation, "operation.waiting") && situation.data.conflicted,
  probes: () => [request],
  propose: (situation, facts) => {
    if (!isSituation(situation, "operation.waiting")) return silent("nothing waits")
    const open = openOf(situation, facts)
    if ("silent" in open) return open
    if (open.editing) return silent("it waits for the edit you asked for")
    const left = remaining(open)
    if (left.length > 0 || open.more) return silent(`still in conflict: ${listed(left)}`)
    const next = situation.workspace === null ? null : continues(open.operation, situation.workspace)
    if (next === null) return silent("it has nothing to go on with")
    return propose("git-operation-resolved", situation, {
      title: `Continue the ${open.operation}: its conflicts are resolved`,
      why: [
        {
          text:
            open.unmerged.length === 0
              ? "the last conflict was staged"
              : `no markers are left in ${listed(open.unmerged)}, and it is not staged yet`,
          seq: situation.evidence.at(-1) ?? null,
        },
        `the ${open.operation}${where(open)} is still open`,
      ],
      same: [open.operation, open.sinceMs, open.unmerged],
      actions: open.unmerged.length === 0 ? [next] : [stage(open.unmerged), next],
      risk: "medium",
      expiresWhen: ["operation:ended"],
      ttlMs: 8 * hourMs,
    })
  },
}

export const operationLeftOpen: Reflex = {
  name: "git-operation-left-open",
  situations: ["operation.waiting"],
  applies: (situation) => isSituation(situation, "operation.waiting") && situation.data.old,
  probes: () => [request],
  propose: (situation, facts) => {
    if (!isSituation(situation, "operation.waiting")) return silent("nothing waits")
    const open = openOf(situation, facts)
    if ("silent" in open) return open
    if (isReady(open, situation.data.conflicted)) return silent("it is ready to go on, and that is said")
    const age = situation.data.atMs - open.sinceMs
    if (age < (leftMs[open.operation] ?? usuallyLeftMs)) return silent("it moved not long ago")
    const left = remaining(open)
    const bisecting = open.operation === "bisect" && situation.workspace !== null
    return propose("git-operation-left-open", situation, {
      title: `The ${open.operation}${where(open)} has been open for ${Math.round(age / hourMs)} h`,
      why: [
        { text: `the ${open.operation} began`, seq: situation.evidence[0] ?? null },
        ...(left.length === 0 ? [] : [`still in conflict: ${listed(left)}`]),
        ...(open.editing ? ["it waits for the edit you asked for"] : []),
      ],
      same: [open.operation, open.sinceMs],
      mode: "digest",
      actions: bisecting ? [bash("git bisect reset", situation.workspace)] : [],
      expiresWhen: ["operation:ended"],
      ttlMs: 24 * hourMs,
    })
  },
}
