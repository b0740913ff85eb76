/**
 * The one writer: requests of many fibers become batches, one commit in flight, the next one hashed and packed meanwhile.
 * Invariants: requests enter in the order of their calls; a request is answered only after its commit was flushed; after a failed commit the requests in it fail and whatever was built on top
 * of it is built anew from the durable head; the durable head only moves forward.
 */
import type { Event, EventDraft } from "../src/domain/event.ts"
import type { Backend } from "./Backend.ts"
import { Batch, BatchShared, type Sealed } from "./Batch.ts"
import { isErased } from "./blob.ts"
import type { Tail } from "./Packer.ts"
import type { StoredHead } from "./records.ts"

const maxBatchEvents = 8192
const maxBatchBytes = 16 * 2 ** 20
const maxSeq = 2 ** 32 - 2

/** Why an append did not happen. */
export type Refusal =
  | { readonly _tag: "Conflict"; readonly found: number }
  | { readonly _tag: "Unwritable"; readonly cause: Error }
  | { readonly _tag: "Defect"; readonly defect: unknown }

export interface Expectation {
  readonly correlationId: string
  readonly lastSeq: number
}

/** One append on its way. A class, and few objects besides: a thousand of them are in flight at once. */
export class Request {
  readonly drafts: ReadonlyArray<EventDraft>
  readonly nowMs: number
  readonly stored: (events: ReadonlyArray<Event>) => void
  readonly refused: (refusal: Refusal) => void
  readonly expect: Expectation | undefined
  /** Adds other things to the batch: checkpoints, erasures. What it throws is the request's answer. */
  readonly build: ((batch: Batch) => void) | undefined
  /** Not before everything else is durable, and in a commit of its own: `build` sees the store as it is. */
  readonly alone: boolean
  /** Place of its first event in the batch it was admitted to. */
  at = 0

  constructor(
    drafts: ReadonlyArray<EventDraft>,
    nowMs: number,
    stored: (events: ReadonlyArray<Event>) => void,
    refused: (refusal: Refusal) => void,
    expect?: Expectation,
    build?: (batch: Batch) => void,
    alone = false,
  ) {
    this.drafts = drafts
    this.nowMs = nowMs
    this.stored = stored
    this.refused = refused
    this.expect = expect
    this.build = build
    this.alone = alone
  }
}

export interface WriterOptions {
  readonly backend: Backend
  readonly head: StoredHead
  readonly types: ReadonlyArray<string>
  /** The small chunks at the end of the log. */
  readonly tail: () => Tail | undefined
  /** Newest stored seq of a correlation, 0 if it has none. */
  readonly lastOfCorrelation: (correlationId: string) => number
  /** Called once a batch is durable, before its requests are answered. */
  readonly published: (events: ReadonlyArray<Event>, bytes: number) => void
}

export class Writer {
  readonly #options: WriterOptions
  readonly #shared = new BatchShared()
  #tail: Tail | undefined
  #durable: StoredHead
  #types: Set<string>
  #queue: Array<Request> = []
  /** Requests whose answer depends on what is not durable yet. */
  #waiting: Array<Request> = []
  #open: Batch | undefined
  /** The open batch is a request's own. */
  #isAlone = false
  #admitted: Array<Request> = []
  #inFlight: Batch | undefined
  #scheduled = false
  #idle: Array<() => void> = []

  constructor(options: WriterOptions) {
    this.#options = options
    this.#durable = options.head
    this.#tail = options.tail()
    this.#types = new Set(options.types)
  }

  get head(): StoredHead {
    return this.#durable
  }
  get types(): ReadonlySet<string> {
    return this.#types
  }

