/**
 * A writer under load, to be killed at any moment: fibers append (some under compare-and-set), keep checkpoints, seal,
 * erase and seal anew, all at once. `node loadWriter.ts DIR NAME [LINES]`. Prints what it was told, a line of JSON each,
 * and ends by itself once it printed LINES of them.
 */
import { writeSync } from "node:fs"
import { Effect, Stream } from "effect"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { resealSegments, sealSegments } from "../../log-store/segments.ts"
import { draft } from "../../src/domain/event.ts"
import { counter, type Told, type ToldEvent } from "./told.ts"

const [dir = "", name = "", most = "0"] = process.argv.slice(2)

let lines = 0
const tell = (told: Told): void => {
  writeSync(1, `${JSON.stringify(told)}\n`)
  if (++lines === Number(most)) process.exit(0)
}

const program = Effect.gen(function* () {
  const log = yield* LogStore
  let next = 0
  const known: Array<ToldEvent> = []
  const append = Effect.gen(function* () {
    const n = next++
    const count = 1 + (n % 3)
    const id = `${name}.${n}`
    const large = n % 40 === 7 ? "x".repeat(6000) : ""
    const events = yield* log.append(
      Array.from({ length: count }, (_, m) =>
        draft(
          "daemon.health",
          { component: `${id} ${m}/${count}`, state: "running", backend: null, detail: large },
          {
            actor: "test",
            correlationId: id,
            ...(n % 30 === 3 ? { blobs: [Buffer.from(id.repeat(200))] } : {}),
          },
        ),
      ),
      n % 4 === 0 ? { expect: { correlationId: id, lastSeq: 0 } } : {},
    )
    const stored = events.map(({ seq, id: eventId, hash }, m) => ({
      seq,
      id: eventId,
      hash,
      token: `${id} ${m}/${count}`,
    }))
    known.push(...stored)
    tell({ _tag: "appended", events: stored })
  })
  const checkpoint = Effect.gen(function* () {
    const { seq } = yield* log.head
    const found = yield* log.loadCheckpoint(counter)
    const events = yield* log.read({ from: found.seq + 1, to: seq }).pipe(Stream.runCollect)
    yield* log.saveCheckpoint(counter, seq, events.reduce(counter.evolve, found.state))
    tell({ _tag: "checkpoint", seq })
  })
  const seal = Effect.gen(function* () {
    const last = yield* sealSegments(log, dir, { atLeast: 20, size: 100 })
    tell({ _tag: "sealed", last })
  })
  const erase = Effect.gen(function* () {
    const { seq } = known.splice(Math.floor(known.length / 2), 1)[0] ?? { seq: 0 }
    if (seq === 0) return
    yield* log.erase([seq], "a secret", "user:cli")
    yield* resealSegments(log, dir, [seq])
    tell({ _tag: "erased", seqs: [seq] })
  })
  const often = <A, E>(body: Effect.Effect<A, E>, pause: `${number} millis`) =>
    Effect.forever(Effect.andThen(body, Effect.sleep(pause)))
  yield* Effect.all(
    [
      ...Array.from({ length: 6 }, () => Effect.forever(append)),
      often(checkpoint, "5 millis"),
      // Sealing and sealing anew are one fiber's, as in the daemon.
      often(Effect.andThen(seal, erase), "7 millis"),
    ],
    { concurrency: "unbounded", discard: true },
  )
})

await Effect.runPromise(program.pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize: 2 ** 30 }))))
