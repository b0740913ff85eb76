/**
 * The log on disk. Opening makes or checks the directory, lets a child process probe a log that exists (a damaged
 * file can kill whoever maps it), takes the writer's lock, and checks the format.
 * Invariants: one writer a directory; a log of a newer format and a directory of others are left untouched;
 * nothing is opened in this process that a child did not survive opening, where a probe is given.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { randomUUID } from "node:crypto"
import { Effect, Layer } from "effect"
import { newerFormat, prepareDirectory } from "./directory.ts"
import { dataFile, type LmdbBackend, lmdbBackend } from "./LmdbBackend.ts"
import { Damaged, LogError, LogStore, Unwritable } from "./LogStore.ts"
import { makeStore } from "./makeStore.ts"
import { formatRecord, logFormat } from "./records.ts"
import { upcaster, type Upcasts, upcasts } from "./upcasts.ts"
import { takeWriterLock } from "./writerLock.ts"

export interface LmdbLogStoreOptions {
  readonly dir: string
  /** Largest size of the data file in bytes; address space only. */
  readonly mapSize?: number
  /** The table of payload upcasts; the program's own by default. */
  readonly upcasts?: Upcasts
  /** Run before the file is opened, if there is one: see `probeInChild`. */
  readonly probe?: (dir: string) => Effect.Effect<void, LogError>
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const openBackend = (options: LmdbLogStoreOptions): LmdbBackend => {
  try {
    return lmdbBackend(options)
  } catch (error) {
    const message = messageOf(error)
    const reason = /no space|read-only|permission|denied|EACCES|ENOSPC|EROFS/i.test(message)
      ? new Unwritable({ message: `The log in ${options.dir} cannot be opened: ${message}.` })
      : new Damaged({
          seq: null,
          message: `The log in ${options.dir} cannot be opened: ${message}. A restart recovers it from its segments.`,
        })
    throw new LogError({ reason })
  }
}

/** Throws `LogError` where the stored format is not ours; writes it into a new log. */
const checkFormat = async (dir: string, backend: LmdbBackend): Promise<void> => {
  const stored = backend.record(formatRecord)
  if (stored === undefined) {
    const value = Buffer.from(JSON.stringify({ program: "claw", format: logFormat }))
    return backend.commit({ chunks: [], terms: [], blobs: [], records: [{ key: formatRecord, value }] })
  }
  let format: unknown
  try {
    format = (JSON.parse(stored.toString()) as { readonly format?: unknown }).format
  } catch {
    format = undefined
  }
  if (typeof format !== "number")
    throw new LogError({
      reason: new Damaged({ seq: null, message: `The log in ${dir} has no readable format record.` }),
    })
  if (format > logFormat) throw newerFormat(dir, format)
}

const asLogError = (dir: string) => (error: unknown) =>
  error instanceof LogError
    ? error
    : new LogError({
        reason: new Unwritable({ message: `The log in ${dir} cannot be opened: ${messageOf(error)}.` }),
      })

const open = (options: LmdbLogStoreOptions) =>
  Effect.gen(function* () {
    const { dir } = options
    const fail = asLogError(dir)
    yield* Effect.try({ try: () => prepareDirectory(dir), catch: fail })
    if (options.probe !== undefined && existsSync(join(dir, dataFile))) yield* options.probe(dir)
    const backend = yield* Effect.acquireRelease(
      Effect.try({ try: () => openBackend(options), catch: fail }),
      (opened) => Effect.promise(() => opened.close()),
    )
    yield* Effect.acquireRelease(
      Effect.try({
        try: () => {
          const lock = takeWriterLock(dir, backend.exclusively, process.pid, randomUUID())
          if (lock._tag === "held")
            throw new LogError({
              reason: new Unwritable({
                message: `The log in ${dir} is being written by process ${lock.pid}. Only one may: stop that one first ("claw down").`,
              }),
            })
          return lock
        },
        catch: fail,
      }),
      (lock) => Effect.sync(lock.release),
    )
    yield* Effect.tryPromise({ try: () => checkFormat(dir, backend), catch: fail })
    return yield* makeStore({ backend, upcast: upcaster(options.upcasts ?? upcasts), place: dir })
  })

export const LmdbLogStore = {
  layer: (options: LmdbLogStoreOptions): Layer.Layer<LogStore, LogError> =>
    Layer.effect(LogStore, open(options)),
}
