/**
 * What each command of the key table does to the model, and what it asks the driver for. Pure.
 * Invariants: an approval carries the digests of the plan that is on the screen; what is risky, unsandboxed or not
 * in sight opens a confirm dialog whose marked button is the safe one; keys that came in a burst approve nothing.
 */
import { approveReason, confirmBecause, undoTarget } from "./able.ts"
import { untilTyped } from "./choices.ts"
import { detailLines, findInDetail } from "./view/detail.ts"
import { fieldOf } from "./field.ts"
import type { CommandId } from "./keymap.ts"
import { innerColumns, innerRows, panelRects } from "./layout.ts"
import { cursorEvent, cursorIndex, emptyLog, moveTo, rowCount, withFilter } from "./log.ts"
import type { Command, Tone } from "./messages.ts"
import { currentDetail, emptyField, type Model, type Panel, queueRows, selectedRow } from "./model.ts"

export interface Step {
  readonly model: Model
  readonly commands: ReadonlyArray<Command>
}

export const stay = (model: Model, ...commands: ReadonlyArray<Command>): Step => ({ model, commands })

const noticeMs = 6_000

export const say = (model: Model, text: string, tone: Tone = "plain"): Model => ({
  ...model,
  notice: { text, tone, until: model.now + noticeMs },
})

export const send = (model: Model, id: string, command: Command): Step => ({
  model: { ...model, dialog: null, answering: new Set([...model.answering, id]) },
  commands: [command],
})

const order: ReadonlyArray<Panel> = ["queue", "detail", "log"]

export const focus = (model: Model, panel: Panel): Model => {
  // the detail panel tells of the list one comes from
  const subject =
    panel === "queue" || (panel === "log" && model.subject._tag === "why")
      ? ({ _tag: "suggestion" } as const)
      : model.subject
  return { ...model, panel, subject, detailTop: subject === model.subject ? model.detailTop : 0 }
}

const select = (model: Model, index: number): Model => {
  const rows = queueRows(model)
  const at = Math.max(0, Math.min(rows.length - 1, index))
  const row = rows[at]
  return row === undefined || row.id === model.selected
    ? model
    : {
        ...model,
        selected: row.id,
        selectedAt: model.now,
        queueIndex: at,
        subject: { _tag: "suggestion" },
        detailTop: 0,
      }
}

type Move = { readonly by: number } | { readonly to: "top" | "bottom" }

const target = (move: Move, at: number, count: number): number =>
  "by" in move ? at + move.by : move.to === "top" ? 0 : count - 1

const move = (model: Model, how: Move): Model => {
  switch (model.panel) {
    case "queue":
      return select(model, target(how, model.queueIndex, queueRows(model).length))
    case "log":
      return { ...model, log: moveTo(model.log, target(how, cursorIndex(model.log), rowCount(model.log))) }
    case "detail":
      return { ...model, detailTop: Math.max(0, target(how, model.detailTop, 1_000_000)) }
  }
}

const page = (model: Model): number => innerRows(panelRects(model.size, model.panel)[model.panel])

const copied = (model: Model): string => {
  if (model.panel === "log") {
    const event = cursorEvent(model.log)
    return event === null ? "" : JSON.stringify(event)
  }
  const row = selectedRow(model)
  if (row === null) return ""
  const detail = currentDetail(model)
  const calls = detail === null ? [] : detail.plans.map((plan) => plan.summary)
  return model.panel === "detail" && calls.length > 0 ? calls.join("\n") : row.id
}

const approve = (model: Model, burst: boolean): Step => {
  const detail = currentDetail(model)
  if (detail === null) return stay(say(model, approveReason(model) ?? "", "warn"))
  if (burst) return stay(say(model, "several keys came at once: press a again, alone, to approve", "warn"))
  const { id, title } = detail.suggestion
  const shown = {
    digests: detail.plans.map((plan) => plan.verdict.digest),
    unsandboxed: detail.plans.some((plan) => plan.sandbox === "none"),
  }
  const because = confirmBecause(model, detail)
  return because === null
    ? send(model, id, { _tag: "Approve", id, shown })
    : stay({
        ...model,
        dialog: { _tag: "confirm", does: "approve", id, title, detail, shown, because, yes: false },
      })
}

const undo = (model: Model): Step => {
  const row = undoTarget(model)!
  if (row.risk === "low" && row.id === model.selected)
    return send(model, row.id, { _tag: "Undo", id: row.id })
  return stay({
    ...model,
    dialog: {
      _tag: "confirm",
      does: "undo",
      id: row.id,
      title: row.title,
      detail: null,
      shown: { digests: [], unsandboxed: false },
      because: row.id === model.selected ? `it is of ${row.risk} risk` : "it is not the selected one",
      yes: false,
    },
  })
}

const why = (model: Model): Step => {
  const event = model.panel === "log" ? cursorEvent(model.log) : null
  const row = selectedRow(model)
  const id = event === null ? (row?.id ?? "") : String(event.seq)
  const of = event === null ? (row?.title ?? "") : `event ${event.seq}`
  return stay(
    { ...focus(model, "detail"), subject: { _tag: "why", id, of, why: null, reason: null }, detailTop: 0 },
    { _tag: "LoadWhy", id },
  )
}

const open = (model: Model): Model => {
  if (model.panel !== "log") return focus(model, "detail")
  const event = cursorEvent(model.log)
  return event === null
    ? model
    : { ...model, panel: "detail", subject: { _tag: "event", event }, detailTop: 0 }
}

