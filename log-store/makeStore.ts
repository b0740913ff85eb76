/**
 * The LogStore service over a backend: writer, reader, tails, checkpoints, erasure and verification put together.
 * Invariants: nothing above the durable head is ever shown; closing the scope waits for what is in flight;
 * a reader's failure is `Damaged` with its seq, a writer's `Unwritable`, both say where the log is and what to do.
 */
import { Array as Arr, Cause, Effect, type Scope, Semaphore, Stream } from "effect"
import type { Event, EventDraft } from "../src/domain/event.ts"
import type { ArchiveReader } from "./ArchiveReader.ts"
import type { Backend } from "./Backend.ts"
import type { Batch } from "./Batch.ts"
import { checkpointKey, encodeCheckpoint, findCheckpoint, keysFrom } from "./checkpoints.ts"
import type { Upcast } from "./chunk.ts"
import { checkArchives } from "./archiveCheck.ts"
import { makeForgetting } from "./forgetting.ts"
import { entryLines } from "./jsonl.ts"
import {
  Conflict,
  Damaged,
  LogError,
  type LogStore,
  type Projection,
  type Query,
  Unwritable,
} from "./LogStore.ts"
import { makeTree } from "./merkle/storeTree.ts"
import { Reader, ReadError } from "./Reader.ts"
import { Recent } from "./Recent.ts"
import { decodeHead, decodeTypes, emptyHead, headRecord, typesRecord } from "./records.ts"
import { Scan } from "./Scan.ts"
import { sketching } from "./sketching.ts"
import { verifyBackend } from "./verify.ts"
import { type Expectation, type Refusal, Request, Writer } from "./Writer.ts"

export interface StoreOptions {
  /** Makes sketches as it grows, for finding (see `sketching.ts`). */
  readonly sketch?: boolean
  readonly backend: Backend
  readonly upcast: Upcast
  /** For messages: the directory, or "memory". */
  readonly place: string
  /** Payloads that were archived, where they may be. */
  readonly archives?: ArchiveReader
}

const damaged = (place: string) => (error: unknown) => {
  const seq = error instanceof ReadError ? error.seq : null
  const what = error instanceof Error ? error.message : String(error)
  return new LogError({
    reason: new Damaged({
      seq,
      message: `The log in ${place} is damaged${seq === null ? "" : ` at event ${seq}`}: ${what}. Run "claw audit verify"; a restart recovers it from its segments.`,
    }),
  })
}

const refusalOf = (place: string, expect: Expectation | undefined, refusal: Refusal) => {
  switch (refusal._tag) {
    case "Conflict": {
      const { correlationId, lastSeq } = expect!
      const reason = new Conflict({ correlationId, expected: lastSeq, found: refusal.found })
      return Effect.fail(new LogError({ reason }))
    }
    case "Unwritable":
      return Effect.fail(
        new LogError({
          reason: new Unwritable({
            message: `The log in ${place} cannot be written: ${refusal.cause.message}. Nothing of this append was stored; free disk space or mend the disk, then it goes on by itself.`,
          }),
        }),
      )
    case "Defect":
      if (refusal.defect instanceof LogError) return Effect.fail(refusal.defect)
      return refusal.defect instanceof ReadError
        ? Effect.fail(damaged(place)(refusal.defect))
        : Effect.die(refusal.defect)
  }
}

