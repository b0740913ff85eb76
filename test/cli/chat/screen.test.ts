/** The bottom of the screen: what is printed once and what is drawn for now, on a real terminal emulator and in tmux. */
import { assert, describe, it } from "@effect/vitest"
import { Terminal } from "@xterm/headless"
import { Effect } from "effect"
import * as fc from "fast-check"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { emptyEditor } from "../../../src/cli/chat/editorState.ts"
import { editorLines } from "../../../src/cli/chat/prompt.ts"
import { painted, type Painted, type Size, unpainted } from "../../../src/cli/chat/screen.ts"
import { type Line, line, lineWidth, sgr, textOf } from "../../../src/cli/chat/styled.ts"
import { defaultTheme, themes } from "../../../src/cli/chat/theme.ts"
import { hasTmux, openPane } from "../../tui/pane.ts"

const theme = themes[defaultTheme]!

/** What a terminal shows after these bytes, scrollback and all. */
const seen = async (columns: number, rows: number, ...writes: ReadonlyArray<string>) => {
  const term = new Terminal({ cols: columns, rows, allowProposedApi: true })
  for (const bytes of writes) await new Promise<void>((resolve) => term.write(bytes, resolve))
  const { active } = term.buffer
  const lines = Array.from({ length: active.length }, (_, y) => active.getLine(y)!.translateToString(true))
  return {
    lines: lines.join("\n").trimEnd().split("\n"),
    cursor: [active.baseY + active.cursorY, active.cursorX],
  }
}

describe("the bottom of the screen", () => {
  it("prints a line once, whatever is drawn below it", async () => {
    const lineSet = fc.array(fc.constantFrom("a", "", "long line of words", "日本語", "─".repeat(30)), {
      maxLength: 4,
    })
    const frames = fc.array(fc.tuple(lineSet, lineSet, fc.nat(5)), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(frames, async (all) => {
        const size: Size = { columns: 20, rows: 8 }
        let before: Painted = unpainted
        let bytes = ""
        let wanted: ReadonlyArray<string> = []
        let live: ReadonlyArray<Line> = []
        for (const [commit, now, row] of all) {
          const fits = commit.map((one) => [...one].slice(0, 9).join(""))
          live = [...now, "> "].map((one) => line(one))
          const { after, text: drawn } = painted(
            before,
            { commit: fits.map((one) => line(one)), live, cursor: { row, column: 1 } },
            size,
            false,
          )
          before = after
          bytes += drawn
          wanted = [...wanted, ...fits]
        }
        const { lines } = await seen(20, 8, bytes)
        assert.deepStrictEqual(lines.slice(0, wanted.length), wanted)
        assert.strictEqual(lines.slice(wanted.length).at(-1), ">")
        assert.lengthOf(lines, wanted.length + live.length)
      }),
      { numRuns: 60 },
    )
  })

  /** A screen that is full of live lines, drawn again and again. */
  const full = (size: Size): string => {
    let before: Painted = unpainted
    let bytes = ""
    for (let count = 0; count < 5; count++) {
      const live = [...Array.from({ length: size.rows - 2 }, (_, at) => line(`row ${at}`)), line("> ")]
      const frame = { commit: count === 2 ? [line("kept")] : [], live, cursor: { row: count % 2, column: 0 } }
      const { after, text: drawn } = painted(before, frame, size, false)
      before = after
      bytes += drawn
    }
    return bytes
  }

  it("never erases the whole screen at once", async () => {
    const term = new Terminal({ cols: 20, rows: 8, allowProposedApi: true })
    const places: Array<number> = []
    term.parser.registerCsiHandler({ final: "J" }, () => {
      places.push(term.buffer.active.cursorY)
      return false
    })
    await new Promise<void>((resolve) => term.write(full({ columns: 20, rows: 8 }), resolve))
    assert.lengthOf(places, 4)
    assert.isTrue(
      places.every((row) => row > 0),
      `${places}`,
    )
    const { lines } = await seen(20, 8, full({ columns: 20, rows: 8 }))
    assert.strictEqual(lines.filter((one) => one === ">").length, 1)
  })

  it.live.skipIf(!hasTmux)("leaves no copies in tmux's history", () =>
    Effect.gen(function* () {
      const pane = yield* openPane(20, 8)
      writeFileSync(join(pane.dir, "bytes"), full({ columns: 20, rows: 8 }))
      pane.tmux("respawn-pane", "-k", `cat ${join(pane.dir, "bytes")}; tmux wait-for -S drawn; exec sleep 60`)
      pane.tmux("wait-for", "drawn")
      const history = pane.tmux("capture-pane", "-p", "-S", "-100").trimEnd().split("\n")
      assert.strictEqual(history.filter((one) => one.trim() === ">").length, 1, history.join("|"))
      assert.strictEqual(history.filter((one) => one === "kept").length, 1)
    }).pipe(Effect.scoped),
  )

  it("puts the cursor where it belongs, and cuts what is wider than the screen", async () => {
    const { after, text: drawn } = painted(
      unpainted,
      {
        commit: [line("above")],
        live: [line("x".repeat(50)), line("> ab"), line("state")],
        cursor: { row: 1, column: 3 },
      },
      { columns: 20, rows: 10 },
      false,
    )
    const { cursor, lines } = await seen(20, 10, drawn)
    assert.deepStrictEqual(lines, ["above", `${"x".repeat(18)}…`, "> ab", "state"])
    assert.deepStrictEqual(cursor, [2, 3])
    assert.deepStrictEqual(after.widths, [19, 4, 5])
  })

  it("knows the cursor's place in a text that is broken by the screen", () => {
    const { cursor, lines } = editorLines(
      { ...emptyEditor, text: "日本語abcdef\nx", cursor: 7 },
      11,
      theme,
      "",
      9,
    )
    assert.deepStrictEqual(lines.map(textOf), ["> 日本語ab", "  cdef", "  x"])
    assert.deepStrictEqual(cursor, { row: 1, column: 4 })
    for (const one of lines) assert.isBelow(lineWidth(one), 11)
    assert.strictEqual(sgr(lines[0]!, false), "> 日本語ab")
  })

  it("draws of a long text what is around the cursor, and says where that is", () => {
    const text = Array.from({ length: 2_000 }, (_, at) => `line ${at + 1}`).join("\n")
    for (const [cursor, row] of [
      [text.length, 2_000],
      [0, 1],
      [text.indexOf("line 700") + 2, 700],
    ] as const) {
      const drawn = editorLines({ ...emptyEditor, text, cursor }, 60, theme, "", 10)
      assert.strictEqual(drawn.lines.length, 10)
      assert.strictEqual(textOf(drawn.lines[drawn.cursor.row]!).slice(2), `line ${row}`)
      assert.include(textOf(drawn.lines.at(-1)!), `row ${row} of 2000`)
      assert.strictEqual(textOf(drawn.lines[0]!).startsWith("> "), row === 1)
    }
  })
})
