/** A conversation as lines: what is printed once, what is shown for now, on a real terminal emulator. */
import { assert, describe, it } from "@effect/vitest"
import { Terminal } from "@xterm/headless"
import { Effect } from "effect"
import * as fc from "fast-check"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { grantedText, type Granting, granting } from "../../../src/cli/chat/always.ts"
import { type Asking, askingKey, askingLines } from "../../../src/cli/chat/asking.ts"
import { answerLines } from "../../../src/cli/chat/commandLines.ts"
import { wantedAt } from "../../../src/cli/chat/completion.ts"
import { emptyEditor } from "../../../src/cli/chat/editorState.ts"
import { Feed } from "../../../src/cli/chat/Feed.ts"
import { makeHighlighter } from "../../../src/cli/chat/highlight.ts"
import type { Drawing } from "../../../src/cli/chat/markdown.ts"
import { editorLines, stateLine } from "../../../src/cli/chat/prompt.ts"
import { painted, type Painted, type Size, unpainted } from "../../../src/cli/chat/screen.ts"
import { type Line, line, lineWidth, sgr, textOf } from "../../../src/cli/chat/styled.ts"
import { defaultTheme, themes } from "../../../src/cli/chat/theme.ts"
import { mentioned } from "../../../src/cli/chat/attach.ts"
import type { AnswerPart } from "../../../src/domain/modelRequest.ts"
import { longestTaintedMs } from "../../../src/domain/grant.ts"
import { isHarmless } from "../../../src/domain/neutralise.ts"
import type { SessionItem, SessionPart } from "../../../src/rpc/sessions.ts"
import type { Detail } from "../../../src/rpc/shapes.ts"
import { alwaysOf } from "../../../tui/grants.ts"
import { hasTmux, openPane } from "../../tui/pane.ts"

const theme = themes[defaultTheme]!
const drawing: Drawing = { cells: 60, theme, highlighter: makeHighlighter() }
const at = { seq: 1, at: "2026-11-22T10:00:00.000Z" }
const usage = { input: 100, output: 10, cacheRead: 5, cacheWrite: 0 }

const answered = (...parts: ReadonlyArray<AnswerPart>): SessionPart => ({
  _tag: "item",
  item: { _tag: "answered", ...at, call: "m_1", served: "tiny", parts, finish: "stop", usage, usd: 0.25 },
})
const item = (one: SessionItem): SessionPart => ({ _tag: "item", item: one })
const said = (text: string, actor = "user:cli"): SessionPart =>
  item({ _tag: "said", ...at, text, actor, files: [] })
const text = (piece: string): SessionPart => ({ _tag: "text", call: null, text: piece })
const rested = (reason: "completed" | "failed" = "completed", message = ""): SessionPart =>
  item({ _tag: "rested", ...at, reason, message })

const shown = (...parts: ReadonlyArray<SessionPart>): ReadonlyArray<string> => {
  const feed = new Feed()
  return parts.flatMap((part) => feed.take(part, drawing)).map(textOf)
}

