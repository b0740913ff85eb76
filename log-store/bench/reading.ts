/**
 * Reading a log of the mix: scan and decode beside raw `getRange` over the same events in msgpack with shared
 * structures; one event by its seq; opening. The figure of opening is to stay the same whatever the length.
 */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { Effect, Stream } from "effect"
import { type BenchRow, limited } from "../../src/domain/bench.ts"
import { LmdbLogStore } from "../LmdbLogStore.ts"
import { LogStore } from "../LogStore.ts"
import { type BenchPart, type BenchWorld, compared, median, perSecond } from "./BenchPart.ts"
import { mixRound } from "./mix.ts"
import { LmdbPeer } from "./peers.ts"

const mapSize = 32 * 2 ** 30
const batch = 1000
const pointGoalUs = 20
const openGoalMs = 20

const scanAll = Effect.fnUntraced(function* (log: LogStore["Service"]) {
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

const scan = async (world: BenchWorld): Promise<ReadonlyArray<BenchRow>> => {
  const { dir, events } = await world.filled()
  const place = join(world.dir, "scan")
  mkdirSync(place)
  const peer = new LmdbPeer(place)
  const draftOf = mixRound(20 * batch)
  for (let at = 0; at < events; at += batch)
    await peer.append(
      Array.from({ length: batch }, (_, n) => draftOf(at + n)),
      batch,
    )
  const claw: Array<number> = []
  const raw: Array<number> = []
  await Effect.runPromise(
    LogStore.use(
      Effect.fnUntraced(function* (log) {
        for (let turn = -1; turn < (events > 2_000_000 ? 2 : 5); turn++) {
          const ours = yield* scanAll(log)
          const theirs = peer.scan()
          if (turn < 0) continue
          claw.push(perSecond(ours.count, ours.ms))
          raw.push(perSecond(theirs.count, theirs.ms))
        }
      }),
    ).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize }))),
  )
  await peer.close()
  return [
    compared({
      name: "log.scan",
      unit: "events/s",
      claw: median(claw),
      peer: "lmdb-js getRange",
      peerValue: median(raw),
      goal: 0.8,
    }),
  ]
}

const point = async (world: BenchWorld): Promise<ReadonlyArray<BenchRow>> => {
  const { dir, events } = await world.filled()
  const times: Array<number> = []
  await Effect.runPromise(
    LogStore.use(
      Effect.fnUntraced(function* (log) {
        for (let n = -2000; n < 10_000; n++) {
          const seq = 1 + Math.floor(Math.random() * events)
          const start = performance.now()
          yield* log.get(seq)
          if (n >= 0) times.push((performance.now() - start) * 1000)
        }
      }),
    ).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize }))),
  )
  return [limited("log.point_read", median(times), "us p50", pointGoalUs)]
}

const opening = async (world: BenchWorld): Promise<ReadonlyArray<BenchRow>> => {
  const { dir } = await world.filled()
  const times: Array<number> = []
  for (let n = 0; n < 15; n++) {
    const start = performance.now()
    await Effect.runPromise(
      LogStore.use((log) => Effect.flatMap(log.head, ({ seq }) => log.get(seq))).pipe(
        Effect.tap(() => Effect.sync(() => times.push(performance.now() - start))),
        Effect.provide(LmdbLogStore.layer({ dir, mapSize })),
      ),
    )
  }
  return [limited("log.open", median(times), "ms", openGoalMs)]
}

export const readParts: ReadonlyArray<BenchPart> = [
  { rows: ["log.scan"], run: scan },
  { rows: ["log.point_read"], run: point },
  { rows: ["log.open"], run: opening },
]
