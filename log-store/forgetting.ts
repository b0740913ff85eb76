/**
 * The store's ways of taking payloads out of the log: erasing them, and moving them to an archive. Each is one
 * transaction with the event that says so.
 * Invariants: one at a time, and none while anything else is written; an erasure stays noted as unsettled, in the same
 * transaction, until somebody says that its traces in other files are gone; archiving leaves every blob that an event
 * elsewhere needs.
 */
import { Effect, type Semaphore } from "effect"
import { draft, type Event, type EventDraft, type PayloadOf } from "../src/domain/event.ts"
import type { ArchiveReader } from "./ArchiveReader.ts"
import type { Backend } from "./Backend.ts"
import { copyFiles } from "./backup.ts"
import type { Batch } from "./Batch.ts"
import { blobSeq, decodeBlob } from "./blob.ts"
import { eraseInto, neededElsewhere } from "./erase.ts"
import { Conflict, type EraseOptions, LogError, type LogStore, Unwritable } from "./LogStore.ts"
import type { Reader } from "./Reader.ts"

const blobPage = 64
export const unsettledRecord = "erasure/unsettled"

export interface ForgettingOptions {
  readonly backend: Backend
  readonly reader: Reader
  readonly archives: ArchiveReader | undefined
  readonly head: () => { readonly seq: number }
  /** One at a time. */
  readonly permit: Semaphore.Semaphore
  readonly attempt: <A>(body: () => A) => Effect.Effect<A, LogError>
  /** Appends alone, with what `build` adds to the batch. */
  readonly alone: (
    drafts: ReadonlyArray<EventDraft>,
    build: (batch: Batch) => void,
  ) => Effect.Effect<ReadonlyArray<Event>, LogError>
  /** Payloads from this seq on, at least, go with this batch. */
  readonly erasing: (batch: Batch, from: number) => void
  /** What is kept in memory of the newest events may hold what goes with this batch. */
  readonly taking: () => void
  readonly place: string
}

type Forgetting = Pick<
  LogStore["Service"],
  "erase" | "unsettled" | "settle" | "archive" | "compact" | "seqsOfBlobs" | "copyTo"
>

const decodeSeqs = (record: Buffer | undefined): ReadonlyArray<number> =>
  record === undefined ? [] : (JSON.parse(record.toString()) as ReadonlyArray<number>)
const ascending = (seqs: Iterable<number>): ReadonlyArray<number> => [...new Set(seqs)].sort((a, b) => a - b)

const mustBeAt = (batch: Batch, seq: number | undefined): void => {
  const found = batch.start.seq
  if (seq !== undefined && found !== seq)
    throw new LogError({ reason: new Conflict({ correlationId: "log", expected: seq, found }) })
}

export const makeForgetting = (options: ForgettingOptions): Forgetting => {
  const { alone, attempt, backend, reader } = options

  const erasable = (seqs: ReadonlyArray<number>) =>
    attempt(() =>
      ascending(seqs).filter((seq) => seq >= 1 && seq <= options.head().seq && reader.isErasable(seq)),
    )

  const erase = (
    seqs: ReadonlyArray<number>,
    reason: string,
    actor: string,
    { archived = [], onlyAt, positions }: EraseOptions = {},
  ) =>
    erasable(seqs).pipe(
      Effect.flatMap((wanted) => {
        const named = ascending([...wanted, ...archived])
        const payload = { seqs: named, reason, ...(positions === undefined ? {} : { positions }) }
        return alone([draft("log.erased", payload, { actor })], (batch) => {
          mustBeAt(batch, onlyAt)
          options.taking()
          eraseInto(batch, backend, reader, wanted)
          if (named.length === 0) return
          options.erasing(batch, named[0]!)
          const before = decodeSeqs(backend.record(unsettledRecord))
          batch.put(unsettledRecord, Buffer.from(JSON.stringify(ascending([...before, ...named]))))
        })
      }),
      Effect.map((events) => events[0]!),
      options.permit.withPermit,
    )

  const archive = (
    seqs: ReadonlyArray<number>,
    payload: PayloadOf<"log.archived">,
    actor: string,
    { onlyAt }: { readonly onlyAt?: number } = {},
  ) =>
    Effect.gen(function* () {
      // before the payloads go and after: in between a reader must not look in vain
      options.archives?.refresh()
      const wanted = yield* erasable(seqs)
      const search = neededElsewhere(reader, wanted)
      // the long way in pieces, and what is appended meanwhile in the transaction itself
      while (yield* attempt(() => search.step(options.head().seq))) yield* Effect.yieldNow
      const events = yield* alone([draft("log.archived", payload, { actor })], (batch) => {
        mustBeAt(batch, onlyAt)
        options.taking()
        while (search.step(batch.start.seq));
        eraseInto(batch, backend, reader, wanted, search.needed)
      })
      options.archives?.refresh()
      return events[0]!
    }).pipe(options.permit.withPermit)

  /** A page of blobs at a time: their contents are read whole. */
  const seqsOfBlobs = (matches: (content: Buffer) => boolean) =>
    Effect.gen(function* () {
      const seqs = new Set<number>()
      let after: string | null = null
      for (;;) {
        const hashes: ReadonlyArray<string> = yield* attempt(() => backend.blobHashes(after, blobPage))
        yield* attempt(() => {
          for (const hash of hashes) {
            const stored = backend.blob(hash)
            const content = stored === undefined ? null : decodeBlob(hash, stored)
            if (content !== null && matches(content)) seqs.add(blobSeq(stored!))
          }
        })
        if (hashes.length < blobPage) return ascending(seqs)
        after = hashes.at(-1)!
        yield* Effect.yieldNow
      }
    })

  const compact = Effect.tryPromise({
    try: () => backend.compact(),
    catch: (error) =>
      new LogError({
        reason: new Unwritable({
          message: `The log in ${options.place} could not be written anew: ${error instanceof Error ? error.message : String(error)}. It is as it was.`,
        }),
      }),
  }).pipe(options.permit.withPermit)

  // nothing may leave the log, or an archive, between the one file and the other
  const copyTo = (to: string) =>
    Effect.tryPromise({
      try: () => copyFiles(options.place, to, backend.copyTo),
      catch: (error) =>
        new LogError({
          reason: new Unwritable({
            message: `The log in ${options.place} could not be copied: ${error instanceof Error ? error.message : String(error)}.`,
          }),
        }),
    }).pipe(options.permit.withPermit)

  return {
    copyTo,
    erase,
    unsettled: attempt(() => decodeSeqs(backend.record(unsettledRecord))),
    settle: Effect.asVoid(alone([], (batch) => batch.put(unsettledRecord, null))).pipe(
      options.permit.withPermit,
    ),
    archive,
    seqsOfBlobs,
    compact,
  }
}
