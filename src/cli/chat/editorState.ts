/**
 * What the line editor remembers, and the two ways its text changes: by replacing and by cutting out. Pure.
 * Invariant: every change can be taken back, up to a bound.
 */
import { type Buffer, without } from "./buffer.ts"

export interface EditorState extends Buffer {
  readonly vim: boolean
  readonly mode: "insert" | "normal"
  /** Keys of a vim command that is not complete. */
  readonly pending: string
  /** Said before, oldest first. */
  readonly history: ReadonlyArray<string>
  /** Where in it one looks; null: at one's own text, which is `draft` meanwhile. */
  readonly looking: number | null
  readonly draft: string
  /** What was cut last. */
  readonly cut: string
  /** Texts before the changes, newest last. */
  readonly undone: ReadonlyArray<Buffer>
}

export const emptyEditor: EditorState = {
  text: "",
  cursor: 0,
  vim: false,
  mode: "insert",
  pending: "",
  history: [],
  looking: null,
  draft: "",
  cut: "",
  undone: [],
}

const keptUndo = 100

export const withText = (state: EditorState, buffer: Buffer): EditorState =>
  buffer.text === state.text
    ? { ...state, cursor: buffer.cursor }
    : {
        ...state,
        text: buffer.text,
        cursor: buffer.cursor,
        undone: [...state.undone, { text: state.text, cursor: state.cursor }].slice(-keptUndo),
        looking: null,
      }

/** Takes it out, to be put back by Ctrl-Y. */
export const cutOut = (state: EditorState, from: number, to: number): EditorState =>
  from >= to ? state : { ...withText(state, without(state, from, to)), cut: state.text.slice(from, to) }

export const undo = (state: EditorState): EditorState => {
  const last = state.undone.at(-1)
  return last === undefined ? state : { ...state, ...last, undone: state.undone.slice(0, -1), looking: null }
}
