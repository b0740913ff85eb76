/**
 * The timeline: a position in the log, and the newest moment that came for it. Pure.
 * Invariants: the position moves at once, the moment follows; one request is under way at a time and only the newest
 * position is asked for; an answer to another point than the one now wanted is dropped; nothing here depends on the
 * head, which grows meanwhile.
 */
import type { EventRecord } from "../src/domain/event.ts"
import type { Suggestion } from "../src/domain/suggestion.ts"
import type { Moment, Point } from "../src/rpc/shapes.ts"
import { connectedLog, eventAt, headCame, type LogModel, settleLog } from "./log.ts"
import { type Marks, markPage, newerCame, noMarks, wantsMore } from "./marks.ts"
import type { Command } from "./messages.ts"

export type Steps = Moment["chain"]

/** A causal chain that is walked: it stays, also where an event of it belongs to others too. */
export interface Walked {
  readonly steps: Steps
  readonly cost: Moment["cost"]
}

export interface Timeline {
  /** Where one is: a seq, or a time that the daemon has yet to find. */
  readonly want: Point
  /** The last known seq of that. */
  readonly seq: number
  readonly asked: Point | null
  readonly moment: Moment | null
  /** Why it could not be read. */
  readonly failed: string | null
  readonly walked: Walked | null
  /** A row of the queue the cursor was put on; null: the one the event belongs to. */
  readonly selected: string | null
  /** First line of the chain on the screen; null: where the current step is in sight. */
  readonly top: number | null
  readonly log: LogModel
  readonly marks: Marks
}

/** A window of its own onto the log: the live one goes on beside it. */
const windowOn = (log: LogModel, head: number): LogModel => ({
  ...connectedLog(log, head),
  matches: null,
  follow: false,
})

export const openTimeline = (log: LogModel, want: Point): Timeline => ({
  want,
  seq: "seq" in want ? want.seq : log.head,
  asked: null,
  moment: null,
  failed: null,
  walked: null,
  selected: null,
  top: null,
  log: windowOn(log, log.head),
  marks: noMarks(log.head),
})

const samePoint = (a: Point, b: Point): boolean =>
  "seq" in a ? "seq" in b && a.seq === b.seq : "atMs" in b && a.atMs === b.atMs

/** The moment that is shown is the one that is wanted. */
export const isCurrent = ({ want, moment }: Timeline): boolean =>
  moment !== null && "seq" in want && want.seq === moment.seq

export const goTo = (timeline: Timeline, want: Point, walked: Walked | null = null): Timeline => {
  const seq =
    "seq" in want
      ? Math.max(Math.min(1, timeline.log.head), Math.min(timeline.log.head, want.seq))
      : timeline.seq
  return {
    ...timeline,
    want: "seq" in want ? { seq } : want,
    seq,
    failed: null,
    walked,
    selected: null,
    top: null,
  }
}

export const momentCame = (timeline: Timeline, point: Point, moment: Moment): Timeline => {
  const free = { ...timeline, asked: null, log: headCame(timeline.log, moment.head) }
  return samePoint(point, timeline.want)
    ? { ...free, want: { seq: moment.seq }, seq: moment.seq, moment, failed: null }
    : free
}

export const momentFailed = (timeline: Timeline, point: Point, reason: string): Timeline => ({
  ...timeline,
  asked: null,
  failed: samePoint(point, timeline.want) ? reason : timeline.failed,
})

export const eventsCame = (timeline: Timeline, events: ReadonlyArray<EventRecord>): Timeline => ({
  ...timeline,
  log: headCame(timeline.log, events.at(-1)?.seq ?? 0),
  marks: newerCame(timeline.marks, events),
})

/** After a reconnection nothing that was asked for will be answered, and what came meanwhile was not seen. */
export const reconnected = (timeline: Timeline, head: number): Timeline => {
  const { want } = timeline
  return {
    ...timeline,
    want: "seq" in want ? { seq: Math.min(want.seq, head) } : want,
    seq: Math.min(timeline.seq, head),
    asked: null,
    failed: null,
    moment: null,
    log: windowOn(timeline.log, head),
    marks: noMarks(head),
  }
}

/** The event one stands on, where it is here. */
export const eventHere = (timeline: Timeline): EventRecord | null =>
  isCurrent(timeline) ? timeline.moment!.event : eventAt(timeline.log, timeline.seq)

/** The chain that is shown: the one that is walked, else that of the moment. */
export const chainOf = ({ walked, moment }: Timeline): Walked =>
  walked ?? { steps: moment?.chain ?? [], cost: moment?.cost ?? { usd: 0, modelCalls: 0 } }

/** The step one stands on, or the last before it. */
export const stepAt = (steps: Steps, seq: number): number =>
  steps.findLastIndex((step) => step.event.seq <= seq)

/** What a person saw in the queue then: what was to be answered, and what had ended. */
export const queueThen = ({
  at,
  queue,
}: Pick<Moment, "at" | "queue">): {
  readonly visible: ReadonlyArray<Suggestion>
  readonly ended: ReadonlyArray<Suggestion>
} => {
  const then = at === null ? 0 : Date.parse(at)
  // the log says that something ran out only when it is written to again
  const rows = queue.map((row): Suggestion =>
    (row.state === "pending" || row.state === "snoozed") &&
    row.expiresAt !== null &&
    Date.parse(row.expiresAt) <= then
      ? { ...row, state: "expired" }
      : row,
  )
  return {
    visible: rows.filter(
      (row) => row.state === "pending" && row.visibleAt !== null && Date.parse(row.visibleAt) <= then,
    ),
    ended: rows
      .filter((row) => row.state !== "pending" && row.state !== "snoozed")
      .toSorted((a, b) => b.lastSeq - a.lastSeq),
  }
}

/** The log up to the position, as rows that end there. */
const settledLog = (timeline: Timeline, rows: number) =>
  settleLog(
    { ...timeline.log, cursor: timeline.seq, top: Math.max(1, timeline.seq - rows + 1), follow: false },
    rows,
  )

/** Names what is missing: the moment first, then the rows of the log around it, then the marks of the bar. */
export const settleTimeline = (
  timeline: Timeline,
  rows: number,
): { readonly timeline: Timeline; readonly commands: ReadonlyArray<Command> } => {
  if (timeline.asked !== null) return { timeline, commands: [] }
  if (!isCurrent(timeline) && timeline.failed === null) {
    const point = timeline.want
    return { timeline: { ...timeline, asked: point }, commands: [{ _tag: "LoadMoment", point }] }
  }
  const { log, commands } = settledLog(timeline, Math.max(1, rows))
  const ranges = commands.map((command): Command =>
    command._tag === "LoadRange" ? { ...command, past: true } : command,
  )
  const { marks } = timeline
  if (!wantsMore(marks)) return { timeline: { ...timeline, log }, commands: ranges }
  return {
    timeline: { ...timeline, log, marks: { ...marks, asked: true } },
    commands: [...ranges, { _tag: "LoadMarks", to: marks.from - 1, limit: markPage }],
  }
}
