/** Moving about: cursors, panels, what the detail panel tells of, filters. Pure. */
import { innerColumns, innerRows, panelRects } from "./layout.ts"
import { cursorEvent, cursorIndex, moveTo, rowCount, withFilter } from "./log.ts"
import { type Model, type Panel, queueRows } from "./model.ts"
import { say } from "./step.ts"
import { detailLines, findInDetail } from "./view/detail.ts"

export const order: ReadonlyArray<Panel> = ["queue", "detail", "log"]

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
        chosen: true,
        queueIndex: at,
        subject: { _tag: "suggestion" },
        detailTop: 0,
      }
}

type Move = { readonly by: number } | { readonly to: "top" | "bottom" }

const target = (move: Move, at: number, count: number): number =>
  "by" in move ? at + move.by : move.to === "top" ? 0 : count - 1

export const move = (model: Model, how: Move): Model => {
  switch (model.panel) {
    case "queue":
      return select(model, target(how, model.queueIndex, queueRows(model).length))
    case "log":
      return { ...model, log: moveTo(model.log, target(how, cursorIndex(model.log), rowCount(model.log))) }
    case "detail":
      return { ...model, detailTop: Math.max(0, target(how, model.detailTop, 1_000_000)) }
  }
}

export const page = (model: Model): number => innerRows(panelRects(model)[model.panel])

export const open = (model: Model): Model => {
  if (model.panel !== "log") return focus(model, "detail")
  const event = cursorEvent(model.log)
  return event === null
    ? model
    : { ...model, panel: "detail", subject: { _tag: "event", event }, detailTop: 0 }
}

export const back = (model: Model): Model | null => {
  if (model.subject._tag === "why" && model.panel === "detail")
    return { ...model, subject: { _tag: "suggestion" }, detailTop: 0 }
  if (model.subject._tag === "output" && model.panel === "detail") return focus(model, "queue")
  if (model.panel === "detail" && model.subject._tag === "event")
    return { ...model, panel: "log", subject: { _tag: "suggestion" }, detailTop: 0 }
  if (model.panel === "detail" && model.detailFind !== "") return { ...model, detailFind: "" }
  if (model.panel === "queue" && model.queueFilter !== "") return { ...model, queueFilter: "" }
  if (model.panel === "log" && model.log.matches !== null) return { ...model, log: withFilter(model.log, "") }
  return model.panel === "queue" ? null : focus(model, "queue")
}

export const filterText = (model: Model): string =>
  model.panel === "queue"
    ? model.queueFilter
    : model.panel === "log"
      ? (model.log.matches?.text ?? "")
      : model.detailFind

/** In a filtered list the next match is the next row; in the detail it is the next line that holds the text. */
export const match = (model: Model, by: 1 | -1): Model => {
  if (model.panel !== "detail") return move(model, { by })
  const rect = panelRects(model).detail
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
