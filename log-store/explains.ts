/**
 * Which payloads an event of the log says were taken away: the erasures and the archiving on record. A payload that is
 * gone and that no event explains was removed behind the log's back. Pure; knows the two payloads' shapes and no more.
 */
import type { SeqRange } from "./SeqRanges.ts"

/** Types whose payload explains others' absence; they are never taken away themselves. */
export const explaining: ReadonlySet<string> = new Set(["log.erased", "log.archived"])

interface Explanation {
  readonly seqs?: unknown
  readonly from?: unknown
  readonly to?: unknown
}

const isSeq = (value: unknown): value is number => Number.isSafeInteger(value)

/** The seqs, as ranges, whose missing payloads this event explains. `payload` as JSON text. */
export const explainedBy = (type: string, payload: string): ReadonlyArray<SeqRange> => {
  if (!explaining.has(type)) return []
  const { seqs, from, to } = JSON.parse(payload) as Explanation
  const ranges: Array<SeqRange> = isSeq(from) && isSeq(to) ? [{ from, to }] : []
  for (const seq of Array.isArray(seqs) ? (seqs as ReadonlyArray<unknown>) : []) {
    const last = ranges.at(-1)
    if (!isSeq(seq)) continue
    if (last !== undefined && seq === last.to + 1) ranges[ranges.length - 1] = { from: last.from, to: seq }
    else ranges.push({ from: seq, to: seq })
  }
  return ranges
}
