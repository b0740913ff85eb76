/**
 * A log file that is damaged, gone, or behind its own segments: what the segments and the file still hold comes
 * back, the damaged file is kept aside, the log and the status say so. Real files, a real child that looks first.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { dataFile } from "../../log-store/LmdbBackend.ts"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { Damaged, LogError, LogStore } from "../../log-store/LogStore.ts"
import { listSegments, sealSegments } from "../../log-store/segments.ts"
import type { Entry } from "../../src/daemon/entry.ts"
import { prepareLog, prepareLogBy } from "../../src/daemon/prepareLog.ts"
import { draft } from "../../src/domain/event.ts"
import { removeTree } from "../removeTree.ts"

const entry: Entry = {
  node: process.execPath,
  args: [join(import.meta.dirname, "..", "..", "src", "cli", "main.ts")],
  version: "0",
  bundle: null,
}

const opened = <A, E>(dir: string, body: (store: LogStore["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(LogStore, body).pipe(
    Effect.provide(LmdbLogStore.layer({ dir, mapSize: 2 ** 30 }), { local: true }),
  )

const fill = (store: LogStore["Service"], from: number, count: number) =>
  store.append(
    Array.from({ length: count }, (_, n) =>
      draft("daemon.stopped", { reason: `event ${from + n} ${"x".repeat(200)}` }, { actor: "test" }),
    ),
  )

/** 300 events: 200 sealed, 100 only in the file. */
const past = Effect.gen(function* () {
  const dir = join(
    yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "claw-log-"))),
      (path) => Effect.sync(() => removeTree(path)),
    ),
    "log",
  )
  yield* opened(dir, (store) =>
    Effect.gen(function* () {
      yield* fill(store, 1, 200)
      yield* sealSegments(store, dir, { atLeast: 1 })
      yield* fill(store, 201, 100)
    }),
  )
  return dir
})

const overwrite = (path: string, from: number, byte: number) => {
  const length = statSync(path).size - from
  const fd = openSync(path, "r+")
  writeSync(fd, Buffer.alloc(length, byte), 0, length, from)
  closeSync(fd)
}

const reasons = (dir: string) =>
  opened(dir, (store) =>
    Effect.map(Stream.runCollect(store.read({})), (events) =>
      events.map(({ type, payload }) => (type === "daemon.stopped" ? payload.reason.split(" ")[1] : type)),
    ),
  )

const damages: Readonly<Record<string, { readonly harm: (file: string) => void; readonly least: number }>> = {
  "cut in the middle": { harm: (file) => truncateSync(file, 40_000), least: 200 },
  "cut to its first bytes": { harm: (file) => truncateSync(file, 100), least: 200 },
  emptied: { harm: (file) => truncateSync(file, 0), least: 200 },
  "zeroed behind its first pages": { harm: (file) => overwrite(file, 8192, 0), least: 200 },
  "overwritten whole": { harm: (file) => overwrite(file, 0, 0xff), least: 200 },
  "overwritten in its first page only": {
    harm: (file) => {
      const fd = openSync(file, "r+")
      writeSync(fd, Buffer.alloc(4096, 0xaa), 0, 4096, 0)
      closeSync(fd)
    },
    least: 300,
  },
  gone: { harm: (file) => rmSync(file), least: 200 },
  "random bytes of another length": {
    harm: (file) =>
      writeFileSync(file, Buffer.from(Array.from({ length: 70_001 }, (_, n) => (n * 7919) % 251))),
    least: 200,
  },
}

describe("a log file that is", () => {
  for (const [name, { harm, least }] of Object.entries(damages)) {
    it.live(
      `${name} is recovered, and kept aside`,
      () =>
        Effect.gen(function* () {
          const dir = yield* past
          const file = join(dir, dataFile)
          harm(file)
          const left = name === "gone" ? null : readFileSync(file)
          const said = yield* prepareLog(entry, dir)
          assert.strictEqual(said?.type, "daemon.health")
          assert.match(
            (said!.payload as { readonly detail: string }).detail,
            /was damaged .* events were recovered/,
          )
          const found = yield* reasons(dir)
          const recovered = found.indexOf("log.recovered")
          assert.isAtLeast(recovered, least)
          assert.lengthOf(found, recovered + 1, "it is said once, at the end")
          assert.deepStrictEqual(
            found.slice(0, recovered),
            Array.from({ length: recovered }, (_, n) => String(n + 1)),
          )
          if (left !== null) {
            const aside = readdirSync(dir).filter((each) => each.startsWith("damaged-"))
            assert.lengthOf(aside, 1)
            assert.isTrue(readFileSync(join(dir, aside[0]!, dataFile)).equals(left))
          }
          assert.isNull(yield* prepareLog(entry, dir), "it is whole now")
          assert.isTrue((yield* opened(dir, (store) => store.verify())).ok)
        }).pipe(Effect.scoped),
      60_000,
    )
  }

  it.live(
    "an older copy of itself is brought up to its segments",
    () =>
      Effect.gen(function* () {
        const dir = yield* past
        const file = join(dir, dataFile)
        copyFileSync(file, `${file}.copy`)
        yield* opened(dir, (store) =>
          Effect.andThen(fill(store, 301, 50), sealSegments(store, dir, { atLeast: 1 })),
        )
        copyFileSync(`${file}.copy`, file)
        rmSync(`${file}.copy`)
        assert.isNotNull(yield* prepareLog(entry, dir))
        const found = yield* reasons(dir)
        assert.deepStrictEqual(found.slice(-2), ["350", "log.recovered"])
      }).pipe(Effect.scoped),
    60_000,
  )
})

