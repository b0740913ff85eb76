/**
 * Which payloads retention may take out of the log: what sources saw and what was thought of it, the bulk of any log. All
 * that a person said, that was done, and that the daemon remembers of itself stays, whatever its age; and so does what
 * an open suggestion rests on. Pure.
 */
import type { Event, EventType } from "../domain/event.ts"
import type { QueueState } from "../domain/queue.ts"

const families = ["fs.", "git.", "terminal.", "situation."]
const types: ReadonlySet<EventType> = new Set([
  "decision.silent",
  "decision.tick",
  "policy.verdict",
  "task.lines",
  "daemon.health",
  "daemon.started",
  "daemon.stopped",
] as const)

export interface Needed {
  /** Suggestions that are not ended. */
  readonly correlations: ReadonlySet<string>
  /** What they rest on. */
  readonly seqs: ReadonlySet<number>
  /** From here on the daemon's own health counts: its newest start. */
  readonly startedSeq: number
}

export const neededBy = (queue: QueueState, startedSeq: number): Needed => {
  const rows = Object.values(queue.suggestions).filter((row) => row.endedMs === null)
  return {
    correlations: new Set(rows.map((row) => row.id)),
    seqs: new Set(rows.flatMap((row) => [...row.evidence, row.decidedSeq])),
    startedSeq,
  }
}

export const isDroppable = (event: Event, needed: Needed): boolean => {
  if (event.erased === true || event.archived !== undefined || needed.seqs.has(event.seq)) return false
  if (event.correlationId !== null && needed.correlations.has(event.correlationId)) return false
  if (event.type.startsWith("daemon.") && event.seq >= needed.startedSeq) return false
  return types.has(event.type) || families.some((family) => event.type.startsWith(family))
}
