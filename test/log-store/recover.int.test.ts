/** Damaged, cut, replaced and foreign logs: found by a child, recovered from segments and from the raw file. */
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { emptyCommit } from "../../log-store/Backend.ts"
import { sha256 } from "../../log-store/canonical.ts"
import { LmdbLogStore, type LmdbLogStoreOptions } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { recoverFromSegments } from "../../log-store/recover.ts"
import { compareWithSegments, listSegments, resealSegments, sealSegments } from "../../log-store/segments.ts"
import { probeInChild, verifyInChild } from "../../log-store/verifier.ts"
import { draft } from "../../src/domain/event.ts"
import { verifyScript } from "./child.ts"
import { fill } from "./samples.ts"
import { temporaryDir } from "./temporary.ts"

const mapSize = 2 ** 30
const withLog = <A, E>(
  dir: string,
  body: (log: LogStore["Service"]) => Effect.Effect<A, E>,
  options?: Partial<LmdbLogStoreOptions>,
) => LogStore.use(body).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize, ...options })))
const notes = (log: LogStore["Service"], count: number, label: string) =>
  Effect.forEach(
    Array.from({ length: count / 20 }, (_, n) => n),
    (n) =>
      log.append(
        Array.from({ length: 20 }, (__, m) =>
          draft(
            "daemon.stopped",
            { reason: `${label} ${n}.${m} ${"r".repeat(200)}` },
            { actor: "test", correlationId: `s_${m}` },
          ),
        ),
      ),
    { discard: true },
  )
const everything = (log: LogStore["Service"]) =>
  Effect.all({
    events: Effect.map(Stream.runCollect(log.read({})), (events) => [...events]),
    blob: log.blob(sha256("undo ".repeat(300))),
  })
const data = (dir: string) => join(dir, "log.mdb")
/** The file without the zeros that are kept in reserve behind it. */
const usedBytes = (path: string): number => {
  const bytes = readFileSync(path)
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return Math.ceil(end / 4096) * 4096
}
const overwrite = (path: string, at: number, bytes: Uint8Array) => {
  const fd = openSync(path, "r+")
  writeSync(fd, bytes, 0, bytes.length, at)
  closeSync(fd)
}
const live = (name: string, body: Effect.Effect<void, unknown, import("effect").Scope.Scope>) =>
  it.live(name, () => Effect.scoped(body), 60_000)
const verifyFull = (dir: string) => verifyInChild(process.execPath, [verifyScript], dir)

