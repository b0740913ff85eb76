/**
 * The window onto the log: of a million events only the blocks around the screen are held.
 * Invariants: rows are sequence numbers, dense from 1, so row and range are the same thing; at most `kept` blocks
 * are held; a range is asked for once until its answer came; following keeps the cursor on the newest event.
 * With a filter, rows are the matching events, read newest first in pages.
 */
import type { EventRecord } from "../src/domain/event.ts"
import type { Command } from "./messages.ts"

export const blockSize = 256
const kept = 24
export const pageSize = 200
/** Rows before the cursor when a filter goes: what led to the match. */
const around = 3
const keptMatches = 20_000

interface Block {
  /** Everything up to here was read or came live. */
  readonly upTo: number
  readonly asked: number
  readonly events: ReadonlyArray<EventRecord | undefined>
}

export interface Matches {
  readonly text: string
  /** Ascending. */
  readonly events: ReadonlyArray<EventRecord>
  /** Nothing older matches. */
  readonly complete: boolean
  readonly loading: boolean
  /** Newer events were looked at up to here. */
  readonly upTo: number
}

export interface LogModel {
  readonly head: number
  /** Seq under the cursor; 0 while the log is empty. */
  readonly cursor: number
  /** First row on the screen: a seq, or with a filter an index into the matches. */
  readonly top: number
  readonly follow: boolean
  readonly blocks: ReadonlyMap<number, Block>
  readonly matches: Matches | null
}

export const emptyLog: LogModel = {
  head: 0,
  cursor: 0,
  top: 1,
  follow: true,
  blocks: new Map(),
  matches: null,
}

const blockOf = (seq: number): number => Math.floor((seq - 1) / blockSize)
const first = (block: number): number => block * blockSize + 1

const emptyBlock = (block: number): Block => ({
  upTo: first(block) - 1,
  asked: first(block) - 1,
  events: [],
})

/** Drops the blocks farthest from what is looked at. */
const trimmed = (blocks: Map<number, Block>, around: number): Map<number, Block> => {
  if (blocks.size <= kept) return blocks
  const far = [...blocks.keys()].sort((a, b) => Math.abs(b - around) - Math.abs(a - around))
  for (const block of far.slice(0, blocks.size - kept)) blocks.delete(block)
  return blocks
}

/** Events of the range `from`..`to` as read; whatever of it did not come does not exist. */
const put = (
  log: LogModel,
  events: ReadonlyArray<EventRecord>,
  from: number,
  to: number,
): ReadonlyMap<number, Block> => {
  const blocks = new Map(log.blocks)
  const byBlock = Map.groupBy(events, (event) => blockOf(event.seq))
  for (let block = blockOf(from); block <= blockOf(to); block++) {
    const old = blocks.get(block) ?? emptyBlock(block)
    const cells = old.events.slice()
    for (const event of byBlock.get(block) ?? []) cells[event.seq - first(block)] = event
    const start = Math.max(from, first(block))
    const end = Math.min(to, first(block) + blockSize - 1)
    const upTo = start <= old.upTo + 1 ? Math.max(old.upTo, end) : old.upTo
    blocks.set(block, { upTo, asked: Math.max(old.asked, upTo), events: cells })
  }
  return trimmed(blocks, blockOf(Math.max(1, log.top)))
}

export const eventAt = (log: LogModel, seq: number): EventRecord | null =>
  log.blocks.get(blockOf(seq))?.events[seq - first(blockOf(seq))] ?? null

export const rangeCame = (
  log: LogModel,
  from: number,
  to: number,
  events: ReadonlyArray<EventRecord> | null,
): LogModel => {
  if (events !== null) return { ...log, blocks: put(log, events, from, to) }
  const blocks = new Map(log.blocks)
  const old = blocks.get(blockOf(from))
  if (old !== undefined) blocks.set(blockOf(from), { ...old, asked: old.upTo })
  return { ...log, blocks }
}

/** The newest events beyond a screen's worth are not worth holding when the cursor is elsewhere. */
export const tailCame = (log: LogModel, events: ReadonlyArray<EventRecord>): LogModel => {
  const last = events.at(-1)
  if (last === undefined || last.seq <= log.head) return log
  const fresh = events.filter((event) => event.seq > log.head)
  const contiguous = fresh[0]!.seq === log.head + 1 && fresh.length === last.seq - log.head
  const blocks = contiguous ? put(log, fresh, fresh[0]!.seq, last.seq) : log.blocks
  return { ...log, blocks, head: last.seq }
}

export const headCame = (log: LogModel, head: number): LogModel => (head > log.head ? { ...log, head } : log)

/** After a reconnection nothing that was asked for will be answered; a shorter log is another log. */
export const connectedLog = (log: LogModel, head: number): LogModel => ({
  ...(head < log.head ? emptyLog : log),
  head,
  blocks: new Map(
    head < log.head ? [] : [...log.blocks].map(([block, held]) => [block, { ...held, asked: held.upTo }]),
  ),
  matches: log.matches === null || head < log.head ? null : { ...log.matches, loading: false },
})

