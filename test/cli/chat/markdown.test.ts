/** Markdown in pieces: the same lines however it is cut, none wider than the screen, nothing hostile in them. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { isHarmless } from "../../../src/domain/neutralise.ts"
import { makeHighlighter } from "../../../src/cli/chat/highlight.ts"
import type { Drawing } from "../../../src/cli/chat/markdown.ts"
import { MarkdownStream } from "../../../src/cli/chat/MarkdownStream.ts"
import { type Line, lineWidth, sgr, textOf } from "../../../src/cli/chat/styled.ts"
import { defaultTheme, themes } from "../../../src/cli/chat/theme.ts"

const highlighter = makeHighlighter()
const drawing = (cells: number): Drawing => ({ cells, theme: themes[defaultTheme]!, highlighter })

const shown = (text: string, cells = 60): ReadonlyArray<string> => {
  const stream = new MarkdownStream()
  return [...stream.push(text, drawing(cells)), ...stream.end(drawing(cells))].map(textOf)
}

const inPieces = (text: string, cuts: ReadonlyArray<number>, cells: number): ReadonlyArray<Line> => {
  const stream = new MarkdownStream()
  const out: Array<Line> = []
  let from = 0
  for (const cut of [...new Set(cuts.map((at) => at % (text.length + 1)))].toSorted((a, b) => a - b)) {
    out.push(...stream.push(text.slice(from, cut), drawing(cells)))
    // what is shown meanwhile changes nothing
    stream.tail(drawing(cells))
    from = cut
  }
  return [...out, ...stream.push(text.slice(from), drawing(cells)), ...stream.end(drawing(cells))]
}

const block = fc.constantFrom(
  "# Title *one*\n",
  "Heading\n---\n",
  "A paragraph with **bold**, `code` and [a link](https://example.org/x).\n",
  "two\nlines of text  \nwith a break\n",
  "- one\n- two\n  more\n- three\n",
  "1. first\n2. second\n\n3. third\n",
  "* a\n\n  para in it\n\n* b\n",
  "- [ ] open\n- [x] done\n",
  "- outer\n  - inner\n    1. deep\n  - inner 2\n- again\n",
  "> quoted\n> text\nlazily on\n",
  "| a | b |\n| --- | ---: |\n| 1 | 日本 |\n",
  "```ts\nconst a = 1\n\n// - no list\n```\n",
  "~~~\nopen fence\n",
  "    indented\n\n    code\n",
  "<div>\nhtml\n</div>\n",
  "<!-- a comment\n\nover lines -->\n",
  "***\n",
  "text\n```js\nlet x\n```\n",
  "para ```a`b\n",
  "日本語のとても長い文章がここにあります。折り返しは文字の間で行われます。\n",
  "[ref]: https://example.org\n",
  "a | b\nno table\n",
  "&lt;b&gt; &amp; &#x41;\n",
  "+\n",
  "1)\n",
)
const document = fc
  .array(fc.tuple(block, fc.constantFrom("", "\n", "\n\n")), { maxLength: 8 })
  .map((parts) => parts.map(([text, gap]) => text + gap).join(""))

/** Where a reference leads comes long behind it. */
const defined = "a paragraph\n[ref]: x\n\n\n[ref]: https://example.org\n"

