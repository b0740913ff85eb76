/**
 * Appending: the whole durable path (validated drafts, ids, chain, index, Effect, three live tails that each take every
 * event) in calls of a thousand and of a hundred events, each durable before the next; a thousand fibers with one
 * event each in flight; and one event alone. Beside raw lmdb-js and better-sqlite3 with the same drafts and batches.
 */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { Effect, Fiber, Stream } from "effect"
import type { BenchRow } from "../../src/domain/bench.ts"
import type { EventDraft } from "../../src/domain/event.ts"
import { LmdbLogStore } from "../LmdbLogStore.ts"
import { LogStore } from "../LogStore.ts"
import { type BenchPart, type BenchWorld, compared, median, perSecond } from "./BenchPart.ts"
import { plainDraft } from "./mix.ts"
import { LmdbPeer, sqlitePeer } from "./peers.ts"

type Store = LogStore["Service"]

const inFlight = 1000
const mapSize = 32 * 2 ** 30
const perTurn = 20_000
const tails = 3

/** New for each taker: who comes first would else pay for touching them first. */
const plain = (count: number): ReadonlyArray<EventDraft> =>
  Array.from({ length: count }, (_, n) => plainDraft(n))

/**
 * A thousand fibers, each with one event at a time on its way. Timed from the second thousand of answers to the
 * last but one, so that starting and ending the fibers does not count. Gives the time for as many as it was given.
 */
const appendSingly = Effect.fnUntraced(function* (log: Store, drafts: ReadonlyArray<EventDraft>) {
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

/** Calls of `batch` drafts, each durable before the next; over when the three tails have taken the last event. */
const appendTogether = Effect.fnUntraced(function* (
  log: Store,
  drafts: ReadonlyArray<EventDraft>,
  batch: number,
) {
  const { seq: before } = yield* log.head
  const taken: Array<number> = []
  const follow = (n: number) =>
    log.tail(before + 1).pipe(
      Stream.takeUntil((event) => event.seq === before + drafts.length),
      Stream.runForEachArray((events) =>
        Effect.sync(() => {
          taken[n] = (taken[n] ?? 0) + events.length
        }),
      ),
    )
  const fibers = yield* Effect.forEach(Array.from({ length: tails }).keys(), (n) =>
    Effect.forkChild(follow(n), { startImmediately: true }),
  )
  const start = performance.now()
  for (let at = 0; at < drafts.length; at += batch) yield* log.append(drafts.slice(at, at + batch))
  yield* Effect.forEach(fibers, Fiber.join, { discard: true })
  const ms = performance.now() - start
  if (taken.some((count) => count !== drafts.length))
    return yield* Effect.die(new Error("a tail missed events"))
  return ms
})

const rate = (count: number, times: ReadonlyArray<number>): number => perSecond(count, median(times))

const turns = ({ quick }: BenchWorld): number => (quick ? 5 : 15)

const inLog = <A, E>(
  world: BenchWorld,
  name: string,
  body: (log: Store, dir: string) => Effect.Effect<A, E>,
) => {
  const dir = join(world.dir, name)
  mkdirSync(dir)
  return Effect.runPromise(
    LogStore.use((log) => body(log, dir)).pipe(
      Effect.provide(LmdbLogStore.layer({ dir: join(dir, "log"), mapSize })),
    ),
  )
}

const batches = (world: BenchWorld, batch: number): Promise<ReadonlyArray<BenchRow>> =>
  inLog(
    world,
    `batch-${batch}`,
    Effect.fnUntraced(function* (log, dir) {
      const raw = new LmdbPeer(dir)
      const sqlite = yield* Effect.promise(() => sqlitePeer(dir))
      const times = { claw: [] as Array<number>, lmdb: [] as Array<number>, sqlite: [] as Array<number> }
      // The first turn warms up and does not count.
      for (let turn = -1; turn < turns(world); turn++) {
        const ours = yield* appendTogether(log, plain(perTurn), batch)
        const theirs = yield* Effect.promise(() => raw.append(plain(perTurn), batch))
        const sql = sqlite?.append(plain(perTurn), batch)
        if (turn < 0) continue
        times.claw.push(ours)
        times.lmdb.push(theirs)
        if (sql !== undefined) times.sqlite.push(sql)
      }
      yield* Effect.promise(() => raw.close())
      sqlite?.close()
      const row = { unit: "events/s", claw: rate(perTurn, times.claw) }
      return [
        compared({
          ...row,
          name: `log.append.batch_${batch}`,
          peer: "lmdb-js",
          peerValue: rate(perTurn, times.lmdb),
          goal: 0.7,
        }),
        compared({
          ...row,
          name: `log.append.batch_${batch}_sqlite`,
          peer: "better-sqlite3",
          peerValue: times.sqlite.length === 0 ? null : rate(perTurn, times.sqlite),
          goal: 1.3,
        }),
      ]
    }),
  )

const durable = (world: BenchWorld): Promise<ReadonlyArray<BenchRow>> =>
  inLog(
    world,
    "durable",
    Effect.fnUntraced(function* (log, dir) {
      const raw = new LmdbPeer(dir)
      const claw: Array<number> = []
      const lmdb: Array<number> = []
      for (let turn = -1; turn < turns(world); turn++) {
        const ours = yield* appendSingly(log, plain(perTurn))
        const theirs = yield* Effect.promise(() => raw.append(plain(perTurn), inFlight))
        if (turn < 0) continue
        claw.push(ours)
        lmdb.push(theirs)
      }
      yield* Effect.promise(() => raw.close())
      return [
        compared({
          name: "log.append.durable",
          unit: "events/s",
          claw: rate(perTurn, claw),
          peer: "lmdb-js",
          peerValue: rate(perTurn, lmdb),
          goal: 0.6,
        }),
      ]
    }),
  )

const alone = (world: BenchWorld): Promise<ReadonlyArray<BenchRow>> =>
  inLog(
    world,
    "alone",
    Effect.fnUntraced(function* (log, dir) {
      const raw = new LmdbPeer(dir)
      const claw: Array<number> = []
      const lmdb: Array<number> = []
      const warm = 500
      const rounds = world.quick ? 500 : 2000
      for (let n = -warm; n < rounds; n++) {
        const mine = plainDraft(n + warm)
        let start = performance.now()
        yield* log.append([mine])
        if (n >= 0) claw.push(performance.now() - start)
        start = performance.now()
        yield* Effect.promise(() => raw.appendOne(mine))
        if (n >= 0) lmdb.push(performance.now() - start)
      }
      yield* Effect.promise(() => raw.close())
      return [
        compared({
          name: "log.append.alone",
          unit: "us p50",
          claw: median(claw) * 1000,
          peer: "lmdb-js",
          peerValue: median(lmdb) * 1000,
          goal: 1.1,
          least: true,
        }),
      ]
    }),
  )

export const appendParts: ReadonlyArray<BenchPart> = [
  { rows: ["log.append.durable"], run: durable },
  { rows: ["log.append.batch_1000", "log.append.batch_1000_sqlite"], run: (world) => batches(world, 1000) },
  { rows: ["log.append.batch_100", "log.append.batch_100_sqlite"], run: (world) => batches(world, 100) },
  { rows: ["log.append.alone"], run: alone },
]
