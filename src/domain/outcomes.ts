/**
 * What a user really did with each suggestion, and what became of each call the gate judged: folded from the log,
 * because that is what a rule, a policy or another setting is measured by. Pure.
 * Invariants: of a call judged more than once the newest verdict counts; a row is settled when nothing can change it
 * any more, which is when the queue lets go of it (`queue.ts`: a day after its end, or 200 ended ones later).
 */
import type { VerdictKind } from "./action.ts"
import type { Event, EventOf, EventType } from "./event.ts"

/**
 * `kept`: approved and not taken back. `resolved`: the user came to the same end without it. `ignored`: it left the
 * queue unanswered, whether it was shown or not.
 */
export type Outcome = "pending" | "kept" | "resolved" | "dismissed" | "reverted" | "ignored"

/** `failed`: ran, and not to a good end; `not-run`: approved, but refused or stopped before it began. */
export type Fate =
  | "pending"
  | "running"
  | "kept"
  | "undone"
  | "failed"
  | "not-run"
  | "rejected"
  | "unanswered"

export interface JudgedFate {
  /** Of its newest verdict. */
  readonly seq: number
  readonly verdict: VerdictKind
  readonly rule: string
  readonly file: string
  readonly line: number
  readonly fate: Fate
}

export interface OutcomeRow {
  readonly suggestion: string
  /** The reflex that made it. */
  readonly rule: string
  readonly madeSeq: number
  readonly shown: boolean
  readonly outcome: Outcome
  /** Its actions were changed before the yes. */
  readonly edited: boolean
  /** The no came before it can have been read. */
  readonly blind: boolean
  /** How many calls it has; `calls` holds those that were judged. */
  readonly proposed: number
  readonly calls: ReadonlyArray<JudgedFate>
  readonly endedMs: number | null
}

export type Made = EventOf<"decision.digest" | "decision.notify" | "decision.question" | "decision.draft">

const keptEndedMs = 24 * 60 * 60_000
const keptEnded = 200

/** All that this fold looks at: a reader may leave out the rest. */
export const outcomeTypes: ReadonlyArray<EventType> = [
  "decision.digest",
  "decision.notify",
  "decision.question",
  "decision.draft",
  "decision.shown",
  "decision.expired",
  "decision.outcome",
  "tool.requested",
  "policy.verdict",
  "approval.approved",
  "approval.waived",
  "approval.voided",
  "approval.rejected",
  "approval.edited",
  "tool.started",
  "tool.finished",
  "tool.failed",
  "tool.undone",
]

export const isMade = (event: Event): event is Made =>
  event.type === "decision.digest" ||
  event.type === "decision.notify" ||
  event.type === "decision.question" ||
  event.type === "decision.draft"

/** Was it agreed to? */
export const wasApproved = (fate: Fate): boolean =>
  fate === "running" || fate === "kept" || fate === "undone" || fate === "failed" || fate === "not-run"

/** The place of a reflex in the row of a request that somebody made by name. */
export const requestRule = "requested"

const requestRow = (event: EventOf<"tool.requested">): OutcomeRow => ({
  suggestion: event.payload.suggestion,
  rule: requestRule,
  madeSeq: event.seq,
  shown: true,
  outcome: "pending",
  edited: false,
  blind: false,
  proposed: event.payload.calls.length,
  calls: [],
  endedMs: null,
})

const startRow = (event: Made): OutcomeRow => ({
  suggestion: event.payload.suggestion,
  rule: event.payload.proposal.rule,
  madeSeq: event.seq,
  shown: false,
  outcome: "pending",
  edited: false,
  blind: false,
  proposed: event.payload.proposal.actions.length,
  calls: [],
  endedMs: null,
})

const judged = (row: OutcomeRow, event: EventOf<"policy.verdict">): OutcomeRow => {
  const { index, verdict } = event.payload
  // one on actions that were edited meanwhile may be on more of them than there are
  if (index >= row.proposed || index > row.calls.length || row.outcome !== "pending") return row
  const call: JudgedFate = {
    seq: event.seq,
    verdict: verdict.verdict,
    rule: verdict.rule,
    file: verdict.file,
    line: verdict.line,
    fate: "pending",
  }
  return { ...row, calls: row.calls.toSpliced(index, 1, call) }
}

const allTo = (row: OutcomeRow, from: Fate, to: Fate): ReadonlyArray<JudgedFate> =>
  row.calls.some((call) => call.fate === from)
    ? row.calls.map((call) => (call.fate === from ? { ...call, fate: to } : call))
    : row.calls

