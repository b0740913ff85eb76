/**
 * A query's conditions held against the events of one stored chunk, cheapest first: what they share, the bytes of all
 * payloads together, then ids and times, and only what is left is decoded.
 * Invariant: gives exactly the events that `Filter.event` says yes to.
 */
import type { Event } from "../src/domain/event.ts"
import { type Chunk, inline, side } from "./chunk.ts"
import type { Filter } from "./Filter.ts"
import type { Reader } from "./Reader.ts"

/** An event with its payload from elsewhere, where the log itself has it no more. */
export type Restored = (event: Event) => Event

/** From so many on it is faster to decode a whole chunk than its events one by one. */
const manyOf = (count: number): number => Math.max(4, count / 2)

/** Gives an event that matches, or null; undefined where none of the chunk does. `most` are wanted. */
export const chunkMatcher = (
  reader: Reader,
  filter: Filter,
  chunk: Chunk,
  restored: Restored,
  most: number,
): ((n: number) => Event | null) | undefined => {
  const { h, i, c, k, p } = chunk.kinds()
  const kindOk = h.map(([type, , workspace, actor]) => filter.kind(type, workspace, actor))
  if (!kindOk.includes(true)) return undefined
  const old = h.map(([type, v]) => reader.isOld(type, v))
  // What lies elsewhere, or is shown otherwise than it is stored, the chunk's bytes say nothing of.
  const isWhole = p === undefined && !old.includes(true)
  if (isWhole && !filter.mayHold(chunk.payloadBytes, chunk.ascii)) return undefined
  const { asksPayload } = filter
  const isNear = (n: number): boolean => kindOk[i[n]!]! && filter.ids(c?.[n] ?? null, k?.[n] ?? null)
  const all = asksPayload || most < chunk.count ? null : wholeOf(reader, chunk, isNear)
  return (n) => {
    const kind = i[n]!
    if (!isNear(n) || !filter.time(chunk.at(n))) return null
    if (all !== null) return all[n]!
    // Looked for in the stored text where that is what is shown, which saves decoding what does not match.
    const text = !asksPayload || old[kind] ? null : storedText(reader, chunk, n)
    if (text !== null && !filter.mayHoldText(text)) return null
    const event = asksPayload ? restored(reader.event(chunk, n)) : reader.event(chunk, n)
    return filter.payload(event) && (text !== null || filter.text(event)) ? event : null
  }
}

/** All events of a chunk where many are wanted; null else, and where one of them cannot be read. */
const wholeOf = (
  reader: Reader,
  chunk: Chunk,
  isNear: (n: number) => boolean,
): ReadonlyArray<Event> | null => {
  let near = 0
  for (let n = 0; n < chunk.count; n++) if (isNear(n)) near++
  if (near < manyOf(chunk.count)) return null
  try {
    return reader.events(chunk)
  } catch {
    // another one than those asked for may be the damaged one
    return null
  }
}

/** Null where it is not in the log's own tables. */
const storedText = (reader: Reader, chunk: Chunk, n: number): string | null =>
  reader.guard(chunk.first + n, () => {
    const place = chunk.kinds().p?.[n] ?? inline
    if (place === inline) return chunk.payloadText(n)
    return place === side ? reader.sideText(chunk.payloadText(n).slice(1, -1)) : null
  })
