/**
 * One block of Markdown as lines of a terminal: marked reads it, this draws it. Pure.
 * Invariants: no line is wider than `cells`, except of code, which is not wrapped but cut by nothing and left to the
 * terminal; all text is made harmless here; HTML is shown as the text it is; a link shows where it leads.
 */
import type { Token, Tokens } from "marked"
import { fit, harmless, harmlessLines, width } from "../../../tui/text.ts"
import { type Highlighter, languageOf } from "./highlight.ts"
import { type Line, line, lineWidth, type Span, span, type Style, textOf, under, wrapLine } from "./styled.ts"
import type { Theme } from "./theme.ts"

export interface Drawing {
  readonly cells: number
  readonly theme: Theme
  readonly highlighter: Highlighter
}

const named: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
}
const unescaped = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,6})|#x([0-9a-fA-F]{1,5})|([a-z]{2,4}));/g, (all, decimal, hex, name) => {
    if (name !== undefined) return named[name as string] ?? all
    const point = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal)
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : all
  })

const styled = (...styles: ReadonlyArray<Style>): Style => Object.assign({}, ...styles) as Style

/** Newlines inside a paragraph are spaces; `br` breaks the line and is a span of its own. */
const flowing = (text: string, style: Style): Line => line(harmless(text.replaceAll(/\s*\n\s*/g, " ")), style)

const breakMark = "\n"

const inline = (tokens: ReadonlyArray<Token> | undefined, style: Style, theme: Theme): Line =>
  (tokens ?? []).flatMap((token): Line => {
    switch (token.type) {
      case "text": {
        const { text, tokens: inner } = token as Tokens.Text
        return inner === undefined ? flowing(unescaped(text), style) : inline(inner, style, theme)
      }
      case "escape":
        return flowing((token as Tokens.Escape).text, style)
      case "strong":
        return inline((token as Tokens.Strong).tokens, styled(style, theme.strong), theme)
      case "em":
        return inline((token as Tokens.Em).tokens, styled(style, theme.emphasis), theme)
      case "del":
        return inline((token as Tokens.Del).tokens, styled(style, { strike: true }), theme)
      case "codespan":
        return flowing((token as Tokens.Codespan).text, styled(style, theme.code))
      case "br":
        return [span(breakMark)]
      case "checkbox":
        return []
      case "link": {
        const { href, tokens: inner } = token as Tokens.Link
        const shown = inline(inner, styled(style, theme.link), theme)
        const said = textOf(shown)
        return said === harmless(href) || href === `mailto:${said}`
          ? shown
          : [...shown, ...flowing(` (${href})`, styled(style, theme.dim))]
      }
      case "image": {
        const { href, text } = token as Tokens.Image
        return flowing(`[image: ${text}] (${href})`, styled(style, theme.dim))
      }
      default:
        return flowing("text" in token ? String(token.text) : token.raw, style)
    }
  })

/** Split where the text breaks its line itself. */
const broken = (spans: Line): ReadonlyArray<Line> => {
  const out: Array<Array<Span>> = [[]]
  for (const one of spans) {
    if (one.text === breakMark) out.push([])
    else out.at(-1)!.push(one)
  }
  return out
}

const paragraph = (
  tokens: ReadonlyArray<Token> | undefined,
  { cells, theme }: Drawing,
  style: Style = {},
): ReadonlyArray<Line> => broken(inline(tokens, style, theme)).flatMap((one) => wrapLine(one, cells))

/** `  ` before each line. */
const indented = (lines: ReadonlyArray<Line>, before: Line): ReadonlyArray<Line> =>
  lines.map((one) => (one.length === 0 ? one : [...before, ...one]))

const codeIndent: Line = [span("  ")]

/** The lines inside of a fence, as the terminal shows them. */
export const codeLines = (code: string, info: string, { highlighter, theme }: Drawing): ReadonlyArray<Line> =>
  indented(highlighter.lines(harmlessLines(code).join("\n"), languageOf(info), theme), codeIndent)

const tableLines = (table: Tokens.Table, { cells, theme }: Drawing): ReadonlyArray<Line> => {
  const rows = [table.header, ...table.rows].map((row, index) =>
    row.map((cell) =>
      inline(cell.tokens, index === 0 ? theme.strong : {}, theme).filter(({ text }) => text !== breakMark),
    ),
  )
  const count = table.header.length
  const natural = Array.from({ length: count }, (_, at) =>
    Math.max(1, ...rows.map((row) => lineWidth(row[at] ?? []))),
  )
  const room = cells - 3 * (count - 1)
  // a table that cannot stand side by side is told row by row
  if (room < count * 4) {
    const heads = rows[0]!
    return rows
      .slice(1)
      .flatMap((row, index) => [
        ...(index === 0 ? [] : [line("─".repeat(Math.min(cells, 12)), theme.rule)]),
        ...row.flatMap((cell, at) =>
          wrapLine([...(heads[at] ?? []), span(": "), ...cell], cells, [span("  ")]),
        ),
      ])
  }
  const widths = [...natural]
  while (widths.reduce((a, b) => a + b, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths))
    widths[widest] = widths[widest]! - 1
  }
  const gap = span(" │ ", theme.rule)
  const padded = (spans: Line, at: number): Line => {
    const left = widths[at]! - lineWidth(spans)
    if (left <= 0) return spans
    const align = table.align[at]
    const before = align === "right" ? left : align === "center" ? Math.floor(left / 2) : 0
    return [
      ...(before === 0 ? [] : [span(" ".repeat(before))]),
      ...spans,
      ...(left - before === 0 ? [] : [span(" ".repeat(left - before))]),
    ]
  }
  const drawn = rows.flatMap((row, index) => {
    const wrapped = Array.from({ length: count }, (_, at) => wrapLine(row[at] ?? [], widths[at]!))
    const height = Math.max(...wrapped.map(({ length }) => length))
    const lines = Array.from({ length: height }, (_, y) =>
      wrapped.flatMap((cell, at) => [...(at === 0 ? [] : [gap]), ...padded(cell[y] ?? [], at)]),
    )
    const rule = line(widths.map((wide) => "─".repeat(wide)).join("─┼─"), theme.rule)
    return index === 0 ? [...lines, rule] : lines
  })
  return drawn.map((one) => trimEnd(one))
}

