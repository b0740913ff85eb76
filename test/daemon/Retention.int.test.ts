/** Retention: what is old or too much goes to archives first, and every reader still gets it from there. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream, SubscriptionRef } from "effect"
import { TestClock } from "effect/testing"
import { readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { emptyFolding, foldOn } from "../../log-store/Folding.ts"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { sealSegments } from "../../log-store/segments.ts"
import { directories } from "../../src/config/Directories.ts"
import type { RetentionSettings } from "../../src/config/Settings.ts"
import { Forgetting } from "../../src/daemon/Forgetting.ts"
import { Retention } from "../../src/daemon/Retention.ts"
import { draft, type Event, type EventDraft } from "../../src/domain/event.ts"
import { Folds } from "../../src/loop/Folds.ts"
import { projections } from "../../src/loop/projections.ts"
import { temporaryDir } from "../log-store/temporary.ts"
import { tracesOf } from "../log-store/traces.ts"

const secret = "Quince-XyZZy-77"
const workspace = "/home/dev/proj"
const dayMs = 86_400_000
const start = Date.parse("2026-01-01T00:00:00.000Z")
const size = 50

const world = (root: string, settings: RetentionSettings) => {
  const places = directories({ HOME: root, XDG_RUNTIME_DIR: join(root, "run") })
  const retention = Retention.layer({ logDir: places.log, settings: Effect.succeed(settings), size })
  return Layer.mergeAll(retention, Forgetting.layer(places)).pipe(
    Layer.provideMerge(Folds.layer),
    Layer.provideMerge(LmdbLogStore.layer({ dir: places.log, mapSize: 2 ** 30 })),
  )
}
const logIn = (root: string) => directories({ HOME: root }).log

const command = (n: number): EventDraft =>
  draft(
    "terminal.command",
    {
      command: n === 7 ? `echo ${secret}` : `make step-${n} ${"with many words ".repeat(n % 40)}`,
      cwd: workspace,
      exit: 0,
      durationMs: n,
      shell: "zsh",
      session: "zsh-1-1767225600000000",
      authorKind: "user",
      startedAt: new Date(start).toISOString(),
      position: { file: "/run/claw/spool/zsh-1-1767225600000000", offset: n },
    },
    { actor: "source:terminal", trust: "untrusted", workspace },
  )
const said: EventDraft = draft(
  "daemon.trusted",
  { workspace, digests: { "claw.config.ts": "a".repeat(64) } },
  { actor: "user:cli", workspace },
)

/** Four full segments, one a day, and the beginning of a fifth. */
const past = Effect.gen(function* () {
  const log = yield* LogStore
  yield* TestClock.setTime(start)
  yield* log.append([
    draft("daemon.started", { version: "0", pid: 1, node: "26" }, { actor: "daemon" }),
    draft("daemon.workspace", { action: "added", path: workspace }, { actor: "user", workspace }),
    said,
  ])
  for (let n = 4; n <= 4 * size + 20; n++) {
    if (n % size === 1) yield* TestClock.adjust("1 day")
    yield* log.append([command(n)])
  }
  yield* sealSegments(log, logIn(yield* root), { size, atLeast: 1 })
})
const root = LogStore.use((log) => Effect.map(log.head, () => current))
let current = ""

const events = LogStore.use((log) => Effect.map(log.read({}).pipe(Stream.runCollect), (all) => [...all]))
const states = Effect.gen(function* () {
  const log = yield* LogStore
  const folding = emptyFolding(projections)
  yield* foldOn(log, folding, (yield* log.head).seq)
  return folding.states
})
const plain = (event: Event) => {
  const { archived, ...rest } = event
  return archived === undefined ? event : rest
}

const test = (
  what: string,
  settings: RetentionSettings,
  body: Effect.Effect<void, unknown, LogStore | Folds | Retention | Forgetting>,
) =>
  it.effect(
    what,
    () =>
      Effect.gen(function* () {
        current = yield* temporaryDir
        yield* Effect.gen(function* () {
          const folds = yield* Folds
          yield* Effect.forkScoped(folds.run)
          yield* past
          yield* body
        }).pipe(Effect.provide(world(current, settings)))
      }).pipe(Effect.scoped),
    60_000,
  )

