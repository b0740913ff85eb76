/**
 * Keeps the log within the age and the size its user set: whole sealed segments, oldest first, are written as archives,
 * and then the payloads that nothing needs any more leave the log.
 * Invariants: does nothing until an age or a size is set; a payload leaves only after its archive is on the disk and was
 * read back; each step says so in the log; what a person said and what was done stays (`droppable.ts`).
 */
import { Clock, Context, Effect, Layer, Semaphore, Stream, SubscriptionRef } from "effect"
import { statSync } from "node:fs"
import { stat, unlink } from "node:fs/promises"
import { basename, join } from "node:path"
import { archiveSha256, listArchives } from "../../log-store/archive.ts"
import { dataFile } from "../../log-store/LmdbBackend.ts"
import { LogError, LogStore, Unwritable } from "../../log-store/LogStore.ts"
import {
  archiveDir,
  listSegments,
  putSegment,
  readSegment,
  resealSegments,
  segmentContent,
  segmentEvents,
  segmentName,
  type SegmentFile,
} from "../../log-store/segments.ts"
import { sizeBytes, spanMs } from "../config/amounts.ts"
import type { RetentionSettings } from "../config/Settings.ts"
import type { PayloadOf } from "../domain/event.ts"
import { Folds } from "../loop/Folds.ts"
import { isDroppable, neededBy } from "./droppable.ts"
import { positionsAt, Told } from "./positionsAt.ts"

const tries = 20
/** Between two looks for size, the file is written anew, so that its size tells something. */
const rounds = 4
const actor = "daemon"
const dayMs = 86_400_000

export interface Retained {
  /** Archives made, and archives deleted. */
  readonly archived: ReadonlyArray<string>
  readonly deleted: ReadonlyArray<string>
}

export interface RetentionOptions {
  readonly logDir: string
  readonly settings: Effect.Effect<RetentionSettings>
  /** Events in a full segment. */
  readonly size?: number
}

export class Retention extends Context.Service<
  Retention,
  {
    /** Brings the log within what is set. */
    readonly apply: Effect.Effect<Retained, LogError>
    /** The same, where a segment was sealed since, or a day has passed; what fails is tried again at the next one. */
    readonly due: (sealed: number) => Effect.Effect<void>
  }
