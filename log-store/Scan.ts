/**
 * One query, worked through a page at a time. The index names candidate chunks where the query has a
 * correlation, causation, few types or a workspace; everything else is decided on the events themselves.
 * Invariants: pages are in order, without gap or duplicate; between pages nothing of the store is held, only a
 * position; a page costs a bounded amount of work, so it may be empty although more follows.
 */
import type { Event } from "../src/domain/event.ts"
import type { Chunk } from "./chunk.ts"
import { inline, side } from "./chunk.ts"
import { typeMatcher } from "./globs.ts"
import type { Query } from "./LogStore.ts"
import type { Reader } from "./Reader.ts"
import type { StoredHead } from "./records.ts"
import { term } from "./terms.ts"

const pageBytes = 64 * 1024
const pageChunks = 32
const pageEvents = 256
const termPage = 256
const maxTypeTerms = 8

export interface Page {
  readonly events: ReadonlyArray<Event>
  readonly done: boolean
}

export class Scan {
  readonly #reader: Reader
  readonly #query: Query
  readonly #low: number
  readonly #high: number
  readonly #reverse: boolean
  readonly #typeMatches: ((type: string) => boolean) | undefined
  readonly #needle: string | undefined
  readonly #since: string | undefined
  readonly #until: string | undefined
  readonly #unfiltered: boolean
  readonly #terms: ReadonlyArray<Buffer> | undefined
  /** Next seq to look at. */
  #at: number
  #left: number

