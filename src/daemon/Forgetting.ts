/**
 * Erasing for good: the payloads from the log, then every trace of them from the files of the data directory.
 * Invariants: nothing is erased but what was shown, up to the event that was the newest then; an erasure that was cut
 * off is finished at the next start; the text that was looked for is logged nowhere; sources go on where they stood.
 */
import { Context, Effect, Layer, Semaphore, SubscriptionRef } from "effect"
import { archiveSha256, eraseInArchives } from "../../log-store/archive.ts"
import { LogError, LogStore, type Query, Unwritable } from "../../log-store/LogStore.ts"
import { archiveDir, removeParts, resealSegments, segmentName } from "../../log-store/segments.ts"
import type { DirectoriesShape } from "../config/Directories.ts"
import { Folds } from "../loop/Folds.ts"
import { type Erasable, findErasable } from "./erasable.ts"
import { positionsAt } from "./positionsAt.ts"
import { blankSpools, damagedFolders, emptyOutput, movedLogs, removeDamaged } from "./traces.ts"

/** Events of one erasure: more are taken in several. */
const atOnce = 10_000
const tries = 20

export interface Compacted {
  readonly before: number
  readonly after: number
}
export interface Erasure {
  readonly query: Query
  readonly seqs: ReadonlyArray<number> | null
}

export class Forgetting extends Context.Service<
  Forgetting,
  {
    readonly find: (what: Erasure, upTo?: number) => Effect.Effect<Erasable, LogError>
    /** Seqs of the records of it. Traces are left until `finish`. */
    readonly erase: (
      found: Erasable,
      reason: string,
      actor: string,
      needle: string | null,
    ) => Effect.Effect<ReadonlyArray<number>, LogError>
    /** Removes the traces of all erasures so far and compacts; null where there is none. */
    readonly finish: Effect.Effect<Compacted | null, LogError>
    readonly compact: Effect.Effect<Compacted, LogError>
    /** What an erasure does besides, and what it cannot reach. */
    readonly notes: Effect.Effect<ReadonlyArray<string>>
  }
>()("claw/daemon/Forgetting") {
  static readonly layer = (directories: DirectoriesShape) =>
    Layer.effect(
      Forgetting,
      Effect.gen(function* () {
        const store = yield* LogStore
        const folds = yield* Folds
        const dir = directories.log
        const one = Semaphore.makeUnsafe(1)

        const find = Effect.fnUntraced(function* (what: Erasure, upTo?: number) {
          const { seq } = yield* store.head
          return yield* findErasable(store, dir, what.query, what.seqs, Math.min(upTo ?? seq, seq))
        })

        /** The first of several carries the positions: it must know exactly where the log stands. */
        const eraseFirst = (
          found: Erasable,
          seqs: ReadonlyArray<number>,
          reason: string,
          actor: string,
          needle: string | null,
        ) =>
          positionsAt(store, folds, found.told, needle).pipe(
            Effect.flatMap((known) =>
              store.erase(seqs, reason, actor, { ...known, archived: found.inArchives }),
            ),
            Effect.retry({ while: (error: LogError) => error.reason._tag === "Conflict", times: tries }),
          )

        const erase = Effect.fnUntraced(function* (
          found: Erasable,
          reason: string,
          actor: string,
          needle: string | null,
        ) {
          const first = yield* eraseFirst(found, found.inLog.slice(0, atOnce), reason, actor, needle)
          const records = [first.seq]
          for (let at = atOnce; at < found.inLog.length; at += atOnce)
            records.push((yield* store.erase(found.inLog.slice(at, at + atOnce), reason, actor)).seq)
          yield* folds.reached(records.at(-1)!)
          return records
        })

        const unwritable = (what: string) => (error: unknown) =>
          new LogError({
            reason: new Unwritable({
              message: `${what}: ${error instanceof Error ? error.message : String(error)}. The payloads are out of the log; claw log compact removes what is left of them.`,
            }),
          })

        const clean = Effect.fnUntraced(function* (seqs: ReadonlyArray<number>) {
          yield* resealSegments(store, dir, seqs)
          const attempt = <A>(what: string, body: () => Promise<A>) =>
            Effect.tryPromise({ try: body, catch: unwritable(what) })
          yield* attempt("an archive cannot be cleaned", () => removeParts(dir, archiveDir))
          for (const { first, last, path } of yield* attempt("an archive cannot be cleaned", () =>
            eraseInArchives(dir, seqs),
          )) {
            const file = segmentName(first, last)
            const sha256 = yield* attempt("an archive cannot be read", () => archiveSha256(path))
            const reason = "erased payloads were taken out of it"
            yield* store.archive([], { from: first, to: last, file, sha256, reason }, "log")
          }
          yield* attempt("set aside files cannot be removed", () => removeDamaged(dir))
          const { positions } = yield* SubscriptionRef.get(folds.snapshot)
          yield* Effect.try({
            try: () => {
              blankSpools(directories.spool, positions.terminal)
              emptyOutput(directories)
            },
            catch: unwritable("a spool or the daemon's output cannot be cleaned"),
          })
        })

        const finish = Effect.gen(function* () {
          const seqs = yield* store.unsettled
          if (seqs.length === 0) return null
          yield* clean(seqs)
          const compacted = yield* store.compact
          yield* store.settle
          return compacted
        }).pipe(one.withPermit)

        const compact = Effect.gen(function* () {
          return (yield* finish) ?? (yield* store.compact.pipe(one.withPermit))
        })

        const notes = Effect.sync((): ReadonlyArray<string> => {
          const damaged = damagedFolders(dir)
          const moved = movedLogs(directories)
          return [
            ...(damaged.length === 0
              ? []
              : [`the damaged files that were set aside go as well: ${damaged.join(", ")}`]),
            ...(moved.length === 0
              ? []
              : [`logs that were moved away are not touched; delete them yourself: ${moved.join(", ")}`]),
            "the daemon's output file is emptied, and what shells wrote for Claw is blanked",
            "what was printed to terminals, and backups and exports made before, cannot be reached from here",
          ]
        })

        return Forgetting.of({ find, erase, finish, compact, notes })
      }),
    )
}
