/**
 * What the gate is told besides the call: for whom, where, what was granted there, how often the same was wanted, what
 * was refused before. Pure, from what is folded of the log.
 * Invariants: what has lapsed by the clock of the events, or by now, is not told; a request that is in the log is
 * judged by the count it was logged with, and asks on when something is granted meanwhile.
 */
import type { JudgeContext } from "../../policies/Policies.ts"
import type { ToolCall, Trust } from "../domain/action.ts"
import { type AgentsState, isOwnTree, ruledBy } from "../domain/agents.ts"
import { hitsStandingIn, type StandingHits } from "../domain/compromised/standing.ts"
import { grantedRule } from "../domain/grant.ts"
import { type GrantsState, grantsIn } from "../domain/grants.ts"
import type { QueueRow } from "../domain/queue.ts"
import { refusalOf, type RepeatsState, timesNext, timesOf } from "../domain/repeats.ts"

/** For whom a call is judged: a reflex's suggestion is `claw`'s, a request its requester's. */
export interface Asker {
  readonly workspace: string
  readonly actor: string
  readonly trust: Trust
  /** The conversation that wants it. */
  readonly session?: string | null
  /** Which action of which suggestion in the log it is; absent: it is about to be asked for, or only wondered about. */
  readonly of?: { readonly suggestion: string; readonly index: number }
  /** False: it was judged before without any grant, and a later one does not change what was asked then. */
  readonly grantable?: boolean
  /** What is asked for before it in the same breath; absent: it is only wondered about, and counts as no request. */
  readonly before?: ReadonlyArray<ToolCall>
}

interface Folded {
  readonly grants: GrantsState
  readonly repeats: RepeatsState
  /** Whose worktrees stand under the rules of another workspace. Absent: nobody's. */
  readonly agents?: AgentsState
  /** Absent: nothing stands anywhere. */
  readonly standingHits?: StandingHits
}

const past = (call: ToolCall, asker: Asker, { repeats }: Folded, nowMs: number) => {
  if (asker.of !== undefined)
    return { times: timesOf(repeats, asker.of.suggestion, asker.of.index), refused: null }
  if (asker.before === undefined) return { times: 1, refused: null }
  const requester = { actor: asker.actor, session: asker.session ?? null, workspace: asker.workspace }
  return {
    times: timesNext(repeats, requester, [...asker.before, call], nowMs),
    refused: refusalOf(repeats, requester, call),
  }
}

export const judgeContext = (
  call: ToolCall,
  asker: Asker,
  folded: Folded,
  where: { readonly home: string; readonly nowMs: number },
): JudgeContext => {
  const nowMs = Math.max(folded.grants.nowMs, where.nowMs)
  const above = folded.agents === undefined ? null : ruledBy(folded.agents, asker.workspace)
  // a worktree installs what the lockfile of its workspace says
  const places = above === null ? [asker.workspace] : [asker.workspace, above]
  return {
    workspace: asker.workspace,
    ruledBy: above,
    compromised:
      folded.standingHits === undefined
        ? []
        : places.flatMap((place) => hitsStandingIn(folded.standingHits!, place)),
    cwd: call.cwd ?? asker.workspace,
    home: where.home,
    actor: asker.actor,
    trust: asker.trust,
    session: asker.session ?? null,
    ownWorktree:
      folded.agents !== undefined && isOwnTree(folded.agents, asker.session ?? null, asker.workspace),
    grants: asker.grantable === false ? [] : grantsIn({ ...folded.grants, nowMs }, asker.workspace),
    ...past(call, asker, folded, nowMs),
  }
}

export const isGranted = ({ file, rule }: { readonly rule: string; readonly file: string }): boolean =>
  rule === grantedRule.rule && file === grantedRule.file

/** For whom action `index` of this row is judged. */
export const askerOf = (row: QueueRow, index: number, home: string): Asker => ({
  grantable: row.actions[index] === undefined || isGranted(row.actions[index]),
  workspace: row.workspace ?? home,
  actor: row.requestedBy ?? "claw",
  trust: row.tainted ? "untrusted" : "trusted",
  session: row.session,
  of: { suggestion: row.id, index },
})
