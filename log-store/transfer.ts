/**
 * Export of a log as JSON lines or CloudEvents, whole or from where another export ended, and import of the former into an
 * empty directory, or one that holds its beginning. The first line of JSON lines says behind which event it goes on and
 * with which it ends, so that a file that was cut, or belongs to another log, is noticed.
 * Invariant: an imported log has the same seqs, ids and hashes; nothing is taken that does not verify.
 */
import { Effect, Schema, Stream } from "effect"
import type { Cursor } from "../src/domain/cursor.ts"
import { zeroHash } from "./canonical.ts"
import { Chunk } from "./chunk.ts"
import { cloudEvent, cloudSource } from "./cloudEvents.ts"
import { eraseAgain } from "./eraseAgain.ts"
import { LineError, parseLine } from "./jsonl.ts"
import type { LmdbBackend } from "./LmdbBackend.ts"
import { Damaged, Foreign, type Head, LogError, type LogStore, Unwritable } from "./LogStore.ts"
import { openDirectory, type OpenOptions } from "./openDirectory.ts"
import { Restorer } from "./Restorer.ts"

const Place = Schema.Struct({ seq: Schema.Natural, hash: Schema.String })
const ExportHeader = Schema.fromJsonString(
  Schema.Struct({
    export: Schema.Literal("claw.log/1"),
    /** Seq of the last event, and its hash. */
    events: Schema.Natural,
    hash: Schema.String,
    /** What the first event goes on behind; absent where it is the first of all. */
    after: Schema.optionalKey(Place),
  }),
)
const decodeHeader = Schema.decodeUnknownOption(ExportHeader)

/** What the first line of an export says; null where it is none. */
export const exportHeader = (line: string): typeof ExportHeader.Type | null => {
  const found = decodeHeader(line)
  return found._tag === "Some" ? found.value : null
}

export interface ExportRange {
  readonly after?: Cursor | undefined
  /** Last seq; the newest by default. */
  readonly to?: number | undefined
  /** Never ends: what comes to be follows. */
  readonly follow?: boolean | undefined
}

type Store = LogStore["Service"]

/** Why an export cannot go on behind this cursor; null where it can. */
const cursorProblem = Effect.fnUntraced(function* (
  store: Store,
  cursor: Cursor,
): Effect.fn.Return<string | null, LogError> {
  if (cursor.seq === 0) return null
  const { seq } = yield* store.head
  if (cursor.seq > seq)
    return `the cursor stands behind event ${cursor.seq}, and this log ends at ${seq}: it is another log, or its end was cut off`
  const event = yield* store.get(cursor.seq)
  return event?.hash === cursor.hash
    ? null
    : `event ${cursor.seq} is another one than the cursor knows: it is another log, or this one was rewritten`
})

/** Behind what was exported, each stretch of new events as it comes, by `lines`. */
const following = (
  store: Store,
  from: number,
  lines: (from: number, to: number) => Stream.Stream<string, LogError>,
): Stream.Stream<string, LogError> =>
  store.tail(from).pipe(
    Stream.chunks,
    Stream.flatMap((events) => lines(events[0].seq, events.at(-1)!.seq)),
  )

const ranged = (
  store: Store,
  range: ExportRange,
  begin: (end: Cursor) => Stream.Stream<string, LogError>,
  lines: (from: number, to: number) => Stream.Stream<string, LogError>,
): Stream.Stream<string, LogError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const after = range.after
      const problem = after === undefined ? null : yield* cursorProblem(store, after)
      if (problem !== null)
        return yield* new LogError({ reason: new Foreign({ message: `${problem}. Export it anew.` }) })
      const head = yield* store.head
      const from = (after?.seq ?? 0) + 1
      const to = Math.max(Math.min(range.to ?? head.seq, head.seq), from - 1)
      const end = to === head.seq ? head : to === after?.seq ? after : yield* store.get(to)
      const past = Stream.concat(begin({ seq: to, hash: end?.hash ?? zeroHash }), lines(from, to))
      return range.follow === true ? Stream.concat(past, following(store, to + 1, lines)) : past
    }),
  )

