/**
 * Restores an exported log where there is none yet. Invariants: the daemon is down, and cannot start meanwhile (its
 * lock is held); a log that has events is never touched; the file is restored into a folder beside and verified whole
 * by a child before it becomes the log, so that a file that is cut or changed leaves nothing behind.
 */
import { Effect, Schema, Stream } from "effect"
import { randomUUID } from "node:crypto"
import { createReadStream, existsSync, readdirSync } from "node:fs"
import { access, rename, rm } from "node:fs/promises"
import { createInterface } from "node:readline"
import { checkDirectory } from "../../log-store/directory.ts"
import { type Head, LogError } from "../../log-store/LogStore.ts"
import { importJsonl } from "../../log-store/transfer.ts"
import { verifyInChild } from "../../log-store/verifier.ts"
import type { DirectoriesShape } from "../config/Directories.ts"
import { type Entry, hidden } from "./entry.ts"
import { acquireLock, type LockError, privateDirectory } from "./Lock.ts"

export class RestoreError extends Schema.TaggedError<RestoreError>()("RestoreError", {
  message: Schema.String,
}) {}

const refuse = (message: string) => new RestoreError({ message })
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const linesOf = (file: string) =>
  Stream.suspend(() => {
    const input = createReadStream(file, "utf8")
    const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
    return Stream.fromAsyncIterable(lines, (error) => refuse(`${file} cannot be read: ${messageOf(error)}`))
  })

/** Succeeds where there is no log, or one without a single event. */
const mustBeEmpty = Effect.fnUntraced(function* (entry: Entry, dir: string) {
  if (!existsSync(dir) || readdirSync(dir).length === 0) return
  yield* Effect.try({ try: () => checkDirectory(dir), catch: (error) => refuse(messageOf(error)) })
  const found = yield* verifyInChild(entry.node, [...entry.args, hidden.verify], dir)
  if (!found.ok || found.events > 0 || existsSync(`${dir}/segments`)) {
    return yield* refuse(
      `there is a log already in ${dir} (${found.events} events): an export is restored only where there is none. Move that folder away first.`,
    )
  }
})

export const restoreLog = (
  entry: Entry,
  directories: DirectoriesShape,
  file: string,
): Effect.Effect<Head, RestoreError | LockError | LogError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const dir = directories.log
      yield* Effect.tryPromise({
        try: () => access(file),
        catch: (error) => refuse(`${file} cannot be read: ${messageOf(error)}`),
      })
      yield* privateDirectory(directories.runtime)
      yield* privateDirectory(directories.data)
      yield* acquireLock(directories.lock)
      yield* mustBeEmpty(entry, dir)
      const beside = yield* Effect.acquireRelease(
        Effect.sync(() => `${dir}.restoring-${randomUUID()}`),
        (path) => Effect.promise(() => rm(path, { recursive: true, force: true })),
      )
      const head = yield* importJsonl({ dir: beside }, linesOf(file)).pipe(
        Effect.mapError((error) => refuse(error.message.replace(/ What came before it was imported\.$/, ""))),
      )
      const found = yield* verifyInChild(entry.node, [...entry.args, hidden.verify], beside)
      if (found.failure !== null || found.head.hash !== head.hash) {
        return yield* refuse(
          `${file} was restored but does not verify: ${found.failure?.message ?? "it has another head"}. Nothing was kept.`,
        )
      }
      yield* Effect.tryPromise({
        try: async () => {
          await rm(dir, { recursive: true, force: true })
          await rename(beside, dir)
        },
        catch: (error) => refuse(`the restored log cannot be put in place at ${dir}: ${messageOf(error)}`),
      })
      return head
    }),
  )
