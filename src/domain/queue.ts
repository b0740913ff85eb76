/**
 * The queue: a pure fold of every event into the suggestions a user sees. Clients, the gate and the executor all
 * read this one fold.
 * Invariants: a row's `lastSeq` is the newest event of its correlation (what compare-and-set compares with);
 * an ended row never becomes pending again, and an approved one only where nothing of it ran; ended rows are kept for a
 * day, at most 200 suggestions and 200 requests of them.
 */
import type { ToolCall, Verdict } from "./action.ts"
import type { Event, EventOf } from "./event.ts"
import { answerText } from "./question.ts"
import type { JudgedCall, Suggestion } from "./suggestion.ts"

/** A row, and what the fold itself needs of it. */
export interface QueueRow extends Suggestion {
  /** The calls as proposed or edited; `actions` are these once all are judged, in order. */
  readonly proposed: ReadonlyArray<ToolCall>
  /** Calls that ended well. */
  readonly finished: number
  /** Calls that ran and can still be taken back. */
  readonly undoCalls: ReadonlyArray<string>
  readonly endedMs: number | null
  /** Actor of a `tool.requested`, and the conversation it belongs to; null for a suggestion. */
  readonly requestedBy: string | null
  readonly session: string | null
  /** Who said yes or no to it, where and when: for whoever comes second. */
  readonly answered: { readonly by: string; readonly at: string } | null
}

export interface QueueState {
  readonly seq: number
  readonly suggestions: Readonly<Record<string, QueueRow>>
}

type Made = EventOf<"decision.digest" | "decision.notify" | "decision.question" | "decision.draft">

const keptEndedMs = 24 * 60 * 60_000
const keptEnded = 200

const open = (row: QueueRow): boolean => row.state === "pending" || row.state === "snoozed"

const rowOf = (event: Made): QueueRow => {
  const { suggestion, proposal, tainted, expiresAt } = event.payload
  return {
    id: suggestion,
    workspace: event.workspace,
    state: "pending",
    mode: proposal.mode,
    title: proposal.title,
    rule: proposal.rule,
    fingerprint: proposal.fingerprint,
    risk: proposal.risk,
    urgent: proposal.urgent,
    tainted,
    why: proposal.why,
    evidence: proposal.evidence,
    actions: [],
    alternatives: proposal.alternatives,
    expiresWhen: proposal.expiresWhen,
    createdAt: event.at,
    visibleAt: null,
    expiresAt,
    snoozedUntil: null,
    note: null,
    decidedSeq: event.seq,
    lastSeq: event.seq,
    undoable: false,
    proposed: proposal.actions,
    finished: 0,
    undoCalls: [],
    endedMs: null,
    requestedBy: null,
    session: null,
    answered: null,
  }
}

/** What was asked for by name is there at once: attention has no say in it. */
const requested = (event: EventOf<"tool.requested">): QueueRow => {
  const { suggestion, calls, title } = event.payload
  return {
    id: suggestion,
    workspace: event.workspace,
    state: "pending",
    mode: "question",
    title,
    rule: "requested",
    fingerprint: suggestion,
    risk: "medium",
    urgent: false,
    tainted: event.trust === "untrusted",
    why: [{ text: `asked for by ${event.actor}`, seq: event.seq }],
    evidence: [event.seq],
    actions: [],
    alternatives: [],
    expiresWhen: [],
    createdAt: event.at,
    visibleAt: event.at,
    expiresAt: null,
    snoozedUntil: null,
    note: null,
    decidedSeq: event.seq,
    lastSeq: event.seq,
    undoable: false,
    proposed: calls,
    finished: 0,
    undoCalls: [],
    endedMs: null,
    requestedBy: event.actor,
    session: event.payload.session,
    answered: null,
  }
}

const firstLine = (text: string): string => {
  const line = text.trim().split("\n")[0]!
  return line.length > 120 ? `${line.slice(0, 119)}\u2026` : line
}

/** A question to the user: there at once, and answered in words instead of being approved. */
const asked = (event: EventOf<"session.asked">): QueueRow => {
  const { call, expiresAt, multiple, options, question, session, text } = event.payload
  return {
    id: question,
    workspace: event.workspace,
    state: "pending",
    mode: "question",
    title: firstLine(text),
    rule: "ask_user",
    fingerprint: question,
    risk: "low",
    urgent: false,
    tainted: event.trust === "untrusted",
    why: [{ text: `asked by ${event.actor} in ${session ?? call}`, seq: event.seq }],
    evidence: [event.seq],
    actions: [],
    alternatives: [],
    expiresWhen: [],
    createdAt: event.at,
    visibleAt: event.at,
    expiresAt,
    snoozedUntil: null,
    note: null,
    decidedSeq: event.seq,
    lastSeq: event.seq,
    undoable: false,
    question: { session, call, text, options, multiple, answer: null },
    proposed: [],
    finished: 0,
    undoCalls: [],
    endedMs: null,
    requestedBy: event.actor,
    session,
    answered: null,
  }
}

