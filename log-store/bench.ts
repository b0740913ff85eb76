/**
 * The log's benchmarks, each beside raw lmdb-js in the same run: the same 300-byte events, batches of a thousand,
 * durable before the next, dense integer keys and shared structures, but no chain, no schema, no index.
 * Invariants: claw and peer take turns, so that a slow moment of the machine hits both; the median counts.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Effect, Stream } from "effect"
import { type Database, open, type RootDatabase } from "lmdb"
import { draft, type EventDraft } from "../src/domain/event.ts"
import { LmdbLogStore } from "./LmdbLogStore.ts"
import { LogStore } from "./LogStore.ts"

export interface BenchResult {
  readonly name: string
  readonly claw: number
  readonly peer: string | null
  readonly peerValue: number | null
  readonly unit: string
  readonly ratio: number | null
  readonly goal: number
  readonly met: boolean
}

export interface BenchOptions {
  /** A directory on the disk to be measured; a folder is made in it and removed again. */
  readonly dir: string
  /** A few seconds instead of a minute. */
  readonly quick: boolean
}

const inFlight = 1000
const goal = 0.6
const mapSize = 8 * 2 ** 30

const sampleDraft = (n: number): EventDraft =>
  draft(
    "fs.changed",
    {
      changes: [{ path: `src/components/button/Button${n}.tsx`, kind: "change", bytes: 4096 + (n % 1000) }],
      counts: { add: 0, change: 1, unlink: 0, rename: 0 },
      truncated: false,
      cause: "watch",
    },
    { actor: "source:fs", workspace: "/home/dev/projects/shop", trust: "untrusted" },
  )

const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}
const perSecond = (count: number, ms: number): number => Math.round((count / ms) * 1000)

class Peer {
  readonly #root: RootDatabase
  readonly #events: Database<unknown, number>
  #next = 1

  constructor(dir: string) {
    this.#root = open({
      path: join(dir, "peer.mdb"),
      noSubdir: true,
      mapSize,
      overlappingSync: false,
      eventTurnBatching: false,
    })
    this.#events = this.#root.openDB({ name: "events", keyEncoding: "uint32", sharedStructuresKey: 0 })
  }

  get count(): number {
    return this.#next - 1
  }

  async append(drafts: ReadonlyArray<EventDraft>): Promise<number> {
    const start = performance.now()
    for (let at = 0; at < drafts.length; at += inFlight) {
      const stop = Math.min(at + inFlight, drafts.length)
      await this.#events.batch(() => {
        for (let n = at; n < stop; n++) {
          const seq = this.#next++
          const id = `0198a000-0000-7000-8000-${String(seq).padStart(12, "0")}`
          this.#events.put(seq, { seq, id, at: "2026-01-02T03:04:05.678Z", v: 1, ...drafts[n]! })
        }
      })
    }
    return performance.now() - start
  }

  scan(): { readonly count: number; readonly ms: number } {
    const start = performance.now()
    let count = 0
    for (const { value } of this.#events.getRange({ start: 1 })) if (value !== undefined) count++
    return { count, ms: performance.now() - start }
  }

  close(): Promise<void> {
    return this.#root.close()
  }
}

/**
 * A thousand fibers, each with one event at a time on its way. Timed from the second thousand of answers to the
 * last but one, so that starting and ending the fibers does not count. Gives the time for as many as it was given.
 */
const appendSingly = (log: LogStore["Service"], drafts: ReadonlyArray<EventDraft>) =>
  Effect.gen(function* () {
    const from = 2 * inFlight
    const to = drafts.length - inFlight
    let next = 0
    let answered = 0
    let start = 0
    let stop = 0
    const fiber = Effect.whileLoop({
      while: () => next < drafts.length,
      body: () => log.append([drafts[next++]!]),
      step: () => {
        answered++
        if (answered === from) start = performance.now()
        else if (answered === to) stop = performance.now()
      },
    })
    yield* Effect.all(
      Array.from({ length: inFlight }, () => fiber),
      { concurrency: "unbounded", discard: true },
    )
    return ((stop - start) * drafts.length) / (to - from)
  })

const appendTogether = (log: LogStore["Service"], drafts: ReadonlyArray<EventDraft>) =>
  Effect.gen(function* () {
    const start = performance.now()
    for (let at = 0; at < drafts.length; at += inFlight) yield* log.append(drafts.slice(at, at + inFlight))
    return performance.now() - start
  })

const scanAll = (log: LogStore["Service"]) =>
  Effect.gen(function* () {
    const start = performance.now()
    let count = 0
    yield* log.read({}).pipe(
      Stream.runForEachArray((events) =>
        Effect.sync(() => {
          count += events.length
        }),
      ),
    )
    return { count, ms: performance.now() - start }
  })

const result = (name: string, claw: ReadonlyArray<number>, peer: ReadonlyArray<number>): BenchResult => {
  const peerValue = median(peer)
  const ratio = Math.round((median(claw) / peerValue) * 1000) / 1000
  return {
    name,
    claw: median(claw),
    peer: "lmdb-js",
    peerValue,
    unit: "events/s",
    ratio,
    goal,
    met: ratio >= goal,
  }
}

const measure = (peer: Peer, quick: boolean) =>
  Effect.gen(function* () {
    const log = yield* LogStore
    const perRound = 20 * inFlight
    const rounds = quick ? 5 : 21
    const singly: Array<number> = []
    const together: Array<number> = []
    const raw: Array<number> = []
    // The first round warms up and does not count.
    for (let round = -1; round < rounds; round++) {
      // New events for each: who comes first would else pay for touching them first.
      const drafts = () => Array.from({ length: perRound }, (_, n) => sampleDraft(n))
      const mine = drafts()
      const theirs = drafts()
      const ours = drafts()
      const times = [
        yield* appendSingly(log, mine),
        yield* Effect.promise(() => peer.append(theirs)),
        yield* appendTogether(log, ours),
      ] as const
      if (round < 0) continue
      singly.push(perSecond(perRound, times[0]))
      raw.push(perSecond(perRound, times[1]))
      together.push(perSecond(perRound, times[2]))
    }
    const scanEvents = quick ? 100_000 : 1_000_000
    const filler = Array.from({ length: 10 * inFlight }, (_, n) => sampleDraft(n))
    while ((yield* log.head).seq < scanEvents) yield* appendTogether(log, filler)
    while (peer.count < scanEvents) yield* Effect.promise(() => peer.append(filler))
    const scans: Array<number> = []
    const rawScans: Array<number> = []
    for (let round = -1; round < (quick ? 7 : 5); round++) {
      const ours = yield* scanAll(log)
      const theirs = peer.scan()
      if (round < 0) continue
      scans.push(perSecond(ours.count, ours.ms))
      rawScans.push(perSecond(theirs.count, theirs.ms))
    }
    return [
      result("log.append.durable", singly, raw),
      result("log.append.batch", together, raw),
      result("log.scan", scans, rawScans),
    ]
  })

export const benchLog = async (options: BenchOptions): Promise<Array<BenchResult>> => {
  const dir = mkdtempSync(join(options.dir, "claw-bench-log-"))
  const peer = new Peer(dir)
  try {
    return await Effect.runPromise(
      measure(peer, options.quick).pipe(
        Effect.provide(LmdbLogStore.layer({ dir: join(dir, "log"), mapSize })),
      ),
    )
  } finally {
    await peer.close()
    rmSync(dir, { recursive: true, force: true })
  }
}