const back = (model: Model): Model | null => {
  if (model.subject._tag === "why" && model.panel === "detail")
    return { ...model, subject: { _tag: "suggestion" }, detailTop: 0 }
  if (model.panel === "detail" && model.subject._tag === "event")
    return { ...model, panel: "log", subject: { _tag: "suggestion" }, detailTop: 0 }
  if (model.panel === "detail" && model.detailFind !== "") return { ...model, detailFind: "" }
  if (model.panel === "queue" && model.queueFilter !== "") return { ...model, queueFilter: "" }
  if (model.panel === "log" && model.log.matches !== null) return { ...model, log: withFilter(model.log, "") }
  return model.panel === "queue" ? null : focus(model, "queue")
}

const filterText = (model: Model): string =>
  model.panel === "queue"
    ? model.queueFilter
    : model.panel === "log"
      ? (model.log.matches?.text ?? "")
      : model.detailFind

/** In a filtered list the next match is the next row; in the detail it is the next line that holds the text. */
const match = (model: Model, by: 1 | -1): Model => {
  if (model.panel !== "detail") return move(model, { by })
  const rect = panelRects(model.size, "detail").detail
  const lines = detailLines(model, innerColumns(rect))
  const found = findInDetail(lines, model.detailFind, model.detailTop, by)
  return found === null
    ? say(model, model.detailFind === "" ? "nothing to find: / first" : "no further match", "warn")
    : { ...model, detailTop: found }
}

export const applyFilter = (model: Model, panel: Panel, text: string): Model => {
  switch (panel) {
    case "queue":
      return { ...model, queueFilter: text, queueTop: 0 }
    case "log":
      return (model.log.matches?.text ?? "") === text ? model : { ...model, log: withFilter(model.log, text) }
    case "detail":
      return { ...model, detailFind: text }
  }
}

export const reload = (model: Model): Step =>
  stay(
    {
      ...say(model, "read again"),
      detail: null,
      log: { ...emptyLog, head: model.log.head, cursor: model.log.cursor, follow: model.log.follow },
    },
    { _tag: "LoadRecent" },
    { _tag: "Redraw" },
  )

export const pause = (model: Model, wanted: "pause" | "resume", typed: string): Step => {
  if (wanted === "resume") return stay(model, { _tag: "Resume" })
  const untilMs = typed === "" ? null : untilTyped(typed, model.now)
  return typed !== "" && untilMs === null
    ? stay(say(model, `${JSON.stringify(typed)} is no duration: write 10m, 1h or 2d`, "warn"))
    : stay(model, { _tag: "Pause", untilMs })
}

/** `typed` is what followed the command's name in the palette. */
export const perform = (model: Model, id: CommandId, burst: boolean, typed = ""): Step => {
  const row = selectedRow(model)
  switch (id) {
    case "down":
      return stay(move(model, { by: 1 }))
    case "up":
      return stay(move(model, { by: -1 }))
    case "top":
    case "bottom":
      return stay(move(model, { to: id }))
    case "half-down":
      return stay(move(model, { by: Math.ceil(page(model) / 2) }))
    case "half-up":
      return stay(move(model, { by: -Math.ceil(page(model) / 2) }))
    case "page-down":
      return stay(move(model, { by: page(model) }))
    case "page-up":
      return stay(move(model, { by: -page(model) }))
    case "next-panel":
      return stay(focus(model, order[(order.indexOf(model.panel) + 1) % order.length]!))
    case "previous-panel":
      return stay(focus(model, order[(order.indexOf(model.panel) + 2) % order.length]!))
    case "panel-queue":
      return stay(focus(model, "queue"))
    case "panel-detail":
      return stay(focus(model, "detail"))
    case "panel-log":
      return stay(focus(model, "log"))
    case "open":
      return stay(open(model))
    case "back":
      return stay(back(model) ?? model)
    case "quit": {
      const before = back(model)
      return before === null ? stay(model, { _tag: "Quit", interrupted: false }) : stay(before)
    }
    case "interrupt":
      return stay(model, { _tag: "Quit", interrupted: true })
    case "filter": {
      const text = filterText(model)
      return stay({
        ...model,
        dialog: { _tag: "filter", panel: model.panel, field: fieldOf(text), before: text },
      })
    }
    case "next-match":
      return stay(match(model, 1))
    case "previous-match":
      return stay(match(model, -1))
    case "palette":
      return stay({ ...model, dialog: { _tag: "palette", field: emptyField, index: 0 } })
    case "help":
      return stay({ ...model, dialog: { _tag: "help", panel: model.panel, field: emptyField, top: 0 } })
    case "approve":
      return approve(model, burst)
    case "edit":
      return row === null
        ? stay(model)
        : stay(model, {
            _tag: "OpenEditor",
            id: row.id,
            text: `${JSON.stringify(row.proposed, null, 2)}\n`,
          })
    case "reject":
      if (row === null) return stay(model)
      return typed !== ""
        ? send(model, row.id, { _tag: "Reject", id: row.id, reason: typed })
        : stay({
            ...model,
            dialog: { _tag: "choose", does: "reject", id: row.id, title: row.title, index: 0 },
          })
    case "snooze": {
      if (row === null) return stay(model)
      const untilMs = untilTyped(typed, model.now)
      return untilMs !== null
        ? send(model, row.id, { _tag: "Snooze", id: row.id, untilMs })
        : stay({
            ...model,
            dialog: { _tag: "choose", does: "snooze", id: row.id, title: row.title, index: 0 },
          })
    }
    case "undo":
      return undo(model)
    case "why":
      return why(model)
    case "pause":
      return pause(model, model.status?.paused === true ? "resume" : "pause", typed)
    case "copy": {
      const text = copied(model)
      return stay(say(model, `copied: ${text.split("\n")[0]}`), { _tag: "Copy", text })
    }
    case "reload":
      return reload(model)
    case "redraw":
      return stay(model, { _tag: "Redraw" })
    default:
      return stay(model)
  }
}