describe("a conversation as lines", () => {
  it("says behind what had come of an answer how it failed, and nothing of a stop that was asked for", () => {
    const failed = (reason: string): SessionPart =>
      item({ _tag: "failed", ...at, call: "m_1", reason, message: "cut off", cure: "" })
    const lines = shown(said("hi"), text("- one\n- tw"), failed("network")).filter((one) => one !== "")
    assert.deepStrictEqual(
      lines.map((one) => one.replace(/^! /, "")),
      ["> hi", "• one", "• tw", "cut off"],
    )
    assert.notInclude(shown(said("hi"), text("- one"), failed("cancelled")).join("\n"), "cut off")
  })

  it("prints the same whether an answer streamed or came whole", () => {
    const answer = "Two **lines**.\n\n- a\n- b\n"
    const whole = shown(said("hi"), answered({ type: "text", text: answer }), rested())
    assert.deepStrictEqual(whole, ["> hi", "", "Two lines.", "", "• a", "• b"])
    fc.assert(
      fc.property(fc.array(fc.nat(answer.length), { maxLength: 6 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), answer.length]
        const pieces = places.slice(1).map((to, index) => text(answer.slice(places[index], to)))
        assert.deepStrictEqual(
          shown(said("hi"), ...pieces, answered({ type: "text", text: answer }), rested()),
          whole,
        )
      }),
    )
  })

  it("shows the whole of what it came late to, and what was asked again", () => {
    const answer = answered({ type: "text", text: "One two three." })
    const late = shown({ _tag: "live", seq: 1, state: "working" }, text("three."), answer)
    assert.deepStrictEqual(late, ["One two three."])
    const again: SessionPart = { _tag: "again", reason: "overloaded", afterMs: 2000, model: "local/tiny" }
    assert.deepStrictEqual(shown(text("One tw"), again, text("One two"), answer), [
      "One tw",
      "",
      "asked again in 2 s (overloaded), local/tiny",
      "",
      "One two three.",
    ])
    // a client that missed the word of it
    assert.include(
      shown(text("Other\n\n"), answer).join("|"),
      "the answer was asked for again:||One two three.",
    )
  })

  it("tells tool calls in a line each, with how they ended", () => {
    const call = (id: string, name: string, params: { readonly path: string }): AnswerPart => ({
      type: "tool-call",
      id,
      name,
      params,
    })
    const results = item({
      _tag: "results",
      ...at,
      call: "m_1",
      results: [
        { id: "1", tool: "read_file", suggestion: "s_1", ok: true, text: "line one\nline two", ms: null },
        { id: "2", tool: "write_file", suggestion: "s_2", ok: false, text: "denied by rule x", ms: null },
      ],
    })
    const parts = [call("1", "read_file", { path: "a.ts" }), call("2", "write_file", { path: ".env" })]
    assert.deepStrictEqual(shown(answered({ type: "text", text: "Reading." }, ...parts), results), [
      "Reading.",
      "",
      "● read_file a.ts  line one (+1 lines)",
      "● write_file .env  denied by rule x",
    ])
    const feed = new Feed()
    feed.take(
      {
        _tag: "open",
        requests: [{ suggestion: "s_1", title: "bash: npm test", state: "runs", question: false }],
      },
      drawing,
    )
    assert.deepStrictEqual(feed.live(drawing).map(textOf), ["◌ bash: npm test  running"])
  })

  it("keeps thoughts short, says why work ended, adds up what it cost", () => {
    const thought: SessionPart = { _tag: "reasoning", call: null, text: `${"think ".repeat(100)}` }
    const lines = shown(
      thought,
      text("x"),
      answered({ type: "text", text: "x" }),
      rested("failed", "no model"),
    )
    assert.match(lines[0]!, /^thought: think/)
    assert.isBelow(lines.filter((one) => one.includes("think")).length, 6)
    assert.deepStrictEqual(lines.slice(-3), ["x", "", "no model"])
    const feed = new Feed()
    const spent = { usd: 0.75, calls: 3, unpriced: 0 }
    for (const part of [
      said("a"),
      answered({ type: "text", text: "x" }),
      { _tag: "spent", ...spent } as const,
      said("b", "user:tui"),
    ])
      feed.take(part, drawing)
    assert.deepStrictEqual(feed.totals, {
      working: true,
      model: "tiny",
      spent,
      context: 115,
    })
  })

  it("believes a word that was said, not how it stood before it", () => {
    const feed = new Feed()
    const working = (...parts: ReadonlyArray<SessionPart>): boolean => {
      for (const part of parts) feed.take(part, drawing)
      return feed.totals.working
    }
    const live = (state: "resting" | "working"): SessionPart => ({ _tag: "live", seq: 1, state })
    feed.begin()
    assert.isTrue(working(said("go on"), live("resting")), "or Ctrl-C would not stop it")
    feed.begin()
    assert.isFalse(working(rested(), live("working")))
    // where nothing came, it is how it stood
    feed.begin()
    assert.isTrue(working(live("working")))
    feed.begin()
    assert.isFalse(working(live("resting")))
  })

  it("makes everything harmless", () => {
    const bad = "\u001b]0;title\u0007\u202e\u009b2J"
    const parts: ReadonlyArray<SessionPart> = [
      said(bad, `user:${bad}`),
      { _tag: "reasoning", call: null, text: bad },
      { _tag: "tool", call: null, part: { type: "tool-call", id: "1", name: bad, params: { command: bad } } },
      { _tag: "again", reason: bad, afterMs: 0, model: bad },
      answered({ type: "text", text: bad }, { type: "tool-call", id: "2", name: bad, params: bad }),
      item({
        _tag: "results",
        ...at,
        call: "m",
        results: [{ id: "2", tool: bad, suggestion: null, ok: false, text: bad, ms: null }],
      }),
      item({ _tag: "noted", ...at, kind: "x", text: bad }),
      item({ _tag: "failed", ...at, call: "m", reason: "x", message: bad, cure: bad }),
      item({ _tag: "changed", ...at, model: bad }),
      rested("failed", bad),
    ]
    const feed = new Feed()
    const lines = parts.flatMap((part) => [...feed.take(part, drawing), ...feed.live(drawing)])
    const blocks = answerLines(
      {
        v: 1,
        command: "x",
        data: null,
        next: null,
        blocks: [
          { _tag: "text", text: bad },
          { _tag: "markdown", text: bad },
          { _tag: "diff", text: `+${bad}` },
          { _tag: "table", head: [bad], rows: [[bad, bad]] },
        ],
      },
      drawing,
    )
    const others = [
      ...editorLines({ ...emptyEditor, text: bad, cursor: 3 }, 40, theme, "").lines,
      stateLine(
        { model: bad, spent: { usd: 0, unpriced: 0 }, context: 0, window: null, working: null, note: bad },
        40,
        theme,
      ),
    ]
    assert.isAbove(lines.length, 10)
    for (const one of [...lines, ...blocks, ...others])
      assert.isTrue(isHarmless(textOf(one)), JSON.stringify(textOf(one)))
  })
})

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
    )
    assert.deepStrictEqual(lines.map(textOf), ["> 日本語ab", "  cdef", "  x"])
    assert.deepStrictEqual(cursor, { row: 1, column: 4 })
    for (const one of lines) assert.isBelow(lineWidth(one), 11)
    assert.strictEqual(sgr(lines[0]!, false), "> 日本語ab")
  })
})

