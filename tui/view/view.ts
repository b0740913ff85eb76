/** `view(model)`: the whole screen as lines of styled spans, each exactly as wide as the screen. Pure; no terminal. */
import { headerRows, innerColumns, innerRows, panelRects, type Rect } from "../layout.ts"
import { rowCount } from "../log.ts"
import type { Model, Panel } from "../model.ts"
import { queueRows } from "../model.ts"
import { exactly, type Line } from "../spans.ts"
import { theme } from "../theme.ts"
import { asThen, chainTop } from "../then.ts"
import { pastLines, pastTitle } from "./chain.ts"
import { detailLines, detailTitle } from "./detail.ts"
import { dialogBox } from "./dialogs.ts"
import { feedLines, feedTitle } from "./feed.ts"
import { fieldLine } from "./fields.ts"
import { overlaid, panel } from "./frame.ts"
import { queueLines, queueTitle } from "./queue.ts"
import { hintsLine, statusLine } from "./status.ts"
import { barLine, pastLine } from "./timeline.ts"

const number: Readonly<Record<Panel, number>> = { queue: 1, detail: 2, log: 3 }

const panelLines = (model: Model, name: Panel, rect: Rect): ReadonlyArray<Line> => {
  const columns = innerColumns(rect)
  const rows = innerRows(rect)
  const focused = model.panel === name && model.dialog === null
  const title = (text: string): string => `${number[name]} ${text}`
  switch (name) {
    case "queue":
      return panel(rect, title(queueTitle(model)), queueLines(model, columns, rows), focused, {
        top: model.queueTop,
        count: queueRows(model).length,
      })
    case "log": {
      const { log } = model
      return panel(rect, title(feedTitle(model)), feedLines(model, columns, rows), focused, {
        top: log.matches === null ? log.top - 1 : log.top,
        count: rowCount(log),
      })
    }
    case "detail": {
      const { timeline } = model
      if (timeline !== null) {
        const past = pastLines(model, timeline, columns)
        const top = chainTop(timeline, past, rows)
        const shown = past.lines.slice(top, top + rows)
        return panel(rect, title(pastTitle(model, timeline)), shown, focused, {
          top,
          count: past.lines.length,
        })
      }
      const lines = detailLines(model, columns)
      const shown = lines.slice(model.detailTop, model.detailTop + rows)
      return panel(rect, title(detailTitle(model)), shown, focused, {
        top: model.detailTop,
        count: lines.length,
      })
    }
  }
}

const prompts = { queue: " filter: ", log: " filter: ", detail: " find: " } as const

const lastLine = (model: Model, columns: number): Line => {
  const { dialog } = model
  if (dialog?._tag === "filter") return fieldLine(prompts[dialog.panel], dialog.field, columns)
  if (dialog?._tag === "goto") return fieldLine(" go to (1234, 14:30, 2h ago): ", dialog.field, columns)
  // one row: what is shown is said rather than what can be done
  return model.timeline !== null && model.size.rows === 1
    ? pastLine(model, model.timeline, columns)
    : hintsLine(model, columns)
}

export const view = (present: Model): ReadonlyArray<Line> => {
  const { columns, rows } = present.size
  const { timeline } = present
  const model = timeline === null ? present : asThen(present, timeline)
  const rects = panelRects(model)
  const screen: Array<Line> = Array.from({ length: rows }, (): Line => [])
  for (const name of ["queue", "log", "detail"] as const) {
    const rect = rects[name]
    if (rect === null) continue
    panelLines(model, name, rect).forEach((one, index) => {
      const y = rect.y + index
      if (y >= rows) return
      screen[y] = rect.x === 0 ? one : [...screen[y]!, ...one]
    })
  }
  if (rows >= 3) screen[rows - 2] = statusLine(model, columns)
  if (timeline !== null) {
    // a low screen has no rows to spare, but has to say that this is the past
    const header = headerRows(present) > 0
    screen[header ? 0 : Math.max(0, rows - 2)] = pastLine(present, timeline, columns)
    if (header) screen[1] = barLine(timeline, columns)
  }
  screen[rows - 1] = lastLine(present, columns)
  const box = dialogBox(present, present.size)
  if (box !== null) {
    box.lines.forEach((one, index) => {
      const y = box.y + index
      if (y < rows) screen[y] = overlaid(exactly(screen[y]!, columns), one, box.x)
    })
  }
  return screen.map((one) => exactly(one, columns, theme.plain))
}