  submit(request: Request): void {
    this.#queue.push(request)
    if (this.#scheduled) return
    this.#scheduled = true
    // A microtask, so that all fibers that run in this turn end up in one batch.
    queueMicrotask(this.#turn)
  }

  #later(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#scheduled = false
    this.#pump()
  }

  /** Resolves when nothing is queued or in flight. */
  drain(): Promise<void> {
    return this.#isIdle() ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  #isIdle(): boolean {
    return (
      this.#inFlight === undefined &&
      this.#open === undefined &&
      this.#queue.length === 0 &&
      this.#waiting.length === 0
    )
  }

  #pump(): void {
    const queue = this.#queue
    let taken = 0
    while (taken < queue.length) {
      const open = this.#open
      const request = queue[taken]!
      if (
        open !== undefined &&
        (this.#isAlone || open.events >= maxBatchEvents || open.bytes >= maxBatchBytes)
      )
        break
      if (request.alone && (open !== undefined || this.#inFlight !== undefined)) break
      taken++
      this.#isAlone = request.alone
      this.#admit(request)
    }
    this.#queue = taken === queue.length ? [] : queue.slice(taken)
    // Also while another batch is on its way to the disk: what can be done before its end is done.
    this.#open?.prepare()
    if (this.#inFlight === undefined && this.#open !== undefined) this.#start()
    if (this.#isIdle()) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #admit(request: Request): void {
    const { expect } = request
    const batch = (this.#open ??= new Batch(
      this.#inFlight?.head ?? this.#durable,
      this.#inFlight === undefined ? this.#types : new Set([...this.#types, ...this.#inFlight.newTypes]),
      this.#shared,
    ))
    const from = batch.seq
    try {
      if (expect !== undefined) {
        const found = this.#lastOf(expect.correlationId, batch)
        if (found > expect.lastSeq) {
          if (found > this.#durable.seq) this.#waiting.push(request)
          else request.refused({ _tag: "Conflict", found })
          return
        }
      }
      if (from + request.drafts.length > maxSeq) throw new RangeError("the log has no room for more events")
      batch.add(request.drafts, request.nowMs)
      request.build?.(batch)
      request.at = from - batch.start.seq
      this.#admitted.push(request)
    } catch (defect) {
      request.refused({ _tag: "Defect", defect })
      // what it put there before it threw goes with it; the batch was its own
      if (request.alone) this.#open = undefined
    } finally {
      if (batch.isEmpty && this.#admitted.length === 0) this.#open = undefined
    }
  }

  #lastOf(correlationId: string, open: Batch): number {
    return (
      open.correlations.get(correlationId) ??
      this.#inFlight?.correlations.get(correlationId) ??
      this.#options.lastOfCorrelation(correlationId)
    )
  }

  #start(): void {
    const batch = this.#open!
    const admitted = this.#admitted
    this.#open = undefined
    this.#admitted = []
    this.#inFlight = batch
    const alone = this.#isAlone
    this.#isAlone = false
    const { backend } = this.#options
    let sealed: Sealed
    let committing: Promise<void>
    try {
      sealed = batch.seal(
        (hash) => {
          const stored = backend.blob(hash)
          return stored !== undefined && !isErased(stored)
        },
        alone ? undefined : this.#tail,
      )
      committing = backend.commit(sealed.commit)
    } catch (error) {
      this.#failed(admitted, error instanceof Error ? error : new Error(String(error)))
      return
    }
    committing.then(
      () => {
        this.#tail = alone ? this.#options.tail() : sealed.tail
        this.#committed(batch, admitted)
      },
      (cause: Error) => this.#failed(admitted, cause),
    )
  }

  #committed(batch: Batch, admitted: ReadonlyArray<Request>): void {
    this.#inFlight = undefined
    this.#durable = batch.head
    for (const type of batch.newTypes) this.#types.add(type)
    const { stored } = batch
    if (stored.length > 0) this.#options.published(stored, batch.bytes)
    for (const request of admitted)
      request.stored(
        request.drafts.length === 1
          ? [stored[request.at]!]
          : stored.slice(request.at, request.at + request.drafts.length),
      )
    // In the next turn, so that whoever was answered may have something for the next commit: fewer and larger
    // commits are faster than many at once, on a slow disk by far, and on a fast one not slower.
    this.#requeue()
    this.#later()
  }

  #failed(admitted: ReadonlyArray<Request>, cause: Error): void {
    this.#inFlight = undefined
    // What was built on the failed batch continues a chain that does not exist.
    const again = this.#admitted
    this.#open = undefined
    this.#admitted = []
    this.#queue = [...again, ...this.#queue]
    this.#resume()
    for (const request of admitted) request.refused({ _tag: "Unwritable", cause })
  }

  #resume(): void {
    this.#requeue()
    this.#pump()
  }
  #requeue(): void {
    if (this.#waiting.length === 0) return
    this.#queue = [...this.#waiting, ...this.#queue]
    this.#waiting = []
  }
}
