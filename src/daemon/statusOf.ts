/** The status clients see, computed from a snapshot. Pure. */
import { budgetKey, type CostsState } from "../domain/costs.ts"
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

/** Its time is over, though the log may not say so yet: who waits for a time looks at the clock now and then only. */
export const isOver = ({ expiresAt }: { readonly expiresAt: string | null }, nowMs: number): boolean =>
  expiresAt !== null && Date.parse(expiresAt) <= nowMs

/** Whether a person should see it now. */
export const isVisible = (
  row: { readonly state: string; readonly visibleAt: string | null; readonly expiresAt: string | null },
  nowMs: number,
): boolean =>
  row.state === "pending" &&
  row.visibleAt !== null &&
  Date.parse(row.visibleAt) <= nowMs &&
  !isOver(row, nowMs)

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

/** What nears a ceiling today, or waits because one is reached. */
const spending = (costs: CostsState | undefined, rows: ReadonlyArray<Suggestion>, day: string) => [
  ...rows
    .filter((row) => open.has(row.state) && row.question?.call.startsWith("ceiling:") === true)
    .map((row) => `spending is paused: ${row.title} (claw answer ${row.id})`),
  // a conversation's own ceiling is told where it is held
  ...Object.entries(costs?.warned ?? {}).flatMap(([key, limit]) => {
    const [scope = "", at, ...name] = key.split(":")
    if (scope === "session" || at !== day || (costs?.raised[key] ?? 0) > limit) return []
    const what = scope === "day" ? "today" : `the ${scope} ${name.join(":")} today`
    return [`spending: $${(costs?.spent[key]?.usd ?? 0).toFixed(2)} of $${limit} for ${what}`]
  }),
]

export const statusOf = (
  snapshot: Pick<Snapshot, "seq" | "queue" | "control"> & Partial<Pick<Snapshot, "costs">>,
  facts: StatusFacts,
): Status => {
  const rows = Object.values(snapshot.queue.suggestions)
  const visible = rows.filter((row) => isVisible(row, facts.nowMs))
  const day = new Date(facts.nowMs).toISOString().slice(0, 10)
  const today = snapshot.costs?.spent[budgetKey("day", "", day)]
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
      waiting: rows.filter((row) => open.has(row.state) && !isOver(row, facts.nowMs)).length - visible.length,
      urgent: visible.filter((row) => row.urgent).length,
    },
    paused: snapshot.control.paused,
    pausedUntil: snapshot.control.pausedUntil,
    degraded: [
      ...facts.troubles,
      ...spending(snapshot.costs, rows, day),
      ...health
        .filter((row) => row.state === "degraded" || row.state === "failed")
        .map(
          (row) => `${row.component}${row.workspace === null ? "" : ` (${row.workspace})`}: ${row.detail}`,
        ),
    ],
    spentToday: today?.usd ?? 0,
    ...(today === undefined || today.unpriced === 0 ? {} : { unpricedToday: today.unpriced }),
    lastEvent: snapshot.control.last,
  }
}
