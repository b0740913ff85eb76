/**
 * The line editor of the conversation as a pure machine: `update(state, key)` gives the next state and what to do.
 * Invariants: the text holds no control character but the newline; the cursor stands between two glyphs; nothing that was
 * typed is lost by looking through the history; a pasted text is text, whatever is in it.
 */
import { after, before, between, insert, lineEnd, lineStart, spaceBefore } from "./buffer.ts"
import { vertical, without, wordAfter, wordBefore } from "./buffer.ts"
import { cutOut, type EditorState, withText } from "./editorState.ts"
import { normalMode } from "./vim.ts"

export type EditorKey =
  | { readonly _tag: "key"; readonly key: string; readonly text: string | null }
  | { readonly _tag: "paste"; readonly text: string }

/** `interrupt`: Ctrl-C. `leave`: Ctrl-D with nothing typed. `complete`: Tab. `escape`: Esc with nothing typed. */
export type EditorAct =
  | "submit"
  | "interrupt"
  | "leave"
  | "complete"
  | "completeBack"
  | "redraw"
  | "escape"
  | null

export interface Updated {
  readonly state: EditorState
  readonly act: EditorAct
}

/** Outside text as text of the editor: newlines stay, tabs are spaces, all else that steers a terminal is gone. */
const typeable = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll("\t", "  ")
    .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, "")

const to = (state: EditorState, cursor: number): EditorState => ({ ...state, cursor })

/** An older or newer word of the history; the own text comes back behind the newest. */
const look = (
  state: EditorState,
  by: -1 | 1,
  holds: (entry: string) => boolean = () => true,
): EditorState => {
  const { history, looking } = state
  const draft = looking === null ? state.text : state.draft
  for (let at = (looking ?? history.length) + by; at >= 0 && at < history.length; at += by) {
    const entry = history[at]!
    if (entry !== state.text && holds(entry))
      return { ...state, text: entry, cursor: entry.length, looking: at, draft }
  }
  return by > 0 && looking !== null ? { ...state, text: draft, cursor: draft.length, looking: null } : state
}

/** Back to the words that hold what was typed before one began to look. */
const search = (state: EditorState): EditorState => {
  const wanted = (state.looking === null ? state.text : state.draft).toLowerCase()
  return look(state, -1, (entry) => entry.toLowerCase().includes(wanted))
}

const upDown = (state: EditorState, by: -1 | 1): EditorState => {
  const place = state.looking === null ? vertical(state, by) : null
  return place === null ? look(state, by) : to(state, place)
}

export const cleared = (state: EditorState): EditorState => ({
  ...withText(state, { text: "", cursor: 0 }),
  cut: state.text === "" ? state.cut : state.text,
  pending: "",
  looking: null,
  mode: "insert",
})

/** After it was sent. */
export const submitted = (state: EditorState): EditorState => ({
  ...state,
  text: "",
  cursor: 0,
  pending: "",
  mode: "insert",
  undone: [],
  looking: null,
  draft: "",
  history:
    state.text.trim() === "" || state.history.at(-1) === state.text
      ? state.history
      : [...state.history, state.text],
})

const enter = (state: EditorState): Updated => {
  const slashes = /\\*$/.exec(state.text.slice(0, state.cursor))![0].length
  if (slashes % 2 === 1) {
    const shorter = without(state, state.cursor - 1, state.cursor)
    return { state: withText(state, insert(shorter, "\n")), act: null }
  }
  return { state, act: state.text.trim() === "" ? null : "submit" }
}

type Edit = (state: EditorState) => EditorState

const edits: Readonly<Record<string, Edit>> = {
  "A-enter": (state) => withText(state, insert(state, "\n")),
  left: (state) => to(state, before(state.text, state.cursor)),
  right: (state) => to(state, after(state.text, state.cursor)),
  home: (state) => to(state, lineStart(state.text, state.cursor)),
  end: (state) => to(state, lineEnd(state.text, state.cursor)),
  up: (state) => upDown(state, -1),
  down: (state) => upDown(state, 1),
  "A-b": (state) => to(state, wordBefore(state.text, state.cursor)),
  "A-f": (state) => to(state, wordAfter(state.text, state.cursor)),
  backspace: (state) => withText(state, without(state, before(state.text, state.cursor), state.cursor)),
  delete: (state) => withText(state, without(state, state.cursor, after(state.text, state.cursor))),
  "C-u": (state) => cutOut(state, lineStart(state.text, state.cursor), state.cursor),
  "C-k": (state) => {
    const end = lineEnd(state.text, state.cursor)
    return cutOut(state, state.cursor, end === state.cursor ? after(state.text, end) : end)
  },
  "C-w": (state) => cutOut(state, spaceBefore(state.text, state.cursor), state.cursor),
  "A-backspace": (state) => cutOut(state, wordBefore(state.text, state.cursor), state.cursor),
  "A-d": (state) => cutOut(state, state.cursor, wordAfter(state.text, state.cursor)),
  "C-y": (state) => withText(state, insert(state, state.cut)),
  "C-r": search,
}

const sameAs: Readonly<Record<string, string>> = {
  "C-a": "home",
  "C-e": "end",
  "C-b": "left",
  "C-f": "right",
  "C-p": "up",
  "C-n": "down",
  "C-h": "backspace",
  "C-left": "A-b",
  "C-right": "A-f",
  "A-left": "A-b",
  "A-right": "A-f",
}

const acts: Readonly<Record<string, EditorAct>> = {
  "C-c": "interrupt",
  tab: "complete",
  "S-tab": "completeBack",
  "C-l": "redraw",
}

const escape = (state: EditorState): Updated => {
  if (state.vim && state.mode === "insert") {
    const start = lineStart(state.text, state.cursor)
    const cursor = state.cursor > start ? before(state.text, state.cursor) : state.cursor
    return { state: { ...state, mode: "normal", pending: "", cursor }, act: null }
  }
  if (state.pending !== "") return { state: { ...state, pending: "" }, act: null }
  return state.text === "" ? { state, act: "escape" } : { state: cleared(state), act: null }
}

export const update = (state: EditorState, input: EditorKey): Updated => {
  if (input._tag === "paste")
    return { state: withText({ ...state, mode: "insert" }, insert(state, typeable(input.text))), act: null }
  const key = sameAs[input.key] ?? input.key
  if (key === "escape") return escape(state)
  if (key === "enter") return enter(state)
  const act = acts[key]
  if (act !== undefined && act !== null) return { state, act }
  if (key === "C-d")
    return state.text === "" ? { state, act: "leave" } : { state: edits["delete"]!(state), act: null }
  const edit = Object.hasOwn(edits, key) ? edits[key] : undefined
  if (edit !== undefined) return { state: edit(state), act: null }
  if (state.mode === "normal") return { state: normalMode(state, input.key), act: null }
  const text = typeable(input.text ?? "")
  return { state: text === "" ? state : withText(state, insert(state, text)), act: null }
}

/** What stands between `from` and the cursor is replaced: a completion was taken. */
export const replaced = (state: EditorState, from: number, text: string): EditorState =>
  withText(state, insert(without(state, between(state.text, from), state.cursor), text))
