/**
 * What a tree of conversations shares: notes under keys, each with who put it and which version it is. A pure fold of
 * `board.*`, and the rule of what may be changed.
 * Invariants: a change names the version it was made from, and one that is not the newest is a conflict and changes
 * nothing; versions only grow, so one that was taken off and put again is not the one before; bounded.
 */
import type { Trust } from "./action.ts"
import type { Event } from "./event.ts"

export interface BoardEntry {
  readonly text: string
  readonly version: number
  /** Who put it, and by which call. */
  readonly session: string
  readonly call: string
  readonly trust: Trust
  readonly at: string
  readonly seq: number
}

export interface Board {
  readonly entries: Readonly<Record<string, BoardEntry>>
  readonly version: number
  /** What was taken last, by the call that took it: a call that is made again after a crash finds what it took. */
  readonly taken: ReadonlyArray<BoardEntry & { readonly key: string; readonly by: string }>
  readonly lastSeq: number
}

/** By the session at the root; the one that changed last at the end. */
export type BoardsState = Readonly<Record<string, Board>>

export const boardBounds = { boards: 200, entries: 100, key: 100, text: 8_000, taken: 20 } as const

const emptyBoard: Board = { entries: {}, version: 0, taken: [], lastSeq: 0 }
export const boardOf = (state: BoardsState, board: string): Board =>
  Object.hasOwn(state, board) ? state[board]! : emptyBoard
export const entryOf = ({ entries }: Board, key: string): BoardEntry | null =>
  Object.hasOwn(entries, key) ? entries[key]! : null

/** Id that its events correlate with. */
export const boardId = (board: string): string => `board:${board}`

/** A word, with what people put into names of things. */
const isBoardKey = (key: string): boolean =>
  key.length <= boardBounds.key && /^[A-Za-z0-9][\w ./:#-]*$/.test(key)

export interface BoardChange {
  readonly key: string
  /** Null: it is taken off. */
  readonly text: string | null
  /** The version that was seen; 0: nothing was there. */
  readonly expected: number
}

/** `conflict`: somebody else was first, and what is there now. */
export type BoardFault =
  | { readonly _tag: "conflict"; readonly now: BoardEntry | null }
  | { readonly _tag: "bound"; readonly message: string }

/** Why it cannot be done; null: it can. */
export const boardFault = (board: Board, { expected, key, text }: BoardChange): BoardFault | null => {
  const now = entryOf(board, key)
  if ((now?.version ?? 0) !== expected) return { _tag: "conflict", now }
  if (text === null)
    return now === null ? { _tag: "bound", message: "there is nothing under that key to take" } : null
  if (!isBoardKey(key))
    return {
      _tag: "bound",
      message: `a key has at most ${boardBounds.key} letters, digits, spaces and ./:#_-, and begins with a letter or digit`,
    }
  if (text.length > boardBounds.text)
    return { _tag: "bound", message: `an entry has at most ${boardBounds.text} characters` }
  return now === null && Object.keys(board.entries).length >= boardBounds.entries
    ? { _tag: "bound", message: `the board holds at most ${boardBounds.entries} entries: take some off` }
    : null
}

const put = (state: BoardsState, id: string, board: Board): BoardsState => {
  const { [id]: _, ...others } = state
  const all = { ...others, [id]: board }
  const ids = Object.keys(all)
  if (ids.length <= boardBounds.boards) return all
  const { [ids[0]!]: __, ...left } = all
  return left
}

const evolve = (state: BoardsState, event: Event): BoardsState => {
  if ((event.type !== "board.put" && event.type !== "board.taken") || (event.payload as unknown) === null)
    return state
  const { board: id, call, key, session, version } = event.payload
  const before = boardOf(state, id)
  const moved = { version: Math.max(before.version, version), lastSeq: event.seq }
  if (event.type === "board.put") {
    const { at, seq, trust } = event
    const entry = { text: event.payload.text, version, session, call, trust, at, seq }
    return put(state, id, { ...before, ...moved, entries: { ...before.entries, [key]: entry } })
  }
  const gone = entryOf(before, key)
  const { [key]: _, ...entries } = before.entries
  const taken =
    gone === null ? before.taken : [...before.taken, { ...gone, key, by: call }].slice(-boardBounds.taken)
  return put(state, id, { ...before, ...moved, entries, taken })
}

export const boardsProjection = { name: "boards", version: 1, initial: {} as BoardsState, evolve } as const
