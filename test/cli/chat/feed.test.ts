/** A conversation as lines: what is printed once, what is shown for now, and that none of it is raw. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { answerLines } from "../../../src/cli/chat/commandLines.ts"
import { emptyEditor } from "../../../src/cli/chat/editorState.ts"
import { Feed } from "../../../src/cli/chat/Feed.ts"
import { makeHighlighter } from "../../../src/cli/chat/highlight.ts"
import type { Drawing } from "../../../src/cli/chat/markdown.ts"
import { editorLines, stateLine } from "../../../src/cli/chat/prompt.ts"
import { textOf } from "../../../src/cli/chat/styled.ts"
import { defaultTheme, themes } from "../../../src/cli/chat/theme.ts"
import type { AnswerPart } from "../../../src/domain/modelRequest.ts"
import { isHarmless } from "../../../src/domain/neutralise.ts"
import type { SessionItem, SessionPart } from "../../../src/rpc/sessions.ts"

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
  it("says behind what had come of an answer how it failed, once: where it is asked again or where it ends", () => {
    const failed = item({
      _tag: "failed",
      ...at,
      call: "m_1",
      reason: "network",
      message: "cut off",
      cure: "look",
    })
    const begun = [said("hi"), text("- one\n- tw"), failed]
    const again: SessionPart = { _tag: "again", reason: "cut off", afterMs: 1_500, model: "test/one" }
    const lines = (...more: ReadonlyArray<SessionPart>) =>
      shown(...begun, ...more).filter((one) => one !== "")
    assert.deepStrictEqual(lines(again), ["> hi", "• one", "• tw", "asked again in 2 s (cut off), test/one"])
    assert.deepStrictEqual(lines(rested("failed", "cut off: look")), [
      "> hi",
      "• one",
      "• tw",
      "cut off: look",
    ])
  })

  it("says when spending comes near a ceiling", () => {
    const near = item({ _tag: "warned", ...at, what: "this day", limitUsd: 5, spentUsd: 4.017 })
    assert.match(shown(said("hi"), near).join(" "), /\$4\.02 of the \$5 for this day are spent/)
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
      ...editorLines({ ...emptyEditor, text: bad, cursor: 3 }, 40, theme, "", 9).lines,
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