const detail = (risk: "low" | "medium"): Detail =>
  ({
    v: 1,
    suggestion: { id: "s_1", title: "write a.ts", risk, workspace: "/w", state: "pending" },
    plans: [
      {
        call: { tool: "write_file", input: {} },
        verdict: {
          verdict: "ask",
          effects: [{ _tag: "write", path: "/w/a.ts" }],
          reason: "no rule \u001b[31m",
        },
        summary: "Create a.ts",
        preview: `=====\n${Array.from({ length: 30 }, (_, n) => `+line ${n}`).join("\n")}`,
        sandbox: "not-needed",
        undoable: true,
        undoReason: null,
        problem: null,
      },
    ],
  }) as unknown as Detail
const asking = (risk: "low" | "medium", more: Partial<Asking> = {}): Asking => ({
  detail: detail(risk),
  sure: false,
  sent: false,
  since: 0,
  ...more,
})

describe("what waits for the person", () => {
  it("tells what will happen, to what, and how it is undone, in few lines", () => {
    const lines = askingLines(asking("low"), theme, 60, false).map(textOf)
    assert.match(lines.join("\n"), /write a\.ts\n {2}Create a\.ts\n {2}.*writes a\.ts; can be undone whole/)
    assert.isBelow(lines.length, 22)
    assert.include(lines.join("\n"), "more lines: d shows them")
    assert.include(lines.at(-1)!, "y yes")
    for (const one of lines) assert.isTrue(isHarmless(one))
    assert.include(askingLines(asking("low"), theme, 60, true).map(textOf).at(-1)!, "Esc")
  })

  it("is answered by a key of its own that came after it could be read, and twice where it matters", () => {
    const act = (one: Asking, key: string, burst = false, now = 1000) => askingKey(one, key, burst, now)._tag
    assert.strictEqual(act(asking("low"), "y"), "approve")
    assert.strictEqual(act(asking("medium"), "y"), "sure")
    const last = detail("low")
    const final = {
      ...last,
      plans: last.plans.map((one) => ({ ...one, undoable: false, undoReason: "too large" })),
    }
    assert.strictEqual(act(asking("low", { detail: final }), "y"), "sure", "there is no way back")
    assert.strictEqual(act(asking("medium", { sure: true }), "y"), "approve")
    assert.strictEqual(
      act(asking("medium", { sure: true, since: 900 }), "y"),
      "none",
      "too soon after the first",
    )
    assert.strictEqual(act(asking("low"), "y", true), "none", "in a burst")
    assert.strictEqual(act(asking("low"), "y", false, 100), "none", "too soon to have been read")
    assert.strictEqual(act(asking("low", { sent: true }), "y"), "none")
    assert.deepStrictEqual(
      ["n", "r", "d", "escape", "enter", "x"].map((key) => act(asking("low"), key)),
      ["reject", "reason", "whole", "later", "none", "none"],
    )
  })
})

