/** Erasing for good: what was taken out of the log is in no byte of any of its files. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, type Scope, Stream } from "effect"
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore, type Projection } from "../../log-store/LogStore.ts"
import { resealSegments, sealSegments } from "../../log-store/segments.ts"
import type { Event } from "../../src/domain/event.ts"
import { note } from "../conformance/logStore/suite.ts"
import { verifiedLog } from "./verifiedLog.ts"
import { CrashWriter } from "./child.ts"
import { temporaryDir } from "./temporary.ts"
import { tracesOf } from "./traces.ts"

const secret = "hunter2-XyZZy-0451"
const mapSize = 2 ** 30

const details: Projection<{ readonly details: ReadonlyArray<string> }> = {
  name: "details",
  version: 1,
  initial: { details: [] },
  evolve: (state, event) => ({
    details:
      event.payload === null
        ? state.details
        : [...state.details, (event.payload as { readonly detail: string }).detail],
  }),
}

const open = <A, E>(dir: string, body: Effect.Effect<A, E, LogStore | Scope.Scope>) =>
  Effect.scoped(Effect.provide(body, LmdbLogStore.layer({ dir, mapSize })))

const padding = (n: number): string =>
  Array.from({ length: 400 }, (_, i) => `line ${i * n} of some output that packs well`).join("\n")

/** Small payloads, large ones in the side table, blobs, a checkpoint and segments, all with the secret in them. */
const plant = Effect.gen(function* () {
  const log = yield* LogStore
  const seqs: Array<number> = []
  for (let n = 1; n <= 60; n++) {
    const blob = new TextEncoder().encode(`${secret} ${padding(n)}`)
    const events = yield* log.append([
      note(`nothing to see in ${n}`),
      note(`small ${secret} ${n}`),
      note(`large ${secret} ${padding(n)}`),
      { ...note(`blob ${n}`), blobs: [blob] },
      note(
        `random ${secret} ${Array.from({ length: 900 }, (_, i) => ((i * n * 7919) % 99991).toString(36)).join("")}`,
      ),
    ])
    seqs.push(...events.slice(1).map(({ seq }) => seq))
  }
  return seqs
})

const fold = Effect.gen(function* () {
  const log = yield* LogStore
  const { seq } = yield* log.head
  const state = yield* log.read({}).pipe(Stream.runFold(() => details.initial, details.evolve))
  yield* log.saveCheckpoint(details, seq, state)
  yield* log.saveCheckpoint(details, seq, state, { keep: true })
})

