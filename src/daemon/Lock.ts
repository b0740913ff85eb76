/**
 * One daemon a user. The lock file names pid and start time of its holder, so that a reused pid is not taken for
 * the daemon; it is made by link(2), which only one of several racers wins.
 * Invariants: two never hold it; nobody but its holder removes the lock of a live daemon.
 */
import { Effect, Schema } from "effect"
import { createHash, randomUUID } from "node:crypto"
import { linkSync, lstatSync, mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { type Holder, liveHolder, readText, startTime } from "./lockHolder.ts"

export class LockError extends Schema.TaggedError<LockError>()("LockError", {
  reason: Schema.Literals(["held", "unsafe"]),
  message: Schema.String,
  pid: Schema.NullOr(Schema.Finite),
}) {}

/** Makes a directory of ours, 0700, and refuses one that somebody else could have prepared. */
export const privateDirectory = (path: string): Effect.Effect<void, LockError> =>
  Effect.try({
    try: () => {
      mkdirSync(path, { recursive: true, mode: 0o700 })
      const state = lstatSync(path)
      if (!state.isDirectory()) throw new Error(`${path} is not a directory`)
      if (process.getuid !== undefined && state.uid !== process.getuid()) {
        throw new Error(`${path} belongs to another user`)
      }
      if ((state.mode & 0o077) !== 0) {
        throw new Error(
          `${path} is open to others (mode ${(state.mode & 0o777).toString(8)}): run chmod 700 on it`,
        )
      }
    },
    catch: (error) => new LockError({ reason: "unsafe", message: (error as Error).message, pid: null }),
  })

/**
 * Puts `mine` at `path`; answers who lives and holds it, or null where it is ours now. A dead holder's lock may be
 * replaced only by who holds a second lock that is named after the dead one: so no racer can mistake a fresh lock
 * for the dead one it read before. Who dies half-way leaves a second lock that is taken over in the same way.
 */
const take = (path: string, mine: string): Holder | null => {
  for (;;) {
    try {
      linkSync(mine, path)
      return null
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    }
    const text = readText(path)
    if (text === null) continue
    const holder = liveHolder(text)
    if (holder !== null) return holder
    const second = `${path}.${createHash("sha256").update(text).digest("hex").slice(0, 12)}`
    const rival = take(second, mine)
    if (rival !== null) return rival
    try {
      if (readText(path) !== text) continue
      linkSync(mine, `${mine}.new`)
      renameSync(`${mine}.new`, path)
      return null
    } finally {
      unlinkSync(second)
    }
  }
}

const held = (holder: Holder) =>
  new LockError({
    reason: "held",
    message: `a daemon is running already (pid ${holder.pid}): claw down stops it`,
    pid: holder.pid,
  })

/** Takes the lock for the life of the scope. */
export const acquireLock = (path: string) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        const text = `${process.pid} ${startTime(process.pid) ?? ""}`
        const mine = join(dirname(path), `.lock-${randomUUID()}`)
        try {
          writeFileSync(mine, text, { mode: 0o600 })
          const holder = take(path, mine)
          if (holder !== null) throw held(holder)
          return text
        } finally {
          rmSync(mine, { force: true })
        }
      },
      catch: (error) =>
        error instanceof LockError
          ? error
          : new LockError({
              reason: "unsafe",
              message: `${path} cannot be made: ${(error as Error).message}`,
              pid: null,
            }),
    }),
    (text) =>
      Effect.sync(() => {
        if (readText(path) === text) rmSync(path, { force: true })
      }),
  )
