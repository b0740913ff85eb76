/** The answer of a slash command as lines of a terminal. Pure; all text is made harmless here. */
import { harmless, harmlessLines, padEnd, width } from "../../../tui/text.ts"
import type { CommandAnswer, CommandBlock } from "../../domain/command.ts"
import type { Drawing } from "./markdown.ts"
import { MarkdownStream } from "./MarkdownStream.ts"
import { type Line, line, span, wrapLine } from "./styled.ts"

const tableLines = (
  { head, rows }: Extract<CommandBlock, { readonly _tag: "table" }>,
  { cells, theme }: Drawing,
): ReadonlyArray<Line> => {
  const all = [...(head.length === 0 ? [] : [head]), ...rows].map((row) =>
    row.map((cell) => harmless(cell.replaceAll("\n", " "))),
  )
  const count = Math.max(0, ...all.map(({ length }) => length))
  const widths = Array.from({ length: count }, (_, at) =>
    Math.min(Math.max(8, Math.floor(cells / 2)), Math.max(0, ...all.map((row) => width(row[at] ?? "")))),
  )
  return all.flatMap((row, index) => {
    const style = head.length > 0 && index === 0 ? theme.strong : {}
    const parts = row.map((cell, at) => (at === row.length - 1 ? cell : `${padEnd(cell, widths[at]!)}  `))
    const indent = widths.slice(0, Math.max(0, row.length - 1)).reduce((sum, wide) => sum + wide + 2, 0)
    return wrapLine(line(parts.join("").trimEnd(), style), cells, [
      span(" ".repeat(indent < cells / 2 ? indent : 2)),
    ])
  })
}

const blockLines = (block: CommandBlock, drawing: Drawing): ReadonlyArray<Line> => {
  const { cells, theme } = drawing
  switch (block._tag) {
    case "text":
      return harmlessLines(block.text).flatMap((one) => wrapLine(line(one), cells))
    case "markdown": {
      const stream = new MarkdownStream()
      return [...stream.push(block.text, drawing), ...stream.end(drawing)]
    }
    case "diff":
      return harmlessLines(block.text).map((one) =>
        line(
          one,
          one.startsWith("+")
            ? theme.good
            : one.startsWith("-")
              ? theme.bad
              : one.startsWith("@@")
                ? theme.accent
                : {},
        ),
      )
    case "table":
      return tableLines(block, drawing)
  }
}

export const answerLines = ({ blocks }: CommandAnswer, drawing: Drawing): ReadonlyArray<Line> =>
  blocks.flatMap((block) => blockLines(block, drawing))
