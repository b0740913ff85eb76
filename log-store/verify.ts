/**
 * `verify` over a backend: walks the chunks a page at a time and gives way between pages, so that it can run beside
 * everything else. Ends at the head as it was at the start. A fault is a report, never an error.
 */
import { Effect } from "effect"
import type { Backend, StoredChunk } from "./Backend.ts"
import { zeroHash } from "./canonical.ts"
import { ChainCheck, type Fault } from "./ChainCheck.ts"
import { Chunk } from "./chunk.ts"
import type { VerifyReport } from "./LogStore.ts"
import { decodeHead, headRecord, type StoredHead } from "./records.ts"

const pageBytes = 256 * 1024

export class Verification {
  readonly #backend: Backend
  readonly #head: StoredHead
  readonly #to: number
  readonly #from: number
  #check: ChainCheck | undefined
  #events = 0
  fault: Fault | null = null
  done = false

  constructor(backend: Backend, head: StoredHead, range?: { readonly from?: number; readonly to?: number }) {
    this.#backend = backend
    this.#head = head
    this.#from = Math.max(range?.from ?? 1, 1)
    this.#to = Math.min(range?.to ?? head.seq, head.seq)
  }

  /** Checks another page. */
  step(): void {
    try {
      const check = (this.#check ??= this.#begin())
      if (check.next > this.#to) return this.#end(check)
      const page = this.#page(check.next)
      if (page.length === 0)
        return this.#fail({ seq: check.next, message: `events ${check.next} to ${this.#to} are missing` })
      for (const stored of page) {
        if (check.next > this.#to) break
        const before = Math.max(check.next, this.#from)
        const fault = check.check(stored)
        if (fault !== null) {
          this.#events += Math.max(fault.seq - before, 0)
          return this.#fail(fault)
        }
        this.#events += Math.min(check.next - 1, this.#to) - before + 1
      }
    } catch (error) {
      const seq = this.#check?.next ?? this.#from
      this.#fail({ seq, message: error instanceof Error ? error.message : String(error) })
    }
  }

  #page(next: number): ReadonlyArray<StoredChunk> {
    const page = this.#backend.chunksFrom(next, pageBytes)
    if (page[0]?.key === next) return page
    // Merged since the last page into one that begins earlier, or missing.
    const holding = this.#backend.chunkAt(next)
    return holding !== undefined && new Chunk(holding.bytes).last >= next ? [holding] : page
  }

  get report(): VerifyReport {
    const { seq, hash, at } = this.#head
    return { events: this.#events, head: { seq, hash, at }, ok: this.fault === null, failure: this.fault }
  }

  /** Starts at the chunk that holds the first seq of the range; the event before it is taken as given. */
  #begin(): ChainCheck {
    const start = (first: number, prevHash: string) =>
      new ChainCheck(this.#backend, first, prevHash, this.#head.seq)
    if (this.#from > this.#to) return start(this.#from, zeroHash)
    const holding = this.#backend.chunkAt(this.#from)
    const before =
      holding === undefined || holding.key <= 1 ? undefined : this.#backend.chunkAt(holding.key - 1)
    if (before === undefined) return start(1, zeroHash)
    const chunk = new Chunk(before.bytes)
    return start(chunk.last + 1, chunk.hash(chunk.count - 1))
  }

  #end(check: ChainCheck): void {
    const head = this.#head
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
      if (check.unexplained !== null) return this.#fail(check.unexplained)
      if (head.seq === 0 && this.#backend.chunkAt(2 ** 32 - 1) !== undefined)
        return this.#fail({ seq: 1, message: "there are events, but the log's head says it is empty" })
    }
    this.done = true
  }
  #fail(fault: Fault): void {
    this.fault = fault
    this.done = true
  }
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
