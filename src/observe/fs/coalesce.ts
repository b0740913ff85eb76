/**
 * When and as what a stream of sightings is written: pure, with the time given.
 * A lone change goes out as soon as it settled. Each write takes a token and tokens come back slowly, so that a
 * steady trickle is grouped into one write a second, while a handful of saves in a row still goes out one by one.
 * Changes of urgent names (lockfiles, manifests) do not wait for a token.
 * While git rewrites the tree its burst is held whole, so that a switch of branches is one write; only urgent names
 * that have waited too long by then go ahead, alone.
 * Of each path only two things count: was it there before the burst, and is it there now.
 */
import { baseName } from "./byteStrings.ts"
import type { Cause, Kind } from "./Watcher.ts"

export interface CoalesceOptions {
  /** Quiet time after which a burst is over. */
  readonly settleMs: number
  /** A burst that does not end is cut after this long. */
  readonly holdMs: number
  /** Writes that may follow each other at once, and the time in which one of them is earned back. */
  readonly tokens: number
  readonly tokenMs: number
  /** Shortest time between two urgent writes. */
  readonly urgentMs: number
  /** More paths than this are not held. */
  readonly mostPaths: number
  /** A burst of somebody who is not done is looked at again after this, and held so long at most. */
  readonly busyMs: number
  readonly longestBusyMs: number
  /** The same for urgent names among it. */
  readonly urgentBusyMs: number
  /** Quiet time behind a burst that was held, where it is large. */
  readonly calmMs: number
  readonly urgentNames: ReadonlySet<string>
}

export interface Burst {
  /** Path -> was it there before, is it there now. */
  readonly paths: Map<string, { before: boolean; now: boolean }>
  cause: Cause
}

/** What so many paths changed in at once is the work of a program. */
export const largeBurst = 100

const rank: Readonly<Record<Cause, number>> = { watch: 0, poll: 1, reconcile: 2 }

const leavesSomething = (burst: Burst): boolean =>
  [...burst.paths.values()].some((state) => state.before || state.now)

export class Coalescer {
  readonly #options: CoalesceOptions
  #burst: Burst = { paths: new Map(), cause: "watch" }
  #firstAt: number | null = null
  #lastAt = 0
  #urgentAt: number | null = null
  /** It waits until then for somebody who was not done; null: for nobody. */
  #heldUntil: number | null = null
  #tokens: number
  #tokensAt = 0
  #writtenAt = Number.NEGATIVE_INFINITY

  constructor(options: CoalesceOptions) {
    this.#options = options
    this.#tokens = options.tokens
  }

  add(kind: Kind, path: string, cause: Cause, now: number): void {
    const there = this.#burst.paths.get(path)
    if (there === undefined) this.#burst.paths.set(path, { before: kind !== "add", now: kind !== "unlink" })
    else there.now = kind !== "unlink"
    if (rank[cause] > rank[this.#burst.cause]) this.#burst.cause = cause
    this.#firstAt ??= now
    this.#lastAt = now
    if (this.#options.urgentNames.has(baseName(path))) this.#urgentAt ??= now
  }

  get size(): number {
    return this.#burst.paths.size
  }

  /** When the burst is to be written; null: nothing is held. */
  dueAt(now: number): number | null {
    const { settleMs, holdMs, mostPaths } = this.#options
    if (this.#firstAt === null) return null
    if (this.#burst.paths.size >= mostPaths) return now
    const settled = this.#lastAt + settleMs
    const ended = Math.max(Math.min(settled, this.#firstAt + holdMs), this.#heldUntil ?? 0)
    const ordinary = Math.max(ended, this.#tokenAt(now))
    const urgent = this.#urgentDueAt(settled)
    return urgent === null ? ordinary : Math.min(ordinary, urgent)
  }

  #urgentDueAt(settled: number): number | null {
    const { urgentMs, urgentBusyMs } = this.#options
    if (this.#urgentAt === null) return null
    if (this.#heldUntil !== null) return this.#urgentAt + urgentBusyMs
    return Math.max(Math.min(settled, this.#urgentAt + urgentMs), this.#writtenAt + urgentMs)
  }

  /** Takes what is held; null where nothing is due. `busy`: who writes this burst is not done. */
  take(now: number, busy: boolean): Burst | null {
    const due = this.dueAt(now)
    if (due === null || due > now) return null
    const until = this.#waitsUntil(now, this.#firstAt!, busy)
    if (until > now) {
      this.#heldUntil = until
      return this.#takeUrgent(now)
    }
    const burst = this.#burst
    // What came and went inside the burst is not written, and costs nothing.
    if (leavesSomething(burst)) this.#spend(now)
    this.#burst = { paths: new Map(), cause: "watch" }
    this.#firstAt = null
    this.#urgentAt = null
    this.#heldUntil = null
    return burst
  }

  #waitsUntil(now: number, firstAt: number, busy: boolean): number {
    const { busyMs, longestBusyMs, calmMs, mostPaths } = this.#options
    if (this.size >= mostPaths || now >= firstAt + longestBusyMs) return now
    if (busy) return now + busyMs
    return this.#heldUntil !== null && this.size >= largeBurst ? this.#lastAt + calmMs : now
  }

  /** The urgent names of a burst that is held, where they have waited long enough. */
  #takeUrgent(now: number): Burst | null {
    const { urgentBusyMs, urgentNames } = this.#options
    if (this.#urgentAt === null || now < this.#urgentAt + urgentBusyMs) return null
    this.#urgentAt = null
    const paths = new Map([...this.#burst.paths].filter(([path]) => urgentNames.has(baseName(path))))
    for (const path of paths.keys()) this.#burst.paths.delete(path)
    const burst: Burst = { paths, cause: this.#burst.cause }
    if (leavesSomething(burst)) this.#spend(now)
    return burst
  }

  /** Holds a path again whose state on disk was not what was seen: more about it is on the way. */
  keep(path: string, state: { before: boolean; now: boolean }): void {
    if (!this.#burst.paths.has(path)) this.#burst.paths.set(path, state)
  }

  #spend(now: number): void {
    this.#earn(now)
    this.#tokens = Math.max(0, this.#tokens - 1)
    this.#writtenAt = now
  }

  #earn(now: number): void {
    const { tokens, tokenMs } = this.#options
    if (now <= this.#tokensAt) return
    this.#tokens = Math.min(tokens, this.#tokens + (now - this.#tokensAt) / tokenMs)
    this.#tokensAt = now
  }

  #tokenAt(now: number): number {
    this.#earn(now)
    return this.#tokens >= 1 ? now : now + (1 - this.#tokens) * this.#options.tokenMs
  }
}
