/**
 * Backups of the log: taken while the daemon writes, or while none runs, and verified whole by a child before they get their
 * name. Invariants: a backup is complete or not there; nothing that exists is written over; what was put in its place is
 * on the disk.
 */
import { Effect, Schema } from "effect"
import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, open, rename, rm } from "node:fs/promises"
import { dirname, isAbsolute } from "node:path"
import { bytesOf, copyFiles, packBackup, packedSuffix, sealBackup } from "../../log-store/backup.ts"
import { lmdbBackend } from "../../log-store/LmdbBackend.ts"
import type { LogError } from "../../log-store/LogStore.ts"
import { probeInChild, verifyInChild } from "../../log-store/verifier.ts"
import type { DirectoriesShape } from "../config/Directories.ts"
import type { BackupReport } from "../rpc/keepingShapes.ts"
import { type Entry, hidden } from "./entry.ts"
import { acquireLock, type LockError, privateDirectory } from "./Lock.ts"

class BackupRefused extends Schema.TaggedError<BackupRefused>()("BackupRefused", {
  message: Schema.String,
}) {}

const refuse = (message: string) => new BackupRefused({ message })
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, "r")
  await folder.sync().finally(() => folder.close())
}

/** `copy` puts a copy of the log into a new folder. */
export const takeBackup = (
  entry: Entry,
  logDir: string,
  path: string,
  copy: (dir: string) => Effect.Effect<void, LogError | BackupRefused>,
): Effect.Effect<BackupReport, LogError | BackupRefused> =>
  Effect.scoped(
    Effect.gen(function* () {
      if (!isAbsolute(path)) return yield* refuse(`${path}: give the whole path`)
      if (path === logDir || path.startsWith(`${logDir}/`))
        return yield* refuse(`${path} lies inside the log: choose another place`)
      if (existsSync(path))
        return yield* refuse(`${path} is there already: a backup never overwrites anything`)
      const attempt = <A>(body: () => Promise<A>) =>
        Effect.tryPromise({ try: body, catch: (error) => refuse(`${path}: ${messageOf(error)}`) })
      const beside = `${path}.part-${randomUUID()}`
      const remove = () => rm(beside, { recursive: true, force: true })
      yield* attempt(() => mkdir(beside, { mode: 0o700 }))
      yield* Effect.addFinalizer(() => Effect.promise(remove))
      yield* copy(beside)
      const found = yield* verifyInChild(entry.node, [...entry.args, hidden.verify], beside)
      if (found.failure !== null)
        return yield* refuse(`the copy does not verify (${found.failure.message}); nothing was kept`)
      yield* attempt(() => rm(`${beside}/log.mdb-lock`, { force: true }))
      const manifest = yield* attempt(() => sealBackup(beside, found.head))
      yield* attempt(async () => {
        if (path.endsWith(packedSuffix)) {
          const packed = `${beside}/packed`
          await packBackup(beside, manifest, packed)
          await rename(packed, path)
        } else await rename(beside, path)
        await syncFolder(dirname(path))
      })
      const bytes = yield* attempt(() => bytesOf(path))
      const { seq, hash } = found.head
      return { v: 1 as const, path, seq, hash, events: found.events, bytes }
    }),
  )

/** Where no daemon runs, and none can start meanwhile. */
export const offlineBackup = (
  entry: Entry,
  directories: DirectoriesShape,
  path: string,
): Effect.Effect<BackupReport, LogError | BackupRefused | LockError> =>
  Effect.scoped(
    Effect.gen(function* () {
      yield* privateDirectory(directories.runtime)
      yield* acquireLock(directories.lock)
      if (!existsSync(directories.log)) return yield* refuse(`there is no log in ${directories.log} yet`)
      yield* probeInChild(entry.node, [...entry.args, hidden.verify], directories.log)
      return yield* takeBackup(entry, directories.log, path, (dir) =>
        Effect.tryPromise({
          try: async () => {
            const backend = lmdbBackend({ dir: directories.log, readOnly: true })
            await copyFiles(directories.log, dir, backend.copyTo).finally(() => backend.close())
          },
          catch: (error) => refuse(`the log cannot be copied: ${messageOf(error)}`),
        }),
      )
    }),
  )