const oneTo = (row: OutcomeRow, call: string, to: Fate): ReadonlyArray<JudgedFate> => {
  const index = Number(call.slice(call.lastIndexOf("#") + 1))
  return row.calls.map((each, at) => (at === index ? { ...each, fate: to } : each))
}

const ended = (row: OutcomeRow, event: Event, outcome: Outcome, calls: OutcomeRow["calls"]): OutcomeRow => ({
  ...row,
  outcome,
  calls,
  endedMs: Date.parse(event.at),
})

const finished = (row: OutcomeRow, event: EventOf<"tool.finished">): OutcomeRow => {
  const calls = oneTo(row, event.payload.call, event.payload.ok ? "kept" : "failed")
  if (!event.payload.ok) return ended(row, event, row.outcome, allTo({ ...row, calls }, "running", "not-run"))
  return calls.some((call) => call.fate === "running")
    ? { ...row, calls }
    : ended(row, event, row.outcome, calls)
}

/** Only what was agreed to is done. */
const wasTaken = ({ outcome }: OutcomeRow): boolean => outcome === "kept" || outcome === "reverted"

/** One suggestion, one event further. */
const evolveRow = (row: OutcomeRow, event: Event): OutcomeRow => {
  switch (event.type) {
    case "decision.shown":
      return row.shown ? row : { ...row, shown: true }
    case "decision.expired":
      return row.outcome === "pending"
        ? ended(row, event, "ignored", allTo(row, "pending", "unanswered"))
        : row
    case "decision.outcome":
      if (event.payload.outcome === "blind-dismissed") return { ...row, blind: true }
      return event.payload.outcome === "resolved" && row.outcome === "ignored"
        ? { ...row, outcome: "resolved" }
        : row
    case "policy.verdict":
      return judged(row, event)
    case "approval.edited":
      return row.outcome === "pending"
        ? { ...row, edited: true, proposed: event.payload.actions.length, calls: [] }
        : row
    case "approval.approved":
    case "approval.waived":
      if (row.outcome !== "pending") return row
      return row.proposed === 0
        ? ended(row, event, "kept", row.calls)
        : { ...row, outcome: "kept", calls: allTo(row, "pending", "running") }
    case "approval.voided":
      return row.outcome === "kept" && row.endedMs === null
        ? { ...row, outcome: "pending", calls: allTo(row, "running", "pending") }
        : row
    case "approval.rejected":
      return row.outcome === "pending"
        ? ended(row, event, "dismissed", allTo(row, "pending", "rejected"))
        : row
    case "tool.finished":
      return wasTaken(row) ? finished(row, event) : row
    case "tool.failed": {
      // denied or withdrawn: nobody answered it
      if (row.outcome === "pending" && row.rule === requestRule)
        return ended(row, event, "ignored", allTo(row, "pending", "unanswered"))
      if (!wasTaken(row)) return row
      // without an end in the log it may never have begun
      const ran = row.calls.some((call) => call.fate === "failed")
      const calls = ran ? row.calls : oneTo(row, event.payload.call, "not-run")
      return ended(row, event, row.outcome, allTo({ ...row, calls }, "running", "not-run"))
    }
    case "tool.undone":
      if (!wasTaken(row)) return row
      return ended(row, event, "reverted", oneTo(row, event.payload.call, "undone"))
    default:
      return row
  }
}

/** Whether a row begins with this event; requests count where calls are looked at, not reflexes. */
export const beginsRow = (event: Event, requests: boolean): boolean =>
  isMade(event) || (requests && event.type === "tool.requested")

/** The row after this event; null where the event is none of a suggestion's that is known. */
export const outcomeAfter = (
  find: (suggestion: string) => OutcomeRow | undefined,
  event: Event,
  requests = false,
): OutcomeRow | null => {
  if ((event.payload as unknown) === null) return null
  if (requests && event.type === "tool.requested") return requestRow(event)
  if (isMade(event)) return startRow(event)
  const row = event.correlationId === null ? undefined : find(event.correlationId)
  return row === undefined ? null : evolveRow(row, event)
}

/** Which of these nothing can change any more. Rows end in the order of the log, so the last ended is the newest. */
export const settledOf = (rows: Iterable<OutcomeRow>, nowMs: number): ReadonlyArray<OutcomeRow> =>
  [...rows]
    .filter((row) => row.endedMs !== null)
    .toSorted((a, b) => b.endedMs! - a.endedMs! || b.madeSeq - a.madeSeq)
    .filter((row, index) => index >= keptEnded || nowMs - row.endedMs! > keptEndedMs)
