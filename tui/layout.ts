/**
 * Where the panels are for a size of the screen. Pure; `update` and `view` read the same rectangles.
 * Wide: queue and detail side by side above the log. Tall: all three in a column. Small or zoomed: the focused one.
 * The two last rows are the status line and the hints.
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

export interface Placed {
  readonly size: Size
  readonly panel: Panel
  /** The focused panel has the whole screen. */
  readonly zoomed: boolean
}

export const panelRects = ({ size: { columns, rows }, panel: focus, zoomed }: Placed): Rects => {
  const height = Math.max(1, rows - footer)
  if (!zoomed && columns >= 100 && height >= 14) {
    const left = Math.min(84, Math.floor(columns * 0.46))
    const lower = Math.max(5, Math.floor(height * 0.3))
    const upper = height - lower
    return {
      queue: { x: 0, y: 0, width: left, height: upper },
      detail: { x: left, y: 0, width: columns - left, height: upper },
      log: { x: 0, y: upper, width: columns, height: lower },
    }
  }
  if (!zoomed && height >= 18) {
    const queue = Math.max(5, Math.floor(height * 0.3))
    const log = Math.max(5, Math.floor(height * 0.25))
    return {
      queue: { x: 0, y: 0, width: columns, height: queue },
      detail: { x: 0, y: queue, width: columns, height: height - queue - log },
      log: { x: 0, y: height - log, width: columns, height: log },
    }
  }
  const whole = { x: 0, y: 0, width: columns, height }
  return {
    queue: focus === "queue" ? whole : null,
    detail: focus === "detail" ? whole : null,
    log: focus === "log" ? whole : null,
  }
}

/** Rows inside the border. */
export const innerRows = (rect: Rect | null): number => Math.max(1, (rect?.height ?? 3) - 2)
export const innerColumns = (rect: Rect | null): number => Math.max(1, (rect?.width ?? 4) - 4)
