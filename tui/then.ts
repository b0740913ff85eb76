/**
 * The screen's model as it was at the timeline's moment, so that the past is painted by what paints the present.
 * Pure; what is not known of the moment yet is null or empty, never today's.
 */
import { innerRows, panelRects } from "./layout.ts"
import { type Model, queueRows } from "./model.ts"
import type { Line } from "./spans.ts"
import { queueThen, type Timeline } from "./timeline.ts"

/** The row the cursor was put on, else the one that the event belongs to. */
const selectedThen = (timeline: Timeline): string | null =>
  timeline.selected ?? timeline.moment?.event?.correlationId ?? null

export const asThen = (model: Model, timeline: Timeline): Model => {
  const { moment, log, seq } = timeline
  const queue = moment === null ? null : queueThen(moment)
  const rows = innerRows(panelRects(model).log)
  const then: Model = {
    ...model,
    now: moment?.at == null ? model.now : Date.parse(moment.at),
    status: moment?.status ?? null,
    minds: null,
    visible: queue?.visible ?? null,
    recent: queue?.ended ?? [],
    selected: selectedThen(timeline),
    queueTop: 0,
    queueFilter: "",
    detail: null,
    subject: { _tag: "suggestion" },
    answering: new Set(),
    log: { ...log, head: seq, cursor: seq, top: Math.max(1, seq - rows + 1), follow: false },
  }
  const at = queueRows(then).findIndex((row) => row.id === then.selected)
  const height = innerRows(panelRects(model).queue)
  return at < height ? then : { ...then, queueTop: at - height + 1 }
}

/** Lines of the chain, and the one that must be in sight. */
export interface PastLines {
  readonly lines: ReadonlyArray<Line>
  readonly at: number | null
}

/** First line on the screen: where the user scrolled to, else so that the current step is a third from the top. */
export const chainTop = ({ top }: Timeline, { lines, at }: PastLines, rows: number): number => {
  const lowest = Math.max(0, lines.length - rows)
  return Math.max(0, Math.min(lowest, top ?? (at === null || at < rows ? 0 : at - Math.floor(rows / 3))))
}