/* ---- rows: what the panel counts in ---- */

export const rowCount = (log: LogModel): number =>
  log.matches === null ? log.head : log.matches.events.length

/** The event of row `index` (0-based), or its seq where it is not here yet. */
export const rowAt = (log: LogModel, index: number): EventRecord | number =>
  log.matches === null ? (eventAt(log, index + 1) ?? index + 1) : log.matches.events[index]!

export const cursorIndex = (log: LogModel): number => {
  if (log.matches === null) return Math.max(0, log.cursor - 1)
  const { events } = log.matches
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (events[middle]!.seq < log.cursor) low = middle + 1
    else high = middle
  }
  return Math.max(0, Math.min(low, events.length - 1))
}

export const cursorEvent = (log: LogModel): EventRecord | null => {
  if (rowCount(log) === 0) return null
  const row = rowAt(log, cursorIndex(log))
  return typeof row === "number" ? null : row
}

const seqOf = (log: LogModel, index: number): number => {
  const row = rowAt(log, index)
  return typeof row === "number" ? row : row.seq
}

/** Puts the cursor on a row; on the last one it follows. */
export const moveTo = (log: LogModel, index: number): LogModel => {
  const count = rowCount(log)
  if (count === 0) return log
  const at = Math.max(0, Math.min(count - 1, index))
  return { ...log, cursor: seqOf(log, at), follow: at === count - 1 }
}

/* ---- filter ---- */

export const withFilter = (log: LogModel, text: string): LogModel =>
  text === ""
    ? { ...log, matches: null, follow: log.cursor === log.head, top: Math.max(1, log.cursor - around) }
    : { ...log, matches: { text, events: [], complete: false, loading: false, upTo: log.head } }

export const matchesCame = (
  log: LogModel,
  came: {
    readonly text: string
    readonly older: boolean
    readonly events: ReadonlyArray<EventRecord> | null
    readonly upTo: number
  },
): LogModel => {
  const { matches } = log
  if (matches === null || matches.text !== came.text) return log
  const { events } = came
  if (events === null) return { ...log, matches: { ...matches, loading: false, complete: true } }
  const ascending = events.toSorted((a, b) => a.seq - b.seq)
  return came.older
    ? {
        ...log,
        matches: {
          ...matches,
          events: [...ascending, ...matches.events],
          complete: events.length < pageSize || matches.events.length > keptMatches,
          loading: false,
        },
      }
    : {
        ...log,
        matches: {
          ...matches,
          events: [...matches.events, ...ascending],
          upTo: Math.max(matches.upTo, came.upTo),
          loading: false,
        },
      }
}

/* ---- what the screen needs ---- */

const wantedMatches = (log: LogModel, matches: Matches): ReadonlyArray<Command> => {
  if (matches.loading) return []
  const { text, events } = matches
  if (!matches.complete && (events.length === 0 || log.top < pageSize / 2)) {
    const to = (events[0]?.seq ?? matches.upTo + 1) - 1
    return [{ _tag: "LoadMatches", text, from: 1, to, older: true }]
  }
  return matches.upTo < log.head
    ? [{ _tag: "LoadMatches", text, from: matches.upTo + 1, to: log.head, older: false }]
    : []
}

/** Follows or keeps the cursor in sight of `height` rows, and names the ranges that are missing. */
export const settleLog = (
  log: LogModel,
  height: number,
): { readonly log: LogModel; readonly commands: ReadonlyArray<Command> } => {
  const count = rowCount(log)
  const followed = log.follow && count > 0 ? { ...log, cursor: seqOf(log, count - 1) } : log
  const index = cursorIndex(followed)
  const rows = Math.max(1, height)
  const lowest = Math.max(0, count - rows)
  const first0 = followed.matches === null ? followed.top - 1 : followed.top
  const top0 = Math.min(lowest, Math.max(0, Math.min(index, Math.max(first0, index - rows + 1))))
  const top = followed.matches === null ? top0 + 1 : top0
  const settled: LogModel = { ...followed, top }
  if (settled.matches !== null) {
    const commands = wantedMatches(settled, settled.matches)
    return {
      log: commands.length === 0 ? settled : { ...settled, matches: { ...settled.matches, loading: true } },
      commands,
    }
  }
  if (count === 0) return { log: settled, commands: [] }
  const blocks = new Map(settled.blocks)
  const commands: Array<Command> = []
  const lastBlock = blockOf(Math.min(count, top + rows - 1))
  for (let block = blockOf(top); block <= lastBlock; block++) {
    const held = blocks.get(block) ?? emptyBlock(block)
    const to = Math.min(count, first(block) + blockSize - 1)
    const needed = Math.min(to, top + rows - 1)
    if (held.upTo >= needed || held.asked > held.upTo) continue
    blocks.set(block, { ...held, asked: to })
    commands.push({ _tag: "LoadRange", from: held.upTo + 1, to })
  }
  return { log: commands.length === 0 ? settled : { ...settled, blocks }, commands }
}
