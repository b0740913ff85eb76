/** The line editor: what keys do, and what holds whatever is typed. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { between } from "../../../src/cli/chat/buffer.ts"
import { cleared, type EditorKey, replaced, submitted, update } from "../../../src/cli/chat/editor.ts"
import { emptyEditor, type EditorState } from "../../../src/cli/chat/editorState.ts"

const named = new Set(
  `enter A-enter left right home end up down A-b A-f backspace delete escape tab S-tab A-backspace A-d C-left
  C-a C-b C-d C-e C-f C-h C-k C-l C-n C-p C-r C-u C-w C-y C-c pageup unknown`.split(/\s+/),
)
const key = (name: string): EditorKey => ({
  _tag: "key",
  key: name,
  text: named.has(name) ? null : name === "space" ? " " : name,
})

const typed = (state: EditorState, ...keys: ReadonlyArray<string>): EditorState => {
  let now = state
  for (const name of keys) now = update(now, key(name)).state
  return now
}
const chars = (text: string): ReadonlyArray<string> =>
  [...text].map((char) => (char === " " ? "space" : char))
const withText = (text: string, more: Partial<EditorState> = {}): EditorState => ({
  ...emptyEditor,
  text,
  cursor: text.length,
  ...more,
})
/** The text with `|` where the cursor is. */
const shown = ({ cursor, text }: EditorState): string => `${text.slice(0, cursor)}|${text.slice(cursor)}`
const vim = (text: string, cursor: number): EditorState =>
  withText(text, { vim: true, mode: "normal", cursor })

const anyKey: fc.Arbitrary<EditorKey> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...named).map(key) },
  { weight: 4, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }).map(key) },
  { weight: 3, arbitrary: fc.constantFrom(..."hjklwbe0$^iaIAoOxXDCsSrdcypPuJ~gG".split("")).map(key) },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }).map((text): EditorKey => ({ _tag: "paste", text })) },
)

