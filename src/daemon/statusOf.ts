/** The status clients see, computed from a snapshot. Pure. */
import type { Suggestion } from "../domain/suggestion.ts"
import type { Snapshot } from "../loop/Folds.ts"
import type { Status } from "../rpc/shapes.ts"

export interface StatusFacts {
  readonly version: string
  readonly pid: number
  readonly startedAt: string
  readonly logDir: string
  readonly headHash: string
  readonly nowMs: number
  /** Trouble outside the log's own folds: disk, sandbox, gate, configuration. */
  readonly troubles: ReadonlyArray<string>
}

const open = new Set(["pending", "snoozed"])

/** Whether a person should see it now. */
export const isVisible = (
  row: { readonly state: string; readonly visibleAt: string | null },
  nowMs: number,
): boolean => row.state === "pending" && row.visibleAt !== null && Date.parse(row.visibleAt) <= nowMs

/** The queue's order: urgent first, then the youngest decision. */
export const inOrder = (a: Suggestion, b: Suggestion): number =>
  Number(b.urgent) - Number(a.urgent) || b.decidedSeq - a.decidedSeq

const under = new Set(["pending", "snoozed", "approved"])

/** What is under way, and of what ended the newest `count` that did not just expire; the order stays. */
export const withEnded = (rows: ReadonlyArray<Suggestion>, count: number): ReadonlyArray<Suggestion> => {
  const newest = new Set(
    rows
      .filter((row) => !under.has(row.state) && row.state !== "expired")
      .toSorted((a, b) => b.lastSeq - a.lastSeq)
      .slice(0, count),
  )
  return rows.filter((row) => under.has(row.state) || newest.has(row))
}

export const statusOf = (
  snapshot: Pick<Snapshot, "seq" | "queue" | "control">,
  facts: StatusFacts,
): Status => {
  const rows = Object.values(snapshot.queue.suggestions)
  const visible = rows.filter((row) => isVisible(row, facts.nowMs))
  const health = Object.values(snapshot.control.health)
  return {
    v: 1,
    version: facts.version,
    pid: facts.pid,
    startedAt: facts.startedAt,
    log: { dir: facts.logDir, seq: snapshot.seq, hash: facts.headHash },
    workspaces: [...snapshot.control.workspaces],
    sources: health.filter((row) => row.component.startsWith("source:")),
    queue: {
      visible: visible.length,
      waiting: rows.filter((row) => open.has(row.state)).length - visible.length,
      urgent: visible.filter((row) => row.urgent).length,
    },
    paused: snapshot.control.paused,
    pausedUntil: snapshot.control.pausedUntil,
    degraded: [
      ...facts.troubles,
      ...health
        .filter((row) => row.state === "degraded" || row.state === "failed")
        .map(
          (row) => `${row.component}${row.workspace === null ? "" : ` (${row.workspace})`}: ${row.detail}`,
        ),
    ],
    spentToday: 0,
    lastEvent: snapshot.control.last,
  }
}