>()("claw/daemon/Retention") {
  static readonly layer = (options: RetentionOptions) =>
    Layer.effect(
      Retention,
      Effect.gen(function* () {
        const store = yield* LogStore
        const folds = yield* Folds
        const dir = options.logDir
        const folder = join(dir, archiveDir)
        const one = Semaphore.makeUnsafe(1)

        const attempt = <A>(body: () => Promise<A>) =>
          Effect.tryPromise({
            try: body,
            catch: (error) =>
              new LogError({
                reason: new Unwritable({
                  message: `The log in ${dir} cannot be archived: ${error instanceof Error ? error.message : String(error)}. Its payloads stay.`,
                }),
              }),
          })

        /** The newest word on each archive. */
        const archives = Effect.fnUntraced(function* () {
          const named = new Map<string, PayloadOf<"log.archived">>()
          yield* store.read({ types: ["log.archived"] }).pipe(
            Stream.runForEach((event) =>
              Effect.sync(() => {
                if (event.type === "log.archived") named.set(event.payload.file, event.payload)
              }),
            ),
          )
          return named
        })

        /** Full segments that are in no archive yet, oldest first. */
        const candidates = Effect.fnUntraced(function* () {
          const named = yield* archives()
          const full = options.size ?? segmentEvents
          const files = yield* attempt(() => listSegments(dir))
          return files.filter(
            ({ first, last, path }) => last - first + 1 >= full && !named.has(basename(path)),
          )
        })

        const isOlder = Effect.fnUntraced(function* ({ first, last }: SegmentFile, beforeMs: number) {
          const ends = yield* Effect.all([store.get(first), store.get(last)])
          return ends.every((event) => event !== null && Date.parse(event.at) < beforeMs)
        })

        const lastStart = store.read({ types: ["daemon.started"], reverse: true, limit: 1 }).pipe(
          Stream.runCollect,
          Effect.map((events) => events[0]?.seq ?? 1),
        )

        /** Writes the archive, and reads back what was written. */
        const write = Effect.fnUntraced(function* ({ first, last }: SegmentFile) {
          const content = yield* segmentContent(store, first, last)
          return yield* attempt(async () => {
            const sha256 = await putSegment(folder, content)
            const path = join(folder, segmentName(first, last))
            const lines = await readSegment(path)
            if (lines?.length !== content.lines.length || (await archiveSha256(path)) !== sha256)
              throw new Error(`${path} is not what was written`)
            return sha256
          })
        })

        const archive = Effect.fnUntraced(function* (segment: SegmentFile, reason: string) {
          const { first, last } = segment
          const sha256 = yield* write(segment)
          const told = new Told()
          const { queue } = yield* SubscriptionRef.get(folds.snapshot)
          const needed = neededBy(queue, yield* lastStart)
          const seqs: Array<number> = []
          yield* store.read({ from: first, to: last }).pipe(
            Stream.runForEach((event) =>
              Effect.sync(() => {
                if (!isDroppable(event, needed)) return
                told.add(event)
                seqs.push(event.seq)
              }),
            ),
          )
          const file = segmentName(first, last)
          yield* positionsAt(store, folds, told, null).pipe(
            Effect.flatMap(({ onlyAt, positions }) =>
              store.archive(seqs, { from: first, to: last, file, sha256, reason, positions }, actor, {
                onlyAt,
              }),
            ),
            Effect.retry({ while: (error: LogError) => error.reason._tag === "Conflict", times: tries }),
          )
          yield* resealSegments(store, dir, [first])
          return file
        })

        const byAge = Effect.fnUntraced(function* (age: string | number, nowMs: number) {
          const done: Array<string> = []
          for (const segment of yield* candidates()) {
            if (!(yield* isOlder(segment, nowMs - spanMs(age)))) break
            done.push(yield* archive(segment, `older than ${shown(age, "ms")}`))
          }
          return done
        })

        const bytes = Effect.fnUntraced(function* () {
          const files = yield* attempt(() => listSegments(dir))
          const sealed = yield* attempt(() => Promise.all(files.map(({ path }) => stat(path))))
          return sealed.reduce((sum, { size }) => sum + size, statSync(join(dir, dataFile)).size)
        })

        const bySize = Effect.fnUntraced(function* (size: string | number) {
          const done: Array<string> = []
          for (let round = 0; round < rounds; round++) {
            if ((yield* bytes()) <= sizeBytes(size)) break
            const left = yield* candidates()
            // what looks too large may be room for new events
            yield* store.compact
            const now = yield* bytes()
            const over = now - sizeBytes(size)
            if (over <= 0 || left.length === 0) break
            for (const segment of left.slice(0, Math.ceil((over / now) * left.length)))
              done.push(yield* archive(segment, `beyond ${shown(size, " bytes")}`))
          }
          if (done.length > 0) yield* store.compact
          return done
        })

        const deleteOld = Effect.fnUntraced(function* (keep: string | number, nowMs: number) {
          const deleted: Array<string> = []
          const named = yield* archives()
          for (const file of yield* attempt(() => listArchives(dir))) {
            const known = named.get(basename(file.path))
            if (known === undefined || known.deleted === true) continue
            if (!(yield* isOlder(file, nowMs - spanMs(keep)))) continue
            const reason = `older than ${shown(keep, "ms")}`
            // where sources stood then, they do not stand any more
            const { positions: _, ...word } = known
            yield* store.archive([], { ...word, reason, deleted: true }, actor)
            yield* attempt(() => unlink(file.path))
            deleted.push(basename(file.path))
          }
          return deleted
        })

        const apply = Effect.gen(function* () {
          const { age, keepArchives, size } = yield* options.settings
          const nowMs = yield* Clock.currentTimeMillis
          const archived = age === undefined ? [] : yield* byAge(age, nowMs)
          if (archived.length > 0) yield* store.compact
          if (size !== undefined) archived.push(...(yield* bySize(size)))
          const deleted = keepArchives === true ? [] : yield* deleteOld(keepArchives, nowMs)
          return { archived, deleted }
        }).pipe(one.withPermit)

        let last: { readonly sealed: number; readonly atMs: number } | undefined
        const due = Effect.fnUntraced(function* (sealed: number) {
          const atMs = yield* Clock.currentTimeMillis
          if (last?.sealed === sealed && atMs - last.atMs < dayMs) return
          last = { sealed, atMs }
          yield* Effect.catch(apply, (error) => Effect.logWarning(error.message))
        })

        return Retention.of({ apply, due })
      }),
    )
}

const shown = (amount: string | number, unit: string): string =>
  typeof amount === "number" ? `${amount}${unit}` : amount