describe("a damaged log", () => {
  live(
    "is found by the child, whatever the damage, and recovered without loss",
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "log")
      const whole = yield* withLog(dir, (log) =>
        Effect.gen(function* () {
          yield* fill(log)
          yield* notes(log, 400, "first")
          assert.strictEqual(yield* sealSegments(log, dir, { atLeast: 1, size: 100 }), 430)
          yield* notes(log, 200, "second")
          yield* fill(log)
          return yield* everything(log)
        }),
      )
      const before = yield* verifyFull(dir)
      assert.deepStrictEqual([before.ok, before.events], [true, whole.events.length])
      const copy = `${dir}.copy`
      copyFileSync(data(dir), copy)
      const size = usedBytes(copy)
      const damages: ReadonlyArray<readonly [string, () => void]> = [
        ["a cut file", () => truncateSync(data(dir), Math.floor(size / 2 / 4096) * 4096)],
        ["a first page of noise", () => overwrite(data(dir), 0, Buffer.alloc(8192, 0xa7))],
        [
          "zeros in the middle",
          () => overwrite(data(dir), Math.floor(size / 8192) * 4096, Buffer.alloc(16_384)),
        ],
        ["another file in its place", () => writeFileSync(data(dir), "not a database at all".repeat(1000))],
      ]
      for (const [what, damage] of damages) {
        damage()
        const error = yield* Effect.flip(probeInChild(process.execPath, [verifyScript], dir))
        assert.strictEqual(error.reason._tag, "Damaged", what)
        const recovery = yield* recoverFromSegments(dir, { mapSize })
        const damagedBytes = readFileSync(join(recovery.aside, "log.mdb"))
        // What the segments hold is back in any case; the rest as far as its bytes are still there.
        assert.isAtLeast(recovery.events, 430, what)
        const back = yield* withLog(dir, everything)
        assert.deepStrictEqual(
          back.events.slice(0, recovery.events),
          whole.events.slice(0, recovery.events),
          what,
        )
        const note = back.events[recovery.events]!
        assert.strictEqual(note.type, "log.recovered")
        assert.deepStrictEqual(note.payload as unknown, {
          from: recovery.aside,
          events: recovery.events,
          lost: recovery.lost,
        })
        assert.strictEqual(
          recovery.events + recovery.lost,
          damagedBytes.includes("not a database") ? 430 : whole.events.length,
          what,
        )
        assert.deepStrictEqual(back.blob, whole.blob, what)
        assert.isTrue((yield* withLog(dir, (log) => log.verify())).ok, what)
        // For the next damage: the log as it was.
        copyFileSync(copy, data(dir))
      }
    }),
  )

  live(
    "is rebuilt from the raw file alone where there are no segments",
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "log")
      const whole = yield* withLog(dir, (log) =>
        Effect.gen(function* () {
          yield* fill(log)
          yield* notes(log, 400, "only")
          return yield* everything(log)
        }),
      )
      overwrite(data(dir), 0, Buffer.alloc(8192))
      const recovery = yield* recoverFromSegments(dir, { mapSize })
      assert.deepStrictEqual(
        { events: recovery.events, lost: recovery.lost, payloadsLost: recovery.payloadsLost },
        { events: whole.events.length, lost: 0, payloadsLost: [] },
      )
      const back = yield* withLog(dir, everything)
      assert.deepStrictEqual(back.events.slice(0, -1), whole.events)
      assert.deepStrictEqual(back.blob, whole.blob)
    }),
  )

  live(
    "whose data file is gone is not taken for a new one, and comes back",
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "log")
      yield* withLog(dir, (log) =>
        Effect.andThen(notes(log, 60, "a"), sealSegments(log, dir, { atLeast: 1 })),
      )
      renameSync(data(dir), join(dir, "..", "elsewhere"))
      const error = yield* Effect.flip(withLog(dir, (log) => log.head))
      assert.strictEqual(error.reason._tag, "Damaged")
      assert.strictEqual((yield* recoverFromSegments(dir, { mapSize })).events, 60)
      assert.strictEqual((yield* withLog(dir, (log) => log.head)).seq, 61)
    }),
  )

  live(
    "that was put back to an older copy contradicts its segments",
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "log")
      yield* withLog(dir, (log) => notes(log, 60, "a"))
      copyFileSync(data(dir), `${dir}.old`)
      yield* withLog(dir, (log) =>
        Effect.andThen(notes(log, 40, "b"), sealSegments(log, dir, { atLeast: 1 })),
      )
      copyFileSync(`${dir}.old`, data(dir))
      const error = yield* Effect.flip(withLog(dir, (log) => log.head))
      assert.match(error.message, /segments reach event 100, but it ends at 60/)
      const recovery = yield* recoverFromSegments(dir, { mapSize })
      assert.deepStrictEqual([recovery.events, recovery.lost], [100, 0])
      // The same number of events, but others.
      yield* withLog(dir, (log) => sealSegments(log, dir, { atLeast: 1 }))
      copyFileSync(`${dir}.old`, data(dir))
      const other = yield* Effect.flip(
        withLog(dir, (log) => notes(log, 60, "c"), {}).pipe(Effect.andThen(withLog(dir, (log) => log.head))),
      )
      assert.strictEqual(other.reason._tag, "Damaged")
    }),
  )

  live(
    "with damaged segments too keeps what holds together and sets the rest aside",
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "log")
      yield* withLog(dir, (log) =>
        Effect.andThen(notes(log, 300, "a"), sealSegments(log, dir, { atLeast: 1, size: 100 })),
      )
      const segments = yield* Effect.promise(() => listSegments(dir))
      assert.deepStrictEqual(
        segments.map(({ first, last }) => [first, last]),
        [
          [1, 100],
          [101, 200],
          [201, 300],
        ],
      )
      overwrite(segments[1]!.path, statSync(segments[1]!.path).size - 100, Buffer.alloc(50, 1))
      writeFileSync(data(dir), "")
      const recovery = yield* recoverFromSegments(dir, { mapSize })
      assert.deepStrictEqual([recovery.events, recovery.lost], [100, 200])
      assert.lengthOf(readdirSync(join(recovery.aside, "segments")), 2)
      const head = yield* withLog(dir, (log) =>
        Effect.andThen(sealSegments(log, dir, { atLeast: 1, size: 100 }), log.head),
      )
      assert.strictEqual(head.seq, 101)
    }),
  )

  live(
    "is reported by a flipped bit in the file, or the content is unchanged",
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "log")
      const head = yield* withLog(dir, (log) => Effect.andThen(notes(log, 600, "bits"), log.head))
      const bytes = readFileSync(data(dir)).subarray(0, usedBytes(data(dir)))
      const flips = 6
      const reports = yield* Effect.forEach(
        Array.from({ length: flips }, (_, n) => n),
        (n) => {
          const copy = `${dir}.${n}`
          mkdirSync(copy)
          copyFileSync(join(dir, "FORMAT"), join(copy, "FORMAT"))
          const at = Math.floor(((n + 0.37) * bytes.length) / flips)
          writeFileSync(data(copy), bytes)
          overwrite(data(copy), at, new Uint8Array([bytes[at]! ^ (1 << (n % 8))]))
          return verifyFull(copy)
        },
        { concurrency: 2 },
      )
      for (const report of reports) if (report.ok) assert.deepStrictEqual(report.head, head)
      assert.isTrue(reports.some((report) => !report.ok))
    }),
  )
})