  constructor(reader: Reader, query: Query, head: StoredHead, knownTypes: ReadonlySet<string>) {
    this.#reader = reader
    this.#query = query
    this.#reverse = query.reverse === true
    this.#left = query.limit ?? Infinity
    this.#needle = query.grep === undefined || query.grep === "" ? undefined : query.grep.toLowerCase()
    this.#typeMatches = query.types === undefined ? undefined : typeMatcher(query.types)
    this.#since = isoOf(query.since)
    this.#until = isoOf(query.until)
    let low = Math.max(query.from ?? 1, 1)
    let high = Math.min(query.to ?? head.seq, head.seq)
    if (low <= high) {
      if (query.since !== undefined) low = Math.max(low, reader.firstAt(query.since, head.seq))
      if (query.until !== undefined) {
        // Behind the last step back of the clock, times only grow.
        const end = Math.max(reader.firstAt(query.until + 1, head.seq) - 1, head.regression)
        high = Math.min(high, end)
      }
    }
    const types = this.#typeMatches === undefined ? undefined : [...knownTypes].filter(this.#typeMatches)
    if (types?.length === 0 || this.#left <= 0) high = low - 1
    this.#low = low
    this.#high = high
    this.#at = this.#reverse ? high : low
    this.#terms = termsOf(query, types)
    this.#unfiltered =
      this.#terms === undefined &&
      types === undefined &&
      this.#needle === undefined &&
      this.#since === undefined &&
      this.#until === undefined
  }

  next(): Page {
    const events: Array<Event> = []
    let chunks = 0
    let bytes = 0
    while (chunks < pageChunks && bytes < pageBytes && events.length < pageEvents && this.#left > 0) {
      const batch = this.#nextChunks(pageBytes - bytes)
      if (batch.length === 0) return { events, done: true }
      for (const chunk of batch) {
        chunks++
        bytes += chunk.bytes.length
        this.#collect(chunk, events)
        this.#at = this.#reverse ? chunk.first - 1 : chunk.last + 1
        if (this.#left <= 0) return { events, done: true }
      }
    }
    return { events, done: this.#isOver() || this.#left <= 0 }
  }

  #isOver(): boolean {
    return this.#reverse ? this.#at < this.#low : this.#at > this.#high
  }

  #nextChunks(maxBytes: number): ReadonlyArray<Chunk> {
    if (this.#isOver()) return []
    if (this.#terms !== undefined) return this.#candidates(this.#terms)
    const chunk = this.#reader.chunkOf(this.#at)
    if (this.#reverse || this.#at > chunk.first) return [chunk]
    const more = this.#reader.chunksFrom(this.#at, maxBytes)
    let expected = this.#at
    const out: Array<Chunk> = []
    for (const next of more) {
      if (next.first > this.#high) break
      this.#reader.guard(expected, () => {
        if (next.first !== expected) throw new Error(`event ${expected} is missing`)
      })
      out.push(next)
      expected = next.last + 1
    }
    return out
  }

  /** The next chunks that hold any of the terms, merged over the terms. */
  #candidates(terms: ReadonlyArray<Buffer>): ReadonlyArray<Chunk> {
    const reader = this.#reader
    // The position may be inside a chunk, whose key lies before it.
    const here = reader.chunkOf(this.#at).first
    const from = this.#reverse ? Math.min(this.#low, here) : here
    const low = this.#reverse ? this.#firstKey() : from
    const high = this.#reverse ? here : this.#high
    const limit = terms.length === 1 ? termPage : Math.max(16, Math.floor(termPage / terms.length))
    let seqs: Array<number> = []
    // Beyond the end of a list that was cut short, other lists may not be used yet.
    let bound = this.#reverse ? -Infinity : Infinity
    for (const of of terms) {
      const list = reader.termSeqs(of, low, high, limit, this.#reverse)
      if (list.length === limit) {
        const end = list[list.length - 1]!
        bound = this.#reverse ? Math.max(bound, end) : Math.min(bound, end)
      }
      seqs = seqs.concat(list)
    }
    const usable = [...new Set(seqs)]
      .filter((seq) => (this.#reverse ? seq >= bound : seq <= bound))
      .sort((a, b) => (this.#reverse ? b - a : a - b))
      .slice(0, pageChunks)
    if (usable.length === 0) this.#at = this.#reverse ? this.#low - 1 : this.#high + 1
    return usable.map((seq) => reader.chunkOf(seq))
  }
  #firstKey(): number {
    return this.#reader.chunkOf(this.#low).first
  }

  #collect(chunk: Chunk, out: Array<Event>): void {
    const from = Math.max(this.#low, chunk.first, this.#reverse ? 0 : this.#at) - chunk.first
    const to = Math.min(this.#high, chunk.last, this.#reverse ? this.#at : Infinity) - chunk.first
    if (this.#unfiltered && !this.#reverse && to - from + 1 <= this.#left) {
      const events = this.#reader.events(chunk)
      const wanted = from === 0 && to === chunk.count - 1 ? events : events.slice(from, to + 1)
      for (const event of wanted) out.push(event)
      this.#left -= wanted.length
      return
    }
    const wanted = this.#unfiltered
      ? Array.from({ length: to - from + 1 }, (_, i) => from + i)
      : this.#reader.guard(chunk.first, () => this.#matches(chunk, from, to))
    if (this.#reverse) wanted.reverse()
    for (const n of wanted) {
      if (this.#left <= 0) return
      out.push(this.#reader.event(chunk, n))
      this.#left--
    }
  }

  #matches(chunk: Chunk, from: number, to: number): Array<number> {
    const { workspace, causationId, correlationId } = this.#query
    const kinds = chunk.kinds()
    const kindOk = kinds.h.map(
      ([type, , where]) =>
        (this.#typeMatches === undefined || this.#typeMatches(type)) &&
        (workspace === undefined || where === workspace),
    )
    const out: Array<number> = []
    if (!kindOk.includes(true)) return out
    // Nearly all chunks are ruled out by one look at their whole text.
    if (this.#needle !== undefined && kinds.p === undefined && !contains(chunk.payloadsText, this.#needle))
      return out
    for (let n = from; n <= to; n++) {
      if (!kindOk[kinds.i === undefined ? 0 : kinds.i[n]!]) continue
      if (causationId !== undefined && kinds.c?.[n] !== causationId) continue
      if (correlationId !== undefined && kinds.k?.[n] !== correlationId) continue
      if (this.#since !== undefined && chunk.at(n) < this.#since) continue
      if (this.#until !== undefined && chunk.at(n) > this.#until) continue
      if (this.#needle !== undefined && !contains(this.#payloadText(chunk, n), this.#needle)) continue
      out.push(n)
    }
    return out
  }

  #payloadText(chunk: Chunk, n: number): string {
    const place = chunk.kinds().p?.[n] ?? inline
    const text = chunk.payloadText(n)
    if (place === inline) return text
    return place === side ? (this.#reader.sideText(text.slice(1, -1)) ?? "") : ""
  }
}

const contains = (text: string, needle: string): boolean => text.toLowerCase().includes(needle)

const isoOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(Math.min(Math.max(ms, 0), 253_402_300_799_999)).toISOString()

/** Terms of the most selective part of the query that has an index, if any. */
const termsOf = (
  query: Query,
  types: ReadonlyArray<string> | undefined,
): ReadonlyArray<Buffer> | undefined => {
  if (query.correlationId !== undefined) return [term("correlation", query.correlationId)]
  if (query.causationId !== undefined) return [term("causation", query.causationId)]
  if (types !== undefined && types.length > 0 && types.length <= maxTypeTerms)
    return types.map((type) => term("type", type))
  if (query.workspace !== undefined) return [term("workspace", query.workspace)]
  return undefined
}
