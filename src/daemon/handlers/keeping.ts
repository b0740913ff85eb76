/**
 * Calls about the log as a whole: what would be erased, erasing it, compaction. Invariant: what takes something away
 * for good, or writes a file, needs the token of this daemon's runtime directory; looking and compacting need none.
 */
import { Array as Arr, Effect, Stream } from "effect"
import { type LogError, LogStore } from "../../../log-store/LogStore.ts"
import { exportCloudEvents, exportJsonl } from "../../../log-store/transfer.ts"
import { decodeCursor } from "../../domain/cursor.ts"
import { redactSecrets } from "../../domain/secrets/findSecrets.ts"
import { BadInput, KeepingRpcs, type LogQuery, Stale, Unavailable } from "../../rpc/ClawRpcs.ts"
import type { CompactReport } from "../../rpc/keepingShapes.ts"
import { takeBackup } from "../backup.ts"
import type { Entry } from "../entry.ts"
import { eventRecord } from "../eventRecord.ts"
import { type Compacted, Forgetting } from "../Forgetting.ts"
import { Token } from "../Token.ts"
import { storeQuery } from "./logQuery.ts"

const unavailable = (error: LogError) => new Unavailable({ message: error.message })

const compactReport = ({ before, after }: Compacted): CompactReport => ({
  v: 1,
  before,
  after,
  saved: Math.max(before - after, 0),
})

/** Events in one message of an export, and characters from which on it is sent; one line more can be a whole blob. */
const exportLines = 512
const exportChunk = 1024 * 1024

/** Filled in place: a copy for each line would cost as much as the line. */
interface Parcel {
  readonly lines: Array<string>
  size: number
}
const emptyParcel = (): Parcel => ({ lines: [], size: 0 })
const fillParcel = (
  parcel: Parcel,
  line: string,
): readonly [Parcel, ReadonlyArray<ReadonlyArray<string>>] => {
  parcel.lines.push(line)
  parcel.size += line.length
  return parcel.size < exportChunk && parcel.lines.length < exportLines
    ? [parcel, []]
    : [emptyParcel(), [parcel.lines]]
}

const exportError = (error: LogError) =>
  error.reason._tag === "Foreign" ? new BadInput({ message: error.message }) : unavailable(error)

/** Conditions of which one at least must be there: an erasure never means the whole log by leaving them out. */
const conditions: ReadonlyArray<keyof LogQuery> = [
  ...(["from", "to", "since", "until", "types", "workspace", "causationId", "correlationId"] as const),
  ...(["grep", "paths", "command", "exit", "actors", "cause"] as const),
]

export const keepingHandlers = (options: { readonly entry: Entry; readonly logDir: string }) =>
  KeepingRpcs.toLayer(
    Effect.gen(function* () {
      const store = yield* LogStore
      const forgetting = yield* Forgetting
      const { person } = yield* Token

      const asked = Effect.fnUntraced(function* (query: LogQuery, seqs: ReadonlyArray<number> | null) {
        if (seqs === null && !conditions.some((name) => query[name] !== undefined))
          return yield* new BadInput({ message: "say what to erase: nothing was asked for" })
        if (query.grep === "") return yield* new BadInput({ message: "the text to look for is empty" })
        const { limit: _, reverse: __, ...rest } = yield* storeQuery(store, query)
        return { query: rest, seqs }
      })

      return KeepingRpcs.of({
        FindErasable: Effect.fnUntraced(function* ({ query, seqs }) {
          const what = yield* asked(query, seqs)
          const found = yield* Effect.mapError(forgetting.find(what), unavailable)
          return {
            v: 1 as const,
            events: found.inLog.length + found.inArchives.length,
            archived: found.inArchives.length,
            kept: found.kept,
            first: found.first.map(eventRecord),
            upTo: found.upTo,
            digest: found.digest,
            notes: yield* forgetting.notes,
          }
        }),
        Erase: Effect.fnUntraced(function* (ask) {
          yield* person(ask)
          const what = yield* asked(ask.query, ask.seqs)
          const needle = ask.query.grep ?? null
          if (ask.reason.trim() === "") return yield* new BadInput({ message: "an erasure needs a reason" })
          if (needle !== null && ask.reason.toLowerCase().includes(needle.toLowerCase()))
            return yield* new BadInput({
              message: "the reason would keep the very text that is to be erased",
            })
          const found = yield* Effect.mapError(forgetting.find(what, ask.upTo), unavailable)
          if (found.digest !== ask.digest)
            return yield* new Stale({ message: "other events match than were shown: look at them again" })
          const notes = yield* forgetting.notes
          const records = yield* forgetting
            .erase(found, redactSecrets(ask.reason), `user:${ask.surface}`, needle)
            .pipe(Effect.mapError(unavailable))
          const compacted = yield* Effect.mapError(forgetting.finish, unavailable)
          return {
            v: 1 as const,
            events: found.inLog.length + found.inArchives.length,
            records,
            compacted: compactReport(compacted ?? { before: 0, after: 0 }),
            notes,
          }
        }),
        Backup: Effect.fnUntraced(function* (ask) {
          yield* person(ask)
          const taken = takeBackup(options.entry, options.logDir, ask.path, store.copyTo)
          return yield* Effect.mapError(taken, (error) =>
            error._tag === "BackupRefused" ? new BadInput({ message: error.message }) : unavailable(error),
          )
        }),
        Export: ({ after, follow, format, to }) =>
          Stream.unwrap(
            Effect.gen(function* () {
              const cursor = after === null ? undefined : decodeCursor(after)
              if (cursor === null)
                return yield* new BadInput({ message: `${JSON.stringify(after)} is no cursor of an export` })
              const range = { after: cursor, to: to ?? undefined, follow }
              const lines = format === "jsonl" ? exportJsonl(store, range) : exportCloudEvents(store, range)
              // who follows does not wait for a message to be full
              const sent = follow
                ? lines.pipe(Stream.chunks, Stream.map(Arr.chunksOf(exportLines)), Stream.flattenIterable)
                : Stream.mapAccum(lines, emptyParcel, fillParcel, { onHalt: ({ lines }) => [lines] })
              return Stream.mapError(sent, exportError)
            }),
          ),
        Compact: () =>
          Effect.mapBoth(forgetting.compact, { onSuccess: compactReport, onFailure: unavailable }),
      })
    }),
  )
