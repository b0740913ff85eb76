/** The line one types in, as lines of the screen: prompt, text, cursor, what could be completed, the line of state. Pure. */
import { fit, harmless, padEnd, width } from "../../../tui/text.ts"
import type { SessionSpent } from "../../rpc/sessions.ts"
import type { EditorState } from "./editorState.ts"
import { type Line, line, span } from "./styled.ts"
import type { Theme } from "./theme.ts"

export interface Menu {
  readonly candidates: ReadonlyArray<{ readonly text: string; readonly detail: string }>
  readonly chosen: number
}

const shownCandidates = 6

interface Drawn {
  readonly lines: ReadonlyArray<Line>
  readonly cursor: { readonly row: number; readonly column: number }
}

/** One row of the text and where it begins in it. */
interface Row {
  readonly text: string
  readonly from: number
}

const plain = /^[\x20-\x7e]*$/

/** The text broken where the screen ends, so that the cursor's place is known. */
const rowsOf = (text: string, cells: number): ReadonlyArray<Row> => {
  const rows: Array<Row> = []
  let from = 0
  for (const whole of text.split("\n")) {
    // most of a long paste: a cell for each letter
    if (plain.test(whole)) {
      let at = 0
      do rows.push({ text: whole.slice(at, at + cells), from: from + at })
      while ((at += cells) < whole.length)
      from += whole.length + 1
      continue
    }
    let row = ""
    let start = from
    let used = 0
    for (const char of whole) {
      const wide = width(harmless(char))
      if (used + wide > cells && row !== "") {
        rows.push({ text: row, from: start })
        start += row.length
        row = ""
        used = 0
      }
      row += char
      used += wide
    }
    rows.push({ text: row, from: start })
    from += whole.length + 1
  }
  return rows
}

const shownWidth = (text: string): number => width([...text].map(harmless).join(""))

/** `most`: rows it may take; of a longer text those around the cursor are drawn. */
export const editorLines = (
  state: EditorState,
  cells: number,
  theme: Theme,
  hint: string,
  most: number,
): Drawn => {
  const marker = state.vim && state.mode === "normal" ? ": " : "> "
  const rows = rowsOf(state.text, Math.max(4, cells - 3))
  const at = rows.findLastIndex(({ from }) => from <= state.cursor)
  const room = rows.length <= most ? rows.length : Math.max(1, most - 1)
  const first = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room))
  const lines = rows.slice(first, first + room).map(({ text }, index): Line => {
    const shown = [...text].map(harmless).join("")
    const empty = state.text === "" && hint !== ""
    const begins = first + index === 0
    return [span(begins ? marker : "  ", theme.you), ...(empty ? line(hint, theme.dim) : line(shown))]
  })
  const row = rows[at]!
  return {
    lines:
      room === rows.length
        ? lines
        : [...lines, line(`  (row ${at + 1} of ${rows.length} that will be sent)`, theme.dim)],
    cursor: { row: at - first, column: 2 + shownWidth(row.text.slice(0, state.cursor - row.from)) },
  }
}

export const menuLines = ({ candidates, chosen }: Menu, cells: number, theme: Theme): ReadonlyArray<Line> => {
  const from = Math.max(0, Math.min(chosen - 2, candidates.length - shownCandidates))
  const shown = candidates.slice(from, from + shownCandidates)
  const wide = Math.min(Math.floor(cells / 2), Math.max(0, ...shown.map(({ text }) => width(harmless(text)))))
  return shown.map(({ detail, text }, index): Line => {
    const style = from + index === chosen ? { ...theme.accent, inverse: true as const } : theme.accent
    return [
      span("  "),
      span(padEnd(harmless(text), wide), style),
      ...line(`  ${harmless(detail)}`, theme.dim),
    ]
  })
}

export interface StateLine {
  readonly model: string
  readonly spent: Pick<SessionSpent, "usd" | "unpriced">
  readonly context: number
  readonly window: number | null
  readonly working: string | null
  readonly note: string | null
}

const thousands = (tokens: number): string =>
  tokens < 1000 ? String(tokens) : `${(tokens / 1000).toFixed(1)}k`

export const stateLine = (state: StateLine, cells: number, theme: Theme): Line => {
  const { context, model, note, spent, window, working } = state
  const unpriced = spent.unpriced === 0 ? "" : ` + ${spent.unpriced} unpriced`
  const share = window === null || window === 0 ? "" : ` (${Math.round((context / window) * 100)} %)`
  const parts = [
    ...(working === null ? [] : [working]),
    harmless(model),
    `$${spent.usd.toFixed(4)}${unpriced}`,
    `${thousands(context)}${window === null ? "" : ` of ${thousands(window)}`} tokens${share}`,
  ]
  return note === null
    ? line(fit(`  ${parts.join(" · ")}`, cells), theme.dim)
    : line(fit(`  ${harmless(note)}`, cells), theme.warn)
}
