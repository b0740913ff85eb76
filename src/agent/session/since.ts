/**
 * What was done since the user's last word: what limits count and loops are looked for in. Pure.
 * Invariant: time counts only while a model or a tool worked; waiting for a person is free.
 */
import { type Block, blocksOf, type Turn } from "./blocks.ts"
import type { Entry, EntryOf, Transcript } from "./transcript.ts"

export interface Since {
  readonly word: EntryOf<"said"> | null
  readonly turns: ReadonlyArray<Turn>
  readonly notes: ReadonlyArray<EntryOf<"noted">>
  readonly tokens: number
  readonly ms: number
}

const lastOf = <T extends Entry["_tag"]>(transcript: Transcript, tag: T): EntryOf<T> | null =>
  (transcript.entries.findLast(({ _tag }) => _tag === tag) as EntryOf<T> | undefined) ?? null

export const lastWord = (transcript: Transcript): EntryOf<"said"> | null => lastOf(transcript, "said")
export const lastRest = (transcript: Transcript): EntryOf<"rested"> | null => lastOf(transcript, "rested")
export const lastStop = (transcript: Transcript): EntryOf<"stopped"> | null => lastOf(transcript, "stopped")

const isTurn = (block: Block): block is Turn => block._tag === "turn"

const turnMs = (turn: Turn): number => {
  const thought = Math.max(0, Date.parse(turn.answer.at) - Date.parse(turn.answer.askedAt))
  let done = 0
  for (const { ms } of turn.results.values()) done += ms ?? 0
  return thought + done
}

export const tokensOf = ({ answer: { usage } }: Turn): number =>
  usage.input + usage.output + usage.cacheRead + usage.cacheWrite

export const since = (transcript: Transcript): Since => {
  const word = lastWord(transcript)
  const from = word?.seq ?? 0
  const turns = blocksOf(transcript.entries.filter(({ seq }) => seq > from)).filter(isTurn)
  const notes = transcript.entries.filter(
    (entry): entry is EntryOf<"noted"> => entry._tag === "noted" && entry.seq > from,
  )
  return {
    word,
    turns,
    notes,
    tokens: turns.reduce((sum, turn) => sum + tokensOf(turn), 0),
    ms: turns.reduce((sum, turn) => sum + turnMs(turn), 0),
  }
}