describe("asking no more", () => {
  const offers = (note: string | null = null) =>
    granting({
      note,
      offers: [
        { scope: "exact", title: "exactly this \u001b[31mwrite", possible: true },
        { scope: "prefix", title: "it is no command", possible: false },
        { scope: "workspace", title: "write_file below src/", possible: true },
      ],
    })!
  const lines = (one: Granting) =>
    askingLines(asking("low", { granting: one }), theme, 100, false).map(textOf)
  const act = (one: Granting, key: string, now = 1000) =>
    askingKey(asking("medium", { granting: one }), key, false, now)

  it("offers each for an hour and until revoked, and says in a line what it would allow", () => {
    const text = lines(offers()).join("\n")
    assert.match(text, /1 exact: exactly this .*write, in this workspace, for one hour/)
    assert.match(text, /4 workspace: write_file below src\/, in this workspace, until you revoke it/)
    assert.include(text, "– prefix: it is no command")
    for (const one of lines(offers())) assert.isTrue(isHarmless(one))
    assert.strictEqual(askingKey(asking("low"), "a", false, 1000)._tag, "always")
    assert.strictEqual(askingKey(asking("low"), "a", true, 1000)._tag, "none", "in a burst")
  })

  it("grants by a number and a yes, each after it could be read; what cannot be granted has no number", () => {
    const choice = offers().choices[2]!
    assert.deepStrictEqual(act(offers(), "3"), { _tag: "choose", choice })
    assert.strictEqual(act(offers(), "3", 100)._tag, "none", "too soon")
    assert.deepStrictEqual(
      ["5", "y", "n", "escape"].map((key) => act(offers(), key)._tag),
      ["none", "none", "none", "back"],
    )
    const chosen = { ...offers(), chosen: choice }
    assert.include(lines(chosen).join("\n"), "always  write_file below src/, in this workspace, for one hour")
    assert.deepStrictEqual(act(chosen, "y"), { _tag: "grant", choice })
    assert.deepStrictEqual(alwaysOf(choice, 5), { scope: "workspace", untilMs: 3_600_005 })
    assert.deepStrictEqual(alwaysOf(offers().choices[3]!, 5), { scope: "workspace", untilMs: null })
    assert.isNull(granting({ offers: [], note: "nothing of it is asked" }))
  })

  it("offers what counts here alone where anything does, by name and for a day at most", () => {
    const title = "write_file may write any plain file below src, in this conversation alone, also though"
    const here = granting({
      note: null,
      offers: [
        { scope: "workspace", title, possible: true, alsoTainted: true },
        { scope: "prefix", title: "it is no command", possible: false },
        { scope: "workspace", title: "write_file below src/", possible: true },
      ],
    })!
    const [hour, day] = here.choices
    assert.strictEqual(here.choices.length, 2)
    const text = lines(here).join(" ").replaceAll(/\s+/g, " ")
    assert.include(text, `1 workspace: ${title}, for one hour`)
    assert.include(text, `2 workspace: ${title}, for a day`)
    assert.notInclude(text, "in this workspace")
    assert.include(lines({ ...here, chosen: hour! }).join("\n"), "ask no more")
    assert.deepStrictEqual(alwaysOf(hour!, 5), {
      scope: "workspace",
      untilMs: 3_600_005,
      alsoTainted: true,
    })
    assert.strictEqual(alwaysOf(day!, 5).untilMs, 5 + longestTaintedMs)
    assert.strictEqual(grantedText(here, day!), `granted: ${title}, for a day`)
  })

  it("says where a grant does not count, and says it again when it is given", () => {
    const tainted = offers("this one rests on text of an outsider")
    const choice = tainted.choices[0]!
    for (const one of [tainted, { ...tainted, chosen: choice }])
      assert.include(lines(one).join("\n"), "! this one rests on text of an outsider")
    assert.notInclude(lines({ ...tainted, chosen: choice }).join("\n"), "ask no more")
    assert.include(lines({ ...offers(), chosen: choice }).join("\n"), "ask no more")
    assert.match(grantedText(tainted, choice), /for one hour \(this one rests on text of an outsider\)$/)
  })
})

describe("completion and files", () => {
  it("tells a file from a command from words", () => {
    const of = (text: string) => wantedAt(text, text.length, [])
    assert.deepStrictEqual(of("see @src/ma"), { from: 5, word: "src/ma", source: { _tag: "files" } })
    assert.isNull(of("mail a@b"))
    assert.isNull(of("hello"))
  })

  it("finds the files a word names", () => {
    assert.deepStrictEqual(mentioned('see @a.ts, (@src/b.ts) and @"c d.txt" but a@b.c @a.ts.'), [
      "a.ts",
      "src/b.ts",
      "c d.txt",
    ])
  })
})