const answeredInWords = (row: QueueRow, event: EventOf<"session.answered">): QueueRow =>
  open(row) && row.question !== undefined
    ? {
        ...ended(row, event, "done", `answered: ${firstLine(answerText(event.payload.answer))}`),
        question: { ...row.question, answer: event.payload.answer },
        answered: answer(event),
      }
    : row

const sameCall = (a: ToolCall | undefined, b: ToolCall): boolean =>
  a !== undefined &&
  a.tool === b.tool &&
  a.cwd === b.cwd &&
  JSON.stringify(a.input) === JSON.stringify(b.input)

/**
 * Of a call somebody asked for: low where it reads, writes or runs something; what reaches the network, deletes, uses a
 * credential or speaks for the user wants a second look, and so does whatever its plan cannot take back (`isFinal`).
 */
const riskOf = (effects: Verdict["effects"]): QueueRow["risk"] =>
  effects.every(({ _tag }) => _tag === "read" || _tag === "write" || _tag === "exec" || _tag === "display")
    ? "low"
    : "medium"

const riskWith = (row: QueueRow, index: number, verdict: Verdict): QueueRow["risk"] => {
  if (row.rule !== "requested") return row.risk
  const own = riskOf(verdict.effects)
  return index === 0 || own !== "low" ? own : row.risk
}

const judged = (row: QueueRow, event: EventOf<"policy.verdict">): QueueRow => {
  const { index, call, verdict } = event.payload
  // verdicts come in order; one on actions that were edited meanwhile is not one on these
  if (index > row.actions.length || !sameCall(row.proposed[index], call)) return row
  const action: JudgedCall = {
    tool: call.tool,
    input: call.input,
    ...(call.cwd === undefined ? {} : { cwd: call.cwd }),
    verdict: verdict.verdict,
    rule: verdict.rule,
    file: verdict.file,
    line: verdict.line,
    reason: verdict.reason,
    digest: verdict.digest,
  }
  return { ...row, risk: riskWith(row, index, verdict), actions: row.actions.toSpliced(index, 1, action) }
}

const ended = (row: QueueRow, event: Event, state: QueueRow["state"], note: string | null): QueueRow => ({
  ...row,
  state,
  note,
  snoozedUntil: null,
  endedMs: Date.parse(event.at),
  undoable: (state === "done" || state === "failed") && row.undoCalls.length > 0,
})

const finished = (row: QueueRow, event: EventOf<"tool.finished">): QueueRow => {
  if (!event.payload.ok) {
    const { exit } = event.payload
    return ended(row, event, "failed", exit === null ? "it did not end well" : `it ended with exit ${exit}`)
  }
  const count = row.finished + 1
  const next = { ...row, finished: count }
  return count >= row.proposed.length ? ended(next, event, "done", null) : next
}

const answer = (event: Event): QueueRow["answered"] => ({ by: event.actor, at: event.at })

/** Nothing of it ran, so it is a question again; who asked by name is asked like everybody. */
const voided = (row: QueueRow, event: EventOf<"approval.voided">): QueueRow => ({
  ...row,
  state: "pending",
  visibleAt: event.at,
  note: [event.payload.reason, ...event.payload.changed].join("; "),
  answered: null,
})

const undone = (row: QueueRow, event: EventOf<"tool.undone">): QueueRow => {
  const undoCalls = row.undoCalls.filter((call) => call !== event.payload.call)
  return undoCalls.length === 0
    ? ended({ ...row, undoCalls }, event, "undone", "taken back")
    : { ...row, undoCalls }
}

