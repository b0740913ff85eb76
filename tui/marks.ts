/**
 * Where in the log decisions and actions lie: numbers only, read newest first in pages, so that a bar over the whole
 * span can be drawn without the log. Pure.
 * Invariants: both lists are ascending and hold every mark from `from` to `upTo`; of a very long log the oldest part stays
 * unread, and the bar says so.
 */
import type { EventRecord } from "../src/domain/event.ts"

export interface Mark {
  readonly seq: number
  readonly kind: "decision" | "action"
}

/** What marks the bar, by type; silence does not. The index of the log answers so few types without a scan. */
export const markTypes: Readonly<Record<string, Mark["kind"]>> = {
  "decision.digest": "decision",
  "decision.notify": "decision",
  "decision.question": "decision",
  "decision.draft": "decision",
  "approval.approved": "action",
  "approval.waived": "action",
  "approval.voided": "action",
  "tool.started": "action",
  "tool.failed": "action",
  "tool.undone": "action",
}

export const markOf = (event: Pick<EventRecord, "seq" | "type">): Mark | null => {
  const kind = markTypes[event.type]
  return kind === undefined ? null : { seq: event.seq, kind }
}

export interface Marks {
  readonly decisions: ReadonlyArray<number>
  readonly actions: ReadonlyArray<number>
  /** Everything between these two was looked at. */
  readonly from: number
  readonly upTo: number
  readonly asked: boolean
}

export const markPage = 256
const kept = 10_000

export const noMarks = (head: number): Marks => ({
  decisions: [],
  actions: [],
  from: head + 1,
  upTo: head,
  asked: false,
})

const seqsOf = (marks: ReadonlyArray<Mark>, kind: Mark["kind"]): ReadonlyArray<number> =>
  marks
    .filter((mark) => mark.kind === kind)
    .map((mark) => mark.seq)
    .toSorted((a, b) => a - b)

/** A page of older ones, the newest at or before the one asked for. */
export const olderCame = (marks: Marks, page: ReadonlyArray<Mark>): Marks => {
  const oldest = page.reduce((least, mark) => Math.min(least, mark.seq), marks.from)
  return {
    ...marks,
    decisions: [...seqsOf(page, "decision"), ...marks.decisions],
    actions: [...seqsOf(page, "action"), ...marks.actions],
    from: page.length < markPage ? 1 : oldest,
    asked: false,
  }
}

export const newerCame = (marks: Marks, events: ReadonlyArray<EventRecord>): Marks => {
  const fresh = events.flatMap((event) => {
    const mark = event.seq > marks.upTo ? markOf(event) : null
    return mark === null ? [] : [mark]
  })
  return {
    ...marks,
    ...(fresh.length === 0
      ? {}
      : {
          decisions: [...marks.decisions, ...seqsOf(fresh, "decision")],
          actions: [...marks.actions, ...seqsOf(fresh, "action")],
        }),
    upTo: Math.max(marks.upTo, events.at(-1)?.seq ?? 0),
  }
}

export const wantsMore = (marks: Marks): boolean =>
  !marks.asked && marks.from > 1 && marks.decisions.length + marks.actions.length < kept

/** First index whose seq is at least `seq`. */
const lowerBound = (seqs: ReadonlyArray<number>, seq: number): number => {
  let low = 0
  let high = seqs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (seqs[middle]! < seq) low = middle + 1
    else high = middle
  }
  return low
}

/** The nearest decision before or behind: null where there is none, undefined where it is not known from here. */
export const decisionFrom = (marks: Marks, seq: number, by: 1 | -1): number | null | undefined => {
  const at = lowerBound(marks.decisions, by === 1 ? seq + 1 : seq)
  if (by === 1) return seq + 1 < marks.from ? undefined : (marks.decisions[at] ?? null)
  return marks.decisions[at - 1] ?? (marks.from > 1 ? undefined : null)
}

export interface BarCell {
  readonly decisions: number
  readonly actions: number
  readonly read: boolean
}

/** The seqs of the log dealt out to so many cells. */
export const cellOf = (seq: number, head: number, cells: number): number =>
  Math.max(0, Math.min(cells - 1, Math.floor(((Math.max(1, seq) - 1) * cells) / Math.max(1, head))))

export const barCells = (marks: Marks, head: number, cells: number): ReadonlyArray<BarCell> => {
  const decisions = Array.from({ length: cells }, () => 0)
  const actions = Array.from({ length: cells }, () => 0)
  for (const seq of marks.decisions) decisions[cellOf(seq, head, cells)]!++
  for (const seq of marks.actions) actions[cellOf(seq, head, cells)]!++
  const first = marks.from > head ? cells : cellOf(marks.from, head, cells)
  return decisions.map((count, cell) => ({
    decisions: count,
    actions: actions[cell]!,
    read: cell >= first,
  }))
}
