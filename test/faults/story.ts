/**
 * Everything that changes a log, once, on a small one: the process that `points.ts` ends, or lets fail, at each step.
 * `node --import points.ts story.ts DIR`. Prints one line of JSON for whatever it was told is done; `storyCheck.ts` holds
 * what is left in DIR against these lines. What fails is printed and the story goes on, as the daemon does.
 */
import { writeSync } from "node:fs"
import { join } from "node:path"
import { Effect, Result, Stream } from "effect"
import { checkBackup, layOut, sealBackup } from "../../log-store/backup.ts"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { recoverFromSegments } from "../../log-store/recover.ts"
import {
  archiveDir,
  putSegment,
  resealSegments,
  sealSegments,
  segmentContent,
  segmentName,
} from "../../log-store/segments.ts"
import { exportJsonl, importJsonl } from "../../log-store/transfer.ts"
import { draft } from "../../src/domain/event.ts"
import { counter, type Told } from "./told.ts"

type Store = LogStore["Service"]

const mapSize = 2 ** 30
const tell = (told: Told) => Effect.sync(() => writeSync(1, `${JSON.stringify(told)}\n`))

/** Tells of what was done, or of why it was not. */
const step = <A>(
  name: string,
  effect: Effect.Effect<A, { readonly message: string }>,
  told: (done: A) => Told,
) =>
  Effect.flatMap(Effect.result(effect), (result) =>
    tell(
      Result.isSuccess(result)
        ? told(result.success)
        : { _tag: "failed", name, message: result.failure.message },
    ),
  )

let appends = 0
const append = (store: Store, count: number, detail = "") => {
  const name = `a${appends++}`
  const drafts = Array.from({ length: count }, (_, n) =>
    draft(
      "daemon.health",
      { component: `${name} ${n}/${count}`, state: "running", backend: null, detail },
      {
        actor: "test",
        correlationId: name,
        ...(detail === "" ? {} : { blobs: [Buffer.from(detail + name)] }),
      },
    ),
  )
  return step(`append ${name}`, store.append(drafts), (events) => ({
    _tag: "appended",
    events: events.map(({ seq, id, hash }, n) => ({ seq, id, hash, token: `${name} ${n}/${count}` })),
  }))
}

const checkpoint = (store: Store) =>
  Effect.gen(function* () {
    const { seq } = yield* store.head
    const found = yield* store.loadCheckpoint(counter)
    const events = yield* store.read({ from: found.seq + 1, to: seq }).pipe(Stream.runCollect)
    yield* store.saveCheckpoint(counter, seq, events.reduce(counter.evolve, found.state))
    return seq
  }).pipe((saving) => step("checkpoint", saving, (seq) => ({ _tag: "checkpoint", seq })))

const seal = (store: Store, dir: string) =>
  step("seal", sealSegments(store, dir, { atLeast: 1, size: 8 }), (last) => ({ _tag: "sealed", last }))

const erase = (store: Store, dir: string, seqs: ReadonlyArray<number>) =>
  step(
    "erase",
    Effect.tap(store.erase(seqs, "a secret", "user:cli"), () => resealSegments(store, dir, seqs)),
    // Not all of them were there, where something failed before.
    (event) => ({ _tag: "erased", seqs: (event.payload as { readonly seqs: ReadonlyArray<number> }).seqs }),
  )

/** As retention does: the archive first, and then the payloads leave the log. */
const archive = (store: Store, dir: string) =>
  Effect.gen(function* () {
    const content = yield* segmentContent(store, 1, 8)
    const sha256 = yield* Effect.tryPromise(() => putSegment(join(dir, archiveDir), content))
    const payload = { from: 1, to: 8, file: segmentName(1, 8), sha256, reason: "age" }
    return yield* store.archive([1, 3], payload, "daemon")
  }).pipe((archiving) => step("archive", archiving, () => ({ _tag: "archived", seqs: [1, 3] })))

const backup = (store: Store, to: string, restored: string) =>
  Effect.gen(function* () {
    const head = yield* store.head
    yield* store.copyTo(to)
    yield* Effect.tryPromise(async () => {
      await sealBackup(to, head)
      await layOut(to, await checkBackup(to), restored)
    })
  }).pipe((copying) => step("backup", copying, () => ({ _tag: "restored" })))

const opened = (dir: string, body: (store: Store) => Effect.Effect<void>) =>
  step("open", LogStore.use(body).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize }))), () => ({
    _tag: "closed",
  }))

const story = Effect.fnUntraced(function* (base: string) {
  const dir = join(base, "log")
  yield* opened(dir, (store) =>
    Effect.gen(function* () {
      yield* append(store, 1)
      yield* append(store, 3)
      yield* append(store, 2, "large ".repeat(1200))
      yield* checkpoint(store)
      yield* seal(store, dir)
      yield* append(store, 4)
      yield* erase(store, dir, [2, 5])
      yield* append(store, 1)
      yield* checkpoint(store)
      yield* seal(store, dir)
    }),
  )
  yield* opened(dir, (store) =>
    Effect.gen(function* () {
      yield* append(store, 12)
      yield* seal(store, dir)
      yield* append(store, 1)
      yield* erase(store, dir, [9, 13])
      yield* archive(store, dir)
      yield* step("compact", store.compact, () => ({ _tag: "done" }))
      yield* append(store, 5)
      yield* step("tree", store.tree.catchUp, () => ({ _tag: "done" }))
      yield* backup(store, join(base, "backup"), join(base, "restored"))
    }),
  )
  yield* step("recover", recoverFromSegments(dir, { mapSize }), ({ events, lost }) => ({
    _tag: "recovered",
    events,
    lost,
  }))
  yield* opened(dir, (store) =>
    Effect.gen(function* () {
      yield* append(store, 2)
      yield* seal(store, dir)
      yield* step(
        "import",
        importJsonl({ dir: join(base, "imported"), mapSize }, exportJsonl(store)),
        ({ seq, hash }) => ({ _tag: "imported", seq, hash }),
      )
    }),
  )
})

await Effect.runPromise(story(process.argv[2] ?? ""))
