/** What each key does while the timeline is open. Pure; nothing here answers, changes or undoes anything. */
import type { CommandId } from "./keymap.ts"
import { innerColumns, innerRows, panelRects } from "./layout.ts"
import { cursorEvent } from "./log.ts"
import { decisionFrom } from "./marks.ts"
import { emptyField, type Model, queueRows, selectedRow } from "./model.ts"
import { readPoint } from "./point.ts"
import { say, stay, type Step } from "./step.ts"
import { asThen, chainTop } from "./then.ts"
import { chainOf, eventHere, goTo, isCurrent, openTimeline, stepAt, type Timeline } from "./timeline.ts"
import { pastLines } from "./view/chain.ts"

const leaps = 20

const put = (model: Model, timeline: Timeline): Step => stay({ ...model, timeline })

const moved = (model: Model, timeline: Timeline, by: number): Step =>
  put(model, goTo(timeline, { seq: timeline.seq + by }))

const leap = (timeline: Timeline): number => Math.max(1, Math.round(timeline.log.head / leaps))

/** The next decision that was no silence: from the marks, or as the moment says; not known yet: one stays. */
const decision = (model: Model, timeline: Timeline, by: 1 | -1): Step => {
  const { moment, seq } = timeline
  const marked = decisionFrom(timeline.marks, seq, by)
  const told = !isCurrent(timeline) ? undefined : by === 1 ? moment!.nextDecision : moment!.previousDecision
  const found = marked ?? told ?? marked
  if (found === undefined) return stay(say(model, "still looking for it"))
  return found === null
    ? stay(say(model, by === 1 ? "no later decision" : "no earlier decision"))
    : put(model, goTo(timeline, { seq: found }))
}

const walk = (model: Model, timeline: Timeline, by: 1 | -1): Step => {
  const { steps, cost } = chainOf(timeline)
  if (steps.length === 0) return stay(say(model, "this event belongs to no chain (n: the next decision)"))
  const at = stepAt(steps, timeline.seq)
  const on = steps[at]?.event.seq === timeline.seq
  const next = steps[by === 1 ? at + 1 : on ? at - 1 : at]
  return next === undefined
    ? stay(say(model, by === 1 ? "that is the end of the chain" : "that is the beginning of the chain"))
    : put(model, goTo(timeline, { seq: next.event.seq }, { steps, cost }))
}

const select = (model: Model, timeline: Timeline, by: number): Step => {
  const then = asThen(model, timeline)
  const rows = queueRows(then)
  const at = rows.findIndex((row) => row.id === then.selected)
  const row = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))]
  return row === undefined ? stay(model) : put(model, { ...timeline, selected: row.id, top: null })
}

/** Up and down: rows of the queue, lines of the chain, events of the log. */
const scroll = (model: Model, timeline: Timeline, by: number): Step => {
  if (model.panel === "queue") return select(model, timeline, by)
  if (model.panel === "log") return moved(model, timeline, by)
  const rect = panelRects(model).detail
  const past = pastLines(asThen(model, timeline), timeline, innerColumns(rect))
  const rows = innerRows(rect)
  const lowest = Math.max(0, past.lines.length - rows)
  const top = Math.max(0, Math.min(lowest, chainTop(timeline, past, rows) + by))
  return put(model, { ...timeline, top })
}

const open = (model: Model, timeline: Timeline): Step => {
  if (model.panel !== "queue") return walk(model, timeline, 1)
  const row = selectedRow(asThen(model, timeline))
  return row === null
    ? stay(say(model, "nothing is selected"))
    : put({ ...model, panel: "detail" }, goTo(timeline, { seq: row.decidedSeq }))
}

/** Where the timeline starts: at what is looked at, else at the newest event. */
const startOf = (model: Model): number => {
  const { subject } = model
  if (model.panel === "log") return cursorEvent(model.log)?.seq ?? model.log.head
  if (subject._tag === "event") return subject.event.seq
  if (subject._tag !== "why") return model.log.head
  if (/^\d+$/.test(subject.id)) return Number(subject.id)
  return queueRows(model).find((row) => row.id === subject.id)?.decidedSeq ?? model.log.head
}

/** Opens it, or goes to the point that was typed. */
export const timeTravel = (model: Model, typed: string): Step => {
  const { timeline } = model
  const looksAt = timeline?.moment?.at ?? null
  const point =
    typed.trim() === ""
      ? { seq: timeline?.seq ?? startOf(model) }
      : readPoint(typed, looksAt === null ? model.now : Date.parse(looksAt), model.now)
  if (point === null)
    return stay(
      say(model, `${JSON.stringify(typed)} is no point: write 1234, 14:30, 2026-11-22 14:30 or 2h`, "warn"),
    )
  return timeline === null
    ? put({ ...model, panel: "detail" }, goTo(openTimeline(model.log, point), point))
    : put(model, goTo(timeline, point))
}

/** Back to now. What comes onto the screen again has to be looked at again before a key can approve it. */
const leave = (model: Model): Step =>
  stay({
    ...model,
    timeline: null,
    panel: model.panel === "log" ? "log" : "queue",
    subject: { _tag: "suggestion" },
    selectedAt: model.now,
  })

/** Null: the key means the same as ever. */
export const inPast = (model: Model, timeline: Timeline, id: CommandId, typed: string): Step | null => {
  const page = innerRows(panelRects(model)[model.panel])
  switch (id) {
    case "now":
      return leave(model)
    case "event-back":
      return moved(model, timeline, -1)
    case "event-on":
      return moved(model, timeline, 1)
    case "ten-back":
      return moved(model, timeline, -10)
    case "ten-on":
      return moved(model, timeline, 10)
    case "hundred-back":
      return moved(model, timeline, -100)
    case "hundred-on":
      return moved(model, timeline, 100)
    case "leap-back":
      return moved(model, timeline, -leap(timeline))
    case "leap-on":
      return moved(model, timeline, leap(timeline))
    case "top":
      return put(model, goTo(timeline, { seq: 1 }))
    case "bottom":
      return put(model, goTo(timeline, { seq: timeline.log.head }))
    case "next-decision":
      return decision(model, timeline, 1)
    case "previous-decision":
      return decision(model, timeline, -1)
    case "chain-on":
      return walk(model, timeline, 1)
    case "chain-back":
      return walk(model, timeline, -1)
    case "open":
      return open(model, timeline)
    case "go-to":
      return typed === ""
        ? stay({ ...model, dialog: { _tag: "goto", field: emptyField } })
        : timeTravel(model, typed)
    case "down":
      return scroll(model, timeline, 1)
    case "up":
      return scroll(model, timeline, -1)
    case "half-down":
      return scroll(model, timeline, Math.ceil(page / 2))
    case "half-up":
      return scroll(model, timeline, -Math.ceil(page / 2))
    case "page-down":
      return scroll(model, timeline, page)
    case "page-up":
      return scroll(model, timeline, -page)
    case "panel-queue":
      return stay({ ...model, panel: "queue" })
    case "panel-detail":
      return stay({ ...model, panel: "detail" })
    case "panel-log":
      return stay({ ...model, panel: "log" })
    case "reload":
      return put(model, { ...timeline, moment: null, failed: null })
    case "copy": {
      const event = eventHere(timeline)
      return event === null
        ? stay(say(model, "that event is still being read"))
        : stay(say(model, `copied: event ${event.seq}`), { _tag: "Copy", text: JSON.stringify(event) })
    }
    default:
      return null
  }
}
