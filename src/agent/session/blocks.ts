/**
 * The order in which a conversation stands in a prompt: words, notes, and turns, a turn being an answer with the results of
 * its calls. Pure.
 * Invariants: a word that was said while the model thought stands behind the answer that could not have heard it, and one
 * that was said while tools ran behind their results; so what an earlier prompt held is a beginning of every later one.
 */
import { callsOf, type AnswerCall } from "./calls.ts"
import type { SessionResult } from "../../domain/events/sessions.ts"
import type { Entry, EntryOf, Transcript } from "./transcript.ts"

export interface Turn {
  readonly _tag: "turn"
  readonly answer: EntryOf<"answered">
  readonly calls: ReadonlyArray<AnswerCall>
  /** By the call's id. */
  readonly results: ReadonlyMap<string, SessionResult>
  /** A person stopped the work before all results were there. */
  readonly stopped: boolean
  readonly lastSeq: number
}
export type Block =
  | { readonly _tag: "word"; readonly entry: EntryOf<"said"> }
  | { readonly _tag: "note"; readonly entry: EntryOf<"noted"> }
  | Turn

export const firstSeq = (block: Block): number => (block._tag === "turn" ? block.answer.seq : block.entry.seq)
export const lastSeqOf = (block: Block): number => (block._tag === "turn" ? block.lastSeq : block.entry.seq)

interface BuiltTurn extends Turn {
  results: ReadonlyMap<string, SessionResult>
  stopped: boolean
  lastSeq: number
}
type Built = Exclude<Block, Turn> | BuiltTurn

export const openCalls = (turn: Turn): ReadonlyArray<AnswerCall> =>
  turn.calls.filter(({ id }) => !turn.results.has(id))

const placeOf = (blocks: ReadonlyArray<Built>, heard: number): number => {
  let place = blocks.length
  while (place > 0) {
    const before = blocks[place - 1]!
    if (before._tag === "turn" || before.entry.seq <= heard) break
    place--
  }
  return place
}

/** One step looks at the same entries many times. */
const built = new WeakMap<ReadonlyArray<Entry>, ReadonlyArray<Block>>()

/** `entries` are not changed any more. */
export const blocksOf = (entries: ReadonlyArray<Entry>): ReadonlyArray<Block> => {
  let blocks = built.get(entries)
  if (blocks === undefined) built.set(entries, (blocks = build(entries)))
  return blocks
}

/** Most answers call nothing, and a conversation has thousands. */
const none: ReadonlyMap<string, SessionResult> = new Map()

const build = (entries: ReadonlyArray<Entry>): ReadonlyArray<Block> => {
  const blocks: Array<Built> = []
  const turns = new Map<string, BuiltTurn>()
  for (const entry of entries) {
    switch (entry._tag) {
      case "said":
        blocks.push({ _tag: "word", entry })
        break
      case "noted":
        blocks.push({ _tag: "note", entry })
        break
      case "answered": {
        const turn: BuiltTurn = {
          _tag: "turn",
          answer: entry,
          calls: callsOf(entry.parts),
          results: none,
          stopped: false,
          lastSeq: entry.seq,
        }
        turns.set(entry.call, turn)
        blocks.splice(placeOf(blocks, entry.heard), 0, turn)
        break
      }
      case "results": {
        const turn = turns.get(entry.call)
        if (turn === undefined) break
        const results = new Map(turn.results)
        for (const result of entry.results) if (!results.has(result.id)) results.set(result.id, result)
        turn.results = results
        turn.lastSeq = entry.seq
        break
      }
      case "stopped":
        for (const turn of turns.values()) if (openCalls(turn).length > 0) turn.stopped = true
        break
      case "rested":
        break
    }
  }
  return blocks
}

/** Those that the prompt shows: what a summary stands for is left out. */
export const shownBlocks = ({ compacted, entries }: Transcript): ReadonlyArray<Block> => {
  const upTo = compacted?.upTo ?? 0
  if (upTo === 0) return blocksOf(entries)
  const before = shown.get(entries)
  if (before?.upTo === upTo) return before.blocks
  const blocks = blocksOf(entries.filter(({ seq }) => seq > upTo))
  shown.set(entries, { upTo, blocks })
  return blocks
}
const shown = new WeakMap<
  ReadonlyArray<Entry>,
  { readonly upTo: number; readonly blocks: ReadonlyArray<Block> }
>()