describe("erasing for good", () => {
  it.live(
    "leaves no trace in any byte of any file",
    Effect.fn(function* () {
      const dir = yield* temporaryDir
      yield* open(
        dir,
        Effect.gen(function* () {
          const log = yield* LogStore
          const seqs = yield* plant
          yield* fold
          yield* sealSegments(log, dir, { size: 100, atLeast: 1 })
          writeFileSync(join(dir, "segments", "000000000001-000000000009.segment.part"), `left of ${secret}`)
          // checkpoints and merged chunks written over and over leave old copies in pages in no use
          for (let n = 0; n < 20; n++) {
            yield* log.append([note(`small change ${n}`)])
            yield* fold
          }
          const before = tracesOf(dir, secret).join("\n")
          for (const trace of ["log.mdb: raw", "log.mdb: packed", ".segment: packed", ".part: raw"])
            assert.include(before, trace)

          yield* log.erase(seqs, "a password slipped through", "user:cli")
          assert.deepStrictEqual(yield* log.unsettled, seqs)
          assert.include(tracesOf(dir, secret).join("\n"), "log.mdb: raw")
          yield* resealSegments(log, dir, yield* log.unsettled)
          const saved = yield* log.compact
          yield* log.settle
          assert.isBelow(saved.after, saved.before)
          assert.deepStrictEqual(tracesOf(dir, secret), [])
          assert.deepStrictEqual(yield* log.unsettled, [])
          assert.isTrue((yield* log.verify()).ok)
          assert.deepStrictEqual(yield* log.loadCheckpoint(details), { seq: 0, state: details.initial })

          // and what is written from then on brings nothing back
          yield* log.append(Array.from({ length: 3000 }, (_, n) => note(`afterwards ${n}`)))
          yield* fold
          yield* sealSegments(log, dir, { size: 100, atLeast: 1 })
          assert.deepStrictEqual(tracesOf(dir, secret), [])
        }),
      )
      assert.deepStrictEqual(tracesOf(dir, secret), [])
      yield* open(
        dir,
        Effect.gen(function* () {
          const log = yield* LogStore
          assert.isTrue((yield* log.verify()).ok)
          assert.strictEqual((yield* log.head).seq, 60 * 5 + 20 + 1 + 3000)
          const first = (yield* log.get(1)) as Event
          assert.strictEqual((first.payload as { readonly detail: string }).detail, "nothing to see in 1")
          const gone = (yield* log.get(2)) as Event
          assert.deepStrictEqual([gone.payload as unknown, gone.erased], [null, true])
        }),
      )
    }),
    60_000,
  )

  it.live(
    "reads go on and appends wait while the file is written anew",
    Effect.fn(function* () {
      const dir = yield* temporaryDir
      yield* open(
        dir,
        Effect.gen(function* () {
          const log = yield* LogStore
          for (let n = 0; n < 20; n++)
            yield* log.append(
              Array.from({ length: 100 }, (_, m) => note(`${n} ${m} ${m % 9 === 0 ? padding(m) : ""}`)),
            )
          let done = false
          const reading = yield* Effect.forkScoped(
            Effect.gen(function* () {
              let reads = 0
              while (!done) {
                const { seq } = yield* log.head
                const event = yield* log.get(1 + ((reads++ * 997) % seq))
                assert.isNotNull(event!.payload)
                yield* Effect.yieldNow
              }
              return reads
            }),
          )
          const writing = yield* Effect.forkScoped(
            Effect.forEach(
              Array.from({ length: 40 }, (_, n) => n),
              (n) => log.append([note(`during ${n}`)]),
            ),
          )
          yield* Effect.all([log.compact, log.compact], { concurrency: 2 })
          yield* log.compact
          const appended = yield* Fiber.join(writing)
          done = true
          assert.isAbove(yield* Fiber.join(reading), 10)
          assert.deepStrictEqual(
            appended.map(([event]) => event!.seq),
            Array.from({ length: 40 }, (_, n) => 2_001 + n),
          )
          const report = yield* log.verify()
          assert.deepStrictEqual([report.ok, report.events], [true, 2_040])
          assert.deepStrictEqual(
            readdirSync(dir).filter((name) => name.includes("compact")),
            [],
          )
          assert.strictEqual(statSync(join(dir, "log.mdb")).mode & 0o777, 0o600)
        }),
      )
    }),
    60_000,
  )

  it.live(
    "removes what a compaction that was cut off left, and only then",
    Effect.fn(function* () {
      const dir = yield* temporaryDir
      yield* open(dir, Effect.asVoid(LogStore.use((log) => log.append([note("a")]))))
      writeFileSync(join(dir, "log.mdb.compact"), "half of a file")
      writeFileSync(join(dir, "log.mdb.compact-lock"), "")
      const before = readFileSync(join(dir, "log.mdb"))
      assert.isAbove(before.length, 0)
      yield* open(
        dir,
        Effect.gen(function* () {
          const log = yield* LogStore
          assert.strictEqual((yield* log.head).seq, 1)
          assert.deepStrictEqual(
            readdirSync(dir).filter((name) => name.includes("compact")),
            [],
          )
          yield* log.compact
          assert.isTrue((yield* log.verify()).ok)
        }),
      )
    }),
  )

  it.live(
    "a writer that is killed while it writes its file anew loses nothing that it acknowledged",
    Effect.fn(function* () {
      const dir = yield* temporaryDir
      const acknowledged: Array<string> = []
      for (let round = 0; round < 6; round++) {
        const writer = new CrashWriter(dir, `r${round}`, 2, "compactWriter.ts")
        yield* Effect.promise(() => writer.until(3 + round * 7).finally(() => writer.kill()))
        acknowledged.push(...writer.acknowledged)
        const report = yield* Effect.promise(() => verifiedLog(dir, "full"))
        assert.isNull(report.failure)
      }
      yield* open(
        dir,
        Effect.gen(function* () {
          const log = yield* LogStore
          const all = yield* log.read({}).pipe(Stream.runCollect)
          const known = new Set(
            all.map((event) => (event.payload as { readonly component: string }).component),
          )
          assert.strictEqual(known.size, all.length)
          assert.deepStrictEqual(
            acknowledged.filter((token) => !known.has(token)),
            [],
          )
        }),
      )
      assert.deepStrictEqual(
        readdirSync(dir).filter((name) => name.includes("compact")),
        [],
      )
    }),
    60_000,
  )

  it.live(
    "thousands of events at once, and the record of it is a payload beside the chunks",
    Effect.fn(function* () {
      const dir = yield* temporaryDir
      yield* open(
        dir,
        Effect.gen(function* () {
          const log = yield* LogStore
          yield* log.append(Array.from({ length: 3000 }, (_, n) => note(`${n}`)))
          const seqs = Array.from({ length: 3000 }, (_, n) => n + 1)
          yield* log.erase(seqs, "all of it", "user:cli")
          const report = yield* log.verify()
          assert.deepStrictEqual([report.ok, report.failure], [true, null])
        }),
      )
      assert.isNull((yield* Effect.promise(() => verifiedLog(dir, "full"))).failure)
    }),
  )

  it.live(
    "an erasure that comes too late for what its caller knew changes nothing",
    Effect.fn(function* () {
      const dir = yield* temporaryDir
      yield* open(
        dir,
        Effect.gen(function* () {
          const log = yield* LogStore
          yield* log.append([note("a"), note("b")])
          const refused = yield* Effect.flip(log.erase([1], "r", "user:cli", { onlyAt: 1 }))
          assert.strictEqual(refused.reason._tag, "Conflict")
          assert.strictEqual((yield* log.head).seq, 2)
          assert.strictEqual((yield* log.get(1))!.erased, undefined)
          const event = yield* log.erase([1], "r", "user:cli", {
            onlyAt: 2,
            positions: { git: {}, terminal: { "/spool/a": 7 } },
          })
          assert.deepStrictEqual(event.payload as unknown, {
            seqs: [1],
            reason: "r",
            positions: { git: {}, terminal: { "/spool/a": 7 } },
          })
          assert.isTrue((yield* log.verify()).ok)
        }),
      )
    }),
  )
})