describe("retention", () => {
  test(
    "does nothing until it is asked to",
    { keepArchives: true },
    Effect.gen(function* () {
      yield* TestClock.adjust("1000 days")
      const { apply } = yield* Retention
      assert.deepStrictEqual(yield* apply, { archived: [], deleted: [] })
      assert.deepStrictEqual(readdirSync(logIn(current)).includes("archive"), false)
    }),
  )

  test(
    "archives by age: payloads leave the log, and are read from the archives as if they had not",
    { age: "90d", keepArchives: true },
    Effect.gen(function* () {
      const log = yield* LogStore
      const { apply } = yield* Retention
      const dir = logIn(current)
      const before = yield* events
      const folded = yield* states
      yield* TestClock.setTime(start + 91.5 * dayMs)
      const { archived } = yield* apply
      assert.deepStrictEqual(archived, [
        "000000000001-000000000050.segment",
        "000000000051-000000000100.segment",
      ])
      assert.deepStrictEqual(readdirSync(join(dir, "archive")).sort(), archived)
      const after = yield* events
      const words = after.filter((event) => event.type === "log.archived")
      assert.deepStrictEqual(
        words.map((event) => event.payload.reason),
        ["older than 90d", "older than 90d"],
      )
      assert.deepStrictEqual(after.slice(0, before.length).map(plain), before)
      assert.deepStrictEqual(
        after.filter((event) => event.archived !== undefined).map(({ seq }) => seq),
        before.filter((event) => event.seq <= 100 && event.type === "terminal.command").map(({ seq }) => seq),
      )
      assert.strictEqual((yield* log.get(7))!.archived, archived[0])
      assert.strictEqual((yield* log.get(3))!.archived, undefined, "what a person said stays")
      const { queue, positions } = yield* states
      assert.deepStrictEqual([queue.suggestions, positions], [folded.queue.suggestions, folded.positions])
      const report = yield* log.verify()
      assert.isTrue(report.ok, report.failure?.message)
      // of the log's own files only the archive has it
      for (const trace of tracesOf(dir, secret)) assert.include(trace, `archive/${archived[0]!}`)
      assert.deepStrictEqual(yield* apply, { archived: [], deleted: [] })
    }),
  )

  test(
    "an archive that is changed or gone is found, and named",
    { age: "1d", keepArchives: true },
    Effect.gen(function* () {
      const log = yield* LogStore
      const { apply } = yield* Retention
      yield* TestClock.setTime(start + 50 * dayMs)
      const { archived } = yield* apply
      assert.strictEqual(archived.length, 4)
      const path = join(logIn(current), "archive", archived[1]!)
      const bytes = readFileSync(path)
      const changed = Buffer.from(bytes)
      changed[bytes.length - 9]! ^= 1
      writeFileSync(path, changed)
      assert.match((yield* log.verify()).failure!.message, /archive 000000000051.* another file/)
      assert.strictEqual((yield* log.verify()).failure!.seq, 51)
      unlinkSync(path)
      assert.match((yield* log.verify()).failure!.message, /archive 000000000051.* is missing/)
      writeFileSync(path, bytes)
      assert.isTrue((yield* log.verify()).ok)
    }),
  )

  test(
    "an erasure reaches into the archives",
    { age: "1d", keepArchives: true },
    Effect.gen(function* () {
      const log = yield* LogStore
      const forgetting = yield* Forgetting
      yield* TestClock.setTime(start + 50 * dayMs)
      yield* Retention.use(({ apply }) => apply)
      const dir = logIn(current)
      assert.isAbove(tracesOf(dir, secret).length, 0)
      const found = yield* forgetting.find({ query: { grep: secret.toLowerCase() }, seqs: null })
      assert.deepStrictEqual([found.inLog, found.inArchives], [[], [7]])
      yield* forgetting.erase(found, "it was secret", "user:cli", secret)
      assert.isNotNull(yield* forgetting.finish)
      assert.deepStrictEqual(tracesOf(dir, secret), [])
      assert.deepStrictEqual((yield* log.get(7))!.payload as unknown, null)
      assert.isNotNull((yield* log.get(8))!.payload)
      const report = yield* log.verify()
      assert.isTrue(report.ok, report.failure?.message)
      const again = yield* forgetting.find({ query: { grep: secret }, seqs: null })
      assert.deepStrictEqual([again.inLog, again.inArchives], [[], []])
    }),
  )

  test(
    "archives that are too old go, and the log says so and verifies without them",
    { age: "1d", keepArchives: "30d" },
    Effect.gen(function* () {
      const log = yield* LogStore
      const folds = yield* Folds
      const { apply } = yield* Retention
      yield* TestClock.setTime(start + 20 * dayMs)
      assert.strictEqual((yield* apply).archived.length, 4)
      const [newest] = yield* log.append([command(999)])
      yield* folds.reached(newest!.seq)
      const { positions } = yield* SubscriptionRef.get(folds.snapshot)
      yield* TestClock.setTime(start + 32.5 * dayMs)
      assert.strictEqual((yield* apply).deleted.length, 3)
      yield* TestClock.setTime(start + 60 * dayMs)
      assert.strictEqual((yield* apply).deleted.length, 1)
      assert.deepStrictEqual(readdirSync(join(logIn(current), "archive")), [])
      assert.deepStrictEqual((yield* log.get(7))!.payload as unknown, null)
      const report = yield* log.verify()
      assert.isTrue(report.ok, report.failure?.message)
      // even now a fold from the first event knows where the sources stand
      assert.deepStrictEqual((yield* states).positions, positions)
      const last = (yield* events).at(-1)!
      assert.deepInclude(last.payload, { deleted: true, from: 151, to: 200 })
    }),
  )

  test(
    "archives by size, oldest first, and no more than it must",
    { size: 1, keepArchives: true },
    Effect.gen(function* () {
      const log = yield* LogStore
      const { apply } = yield* Retention
      const file = join(logIn(current), "log.mdb")
      const before = statSync(file).size
      const { archived } = yield* apply
      assert.strictEqual(archived.length, 4)
      assert.strictEqual(archived[0], "000000000001-000000000050.segment")
      assert.isBelow(statSync(file).size, before)
      const report = yield* log.verify()
      assert.isTrue(report.ok, report.failure?.message)
    }),
  )
})
