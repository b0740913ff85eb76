/** Segments that are gone, unreadable or of another log: a full verification says so, and sealing writes anew what is missing. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, renameSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { listSegments, sealSegments } from "../../log-store/segments.ts"
import { verifiedLog } from "./verifiedLog.ts"
import { draft } from "../../src/domain/event.ts"
import { temporaryDir } from "./temporary.ts"

const size = 10
const opened = <A, E>(dir: string, body: (log: LogStore["Service"]) => Effect.Effect<A, E>) =>
  LogStore.use(body).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize: 2 ** 30 }), { local: true }))
const fill = (dir: string) =>
  opened(dir, (log) =>
    Effect.andThen(
      log.append(
        Array.from({ length: 4 * size }, (_, n) =>
          draft("daemon.stopped", { reason: `${n}` }, { actor: "test" }),
        ),
      ),
      sealSegments(log, dir, { atLeast: 1, size }),
    ),
  )
const full = (dir: string) => Effect.promise(() => verifiedLog(dir, "full"))

it.live("a segment that is gone or unreadable is found, and written anew once it is out of the way", () =>
  Effect.gen(function* () {
    const dir = join(yield* temporaryDir, "log")
    yield* fill(dir)
    assert.isTrue((yield* full(dir)).ok)
    const segments = yield* Effect.promise(() => listSegments(dir))
    const { path } = segments[1]!
    const whole = readFileSync(path)
    const bad = Buffer.from(whole)
    bad[bad.length - 20]! ^= 1
    writeFileSync(path, bad)
    const changed = yield* full(dir)
    assert.strictEqual(changed.failure?.seq, size + 1)
    assert.match(changed.failure!.message, /move that file away, and the daemon writes it anew/)
    renameSync(path, join(dir, "..", basename(path)))
    const gone = yield* full(dir)
    assert.strictEqual(gone.failure?.seq, size + 1)
    assert.match(gone.failure!.message, /events 11 to 20 is gone/)
    // Nothing new to seal, and yet it is done.
    assert.strictEqual(yield* opened(dir, (log) => sealSegments(log, dir, { atLeast: 1, size })), 4 * size)
    assert.isTrue(readFileSync(path).equals(whole))
    assert.isTrue((yield* full(dir)).ok)
  }).pipe(Effect.scoped),
)

it.live("a look before opening is content with what is older than the newest segment", () =>
  Effect.gen(function* () {
    const dir = join(yield* temporaryDir, "log")
    yield* fill(dir)
    const segments = yield* Effect.promise(() => listSegments(dir))
    renameSync(segments[0]!.path, join(dir, "..", "away"))
    assert.isTrue((yield* Effect.promise(() => verifiedLog(dir, "quick"))).ok)
    const other = join(yield* temporaryDir, "log")
    yield* fill(other)
    const [theirs] = (yield* Effect.promise(() => listSegments(other))).slice(-1)
    writeFileSync(segments.at(-1)!.path, readFileSync(theirs!.path))
    const found = yield* Effect.promise(() => verifiedLog(dir, "quick"))
    assert.match(found.failure?.message ?? "", /is another one than the segment .* says/)
  }).pipe(Effect.scoped),
)

it.live("a content that was erased with another event's and came again later contradicts no segment", () =>
  Effect.gen(function* () {
    const dir = join(yield* temporaryDir, "log")
    const large = draft("daemon.stopped", { reason: "the same ".repeat(1000) }, { actor: "test" })
    yield* opened(dir, (log) =>
      Effect.gen(function* () {
        yield* log.append([large, large])
        yield* log.erase([1], "no longer wanted", "test")
        yield* sealSegments(log, dir, { atLeast: 1, size })
        yield* log.append([large])
        assert.deepStrictEqual((yield* log.get(2))?.payload, large.payload)
      }),
    )
    assert.deepInclude(yield* full(dir), { ok: true, failure: null })
  }).pipe(Effect.scoped),
)