describe("Markdown that comes in pieces", () => {
  it("gives the same lines however it was cut", () => {
    fc.assert(
      fc.property(document, fc.array(fc.nat(), { maxLength: 12 }), (text, cuts) => {
        assert.deepStrictEqual(inPieces(text, cuts, 40).map(textOf), shown(text, 40))
      }),
      { numRuns: 400, examples: [[defined, [defined.indexOf("\n\n") + 2]]] },
    )
  })

  it("gives the same lines one character at a time", () => {
    fc.assert(
      fc.property(document, (text) => {
        const every = Array.from({ length: text.length }, (_, at) => at)
        assert.deepStrictEqual(inPieces(text, every, 40).map(textOf), shown(text, 40))
      }),
      { numRuns: 60 },
    )
  })

  it("gives a fence out line by line, a list item by item, and holds a paragraph until it ends", () => {
    const stream = new MarkdownStream()
    const push = (text: string) => stream.push(text, drawing(60)).map(textOf)
    assert.deepStrictEqual(push("A para"), [])
    assert.deepStrictEqual(stream.tail(drawing(60)).map(textOf), ["A para"])
    assert.deepStrictEqual(push("graph\n\n```ts\nlet a"), ["A paragraph", ""])
    assert.deepStrictEqual(push(" = 1\nlet b"), ["  let a = 1"])
    assert.deepStrictEqual(push("\n```\n- x"), ["  let b"])
    assert.deepStrictEqual(push("\n- y"), [])
    assert.deepStrictEqual(push("\n"), ["", "• x"])
    assert.deepStrictEqual(stream.end(drawing(60)).map(textOf), ["• y"])
  })

  it("keeps to the width of the screen, wide glyphs counted", () => {
    const prose = fc
      .array(
        fc.constantFrom("word", "日本語", "**bold**", "a-very-long-word-without-a-space", "`x`", "é", "\n"),
        {
          maxLength: 40,
        },
      )
      .map((words) => words.join(" "))
    fc.assert(
      fc.property(prose, fc.integer({ min: 8, max: 60 }), (text, cells) => {
        for (const one of inPieces(text, [], cells)) assert.isAtMost(lineWidth(one), cells, textOf(one))
      }),
    )
    for (const one of inPieces("| a | b |\n|-|-|\n| some words here | 日本語のテキスト |\n", [], 20))
      assert.isAtMost(lineWidth(one), 20)
    assert.deepStrictEqual(shown("| a | b | c |\n|-|-|-|\n| 1 | 2 | 3 |\n", 12), ["a: 1", "b: 2", "c: 3"])
  })

  it("draws each kind of block", () => {
    assert.deepStrictEqual(shown("# T\n\ntext *it* **b**\n\n- a\n  - b\n1. x\n2. y\n\n> q\n\n---\n"), [
      "T",
      "═",
      "",
      "text it b",
      "",
      "• a",
      "  • b",
      "",
      "1. x",
      "2. y",
      "",
      "│ q",
      "",
      "─".repeat(40),
    ])
    assert.deepStrictEqual(shown("| a | n |\n| - | -: |\n| x | 1 |\n| yy | 22 |\n"), [
      "a  │  n",
      "───┼───",
      "x  │  1",
      "yy │ 22",
    ])
    assert.deepStrictEqual(shown("see [here](https://a.example/b) and <https://c.example>"), [
      "see here (https://a.example/b) and https://c.example",
    ])
    assert.deepStrictEqual(shown("- [x] done\n- [ ] open"), ["• [x] done", "• [ ] open"])
    assert.deepStrictEqual(shown("5. a\n6. b\n\n7. c"), ["5. a", "6. b", "7. c"])
  })

  it("makes everything harmless", () => {
    const hostile = "a\u001b[31mred\u0007 \u202eevil **b\u009bold** `\u001b]0;t\u0007`"
    const lines = shown(
      `${hostile}\n\n# ${hostile}\n\n\`\`\`\n${hostile}\n\`\`\`\n- ${hostile}\n\n<b>${hostile}</b>\n\n> ${hostile}`,
      200,
    )
    assert.isAbove(lines.length, 6)
    for (const text of lines) assert.isTrue(isHarmless(text), JSON.stringify(text))
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const one of shown(text)) assert.isTrue(isHarmless(one), JSON.stringify(one))
      }),
      { numRuns: 50 },
    )
    assert.notInclude(shown("it &#27;[31m works").join(""), "\u001b")
  })

  it("colours code by its language once that is loaded, and only then", async () => {
    const lazy = makeHighlighter()
    const theme = themes[defaultTheme]!
    const of = () => lazy.lines('const a = "x" // c\nlet b', "typescript", theme)
    assert.deepStrictEqual(of().map(textOf), ['const a = "x" // c', "let b"])
    assert.strictEqual(sgr(of()[0]!, true), 'const a = "x" // c')
    await lazy.load("typescript")
    assert.deepStrictEqual(of().map(textOf), ['const a = "x" // c', "let b"])
    assert.include(sgr(of()[0]!, true), "\u001b[38;5;133mconst\u001b[0m")
    assert.strictEqual(sgr(of()[0]!, false), 'const a = "x" // c')
  })
})
