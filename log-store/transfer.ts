/**
 * Export of a log as JSON lines and import into an empty directory (or one that holds its beginning).
 * The first line says how many events follow and with which hash they end, so that a file that was cut is noticed.
 * Invariant: an imported log has the same seqs, ids and hashes; nothing is taken that does not verify.
 */
import { Effect, Schema, Stream } from "effect"
import { LineError, parseLine } from "./jsonl.ts"
import { Damaged, type Head, LogError, type LogStore, Unwritable } from "./LogStore.ts"
import { openDirectory, type OpenOptions } from "./openDirectory.ts"
import { Restorer } from "./Restorer.ts"

const ExportHeader = Schema.fromJsonString(
  Schema.Struct({ export: Schema.Literal("claw.log/1"), events: Schema.Natural, hash: Schema.String }),
)
const decodeHeader = Schema.decodeUnknownOption(ExportHeader)

/** Lines without their newlines, header first. */
export const exportJsonl = (store: LogStore["Service"]): Stream.Stream<string, LogError> =>
  Stream.unwrap(
    Effect.map(store.head, (head) =>
      Stream.concat(
        Stream.make(`{"export":"claw.log/1","events":${head.seq},"hash":"${head.hash}"}`),
        store.exportLines({ to: head.seq }),
      ),
    ),
  )

const refused = (line: number, what: string) =>
  new LogError({
    reason: new Damaged({
      seq: null,
      message: `The import stopped at line ${line}: ${what}. What came before it was imported.`,
    }),
  })

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
          const header = decodeHeader(text)
          if (header._tag === "None") return yield* refused(line, "it is no export of a log")
          promised = header.value
          return
        }
        const fault = yield* Effect.try({
          try: () => {
            const parsed = parseLine(text)
            if (parsed._tag === "event" && parsed.entry.seq <= known.seq) {
              if (parsed.entry.seq === known.seq && parsed.entry.hash !== known.hash)
                throw new LineError(`event ${known.seq} is another one than the log has`)
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