const evolveRow = (row: QueueRow, event: Event): QueueRow => {
  switch (event.type) {
    case "decision.shown":
      return open(row)
        ? { ...row, state: "pending", visibleAt: event.at, snoozedUntil: null, note: null }
        : row
    case "decision.withheld":
      return open(row) && row.visibleAt === null ? { ...row, note: event.payload.reason } : row
    case "decision.expired":
      return open(row) ? ended(row, event, "expired", event.payload.reason) : row
    case "policy.verdict":
      return judged(row, event)
    case "approval.approved":
    case "approval.waived":
      if (!open(row)) return row
      return row.proposed.length === 0
        ? ended(row, event, "done", null)
        : {
            ...row,
            state: "approved",
            note: null,
            snoozedUntil: null,
            answered: answer(event),
            // nobody is asked about it, so nobody need see it
            visibleAt: event.type === "approval.waived" && row.requestedBy !== null ? null : row.visibleAt,
          }
    case "approval.voided":
      return row.state === "approved" ? voided(row, event) : row
    case "approval.retried":
      return { ...row, note: `${row.note ?? "failed"}; asked for once more as ${event.payload.as}` }
    case "approval.rejected":
      return open(row)
        ? {
            ...ended(row, event, "rejected", event.payload.reason === "" ? null : event.payload.reason),
            answered: answer(event),
          }
        : row
    case "approval.snoozed":
      return open(row)
        ? { ...row, state: "snoozed", snoozedUntil: event.payload.until, visibleAt: null, note: null }
        : row
    case "approval.edited":
      return open(row) ? { ...row, proposed: event.payload.actions, actions: [] } : row
    case "tool.started":
      return event.payload.undo.possible ? { ...row, undoCalls: [...row.undoCalls, event.payload.call] } : row
    case "tool.finished":
      return finished(row, event)
    case "tool.failed":
      return ended(row, event, "failed", event.payload.message)
    case "tool.undone":
      return undone(row, event)
    case "session.answered":
      return answeredInWords(row, event)
    case "session.closed":
      return open(row) ? ended(row, event, "expired", event.payload.reason) : row
    case "tool.undo-refused":
      return { ...row, note: `cannot be taken back: ${event.payload.reason}` }
    default:
      return row
  }
}

const answers: ReadonlySet<Event["type"]> = new Set([
  "approval.approved",
  "approval.waived",
  "approval.rejected",
  "session.answered",
  "session.closed",
  "decision.expired",
  "tool.finished",
  "tool.failed",
  "tool.undone",
] as const)

/** It was answered, but the log does not know any more how: it must not be offered again. */
const withoutAnswer = (row: QueueRow, event: Event): QueueRow =>
  answers.has(event.type) && row.endedMs === null
    ? ended(row, event, "expired", "its answer was erased from the log")
    : row

const prune = (
  rows: Readonly<Record<string, QueueRow>>,
  nowMs: number,
): Readonly<Record<string, QueueRow>> => {
  const newest = Object.values(rows)
    .filter((row) => row.endedMs !== null)
    .toSorted((a, b) => b.endedMs! - a.endedMs! || b.lastSeq - a.lastSeq)
  // a conversation's calls are many, and must not push out what was suggested
  const over = [
    newest.filter((row) => row.requestedBy === null),
    newest.filter((row) => row.requestedBy !== null),
  ].flatMap((kind) => kind.filter((row, at) => at >= keptEnded || nowMs - row.endedMs! > keptEndedMs))
  if (over.length === 0) return rows
  const gone = new Set(over.map((row) => row.id))
  return Object.fromEntries(Object.entries(rows).filter(([id]) => !gone.has(id)))
}

/** A question whose call ended leaves with it, unless a conversation may still take up the answer. */
const withoutAsker = (
  rows: QueueState["suggestions"],
  event: EventOf<"tool.failed">,
): QueueState["suggestions"] => {
  const left = Object.values(rows).find(
    (row) => open(row) && row.question?.call === event.payload.call && row.session === null,
  )
  return left === undefined
    ? rows
    : { ...rows, [left.id]: ended(left, event, "expired", `whoever asked is gone: ${event.payload.reason}`) }
}

const isMade = (event: Event): event is Made =>
  event.type === "decision.digest" ||
  event.type === "decision.notify" ||
  event.type === "decision.question" ||
  event.type === "decision.draft"

export const evolveQueue = (state: QueueState, event: Event): QueueState => {
  const erased = (event.payload as unknown) === null
  if (!erased && (isMade(event) || event.type === "tool.requested")) {
    const row = event.type === "tool.requested" ? requested(event) : rowOf(event)
    const rows = { ...state.suggestions, [event.payload.suggestion]: row }
    return { seq: event.seq, suggestions: prune(rows, Date.parse(event.at)) }
  }
  if (!erased && event.type === "session.asked") {
    const rows = { ...state.suggestions, [event.payload.question]: asked(event) }
    return { seq: event.seq, suggestions: prune(rows, Date.parse(event.at)) }
  }
  if (!erased && event.type === "tool.failed") {
    const rows = withoutAsker(state.suggestions, event)
    if (rows !== state.suggestions) return evolveQueue({ ...state, suggestions: rows }, event)
  }
  const row = event.correlationId === null ? undefined : state.suggestions[event.correlationId]
  if (row === undefined) return { ...state, seq: event.seq }
  const next = erased ? withoutAnswer(row, event) : evolveRow(row, event)
  return { seq: event.seq, suggestions: { ...state.suggestions, [row.id]: { ...next, lastSeq: event.seq } } }
}

export const emptyQueue: QueueState = { seq: 0, suggestions: {} }

export const queueProjection = {
  name: "queue",
  version: 6,
  initial: emptyQueue,
  evolve: evolveQueue,
} as const