describe("a log and segments that say otherwise of the same events", () => {
  it.live(
    "do not keep the daemon from starting: the segments are taken, the other log is kept aside whole",
    () =>
      Effect.gen(function* () {
        const dir = yield* past
        yield* opened(dir, (store) => sealSegments(store, dir, { atLeast: 1 }))
        const other = yield* past
        yield* opened(other, (store) => fill(store, 301, 20))
        copyFileSync(join(other, dataFile), join(dir, dataFile))
        const left = readFileSync(join(dir, dataFile))
        const said = yield* prepareLog(entry, dir)
        const { detail } = said!.payload as { readonly detail: string }
        assert.match(detail, /event 300 is another one than the segment .* replaced.*300 events.* 20 lost/)
        const aside = readdirSync(dir).find((each) => each.startsWith("damaged-"))!
        assert.isTrue(readFileSync(join(dir, aside, dataFile)).equals(left))
        assert.deepStrictEqual((yield* reasons(dir)).slice(-2), ["300", "log.recovered"])
        assert.isNull(yield* prepareLog(entry, dir))
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live(
    "where a segment contradicts itself, it is the one that is set aside, and sealed anew",
    () =>
      Effect.gen(function* () {
        const dir = yield* past
        const [segment] = yield* Effect.promise(() => listSegments(dir))
        const text = readFileSync(segment!.path, "latin1")
        writeFileSync(
          segment!.path,
          text.replace(
            /("lastHash":")(.)/,
            (_, key: string, digit: string) => key + (digit === "0" ? "1" : "0"),
          ),
          "latin1",
        )
        assert.match(
          String((yield* prepareLog(entry, dir))!.payload["detail" as never]),
          /300 events.* 0 lost/,
        )
        assert.deepStrictEqual(yield* Effect.promise(() => listSegments(dir)), [])
        const aside = readdirSync(dir).find((each) => each.startsWith("damaged-"))!
        assert.lengthOf(readdirSync(join(dir, aside, "segments")), 1)
        assert.isNull(yield* prepareLog(entry, dir))
        const found = yield* opened(dir, (store) =>
          Effect.andThen(sealSegments(store, dir, { atLeast: 1 }), store.head),
        )
        assert.strictEqual(found.seq, 301)
        assert.isNull(yield* prepareLog(entry, dir))
      }).pipe(Effect.scoped),
    60_000,
  )
})

describe("a log that could not be looked at", () => {
  const failing = (messages: Array<string>) => () =>
    Effect.suspend(() => {
      const message = messages.shift()
      return message === undefined
        ? Effect.void
        : Effect.fail(new LogError({ reason: new Damaged({ seq: null, message }) }))
    })

  it.live("once, is looked at again; for want of access or memory, is left as it is", () =>
    Effect.gen(function* () {
      const dir = yield* past
      const before = readFileSync(join(dir, dataFile))
      assert.isNull(yield* prepareLogBy(failing(["the process that opened it was killed by SIGKILL"]), dir))
      for (const message of ["spawn EAGAIN", "Permission denied", "EMFILE: too many open files"]) {
        const error = yield* Effect.flip(prepareLogBy(failing([message, message]), dir))
        assert.strictEqual((error as LogError).reason._tag, "Unwritable")
        assert.include(error.message, "It was left as it is")
      }
      assert.isTrue(readFileSync(join(dir, dataFile)).equals(before))
      assert.isUndefined(readdirSync(dir).find((each) => each.startsWith("damaged-")))
      const said = yield* prepareLogBy(failing(["its pages are gone", "its pages are gone"]), dir)
      assert.strictEqual(said?.type, "daemon.health")
    }).pipe(Effect.scoped),
  )
})

describe("a whole log", () => {
  it.live("is left as it is, and so is a folder where none began yet", () =>
    Effect.gen(function* () {
      const dir = yield* past
      const before = readFileSync(join(dir, dataFile))
      assert.isNull(yield* prepareLog(entry, dir))
      assert.isTrue(readFileSync(join(dir, dataFile)).equals(before))
      const fresh = join(dir, "..", "fresh")
      assert.isNull(yield* prepareLog(entry, fresh))
      assert.deepStrictEqual(readdirSync(fresh), [])
    }).pipe(Effect.scoped),
  )
})
