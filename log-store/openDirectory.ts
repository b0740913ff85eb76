/**
 * Opens a log's directory for writing: makes or checks it, lets a child process probe a log that exists (a damaged
 * file can kill whoever maps it), takes the writer's lock, checks the format.
 * Invariants: one writer a directory; a log of a newer format and a directory of others are left untouched;
 * nothing is opened in this process that a child did not survive opening, where a probe is given.
 */
import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { Effect, type Scope } from "effect"
import { emptyCommit } from "./Backend.ts"
import { removeLeftovers } from "./compact.ts"
import { newerFormat, prepareDirectory } from "./directory.ts"
import { dataFile, type LmdbBackend, lmdbBackend } from "./LmdbBackend.ts"
import { Damaged, LogError, Unwritable } from "./LogStore.ts"
import { formatRecord, logFormat } from "./records.ts"
import { listSegments } from "./segments.ts"
import { takeWriterLock } from "./writerLock.ts"

export interface OpenOptions {
  readonly dir: string
  /** Largest size of the data file in bytes; address space only. */
  readonly mapSize?: number
  /** Run before the file is opened, if there is one: see `probeInChild`. */
  readonly probe?: (dir: string) => Effect.Effect<unknown, LogError>
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const damaged = (message: string) => new LogError({ reason: new Damaged({ seq: null, message }) })
const unwritable = (message: string) => new LogError({ reason: new Unwritable({ message }) })

const openBackend = (options: OpenOptions): LmdbBackend => {
  try {
    return lmdbBackend(options)
  } catch (error) {
    const message = `The log in ${options.dir} cannot be opened: ${messageOf(error)}.`
    throw /no space|read-only|permission|denied|in use|ENOSPC|EROFS|input\/output/i.test(message)
      ? unwritable(message)
      : damaged(`${message} It can be recovered from its segments.`)
  }
}

/** The record that says what a log is. */
export const formatValue = (): Buffer => Buffer.from(JSON.stringify({ program: "claw", format: logFormat }))

/** Fails where the stored format is not ours; writes it into a new log. */
const checkFormat = async (dir: string, backend: LmdbBackend): Promise<void> => {
  const stored = backend.record(formatRecord)
  if (stored === undefined)
    return backend.commit({ ...emptyCommit, records: [{ key: formatRecord, value: formatValue() }] })
  let format: unknown
  try {
    format = (JSON.parse(stored.toString()) as { readonly format?: unknown }).format
  } catch {
    format = undefined
  }
  if (typeof format !== "number") throw damaged(`The log in ${dir} has no readable format record.`)
  if (format > logFormat) throw newerFormat(dir, format)
}

export const openDirectory = (options: OpenOptions): Effect.Effect<LmdbBackend, LogError, Scope.Scope> =>
  Effect.gen(function* () {
    const { dir } = options
    const fail = (error: unknown) =>
      error instanceof LogError
        ? error
        : unwritable(`The log in ${dir} cannot be opened: ${messageOf(error)}.`)
    yield* Effect.try({ try: () => prepareDirectory(dir), catch: fail })
    if (existsSync(join(dir, dataFile))) {
      if (options.probe !== undefined) yield* options.probe(dir)
    } else if ((yield* Effect.promise(() => listSegments(dir))).length > 0)
      return yield* damaged(
        `${join(dir, dataFile)} is gone, but the log's segments are there. It can be recovered from them.`,
      )
    const backend = yield* Effect.acquireRelease(
      Effect.try({ try: () => openBackend(options), catch: fail }),
      (opened) => Effect.promise(() => opened.close()),
    )
    yield* Effect.acquireRelease(
      Effect.try({
        try: () => {
          const lock = takeWriterLock(dir, backend.exclusively, process.pid, randomUUID())
          if (lock._tag === "held")
            throw unwritable(
              `The log in ${dir} is being written by process ${lock.pid}. Only one may: stop that one first ("claw down").`,
            )
          return lock
        },
        catch: fail,
      }),
      (lock) => Effect.sync(lock.release),
    )
    yield* Effect.try({ try: () => removeLeftovers(join(dir, dataFile)), catch: fail })
    yield* Effect.tryPromise({ try: () => checkFormat(dir, backend), catch: fail })
    return backend
  })
