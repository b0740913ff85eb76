/**
 * `verify` over a backend: walks the chunks a page at a time and gives way between pages, so that it can run beside
 * everything else. Ends at the head as it was at the start. A fault is a report, never an error. A range that is a `part`
 * of several checked side by side leaves to whoever puts them together what no part can know: whether missing
 * payloads are explained further on.
 */
import { Effect } from "effect"
import type { Backend, StoredChunk } from "./Backend.ts"
import { zeroHash } from "./canonical.ts"
import { ChainCheck, type Fault, type Start } from "./ChainCheck.ts"
import { Chunk, type Entry, erased, inline } from "./chunk.ts"
import { explainedBy, explaining } from "./explains.ts"
import type { IndexCheck } from "./IndexCheck.ts"
import type { VerifyReport } from "./LogStore.ts"
import { Reader } from "./Reader.ts"
import { decodeHead, headRecord, type StoredHead } from "./records.ts"
import type { SeqRange, SeqRanges } from "./SeqRanges.ts"
import { firstUnexplained } from "./sharedContents.ts"
import { term } from "./terms.ts"

const pageBytes = 256 * 1024
const termPage = 256

export interface VerifyRange {
  readonly from?: number
  readonly to?: number
  /** One of several parts. */
  readonly part?: boolean
  readonly index?: IndexCheck
}

const unexplained = "its payload was removed, and no event of the log says that it was erased"
/** What the first of these seqs is charged with. */
export const unexplainedFault = (missing: SeqRanges): Fault | null =>
  missing.first === null ? null : { seq: missing.first, message: unexplained }
/** The same content may be erased elsewhere, which only who has the whole log before him can say. */
export const mayBeShared = (fault: Fault | null): boolean => fault?.message === unexplained

export class Verification {
  readonly #backend: Backend
  readonly #head: StoredHead
  readonly #to: number
  readonly #from: number
  readonly #range: VerifyRange
  #check: ChainCheck | undefined
  #events = 0
  fault: Fault | null = null
  done = false

  constructor(backend: Backend, head: StoredHead, range: VerifyRange = {}) {
    this.#backend = backend
    this.#head = head
    this.#range = range
    this.#from = Math.max(range.from ?? 1, 1)
    this.#to = Math.min(range.to ?? head.seq, head.seq)
  }