export const makeStore = (options: StoreOptions): Effect.Effect<LogStore["Service"], LogError, Scope.Scope> =>
  Effect.gen(function* () {
    const { archives, backend, place } = options
    const reader = new Reader(backend, options.upcast)
    const attempt = <A>(body: () => A) => Effect.try({ try: body, catch: damaged(place) })

    const { head, types } = yield* attempt(() => {
      const record = backend.record(headRecord)
      const head = record === undefined ? emptyHead : decodeHead(record)
      if (head === undefined) throw new Error("its head record cannot be read")
      const newest = backend.chunkAt(2 ** 32 - 1)
      if (
        head.seq === 0
          ? newest !== undefined
          : newest === undefined || reader.chunkOf(head.seq).last !== head.seq
      )
        throw new Error(`its last event is not ${head.seq}, as its head says`)
      return { head, types: decodeTypes(backend.record(typesRecord)) }
    })

    const erasures = Semaphore.makeUnsafe(1)
    const recent = new Recent()
    const waiters = new Set<() => void>()
    let open = true
    const writer = new Writer({
      backend,
      head,
      types,
      tail: () => reader.tail(backend.record(headRecord)),
      lastOfCorrelation: (id) => reader.lastOfCorrelation(id, writer.head.seq),
      published: (events, bytes) => {
        recent.push(reader.upToDate(events), bytes)
        for (const wake of waiters) wake()
      },
    })
    yield* Effect.addFinalizer(() =>
      Effect.promise(async () => {
        open = false
        await writer.drain()
        await backend.close()
      }),
    )

    const submit = (
      drafts: ReadonlyArray<EventDraft>,
      expect?: Expectation,
      build?: (batch: Batch) => void,
      alone?: boolean,
    ): Effect.Effect<ReadonlyArray<Event>, LogError> =>
      Effect.clockWith((clock) =>
        Effect.callback<ReadonlyArray<Event>, LogError>((resume) => {
          const refused = (refusal: Refusal) => resume(refusalOf(place, expect, refusal))
          const stored = (events: ReadonlyArray<Event>) => resume(Effect.succeed(events))
          const now = clock.currentTimeMillisUnsafe()
          if (open) writer.submit(new Request(drafts, now, stored, refused, expect, build, alone))
          else refused({ _tag: "Unwritable", cause: new Error("it is closed") })
        }),
      )

    const read = (query: Query): Stream.Stream<Event, LogError> =>
      Stream.fromPull(
        attempt(
          () =>
            new Scan(reader, query, writer.head, writer.types, (event) => archives?.restored(event) ?? event),
        ).pipe(
          Effect.map((scan) => {
            let over = false
            const pull: Effect.Effect<
              Arr.NonEmptyReadonlyArray<Event>,
              LogError | Cause.Done
            > = Effect.suspend(() => {
              if (over) return Cause.done()
              return attempt(() => scan.next()).pipe(
                Effect.flatMap((page) => {
                  over = page.done
                  const events = archives?.restoredAll(page.events) ?? page.events
                  return Arr.isReadonlyArrayNonEmpty(events)
                    ? Effect.succeed(events)
                    : Effect.andThen(Effect.yieldNow, pull)
                }),
              )
            })
            return pull
          }),
        ),
      )

    const beyond = (seq: number) =>
      Effect.callback<void>((resume) => {
        const wake = () => {
          if (writer.head.seq < seq) return
          waiters.delete(wake)
          resume(Effect.void)
        }
        waiters.add(wake)
        wake()
        return Effect.sync(() => {
          waiters.delete(wake)
        })
      })

    if (options.sketch === true)
      yield* Effect.forkScoped(
        sketching({
          reader,
          head: () => writer.head.seq,
          beyond,
          write: (records) =>
            submit([], undefined, (batch) => {
              for (const { key, value } of records) batch.put(key, value)
            }),
        }),
      )

    const tail = (from: number): Stream.Stream<Event, LogError> =>
      Stream.fromPull(
        Effect.sync(() => {
          let at = Math.max(Math.trunc(from), 1)
          const page = (): ReadonlyArray<Event> =>
            recent.from(at) ?? new Scan(reader, { from: at }, writer.head, writer.types).next().events
          const pull: Effect.Effect<Arr.NonEmptyReadonlyArray<Event>, LogError> = Effect.suspend(() =>
            at > writer.head.seq
              ? Effect.andThen(beyond(at), pull)
              : attempt(page).pipe(
                  Effect.flatMap((events) => {
                    if (!Arr.isReadonlyArrayNonEmpty(events)) return pull
                    at = events[events.length - 1]!.seq + 1
                    return Effect.succeed(events)
                  }),
                ),
          )
          return pull
        }),
      )

    const get = (seq: number): Event => {
      const event = recent.at(seq) ?? reader.get(seq)
      return archives?.restored(event) ?? event
    }
    const hashAt = (seq: number): string => {
      const chunk = reader.chunkOf(seq)
      return chunk.hash(seq - chunk.first)
    }

    const loadCheckpoint = <S>(projection: Projection<S>, at = writer.head.seq) =>
      attempt(() => findCheckpoint(backend, projection, Math.min(at, writer.head.seq), hashAt))

    let erasedTimes = 0
    let lastErasedAt = 0
    const saveCheckpoint = Effect.fnUntraced(function* <S>(
      projection: Projection<S>,
      seq: number,
      state: S,
      options?: { readonly keep?: boolean; readonly erasedTimes?: number },
    ) {
      if (seq === 0) return
      const keep = options?.keep === true
      const before = options?.erasedTimes ?? erasedTimes
      const hash = yield* attempt(() => hashAt(seq))
      const value = yield* Effect.promise(() => encodeCheckpoint(projection.version, seq, hash, state))
      yield* submit([], undefined, (batch) => {
        // what was erased while it was packed, or is still to be folded, may be in it
        if (before === erasedTimes && (keep || seq >= lastErasedAt))
          batch.put(checkpointKey(projection, seq, keep), value)
      })
    })

    const dropInto = (batch: Batch, keys: ReadonlyArray<string>) => {
      for (const key of keys) batch.put(key, null)
    }
    const dropCheckpoints = (from: number, name?: string) =>
      submit([], undefined, (batch) => dropInto(batch, keysFrom(backend, from, name)), true).pipe(
        Effect.asVoid,
      )

    const forgetting = makeForgetting({
      backend,
      reader,
      archives,
      head: () => writer.head,
      permit: erasures,
      attempt,
      alone: (drafts, build) => submit(drafts, undefined, build, true),
      erasing: (batch, from) => {
        erasedTimes++
        lastErasedAt = batch.seq
        dropInto(batch, keysFrom(backend, from))
      },
      taking: () => recent.clear(),
      place,
    })

    const exportLines = (range?: { readonly from?: number; readonly to?: number }) =>
      Stream.fromPull(
        Effect.sync(() => {
          let at = Math.max(range?.from ?? 1, 1)
          const to = Math.min(range?.to ?? writer.head.seq, writer.head.seq)
          return Effect.suspend(
            (): Effect.Effect<Arr.NonEmptyReadonlyArray<string>, LogError | Cause.Done> => {
              if (at > to) return Cause.done()
              return attempt(() => {
                const chunk = reader.chunkOf(at)
                const lines: Array<string> = []
                for (let n = at - chunk.first; n < chunk.count && chunk.first + n <= to; n++)
                  for (const line of entryLines(chunk, n, backend)) lines.push(line)
                at = chunk.last + 1
                return lines as unknown as Arr.NonEmptyReadonlyArray<string>
              })
            },
          )
        }),
      )

    return {
      append: (drafts, appendOptions) =>
        drafts.length === 0 ? Effect.succeed([]) : submit(drafts, appendOptions?.expect),
      head: Effect.sync(() => ({ seq: writer.head.seq, hash: writer.head.hash, at: writer.head.at })),
      get: (seq) => attempt(() => (seq >= 1 && seq <= writer.head.seq ? get(seq) : null)),
      getById: (id) =>
        attempt(() => {
          const seq = reader.seqOfId(id, writer.head.seq)
          return seq === null ? null : get(seq)
        }),
      read,
      tail,
      blob: (hash) => attempt(() => reader.blob(hash)),
      loadCheckpoint,
      saveCheckpoint,
      dropCheckpoints,
      erasedTimes: Effect.sync(() => erasedTimes),
      ...forgetting,
      exportLines,
      tree: makeTree({
        backend,
        head: () => writer.head,
        write: (records) =>
          Effect.asVoid(
            submit([], undefined, (batch) => records.forEach(({ key, value }) => batch.put(key, value))),
          ),
        attempt,
      }),
      verify: Effect.fnUntraced(function* (range) {
        const report = yield* verifyBackend(backend, () => writer.head, range)
        if (archives === undefined || range !== undefined || !report.ok) return report
        const failure = yield* Effect.promise(() => checkArchives(backend, report.head.seq, place))
        return { ...report, ok: failure === null, failure }
      }),
    }
  })