describe("segments", () => {
  live(
    "grow behind the head, and hold no erased payload",
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "log")
      yield* withLog(dir, (log) =>
        Effect.gen(function* () {
          const files = Effect.promise(() => listSegments(dir)).pipe(
            Effect.map((list) => list.map(({ first, last }) => [first, last])),
          )
          yield* notes(log, 40, "a")
          assert.strictEqual(yield* sealSegments(log, dir, { atLeast: 50, size: 100 }), 0)
          assert.deepStrictEqual(yield* files, [])
          yield* notes(log, 40, "b")
          assert.strictEqual(yield* sealSegments(log, dir, { atLeast: 50, size: 100 }), 80)
          yield* notes(log, 200, "c")
          yield* sealSegments(log, dir, { atLeast: 50, size: 100 })
          assert.deepStrictEqual(yield* files, [
            [1, 100],
            [101, 200],
            [201, 280],
          ])
          const path = (yield* Effect.promise(() => listSegments(dir)))[0]!.path
          const full = readFileSync(path)
          yield* notes(log, 20, "d")
          yield* sealSegments(log, dir, { atLeast: 1, size: 100 })
          assert.deepStrictEqual(yield* files, [
            [1, 100],
            [101, 200],
            [201, 300],
          ])
          assert.isTrue(readFileSync(path).equals(full))
          assert.strictEqual(statSync(path).mode & 0o777, 0o600)
          yield* log.erase([7], "secret", "user:cli")
          yield* resealSegments(log, dir, [7])
          assert.isFalse(readFileSync(path).equals(full))
          assert.isNull(yield* compareWithSegments(log, dir))
        }),
      )
      writeFileSync(data(dir), "")
      yield* recoverFromSegments(dir, { mapSize })
      const event = yield* withLog(dir, (log) => log.get(7))
      assert.isNull(event!.payload)
    }),
  )
})

describe("a directory", () => {
  live(
    "is made private",
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "a", "log")
      yield* withLog(dir, (log) =>
        Effect.gen(function* () {
          yield* notes(log, 20, "a")
          assert.strictEqual(statSync(dir).mode & 0o777, 0o700)
          for (const name of readdirSync(dir).filter((entry) => entry !== "WRITER"))
            assert.strictEqual(statSync(join(dir, name)).mode & 0o777, 0o600, name)
        }),
      )
      assert.isFalse(existsSync(join(dir, "WRITER")))
    }),
  )

  live(
    "of others, or of a newer version, is left as it is",
    Effect.gen(function* () {
      const base = yield* temporaryDir
      const cases: ReadonlyArray<readonly [string, (dir: string) => void, RegExp]> = [
        [
          "theirs",
          (dir) => writeFileSync(join(dir, "precious.txt"), "mine"),
          /is not a log of Claw: it holds precious.txt/,
        ],
        ["marked", (dir) => writeFileSync(join(dir, "FORMAT"), "something else"), /is not a log of Claw/],
        [
          "newer",
          (dir) => writeFileSync(join(dir, "FORMAT"), "claw log, format 7\n"),
          /has format 7, and this version of Claw reads up to 1/,
        ],
      ]
      for (const [name, make, message] of cases) {
        const dir = join(base, name)
        mkdirSync(dir)
        make(dir)
        const before = readdirSync(dir)
        const error = yield* Effect.flip(withLog(dir, (log) => log.head))
        assert.strictEqual(error.reason._tag, "Foreign")
        assert.match(error.message, message)
        assert.deepStrictEqual(readdirSync(dir), before)
      }
      const file = join(base, "file")
      writeFileSync(file, "")
      assert.strictEqual((yield* Effect.flip(withLog(file, (log) => log.head))).reason._tag, "Unwritable")
    }),
  )

  live(
    "whose database says a newer format is refused",
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "log")
      yield* withLog(dir, (log) => notes(log, 20, "a"))
      const { lmdbBackend } = yield* Effect.promise(() => import("../../log-store/LmdbBackend.ts"))
      const backend = lmdbBackend({ dir, mapSize })
      yield* Effect.promise(() =>
        backend.commit({
          ...emptyCommit,
          records: [{ key: "format", value: Buffer.from('{"program":"claw","format":2}') }],
        }),
      )
      yield* Effect.promise(() => backend.close())
      const error = yield* Effect.flip(withLog(dir, (log) => log.head))
      assert.strictEqual(error.reason._tag, "Foreign")
    }),
  )

  live(
    "survives garbage beside its files",
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "log")
      yield* withLog(dir, (log) => notes(log, 20, "a"))
      mkdirSync(join(dir, "segments"))
      writeFileSync(join(dir, "segments", "000000000001-000000000020.segment"), "no header")
      appendFileSync(join(dir, "stray"), "x")
      assert.strictEqual((yield* withLog(dir, (log) => log.head)).seq, 20)
    }),
  )
})
