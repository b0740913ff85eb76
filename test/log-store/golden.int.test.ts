/** Logs of every format that was ever released: each is read, verified, folded, exported and recovered by this version. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { emptyFolding, foldOn, loadFolding } from "../../log-store/Folding.ts"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { recoverFromSegments } from "../../log-store/recover.ts"
import { exportJsonl, importJsonl } from "../../log-store/transfer.ts"
import { verifiedLog } from "./verifiedLog.ts"
import type { Event } from "../../src/domain/event.ts"
import { projections } from "../../src/loop/projections.ts"
import { temporaryDir } from "./temporary.ts"

interface Expected {
  readonly format: number
  readonly head: { readonly seq: number; readonly hash: string; readonly at: string }
  readonly types: Readonly<Record<string, number>>
  readonly archived: ReadonlyArray<number>
  readonly erased: ReadonlyArray<number>
  readonly workspaces: ReadonlyArray<string>
  readonly suggestions: ReadonlyArray<string>
  readonly texts: ReadonlyArray<string>
}

const golden = join(import.meta.dirname, "..", "fixtures", "golden")
const mapSize = 2 ** 28

const logOf = Effect.fnUntraced(function* (name: string) {
  const dir = join(yield* temporaryDir, "log")
  cpSync(join(golden, name, "log"), dir, { recursive: true })
  return dir
})
const opened = <A, E, R>(dir: string, body: Effect.Effect<A, E, R>) =>
  body.pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize })))
const events = LogStore.use((log) => Effect.map(log.read({}).pipe(Stream.runCollect), (all) => [...all]))
const lines = (name: string) =>
  readFileSync(join(golden, name, "export.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
const detail = (event: Event | undefined) => (event?.payload as { readonly detail: string } | null)?.detail

describe.each(readdirSync(golden))("a log of %s", (name) => {
  const expected = JSON.parse(readFileSync(join(golden, name, "expected.json"), "utf8")) as Expected

  it.live("is verified whole, as the child of the daemon does it", () =>
    Effect.gen(function* () {
      const dir = yield* logOf(name)
      const report = yield* Effect.promise(() => verifiedLog(dir, "full"))
      assert.deepStrictEqual(report.failure, null)
      assert.deepInclude(report, { ok: true, events: expected.head.seq, head: expected.head })
    }).pipe(Effect.scoped),
  )

  it.live("gives every event, what was erased without its payload, what was archived with it", () =>
    Effect.gen(function* () {
      const dir = yield* logOf(name)
      yield* opened(
        dir,
        Effect.gen(function* () {
          const log = yield* LogStore
          const all = yield* events
          assert.deepStrictEqual(yield* log.head, expected.head)
          const types: Record<string, number> = {}
          for (const { type } of all) types[type] = (types[type] ?? 0) + 1
          assert.deepStrictEqual(types, expected.types)
          const seqsWhere = (holds: (event: Event) => boolean) => all.filter(holds).map(({ seq }) => seq)
          assert.deepStrictEqual(
            seqsWhere((event) => event.erased === true),
            expected.erased,
          )
          assert.deepStrictEqual(
            seqsWhere((event) => event.archived !== undefined),
            expected.archived,
          )
          const said = all.map(detail)
          for (const text of expected.texts) assert.include(said, text)
          const report = yield* log.verify()
          assert.isTrue(report.ok, report.failure?.message)
          const grepped = yield* log.read({ grep: "DÍA SOLEADO" }).pipe(Stream.runCollect)
          assert.deepStrictEqual(grepped.map(detail), ["día soleado"])
        }),
      )
    }).pipe(Effect.scoped),
  )

  it.live("is folded, from the first event and from its checkpoints alike", () =>
    Effect.gen(function* () {
      const dir = yield* logOf(name)
      yield* opened(
        dir,
        Effect.gen(function* () {
          const log = yield* LogStore
          const fromZero = emptyFolding(projections)
          yield* foldOn(log, fromZero, expected.head.seq)
          const fromCheckpoints = yield* loadFolding(log, projections)
          yield* foldOn(log, fromCheckpoints, expected.head.seq)
          assert.deepStrictEqual(fromCheckpoints.states, fromZero.states)
          assert.deepStrictEqual(fromZero.states.control.workspaces, expected.workspaces)
          assert.deepStrictEqual(Object.keys(fromZero.states.queue.suggestions).sort(), expected.suggestions)
        }),
      )
    }).pipe(Effect.scoped),
  )

  it.live("is exported byte for byte as it was then, and that export is imported", () =>
    Effect.gen(function* () {
      const dir = yield* logOf(name)
      const exported = yield* opened(
        dir,
        LogStore.use((log) => exportJsonl(log).pipe(Stream.runCollect)),
      )
      assert.deepStrictEqual([...exported], lines(name))
      const other = join(yield* temporaryDir, "log")
      const head = yield* importJsonl({ dir: other, mapSize }, Stream.fromIterable(lines(name)))
      assert.deepStrictEqual(head, expected.head)
    }).pipe(Effect.scoped),
  )

  it.live("is recovered from its segments alone", () =>
    Effect.gen(function* () {
      const dir = yield* logOf(name)
      const before = yield* opened(dir, events)
      rmSync(join(dir, "log.mdb"))
      const recovery = yield* recoverFromSegments(dir, { mapSize })
      assert.deepInclude(recovery, { events: expected.head.seq, lost: 0 })
      const after = yield* opened(dir, events)
      assert.deepStrictEqual(after.slice(0, before.length), before)
    }).pipe(Effect.scoped),
  )
})