/** Lines without their newlines, header first. */
export const exportJsonl = (store: Store, range: ExportRange = {}): Stream.Stream<string, LogError> =>
  ranged(
    store,
    range,
    ({ seq, hash }) => {
      const after = range.after === undefined || range.after.seq === 0 ? {} : { after: range.after }
      return Stream.make(JSON.stringify({ export: "claw.log/1", events: seq, hash, ...after }))
    },
    (from, to) => (from > to ? Stream.empty : store.exportLines({ from, to })),
  )

/** CloudEvents, one a line. */
export const exportCloudEvents = (store: Store, range: ExportRange = {}): Stream.Stream<string, LogError> =>
  Stream.unwrap(
    Effect.map(store.get(1), (first) => {
      // where there is no first event yet, it is the first that follows
      let source = first === null ? null : cloudSource(first.hash)
      return ranged(
        store,
        range,
        () => Stream.empty,
        (from, to) =>
          from > to
            ? Stream.empty
            : store.read({ from, to }).pipe(
                Stream.map((event) => {
                  source ??= cloudSource(event.hash)
                  return JSON.stringify(cloudEvent(event, source))
                }),
              ),
      )
    }),
  )

const refused = (line: number, what: string) =>
  new LogError({
    reason: new Damaged({
      seq: null,
      message: `The import stopped at line ${line}: ${what}. What came before it was imported.`,
    }),
  })

const hashAt = (backend: LmdbBackend, seq: number): string | null => {
  const stored = backend.chunkAt(seq)
  const chunk = stored === undefined ? undefined : new Chunk(stored.bytes)
  return chunk === undefined || chunk.last < seq ? null : chunk.hash(seq - chunk.first)
}

/** Imports lines of `exportJsonl`. Events the log has already are passed over where they are the same. */
export const importJsonl = <E>(
  options: OpenOptions,
  lines: Stream.Stream<string, E>,
): Effect.Effect<Head, LogError | E> =>
  Effect.scoped(
    Effect.gen(function* () {
      const backend = yield* openDirectory(options)
      const restorer = new Restorer(backend)
      const flush = Effect.tryPromise({
        try: () => restorer.flush(),
        catch: (error) =>
          new LogError({
            reason: new Unwritable({
              message: `The import into ${options.dir} stopped: ${error instanceof Error ? error.message : String(error)}.`,
            }),
          }),
      })
      let line = 0
      let promised: typeof ExportHeader.Type | undefined
      const known = restorer.head
      const take = Effect.fnUntraced(function* (text: string) {
        line++
        if (line === 1) {
          const header = exportHeader(text)
          if (header === null) return yield* refused(line, "it is no export of a log")
          promised = header
          const { after } = header
          if (after === undefined) return
          if (after.seq > known.seq)
            return yield* refused(
              line,
              `it goes on behind event ${after.seq}, and the log here ends at ${known.seq}: import what comes before it first`,
            )
          if (hashAt(backend, after.seq) !== after.hash)
            return yield* refused(line, `it goes on behind another event ${after.seq} than the log here has`)
          return
        }
        const fault = yield* Effect.try({
          try: () => {
            const parsed = parseLine(text)
            if (parsed._tag === "event" && parsed.entry.seq <= known.seq) {
              if (hashAt(backend, parsed.entry.seq) !== parsed.entry.hash)
                throw new LineError(`event ${parsed.entry.seq} is another one than the log has`)
              restorer.passOver()
              return
            }
            restorer.add(parsed)
          },
          catch: (error) => refused(line, error instanceof Error ? error.message : String(error)),
        }).pipe(Effect.result)
        if (fault._tag === "Failure") {
          yield* flush
          return yield* fault.failure
        }
        if (restorer.isFull) yield* flush
      })
      yield* Stream.runForEach(lines, take)
      yield* flush
      // what was erased since the log here was exported is in it still
      if (promised?.after !== undefined) yield* Effect.promise(() => eraseAgain(backend))
      const { seq, hash, at } = restorer.head
      if (promised === undefined) return yield* refused(0, "it is empty")
      if (promised.events > seq || (promised.events === seq && promised.hash !== hash))
        return yield* refused(
          line,
          `the file was cut: it promised ${promised.events} events, and ${seq} are there`,
        )
      return { seq, hash, at }
    }),
  )