describe("the line editor", () => {
  it("holds what it promises whatever is typed", () => {
    fc.assert(
      fc.property(fc.array(anyKey, { maxLength: 60 }), fc.boolean(), (keys, isVim) => {
        let state: EditorState = { ...emptyEditor, vim: isVim, history: ["old", "two\nlines"] }
        for (const one of keys) {
          const { act, state: next } = update(state, one)
          state = act === "submit" ? submitted(next) : next
          assert.isAtLeast(state.cursor, 0)
          assert.isAtMost(state.cursor, state.text.length)
          assert.strictEqual(state.cursor, between(state.text, state.cursor), JSON.stringify(state))
          // eslint-disable-next-line no-control-regex
          assert.notMatch(state.text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
          assert.isAtMost(state.undone.length, 100)
        }
      }),
      { numRuns: 500 },
    )
  })

  it("takes what is typed as it is, and gives it back by erasing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
        assert.strictEqual(typed(emptyEditor, ...chars(text)).text, text)
        const erased = typed(withText("kept "), ...chars(text), ...[...text].map(() => "backspace"))
        assert.strictEqual(erased.text, "kept ")
      }),
    )
  })

  it("cuts what it puts back", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.nat(),
        fc.constantFrom("C-u", "C-k", "C-w", "A-d", "A-backspace"),
        (text, at, cut) => {
          const start = update(emptyEditor, { _tag: "paste", text }).state
          const state = { ...start, cursor: between(start.text, at % (start.text.length + 1)) }
          const after = typed(state, cut)
          if (after.text !== state.text) assert.strictEqual(typed(after, "C-y").text, state.text)
        },
      ),
    )
  })

  it("moves and edits by glyphs, words and lines", () => {
    assert.strictEqual(shown(typed(withText("日本é"), "left", "left")), "日|本é")
    assert.strictEqual(shown(typed(withText("a👨‍👩‍👧b"), "left", "backspace")), "a|b")
    assert.strictEqual(shown(typed(withText("foo bar-baz"), "A-b")), "foo bar-|baz")
    assert.strictEqual(shown(typed(withText("foo bar-baz"), "C-w")), "foo |")
    assert.strictEqual(shown(typed(withText("one\ntwo"), "C-a", "C-k")), "one\n|")
    assert.strictEqual(shown(typed(withText("abc\nx"), "up")), "a|bc\nx")
    assert.strictEqual(shown(typed(withText("ab\nc", { cursor: 1 }), "down")), "ab\nc|")
    assert.strictEqual(shown(typed(withText("ab"), "home", "delete", "C-d")), "|")
  })

  it("breaks a line by a backslash, Alt-Enter or a paste, and sends by Enter", () => {
    const enter = update(withText("a\\"), key("enter"))
    assert.deepStrictEqual([shown(enter.state), enter.act], ["a\n|", null])
    assert.strictEqual(update(withText("a\\\\"), key("enter")).act, "submit")
    assert.strictEqual(shown(typed(withText("a"), "A-enter", "b")), "a\nb|")
    const paste = update(withText("x"), { _tag: "paste", text: "1\r\n2\t\u001b[31m3\u0003" })
    assert.deepStrictEqual([paste.state.text, paste.act], ["x1\n2  [31m3", null])
    assert.strictEqual(update(withText(" "), key("enter")).act, null)
  })

  it("looks through the history and comes back to what was being typed", () => {
    const state = withText("dra", { history: ["first", "second"] })
    assert.strictEqual(typed(state, "up").text, "second")
    assert.strictEqual(typed(state, "up", "up", "up").text, "first")
    assert.strictEqual(typed(state, "up", "up", "down", "down").text, "dra")
    assert.strictEqual(typed(withText("FIR", { history: ["first", "second"] }), "C-r").text, "first")
    assert.strictEqual(typed(withText("", { history: ["a\nb"] }), "up", "up").text, "a\nb")
    const sent = submitted(withText("third", { history: ["third"] }))
    assert.deepStrictEqual([sent.text, sent.history], ["", ["third"]])
  })

  it("clears by Esc, leaves by Ctrl-D at an empty prompt only, and reports Ctrl-C and Tab", () => {
    assert.deepStrictEqual(update(withText("x"), key("escape")).state.text, "")
    assert.strictEqual(typed(withText("kept"), "escape", "C-y").text, "kept")
    assert.strictEqual(update(emptyEditor, key("escape")).act, "escape")
    assert.strictEqual(update(emptyEditor, key("C-d")).act, "leave")
    assert.strictEqual(update(withText("x"), key("C-d")).act, null)
    assert.strictEqual(update(withText("x"), key("C-c")).act, "interrupt")
    assert.strictEqual(update(withText("x"), key("tab")).act, "complete")
    assert.strictEqual(cleared(withText("x")).cut, "x")
    assert.strictEqual(shown(replaced(withText("see @sr now", { cursor: 7 }), 4, "@src/")), "see @src/| now")
  })

  it("has vim's normal mode", () => {
    const cases: ReadonlyArray<readonly [EditorState, string, string]> = [
      [vim("foo bar", 0), "w", "foo |bar"],
      [vim("foo bar", 0), "dw", "|bar"],
      [vim("foo bar", 0), "cwX", "X| bar"],
      [vim("foo bar", 4), "D", "foo |"],
      [vim("a\nb\nc", 2), "dd", "a\n|c"],
      [vim("a\nb", 2), "dd", "a|"],
      [vim("foo", 0), "x", "|oo"],
      [vim("foo", 0), "xu", "|foo"],
      [vim("foo", 1), "rX", "f|Xo"],
      [vim("foo", 0), "$", "foo|"],
      [vim("foo bar", 6), "bdb", "|bar"],
      [vim("foo", 0), "yyP", "foo|foo"],
      [vim("ab", 0), "~", "A|b"],
      [vim("a\nb", 0), "J", "a |b"],
      [vim("x", 0), "Ahi", "xhi|"],
      [vim("x", 0), "oy", "x\ny|"],
      [vim("x", 0), "Oy", "y|\nx"],
      [vim("foo bar", 2), "cchey", "hey|"],
      [vim("foo\nbar", 6), "gg", "|foo\nbar"],
      [vim("foo", 0), "zzqd?x", "|oo"],
      [vim("foo bar", 0), "de", "| bar"],
      [vim("foo bar", 0), "dgg", "|foo bar"],
    ]
    for (const [state, keys, wanted] of cases)
      assert.strictEqual(shown(typed(state, ...chars(keys))), wanted, keys)
    const out = typed(withText("ab", { vim: true }), "escape")
    assert.deepStrictEqual([out.mode, shown(out)], ["normal", "a|b"])
    assert.strictEqual(update(out, key("enter")).act, "submit")
  })
})
