/**
 * Where the panels are for a size of the screen. Pure; `update` and `view` read the same rectangles.
 * Wide: queue and detail side by side above the log. Tall: all three in a column. Small or zoomed: the focused one.
 * The two last rows are the status line and the hints; in the past the first two say where one is.
 */
import type { Size } from "./messages.ts"
import type { Panel } from "./model.ts"

export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export type Rects = Readonly<Record<Panel, Rect | null>>

const footer = 2
/** Rows above the panels while the timeline is open; a very low screen has none to spare. */
const header = 2
const lowest = 8

export interface Placed {
  readonly size: Size
  readonly panel: Panel
  /** The focused panel has the whole screen. */
  readonly zoomed: boolean
  /** Not null while the past is shown. */
  readonly timeline: object | null
}

export const headerRows = ({ size: { rows }, timeline }: Pick<Placed, "size" | "timeline">): number =>
  timeline === null || rows < lowest ? 0 : header

export const panelRects = (placed: Placed): Rects => {
  const {
    size: { columns, rows },
    panel: focus,
    zoomed,
  } = placed
  const y = headerRows(placed)
  const height = Math.max(1, rows - footer - y)
  if (!zoomed && columns >= 100 && height >= 14) {
    const left = Math.min(84, Math.floor(columns * 0.46))
    const lower = Math.max(5, Math.floor(height * 0.3))
    const upper = height - lower
    return {
      queue: { x: 0, y, width: left, height: upper },
      detail: { x: left, y, width: columns - left, height: upper },
      log: { x: 0, y: y + upper, width: columns, height: lower },
    }
  }
  if (!zoomed && height >= 18) {
    const queue = Math.max(5, Math.floor(height * 0.3))
    const log = Math.max(5, Math.floor(height * 0.25))
    return {
      queue: { x: 0, y, width: columns, height: queue },
      detail: { x: 0, y: y + queue, width: columns, height: height - queue - log },
      log: { x: 0, y: y + height - log, width: columns, height: log },
    }
  }
  const whole = { x: 0, y, width: columns, height }
  return {
    queue: focus === "queue" ? whole : null,
    detail: focus === "detail" ? whole : null,
    log: focus === "log" ? whole : null,
  }
}

/** Rows inside the border. */
export const innerRows = (rect: Rect | null): number => Math.max(1, (rect?.height ?? 3) - 2)
export const innerColumns = (rect: Rect | null): number => Math.max(1, (rect?.width ?? 4) - 4)
