/** Erasures that were cut off are finished later, and the live folds neither keep nor write again what was erased. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, SubscriptionRef } from "effect"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { sealSegments } from "../../log-store/segments.ts"
import { directories } from "../../src/config/Directories.ts"
import { Forgetting } from "../../src/daemon/Forgetting.ts"
import { draft, type EventDraft } from "../../src/domain/event.ts"
import { Folds } from "../../src/loop/Folds.ts"
import { temporaryDir } from "../log-store/temporary.ts"
import { tracesOf } from "../log-store/traces.ts"

const secret = "Damson-XyZZy-12"
const workspace = "/home/dev/proj"
const session = "zsh-1-1767225600000000"

const places = (root: string) => directories({ HOME: root, XDG_RUNTIME_DIR: join(root, "run") })
const opened = <A, E>(root: string, body: Effect.Effect<A, E, LogStore | Folds | Forgetting>) =>
  Effect.gen(function* () {
    yield* Effect.forkScoped((yield* Folds).run)
    return yield* body
  }).pipe(
    Effect.provide(
      Forgetting.layer(places(root)).pipe(
        Layer.provideMerge(Folds.layer),
        Layer.provideMerge(LmdbLogStore.layer({ dir: places(root).log, mapSize: 2 ** 28 })),
      ),
    ),
    Effect.scoped,
  )

const command = (root: string, n: number, text: string): EventDraft =>
  draft(
    "terminal.command",
    {
      command: text,
      cwd: workspace,
      exit: 1,
      durationMs: 5,
      shell: "zsh",
      session,
      authorKind: "user",
      startedAt: "2026-01-01T00:00:00.000Z",
      position: { file: join(places(root).spool, session), offset: n },
    },
    { actor: "source:terminal", trust: "untrusted", workspace },
  )

describe("an erasure", () => {
  it.live("that was cut off is finished by the next daemon", () =>
    Effect.gen(function* () {
      const root = yield* temporaryDir
      const { daemonOutput, log: dir, spool, state } = places(root)
      mkdirSync(spool, { recursive: true })
      mkdirSync(state, { recursive: true })
      const record = `a record with ${secret}\u001e\n`
      writeFileSync(join(spool, session), `${record}not logged yet`)
      writeFileSync(join(spool, ".bash-77"), `history ${secret}`)
      writeFileSync(daemonOutput, `a warning about ${secret}\n`)
      yield* opened(
        root,
        Effect.gen(function* () {
          const log = yield* LogStore
          const folds = yield* Folds
          const forgetting = yield* Forgetting
          yield* log.append([
            draft("daemon.workspace", { action: "added", path: workspace }, { actor: "user", workspace }),
            command(root, record.length, `npm tset ${secret}`),
          ])
          yield* sealSegments(log, dir, { atLeast: 1 })
          yield* folds.reached(2)
          yield* folds.checkpoint
          const before = yield* SubscriptionRef.get(folds.snapshot)
          assert.include(JSON.stringify(before), secret)
          const found = yield* forgetting.find({ query: { grep: secret }, seqs: null })
          yield* forgetting.erase(found, "it was secret", "user:cli", secret)
          // the live states have let go of it, and know where the spool was read to
          const after = yield* SubscriptionRef.get(folds.snapshot)
          assert.notInclude(JSON.stringify(after), secret)
          assert.deepStrictEqual(after.positions, before.positions)
          yield* folds.checkpoint
        }),
      )
      assert.isAbove(tracesOf(root, secret).length, 3)
      yield* opened(
        root,
        Effect.gen(function* () {
          const forgetting = yield* Forgetting
          assert.isNotNull(yield* forgetting.finish)
          assert.deepStrictEqual(tracesOf(root, secret), [])
          assert.strictEqual(
            readFileSync(join(spool, session), "utf8"),
            `${" ".repeat(record.length)}not logged yet`,
          )
          assert.isNull(yield* forgetting.finish)
          const report = yield* LogStore.use((log) => log.verify())
          assert.isTrue(report.ok)
        }),
      )
      assert.deepStrictEqual(tracesOf(root, secret), [])
    }).pipe(Effect.scoped),
  )

  it.live("of what only a blob holds takes the event that brought it", () =>
    Effect.gen(function* () {
      const root = yield* temporaryDir
      yield* opened(
        root,
        Effect.gen(function* () {
          const log = yield* LogStore
          const forgetting = yield* Forgetting
          const blobs = [new TextEncoder().encode(`before ${secret} after`)]
          const header = { actor: "user:cli", workspace, blobs }
          yield* log.append([
            draft("daemon.trusted", { workspace, digests: {} }, header),
            draft("daemon.stopped", { reason: "x" }, { actor: "daemon" }),
          ])
          const found = yield* forgetting.find({ query: { grep: secret.toUpperCase() }, seqs: null })
          assert.deepStrictEqual(found.inLog, [1])
          const none = yield* forgetting.find({ query: { grep: secret, types: ["git.*"] }, seqs: null })
          assert.deepStrictEqual(none.inLog, [])
          const records = yield* forgetting.erase(found, "r", "user:cli", secret)
          assert.deepStrictEqual(records, [3])
          // its own records are never among the found
          const own = yield* forgetting.find({ query: { types: ["log.*"] }, seqs: null })
          assert.deepStrictEqual([own.inLog, own.kept], [[], 1])
        }),
      )
    }).pipe(Effect.scoped),
  )
})
