/**
 * After every message: cursors back into sight, void questions closed, and what the screen now needs asked for: the
 * plan of the selected row where it is unknown or out of date, the ranges of the log that are on it. Pure.
 */
import { innerColumns, innerRows, panelRects } from "./layout.ts"
import { settleLog } from "./log.ts"
import type { Command } from "./messages.ts"
import { isOpen, type Model, queueRows } from "./model.ts"
import { say, stay, type Step } from "./step.ts"
import { settleTimeline } from "./timeline.ts"
import { detailLines } from "./view/detail.ts"

const settleQueue = (model: Model, height: number): Model => {
  const rows = queueRows(model)
  if (rows.length === 0) return { ...model, selected: null, queueIndex: 0, queueTop: 0 }
  const same = rows.findIndex((row) => row.id === model.selected)
  // until the user moved, the cursor waits for the first question
  const waits = !model.chosen && isOpen(rows[0]!) && !(same >= 0 && isOpen(rows[same]!))
  const index = waits ? 0 : same >= 0 ? same : Math.min(model.queueIndex, rows.length - 1)
  const selected = rows[index]!.id
  const top = Math.max(
    0,
    Math.min(index, Math.max(model.queueTop, index - height + 1), Math.max(0, rows.length - height)),
  )
  return {
    ...model,
    selected,
    selectedAt: selected === model.selected ? model.selectedAt : model.now,
    queueIndex: index,
    queueTop: top,
  }
}

/** The plan of the selected row: asked for where it is unknown, or where the row moved on. */
const settleDetail = (model: Model): Step => {
  if (model.connection !== "connected" || model.selected === null) return stay(model)
  const row = queueRows(model)[model.queueIndex]!
  const { detail } = model
  const same = detail !== null && detail.id === row.id
  if (same && detail.lastSeq >= row.lastSeq) return stay(model)
  const asked = {
    id: row.id,
    lastSeq: row.lastSeq,
    state: "loading",
    detail: same ? detail.detail : null,
    reason: null,
    loadedAt: model.now,
  } as const
  // a plan that changed under an open question makes the question void
  const voided = same && model.dialog?._tag === "confirm" && model.dialog.id === row.id
  const next = voided ? say({ ...model, dialog: null }, "it changed meanwhile: look again", "warn") : model
  return stay({ ...next, detail: asked }, { _tag: "LoadDetail", id: row.id })
}

/** A question about something that is no longer open is void. */
const settleDialog = (model: Model): Model => {
  const { dialog } = model
  if (dialog?._tag !== "confirm" || dialog.does !== "approve") return model
  return (model.visible ?? []).some((row) => row.id === dialog.id)
    ? model
    : say({ ...model, dialog: null }, "it is no longer open", "warn")
}

/** While the past is shown, it is what is asked for; the present is kept by what comes of itself. */
const settlePast = ({ model, commands }: Step): Step => {
  if (model.timeline === null || model.connection !== "connected") return { model, commands }
  const past = settleTimeline(model.timeline, innerRows(panelRects(model).log))
  return { model: { ...model, timeline: past.timeline }, commands: [...commands, ...past.commands] }
}

export const settle = ({ model: before, commands }: Step): Step => {
  const model = settleDialog(before)
  const rects = panelRects(model)
  const queue = settleQueue(model, innerRows(rects.queue))
  if (model.timeline !== null) return settlePast({ model: queue, commands })
  const detail = settleDetail(queue)
  const log =
    detail.model.connection === "connected"
      ? settleLog(detail.model.log, innerRows(rects.log))
      : { log: detail.model.log, commands: [] as ReadonlyArray<Command> }
  const withLog = { ...detail.model, log: log.log }
  const lowest =
    rects.detail === null
      ? 0
      : Math.max(0, detailLines(withLog, innerColumns(rects.detail)).length - innerRows(rects.detail))
  return {
    model: withLog.detailTop > lowest ? { ...withLog, detailTop: lowest } : withLog,
    commands: [...commands, ...detail.commands, ...log.commands],
  }
}
