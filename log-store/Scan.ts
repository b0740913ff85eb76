/**
 * One query, worked through a page at a time. The index names candidate chunks where the query has a
 * correlation, causation, few types or a workspace; everything else is decided on the events themselves.
 * Invariants: pages are in order, without gap or duplicate; between pages nothing of the store is held, only a
 * position; a page costs a bounded amount of work, so it may be empty although more follows.
 */
import type { Event } from "../src/domain/event.ts"
import { Caused } from "./Caused.ts"
import type { Chunk } from "./chunk.ts"
import { chunkMatcher, type Restored } from "./chunkMatcher.ts"
import { Filter } from "./Filter.ts"
import type { Query } from "./LogStore.ts"
import type { Reader } from "./Reader.ts"
import type { StoredHead } from "./records.ts"
import { SketchedScan } from "./SketchedScan.ts"
import { wordNeeds } from "./Sketches.ts"
import { term } from "./terms.ts"

const pageBytes = 64 * 1024
const pageChunks = 32
const pageEvents = 256
const pageCaused = 64
const termPage = 256
const maxTypeTerms = 8

export interface Page {
  readonly events: ReadonlyArray<Event>
  readonly done: boolean
}

export class Scan {
  readonly #reader: Reader
  readonly #restored: Restored
  readonly #query: Query
  readonly #filter: Filter
  readonly #low: number
  readonly #high: number
  readonly #reverse: boolean
  readonly #terms: ReadonlyArray<Buffer> | undefined
  readonly #sketched: SketchedScan | undefined
  /** What one event caused; then nothing else is looked at. */
  readonly #caused: Caused | undefined
  /** Of those, what is still to come, newest last; only where they are read from the newest on. */
  #found: Array<number> | undefined
  /** Next seq to look at. */
  #at: number
  #left: number

  constructor(
    reader: Reader,
    query: Query,
    head: StoredHead,
    knownTypes: ReadonlySet<string>,
    restored: Restored = (event) => event,
  ) {
    this.#reader = reader
    this.#restored = restored
    this.#query = query
    this.#filter = new Filter(query)
    this.#reverse = query.reverse === true
    this.#left = query.limit ?? Infinity
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
    const types = this.#filter.hasTypes
      ? [...knownTypes].filter((type) => this.#filter.type(type))
      : undefined
    if (types?.length === 0 || this.#left <= 0) high = low - 1
    this.#low = low
    this.#high = high
    this.#at = this.#reverse ? high : low
    this.#terms = termsOf(query, types)
    this.#sketched = this.#sketchedScan(query)
    this.#caused = query.cause === undefined ? undefined : new Caused(reader, query.cause, high)
    this.#found = this.#reverse ? [] : undefined
  }

  next(): Page {
    if (this.#caused !== undefined) return this.#nextCaused(this.#caused)
    const events: Array<Event> = []
    let chunks = 0
    let bytes = 0
    while (chunks < pageChunks && bytes < pageBytes && events.length < pageEvents && this.#left > 0) {
      const batch = this.#nextChunks(pageBytes - bytes)
      if (batch.length === 0) return { events, done: this.#isOver() }
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

  /** By what the sketches tell, unless the index tells more. */
  #sketchedScan(query: Query): SketchedScan | undefined {
    const needs = wordNeeds(this.#filter.needs)
    if (needs.length === 0 || query.correlationId !== undefined || query.causationId !== undefined)
      return undefined
    const { fewChunks } = this.#reader.sketches
    let few = this.#terms === undefined ? 0 : fewChunks
    for (const of of this.#terms ?? [])
      few -= this.#reader.termSeqs(of, this.#low, this.#high, fewChunks, false).length
    return few > 0 ? undefined : new SketchedScan(this.#reader, needs, this.#reverse)
  }

  #isOver(): boolean {
    return this.#reverse ? this.#at < this.#low : this.#at > this.#high
  }

  #nextChunks(maxBytes: number): ReadonlyArray<Chunk> {
    if (this.#isOver()) return []
    const sketched = this.#sketched?.next(this.#at, this.#low, this.#high)
    if (sketched !== undefined) {
      this.#at = sketched.at
      return sketched.chunks
    }
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
    const around = this.#around()
    if (around !== undefined && around >= low && around <= high) seqs.push(around)
    const usable = [...new Set(seqs)]
      .filter((seq) => (this.#reverse ? seq >= bound : seq <= bound))
      .sort((a, b) => (this.#reverse ? b - a : a - b))
      .slice(0, pageChunks)
    if (usable.length === 0) this.#at = this.#reverse ? this.#low - 1 : this.#high + 1
    return usable.map((seq) => reader.chunkOf(seq))
  }
  /** Key of the chunk that the causation asked for lies in: what it caused there is not in the index. */
  #around(): number | undefined {
    const { causationId, correlationId } = this.#query
    if (causationId === undefined || correlationId !== undefined) return undefined
    return this.#reader.chunkAround(causationId, this.#high)?.first
  }
  #firstKey(): number {
    return this.#reader.chunkOf(this.#low).first
  }

  /** From the newest on: all of them are found first, a page at a time as well. */
  #nextCaused(caused: Caused): Page {
    const events: Array<Event> = []
    const found = this.#found
    for (let looked = 0; looked < pageCaused; looked++) {
      const seq = caused.next()
      if (seq === null) break
      if (found !== undefined) found.push(seq)
      else if (this.#takeCaused(seq, events)) return { events, done: true }
      if (looked === pageCaused - 1) return { events, done: false }
    }
    if (found === undefined) return { events, done: true }
    for (let looked = 0; looked < pageCaused && found.length > 0; looked++)
      if (this.#takeCaused(found.pop()!, events)) return { events, done: true }
    return { events, done: found.length === 0 }
  }
  /** True where no more is wanted. */
  #takeCaused(seq: number, out: Array<Event>): boolean {
    if (this.#left <= 0) return true
    if (seq < this.#low || seq > this.#high) return false
    const event = this.#restored(this.#reader.get(seq))
    if (this.#filter.event(event)) {
      out.push(event)
      this.#left--
    }
    return this.#left <= 0
  }

  #collect(chunk: Chunk, out: Array<Event>): void {
    const from = Math.max(this.#low, chunk.first, this.#reverse ? 0 : this.#at) - chunk.first
    const to = Math.min(this.#high, chunk.last, this.#reverse ? this.#at : Infinity) - chunk.first
    if (this.#filter.isOpen && !this.#reverse && to - from + 1 <= this.#left) {
      const events = this.#reader.events(chunk)
      const wanted = from === 0 && to === chunk.count - 1 ? events : events.slice(from, to + 1)
      for (const event of wanted) out.push(event)
      this.#left -= wanted.length
      return
    }
    const look = this.#reader.guard(chunk.first, () =>
      chunkMatcher(this.#reader, this.#filter, chunk, this.#restored, this.#left),
    )
    if (look === undefined) return
    const step = this.#reverse ? -1 : 1
    for (let n = this.#reverse ? to : from; n >= from && n <= to && this.#left > 0; n += step) {
      const event = look(n)
      if (event === null) continue
      out.push(event)
      this.#left--
    }
  }
}

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
