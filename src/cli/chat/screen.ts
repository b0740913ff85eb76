/**
 * The bottom of a terminal that keeps its scrollback: lines that are printed once, and below them a few that are drawn
 * again and again. Pure: what it was and what it shall be give the text to write.
 * Invariants: nothing above the live lines is ever touched; one write a frame, in one synchronised update; the live lines
 * are never more than the screen has.
 */
import { cutLine } from "./markdown.ts"
import { type Line, lineWidth, sgr } from "./styled.ts"

export interface Painted {
  /** Widths of the live lines, in order: how many rows they take after the screen became narrower. */
  readonly widths: ReadonlyArray<number>
  /** Which of them the cursor is on. */
  readonly row: number
  readonly column: number
}

export const unpainted: Painted = { widths: [], row: 0, column: 0 }

export interface Frame {
  /** To be printed above, once. */
  readonly commit: ReadonlyArray<Line>
  readonly live: ReadonlyArray<Line>
  readonly cursor: { readonly row: number; readonly column: number }
}

export interface Size {
  readonly columns: number
  readonly rows: number
}

const rowsOf = (cells: number, columns: number): number => Math.max(1, Math.ceil(cells / columns))

/**
 * Of the row the cursor is at the left of, and all below it. The first row goes by itself: to tmux, erasing from the top left
 * corner on is leaving the screen, and it would keep what stood there in its history.
 */
const below = "\u001b[K\u001b7\u001b[1B\u001b[J\u001b8"

/** Up to the first of the live lines, and all of them gone. */
export const erased = ({ column, row, widths }: Painted, { columns }: Size): string => {
  if (widths.length === 0) return ""
  const above = widths.slice(0, row).reduce((sum, cells) => sum + rowsOf(cells, columns), 0)
  const up = above + Math.floor(Math.min(column, Math.max(0, (widths[row] ?? 0) - 1)) / columns)
  return `\r${up === 0 ? "" : `\u001b[${up}A`}${below}`
}

const begin = "\u001b[?2026h\u001b[?25l"
const end = "\u001b[?25h\u001b[?2026l"

export const painted = (
  before: Painted,
  frame: Frame,
  size: Size,
  colour: boolean,
): { readonly text: string; readonly after: Painted } => {
  // a line as wide as the screen would make some terminals wrap
  const cells = Math.max(1, size.columns - 1)
  const drop = Math.max(0, frame.live.length - Math.max(1, size.rows - 1))
  const live = frame.live
    .slice(drop)
    .map((spans) => (lineWidth(spans) > cells ? cutLine(spans, cells) : spans))
  const row = Math.max(0, Math.min(frame.cursor.row - drop, live.length - 1))
  const column = Math.min(frame.cursor.column, cells)
  const commit = frame.commit.map((spans) => `${sgr(spans, colour)}\r\n`).join("")
  const drawn = live.map((spans) => sgr(spans, colour)).join("\r\n")
  const up = live.length - 1 - row
  const place = `${up <= 0 ? "" : `\u001b[${up}A`}\r${column === 0 ? "" : `\u001b[${column}C`}`
  return {
    text: `${begin}${erased(before, size)}${commit}${drawn}${place}${end}`,
    after: { widths: live.map(lineWidth), row, column },
  }
}
