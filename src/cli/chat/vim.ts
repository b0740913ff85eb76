/**
 * The normal mode of vim for the line editor: the motions, operators and changes that a prompt needs. Pure.
 * Invariant: what it does not know does nothing and leaves no half-typed command behind.
 */
import { after, before, type Buffer, insert, lineEnd, lineStart, vertical } from "./buffer.ts"
import { wordAfter, wordBefore, wordNext } from "./buffer.ts"
import { cutOut, type EditorState, undo, withText } from "./editorState.ts"

type Motion = (buffer: Buffer) => number

const firstWord: Motion = ({ cursor, text }) => {
  const start = lineStart(text, cursor)
  return start + (/^[ ]*/.exec(text.slice(start, lineEnd(text, cursor)))?.[0].length ?? 0)
}

const wordEnd: Motion = ({ cursor, text }) => {
  const end = wordAfter(text, after(text, cursor))
  return end > cursor ? before(text, end) : end
}

const motions: Readonly<Record<string, Motion>> = {
  h: ({ cursor, text }) => Math.max(lineStart(text, cursor), before(text, cursor)),
  l: ({ cursor, text }) => Math.min(lineEnd(text, cursor), after(text, cursor)),
  w: ({ cursor, text }) => wordNext(text, cursor),
  b: ({ cursor, text }) => wordBefore(text, cursor),
  e: wordEnd,
  "0": ({ cursor, text }) => lineStart(text, cursor),
  "^": firstWord,
  $: ({ cursor, text }) => lineEnd(text, cursor),
  j: (buffer) => vertical(buffer, 1) ?? buffer.cursor,
  k: (buffer) => vertical(buffer, -1) ?? buffer.cursor,
  G: ({ text }) => text.length,
  gg: () => 0,
}

const inserting = (state: EditorState, cursor: number): EditorState => ({
  ...state,
  mode: "insert",
  cursor,
  pending: "",
})

/** `de` takes the glyph it ends on with it. */
const stretch = (state: EditorState, motion: string): readonly [number, number] => {
  const there = motions[motion]!(state)
  const end = motion === "e" ? after(state.text, there) : there
  return end < state.cursor ? [end, state.cursor] : [state.cursor, end]
}

const wholeLine = ({ cursor, text }: Buffer): readonly [number, number] => {
  const start = lineStart(text, cursor)
  const end = lineEnd(text, cursor)
  // with a newline of its own, so that no empty line is left
  return end < text.length ? [start, end + 1] : [start === 0 ? 0 : start - 1, end]
}

const operators: Readonly<Record<string, (state: EditorState, from: number, to: number) => EditorState>> = {
  d: cutOut,
  c: (state, from, to) => inserting(cutOut(state, from, to), from),
  y: (state, from, to) => ({ ...state, cut: state.text.slice(from, to), cursor: from }),
}

const operate = (state: EditorState, operator: string, motion: string): EditorState => {
  const run = operators[operator]!
  if (motion === operator) {
    if (operator !== "c") return run(state, ...wholeLine(state))
    return run(state, lineStart(state.text, state.cursor), lineEnd(state.text, state.cursor))
  }
  // `cw` leaves the space behind the word, as vim has it
  const wanted = operator === "c" && motion === "w" ? "e" : motion
  return Object.hasOwn(motions, wanted) ? run(state, ...stretch(state, wanted)) : state
}

const swapCase = (text: string): string =>
  text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase()

const put = (state: EditorState, text: string, from: number, to: number): EditorState => {
  const whole = { text: state.text.slice(0, from) + state.text.slice(to), cursor: from }
  return withText(state, insert(whole, text))
}

const commands: Readonly<Record<string, (state: EditorState) => EditorState>> = {
  i: (state) => inserting(state, state.cursor),
  a: (state) => inserting(state, motions["l"]!(state)),
  I: (state) => inserting(state, firstWord(state)),
  A: (state) => inserting(state, lineEnd(state.text, state.cursor)),
  o: (state) => {
    const end = lineEnd(state.text, state.cursor)
    return { ...put({ ...state, cursor: end }, "\n", end, end), mode: "insert" }
  },
  O: (state) => {
    const start = lineStart(state.text, state.cursor)
    return { ...inserting(put(state, "\n", start, start), start), cursor: start }
  },
  x: (state) => cutOut(state, state.cursor, motions["l"]!(state)),
  X: (state) => cutOut(state, motions["h"]!(state), state.cursor),
  D: (state) => cutOut(state, state.cursor, lineEnd(state.text, state.cursor)),
  C: (state) => operate(state, "c", "$"),
  s: (state) => operate(state, "c", "l"),
  S: (state) => operate(state, "c", "c"),
  u: undo,
  p: (state) => {
    const at = motions["l"]!(state)
    return put(state, state.cut, at, at)
  },
  P: (state) => put(state, state.cut, state.cursor, state.cursor),
  "~": (state) => {
    const end = motions["l"]!(state)
    return put(state, swapCase(state.text.slice(state.cursor, end)), state.cursor, end)
  },
  J: (state) => {
    const end = lineEnd(state.text, state.cursor)
    return end === state.text.length ? state : put(state, " ", end, end + 1)
  },
}

const begins = (typed: string): boolean => /^(?:[dcy]?g?|r)$/.test(typed)

export const normalMode = (state: EditorState, key: string): EditorState => {
  const typed = state.pending + (key === "space" ? " " : key)
  const fresh: EditorState = { ...state, pending: "" }
  if (key.length > 1 && key !== "space") return fresh
  if (state.pending === "r") {
    const end = motions["l"]!(state)
    return end === state.cursor
      ? fresh
      : { ...put(fresh, typed.slice(1), state.cursor, end), cursor: state.cursor }
  }
  const operator = /^[dcy]/.exec(typed)?.[0]
  if (operator !== undefined && typed.length > 1 && !begins(typed))
    return operate(fresh, operator, typed.slice(1))
  if (Object.hasOwn(motions, typed)) return { ...fresh, cursor: motions[typed]!(state) }
  if (Object.hasOwn(commands, typed)) return commands[typed]!(fresh)
  return begins(typed) ? { ...state, pending: typed } : fresh
}