const trimEnd = (spans: Line): Line => {
  const last = spans.at(-1)
  if (last === undefined) return spans
  const text = last.text.trimEnd()
  return text === "" ? trimEnd(spans.slice(0, -1)) : [...spans.slice(0, -1), { text, style: last.style }]
}

const headingLine = ({ depth, tokens }: Tokens.Heading, drawing: Drawing): ReadonlyArray<Line> => {
  const { theme } = drawing
  const style = depth <= 2 ? theme.title : theme.strong
  const lines = paragraph(tokens, drawing, style)
  return depth > 1
    ? lines
    : [...lines, line("═".repeat(Math.min(drawing.cells, Math.max(...lines.map(lineWidth), 1))), theme.rule)]
}

/** `marker` is what stands before it; `number` null: a bullet. */
export const itemLines = (
  item: Tokens.ListItem,
  number: number | null,
  drawing: Drawing,
): ReadonlyArray<Line> => {
  const { cells, theme } = drawing
  const marker = number === null ? "•" : `${number}.`
  const box = item.task ? (item.checked === true ? "[x] " : "[ ] ") : ""
  const before: Line = [span(`${marker} `, theme.bullet), ...line(box)]
  const indent = width(marker) + 1
  const inner = { ...drawing, cells: Math.max(8, cells - indent) }
  // the box is drawn in front of the item
  const lines = item.tokens
    .filter(({ type }) => type !== "checkbox")
    .flatMap((token) => blockLines(token, inner))
  const [first = [], ...rest] = lines
  return [[...before, ...first], ...indented(rest, [span(" ".repeat(indent))])]
}

export const numberOf = (list: Tokens.List, index: number, start: number | null): number | null =>
  list.ordered ? (start ?? (typeof list.start === "number" ? list.start : 1)) + index : null

const listLines = (list: Tokens.List, drawing: Drawing): ReadonlyArray<Line> =>
  list.items.flatMap((item, index) => itemLines(item, numberOf(list, index, null), drawing))

/** One token of the top level, or inside another; a blank line between blocks is the caller's. */
export const blockLines = (token: Token, drawing: Drawing): ReadonlyArray<Line> => {
  const { cells, theme } = drawing
  switch (token.type) {
    case "space":
    case "def":
      return []
    case "heading":
      return headingLine(token as Tokens.Heading, drawing)
    case "paragraph":
      return paragraph((token as Tokens.Paragraph).tokens, drawing)
    case "text": {
      const { text, tokens } = token as Tokens.Text
      return paragraph(tokens ?? [{ type: "text", raw: text, text } as Token], drawing)
    }
    case "code": {
      const { lang, text } = token as Tokens.Code
      return codeLines(text, lang ?? "", drawing)
    }
    case "blockquote": {
      const bar = span("│ ", theme.rule)
      return joined((token as Tokens.Blockquote).tokens, { ...drawing, cells: Math.max(8, cells - 2) }).map(
        (one) => [bar, ...under(one, theme.quote)],
      )
    }
    case "list":
      return listLines(token as Tokens.List, drawing)
    case "table":
      return tableLines(token as Tokens.Table, drawing)
    case "hr":
      return [line("─".repeat(Math.min(cells, 40)), theme.rule)]
    default:
      return harmlessLines(token.raw.replace(/\n+$/, "")).flatMap((text) =>
        wrapLine(line(text, theme.dim), cells),
      )
  }
}

/** Blocks with a blank line between them. */
const joined = (tokens: ReadonlyArray<Token>, drawing: Drawing): ReadonlyArray<Line> => {
  const drawn = tokens.map((token) => blockLines(token, drawing)).filter(({ length }) => length > 0)
  return drawn.flatMap((lines, index) => (index === 0 ? lines : [[], ...lines]))
}

/** Cut to the width of the screen: for what is shown for the moment and never committed. */
export const cutLine = (spans: Line, cells: number): Line => {
  const out: Array<Span> = []
  let left = cells
  for (const one of spans) {
    if (left <= 0) break
    const text = fit(one.text, left)
    out.push({ text, style: one.style })
    left -= width(text)
  }
  return out
}
