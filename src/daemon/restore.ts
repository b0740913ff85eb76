/**
 * Restores an exported log where there is none yet, goes on with one where an export goes on behind its end, and restores
 * backups. Invariants: the daemon is down, and cannot start meanwhile (its lock is held); a log that has events is never
 * overwritten, but goes on, or is moved aside where that was asked for; what is restored lies in a folder beside and is
 * verified whole by a child before it becomes the log, so that a file that is cut or changed leaves nothing behind.
 */
import { Clock, Effect, Option, Schema, Stream } from "effect"
import { randomUUID } from "node:crypto"
import { createReadStream, existsSync, readdirSync, statSync } from "node:fs"
import { access, open, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { checkBackup, layOut, unpackBackup } from "../../log-store/backup.ts"
import { checkDirectory } from "../../log-store/directory.ts"
import { type Head, LogError } from "../../log-store/LogStore.ts"
import { segmentsDir } from "../../log-store/segments.ts"
import { exportHeader, importJsonl } from "../../log-store/transfer.ts"
import { probeInChild, verifyInChild } from "../../log-store/verifier.ts"
import type { DirectoriesShape } from "../config/Directories.ts"
import { linesOf } from "../domain/lines.ts"
import { type Entry, hidden } from "./entry.ts"
import { acquireLock, type LockError, privateDirectory } from "./Lock.ts"

class RestoreError extends Schema.TaggedError<RestoreError>()("RestoreError", {
  message: Schema.String,
}) {}

const refuse = (message: string) => new RestoreError({ message })
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const linesIn = (file: string) =>
  Stream.suspend(() =>
    Stream.fromAsyncIterable(linesOf(createReadStream(file, "utf8")), (error) =>
      refuse(`${file} cannot be read: ${messageOf(error)}`),
    ),
  )

/** The first line of a file that may be an export. */
const firstLine = (file: string) => linesIn(file).pipe(Stream.runHead, Effect.map(Option.getOrElse(() => "")))

/** Events of the log there is; null where there is none. */
const eventsIn = Effect.fnUntraced(function* (entry: Entry, dir: string) {
  if (!existsSync(dir) || readdirSync(dir).length === 0) return null
  yield* Effect.try({ try: () => checkDirectory(dir), catch: (error) => refuse(messageOf(error)) })
  const found = yield* verifyInChild(entry.node, [...entry.args, hidden.verify], dir)
  return found.ok && found.events === 0 && !existsSync(join(dir, segmentsDir)) ? null : found.events
})

const verified = Effect.fnUntraced(function* (entry: Entry, dir: string, file: string, hash: string) {
  const found = yield* verifyInChild(entry.node, [...entry.args, hidden.verify], dir)
  if (found.failure !== null || found.head.hash !== hash)
    return yield* refuse(
      `${file} was restored but does not verify: ${found.failure?.message ?? "it has another head"}. Nothing was kept.`,
    )
  return found.head
})

/** A folder beside the log's, gone with the scope where it did not become the log. */
const folderBeside = (dir: string) =>
  Effect.acquireRelease(
    Effect.sync(() => `${dir}.restoring-${randomUUID()}`),
    (path) => Effect.promise(() => rm(path, { recursive: true, force: true })),
  )

/** The log that is there is moved aside, where there is one, and never lost. Answers where it is. */
const putInPlace = (beside: string, dir: string, nowMs: number) =>
  Effect.tryPromise({
    try: async () => {
      const isThere = existsSync(dir) && readdirSync(dir).length > 0
      const aside = `${dir}.replaced-${new Date(nowMs).toISOString().replaceAll(":", "-")}`
      if (isThere) await rename(dir, aside)
      else await rm(dir, { recursive: true, force: true })
      await rename(beside, dir)
      const parent = await open(dirname(dir), "r")
      await parent.sync().finally(() => parent.close())
      return isThere ? aside : null
    },
    catch: (error) => refuse(`the restored log cannot be put in place at ${dir}: ${messageOf(error)}`),
  })

/** The daemon is down, and cannot start while this goes on. */
const alone = Effect.fnUntraced(function* (directories: DirectoriesShape, path: string) {
  yield* Effect.tryPromise({
    try: () => access(path),
    catch: (error) => refuse(`${path} cannot be read: ${messageOf(error)}`),
  })
  yield* privateDirectory(directories.runtime)
  yield* privateDirectory(directories.data)
  yield* acquireLock(directories.lock)
})

/** Goes on where the log ends: what does not fit is refused, and what was taken before it is a part of the same log. */
const goOn = Effect.fnUntraced(function* (entry: Entry, dir: string, file: string) {
  yield* Effect.try({ try: () => checkDirectory(dir), catch: (error) => refuse(messageOf(error)) })
  const probe = (log: string) => probeInChild(entry.node, [...entry.args, hidden.verify], log)
  const head = yield* importJsonl({ dir, probe }, linesIn(file)).pipe(
    Effect.mapError((error) => refuse(error.message)),
  )
  yield* verified(entry, dir, file, head.hash)
  return head
})

export const restoreLog = (
  entry: Entry,
  directories: DirectoriesShape,
  file: string,
): Effect.Effect<Head, RestoreError | LockError | LogError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const dir = directories.log
      yield* alone(directories, file)
      const header = exportHeader(yield* firstLine(file))
      if (header?.after !== undefined && existsSync(dir)) return yield* goOn(entry, dir, file)
      const events = yield* eventsIn(entry, dir)
      if (events !== null)
        return yield* refuse(
          `there is a log already in ${dir} (${events} events): an export is restored only where there is none. Move that folder away first.`,
        )
      const beside = yield* folderBeside(dir)
      const head = yield* importJsonl({ dir: beside }, linesIn(file)).pipe(
        Effect.mapError((error) => refuse(error.message.replace(/ What came before it was imported\.$/, ""))),
      )
      yield* verified(entry, beside, file, head.hash)
      yield* putInPlace(beside, dir, yield* Clock.currentTimeMillis)
      return head
    }),
  )

export interface Restored {
  readonly head: Head
  /** Where the log is that was there before; null where there was none. */
  readonly aside: string | null
}

/** Restores a backup. A log that is there is left alone, or, where `force` says so, moved aside. */
export const restoreBackup = (
  entry: Entry,
  directories: DirectoriesShape,
  path: string,
  force: boolean,
): Effect.Effect<Restored, RestoreError | LockError | LogError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const dir = directories.log
      yield* alone(directories, path)
      const isThere = existsSync(dir) && readdirSync(dir).length > 0
      if (isThere && !force) {
        const events = yield* eventsIn(entry, dir)
        if (events !== null)
          return yield* refuse(
            `there is a log already in ${dir} (${events} events): --force moves it aside and restores the backup in its place`,
          )
      }
      const beside = yield* folderBeside(dir)
      const manifest = yield* Effect.tryPromise({
        try: async () => {
          if (!statSync(path).isDirectory()) return unpackBackup(path, beside)
          const found = await checkBackup(path)
          await layOut(path, found, beside)
          return found
        },
        catch: (error) => refuse(`${path} cannot be restored: ${messageOf(error)}`),
      })
      const head = yield* verified(entry, beside, path, manifest.hash)
      const aside = yield* putInPlace(beside, dir, yield* Clock.currentTimeMillis)
      return { head, aside }
    }),
  )