  /** Checks another page. */
  step(): void {
    try {
      const check = (this.#check ??= this.#begin())
      if (check.next > this.#to) return this.#end(check)
      const page = this.#page(check)
      if (page.length === 0)
        return this.#fail({ seq: check.next, message: `events ${check.next} to ${this.#to} are missing` })
      for (const stored of page) {
        if (check.next > this.#to) break
        const before = Math.max(check.next, this.#from)
        const fault = check.check(stored)
        if (fault !== null) return this.#failAt(fault)
        this.#events += Math.min(check.next - 1, this.#to) - before + 1
      }
    } catch (error) {
      const seq = this.#check?.next ?? this.#from
      this.#fail({ seq, message: error instanceof Error ? error.message : String(error) })
    }
  }

  #page({ next, lastKey }: ChainCheck): ReadonlyArray<StoredChunk> {
    // From behind the last chunk's key on: a record between that and the next seq would be one too many.
    const page = this.#backend.chunksFrom(lastKey + 1, pageBytes)
    if (page[0] !== undefined && page[0].key <= next) return page
    // Merged since the last page into one that begins earlier, or missing.
    const holding = this.#backend.chunkAt(next)
    return holding !== undefined && new Chunk(holding.bytes).last >= next ? [holding] : page
  }

  get report(): VerifyReport {
    const { seq, hash, at } = this.#head
    return { events: this.#events, head: { seq, hash, at }, ok: this.fault === null, failure: this.fault }
  }
  get events(): number {
    return this.#events
  }
  /** Payloads that are gone here and not explained so far, and what was explained of the events before. */
  get absent(): {
    readonly unexplained: ReadonlyArray<SeqRange>
    readonly explained: ReadonlyArray<SeqRange>
  } {
    return {
      unexplained: this.#check?.unexplained.ranges ?? [],
      explained: this.#check?.explained.ranges ?? [],
    }
  }

  /** Starts at the chunk that holds the first seq of the range; the event before it is taken as given. */
  #begin(): ChainCheck {
    const start = (at: Start) => new ChainCheck(this.#backend, at, this.#head.seq, this.#range.index)
    const first = { first: 1, prevHash: zeroHash, lastKey: 0 }
    if (this.#from > this.#to) return start({ ...first, first: this.#from })
    const holding = this.#backend.chunkAt(this.#from)
    const before =
      holding === undefined || holding.key <= 1 ? undefined : this.#backend.chunkAt(holding.key - 1)
    if (before === undefined) return start(first)
    const chunk = new Chunk(before.bytes)
    return start({ first: chunk.last + 1, prevHash: chunk.hash(chunk.count - 1), lastKey: before.key })
  }

  #end(check: ChainCheck): void {
    const head = this.#head
    // Behind the last chunk no other may begin before its end.
    const newest = this.#from > this.#to ? undefined : this.#backend.chunkAt(check.next - 1)
    if (newest !== undefined && newest.key > check.lastKey) {
      const fault = check.check(newest)
      if (fault !== null) return this.#failAt(fault)
    }
    if (this.#to === head.seq) {
      const record = this.#backend.record(headRecord)
      const stored = record === undefined ? undefined : decodeHead(record)
      if (head.seq > 0 && (stored === undefined || stored.seq < head.seq))
        return this.#fail({
          seq: head.seq,
          message: "the log's head record does not name it: the end was changed",
        })
      if (head.seq > 0 && this.#from <= head.seq && check.watchedHash !== head.hash)
        return this.#fail({ seq: head.seq, message: "the log's head has another hash: the end was changed" })
      if (stored !== undefined && stored.seq === head.seq && stored.hash !== head.hash)
        return this.#fail({ seq: head.seq, message: "the log's head record has another hash" })
      if (head.seq > 0 && stored !== undefined && stored.seq > head.seq) this.#readOn(check, stored.seq)
      const seq =
        this.#range.part === true ? null : firstUnexplained(this.#backend, check.unexplained, head.seq)
      if (seq !== null) return this.#fail({ seq, message: unexplained })
      if (head.seq === 0 && this.#backend.chunkAt(2 ** 32 - 1) !== undefined)
        return this.#fail({ seq: 1, message: "there are events, but the log's head says it is empty" })
    }
    this.done = true
  }

  /** What went since this began is explained behind the head of then. */
  #readOn(check: ChainCheck, last: number): void {
    const reader = new Reader(this.#backend, () => undefined)
    for (const type of explaining)
      for (let from = reader.chunkOf(this.#head.seq).first; from <= last;) {
        const keys = reader.termSeqs(term("type", type), from, last, termPage, false)
        for (const key of keys)
          for (const entry of reader.chunkOf(key).entries())
            if (entry.type === type && entry.seq > this.#head.seq) check.explain(rangesOf(reader, entry))
        if (keys.length < termPage) break
        from = keys.at(-1)! + 1
      }
  }

  /** What comes before the fault is well. */
  #failAt(fault: Fault): void {
    this.#events = Math.max(fault.seq - this.#from, 0)
    this.#fail(fault)
  }
  #fail(fault: Fault): void {
    this.fault = fault
    this.done = true
  }
}

const rangesOf = (reader: Reader, { type, place, payload }: Entry): ReadonlyArray<SeqRange> => {
  if (place === erased) return []
  const text = place === inline ? payload : reader.sideText(payload)
  return text === null ? [] : explainedBy(type, text)
}

export const verifyBackend = (
  backend: Backend,
  head: () => StoredHead,
  range?: { readonly from?: number; readonly to?: number },
): Effect.Effect<VerifyReport> =>
  Effect.suspend(() => {
    const verification = new Verification(backend, head(), range)
    const loop: Effect.Effect<VerifyReport> = Effect.suspend(() => {
      verification.step()
      return verification.done ? Effect.succeed(verification.report) : Effect.andThen(Effect.yieldNow, loop)
    })
    return loop
  })
