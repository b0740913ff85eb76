/** The writer against a real disk: full, shared with other processes, and many fibers at once. */
import { execFileSync } from "node:child_process"
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Result, Stream } from "effect"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { sealSegments } from "../../log-store/segments.ts"
import { draft } from "../../src/domain/event.ts"
import { CrashWriter } from "./child.ts"
import { temporaryDir } from "./temporary.ts"

const mapSize = 2 ** 30
const layer = (dir: string) => LmdbLogStore.layer({ dir, mapSize })
const note = (reason: string) => draft("daemon.stopped", { reason }, { actor: "test" })

/** A file system of 8 MiB; null where this process may not mount one. */
const tinyDisk = Effect.acquireRelease(
  Effect.map(temporaryDir, (base) => {
    const dir = join(base, "disk")
    mkdirSync(dir)
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", dir], { stdio: "ignore" })
      return dir
    } catch {
      return null
    }
  }),
  (dir) =>
    Effect.sync(() => {
      if (dir !== null) execFileSync("umount", ["-l", dir], { stdio: "ignore" })
    }),
)

describe("writing", () => {
  it.live(
    "refuses on a full disk, keeps what it acknowledged, goes on when there is room",
    (context) =>
      Effect.gen(function* () {
        const disk = yield* tinyDisk
        if (disk === null) return context.skip("mounting a small file system needs root")
        const ballast = join(disk, "ballast")
        writeFileSync(ballast, Buffer.alloc(5 * 2 ** 20))
        const dir = join(disk, "log")
        yield* Effect.gen(function* () {
          const log = yield* LogStore
          const acknowledged: Array<number> = []
          let refused = 0
          // Several at once, so that some are built on a commit that fails.
          const fill = Effect.gen(function* () {
            while (refused < 40) {
              const result = yield* Effect.result(log.append([note("x".repeat(3000)), note("y")]))
              if (Result.isSuccess(result)) acknowledged.push(...result.success.map((event) => event.seq))
              else {
                assert.strictEqual(result.failure.reason._tag, "Unwritable")
                assert.match(result.failure.message, /cannot be written: .*(Input\/output|No space)/i)
                refused++
              }
            }
          })
          yield* Effect.all([fill, fill, fill, fill], { concurrency: 4, discard: true })
          const head = yield* log.head
          assert.strictEqual(head.seq, Math.max(...acknowledged))
          assert.deepStrictEqual(
            acknowledged.toSorted((a, b) => a - b),
            Array.from({ length: head.seq }, (_, n) => n + 1),
          )
          assert.strictEqual((yield* log.read({}).pipe(Stream.runCollect)).length, head.seq)
          assert.strictEqual(
            (yield* Effect.flip(sealSegments(log, dir, { atLeast: 1 }))).reason._tag,
            "Unwritable",
          )
          rmSync(ballast)
          const [after] = yield* log.append([note("room again")])
          assert.strictEqual(after!.seq, head.seq + 1)
          assert.strictEqual(after!.prevHash, head.hash)
          assert.deepStrictEqual(yield* Effect.map(log.verify(), ({ ok, events }) => [ok, events]), [
            true,
            after!.seq,
          ])
          writeFileSync(ballast, Buffer.alloc(2 ** 20))
        }).pipe(Effect.provide(layer(dir)))
        // A full disk does not keep the log from being opened and read.
        yield* Effect.exit(Effect.try(() => writeFileSync(join(disk, "more"), Buffer.alloc(2 ** 23))))
        const head = yield* LogStore.use((log) => log.head).pipe(Effect.provide(layer(dir)))
        assert.isAbove(head.seq, 100)
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live("refuses where the file has no addresses left to grow to, and keeps what it acknowledged", () =>
    Effect.gen(function* () {
      const dir = yield* temporaryDir.pipe(Effect.map((base) => join(base, "log")))
      yield* Effect.gen(function* () {
        const log = yield* LogStore
        let acknowledged = 0
        const refused = yield* Effect.flip(
          Effect.forever(
            Effect.map(log.append([note("x".repeat(3000))]), ([event]) => (acknowledged = event!.seq)),
          ),
        )
        assert.strictEqual(refused.reason._tag, "Unwritable")
        assert.include(refused.message, "No space left in the addresses")
        assert.isAbove(acknowledged, 10)
        assert.strictEqual((yield* log.head).seq, acknowledged)
        assert.deepStrictEqual(yield* Effect.map(log.verify(), ({ ok, events }) => [ok, events]), [
          true,
          acknowledged,
        ])
      }).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize: 2 ** 20 })))
    }).pipe(Effect.scoped),
  )

  it.live(
    "has one writer: a second one is refused while the first lives, and let in after its death",
    () =>
      Effect.gen(function* () {
        const dir = yield* temporaryDir.pipe(Effect.map((base) => join(base, "log")))
        const writer = new CrashWriter(dir, "first", 2)
        yield* Effect.promise(() => writer.until(5)).pipe(
          Effect.andThen(
            Effect.flip(
              Effect.provide(
                LogStore.use((log) => log.head),
                layer(dir),
              ),
            ),
          ),
          Effect.tap((error) =>
            Effect.sync(() => {
              assert.strictEqual(error.reason._tag, "Unwritable")
              assert.include(error.message, `is being written by process ${writer.child.pid}`)
            }),
          ),
          Effect.ensuring(Effect.promise(() => writer.kill())),
        )
        yield* Effect.gen(function* () {
          const log = yield* LogStore
          assert.isAtLeast((yield* log.head).seq, 5)
          const again = yield* Effect.flip(
            Effect.provide(
              LogStore.use((other) => other.head),
              LmdbLogStore.layer({ dir, mapSize }),
            ),
          )
          assert.include(again.message, `is being written by process ${process.pid}`)
          yield* log.append([note("still mine")])
        }).pipe(Effect.provide(layer(dir)))
        yield* LogStore.use((log) => log.append([note("given back")])).pipe(Effect.provide(layer(dir)))
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live("puts many fibers' events into few commits", () =>
    Effect.gen(function* () {
      const dir = yield* temporaryDir.pipe(Effect.map((base) => join(base, "log")))
      const fibers = 500
      const rounds = 6
      yield* Effect.gen(function* () {
        const log = yield* LogStore
        const transactions = () => {
          const meta = execFileSync("od", ["-An", "-t", "u8", "-j", "152", "-N", "8", join(dir, "log.mdb")])
          const other = execFileSync("od", [
            "-An",
            "-t",
            "u8",
            "-j",
            String(4096 + 152),
            "-N",
            "8",
            join(dir, "log.mdb"),
          ])
          return Math.max(Number(meta.toString()), Number(other.toString()))
        }
        const before = transactions()
        yield* Effect.forEach(
          Array.from({ length: fibers }, (_, n) => n),
          (n) => Effect.forEach([...Array(rounds).keys()], (m) => log.append([note(`${n}.${m}`)])),
          { concurrency: "unbounded", discard: true },
        )
        assert.strictEqual((yield* log.head).seq, fibers * rounds)
        assert.isAtMost(transactions() - before, rounds * 4)
      }).pipe(Effect.provide(layer(dir)))
      assert.isAbove(statSync(join(dir, "log.mdb")).size, 0)
    }).pipe(Effect.scoped),
  )

  it.live("shows a tail only what another process would find after a crash", () =>
    Effect.gen(function* () {
      const dir = yield* temporaryDir.pipe(Effect.map((base) => join(base, "log")))
      const { lmdbBackend } = yield* Effect.promise(() => import("../../log-store/LmdbBackend.ts"))
      yield* Effect.gen(function* () {
        const log = yield* LogStore
        const seen = yield* Deferred.make<number>()
        const reader = yield* log.tail(1).pipe(
          Stream.take(1),
          Stream.runForEach((event) => Deferred.succeed(seen, event.seq)),
          Effect.forkChild({ startImmediately: true }),
        )
        const writer = yield* Effect.forkChild(log.append([note("one")]))
        const seq = yield* Deferred.await(seen)
        const other = lmdbBackend({ dir, mapSize, readOnly: true })
        assert.strictEqual(other.chunkAt(1000)?.key, seq)
        yield* Effect.promise(() => other.close())
        yield* Fiber.join(reader)
        yield* Fiber.join(writer)
      }).pipe(Effect.provide(layer(dir)))
    }).pipe(Effect.scoped),
  )

  it.live("answers what is in flight before it closes, and nothing afterwards", () =>
    Effect.gen(function* () {
      const dir = yield* temporaryDir.pipe(Effect.map((base) => join(base, "log")))
      const kept = yield* Effect.gen(function* () {
        const log = yield* LogStore
        yield* Effect.forkDetach(log.append([note("last")]), { startImmediately: true })
        return log
      }).pipe(Effect.provide(layer(dir)))
      const closed = yield* Effect.flip(kept.append([note("too late")]))
      assert.include(closed.message, "it is closed")
      const head = yield* LogStore.use((log) => log.head).pipe(Effect.provide(layer(dir)))
      assert.strictEqual(head.seq, 1)
    }).pipe(Effect.scoped),
  )
})
