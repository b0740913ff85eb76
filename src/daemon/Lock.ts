/**
 * One daemon a user. The lock file names pid and start time of its holder, so that a reused pid is not taken for
 * the daemon; it is made by link(2), which only one of several racers wins.
 * Invariant: a client never removes the lock of a live daemon.
 */
import { Effect, Schema } from "effect"
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs"
import { randomUUID } from "node:crypto"
import { dirname, join } from "node:path"

export class LockError extends Schema.TaggedError<LockError>()("LockError", {
  reason: Schema.Literals(["held", "unsafe"]),
  message: Schema.String,
  pid: Schema.NullOr(Schema.Finite),
}) {}

/** Clock ticks since boot at which a process started (field 22 of its stat), or null where there is none. */
export const startTime = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null
  } catch {
    try {
      process.kill(pid, 0)
      return ""
    } catch {
      return null
    }
  }
}

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

export interface Holder {
  readonly pid: number
  readonly start: string
}

/** Who holds the lock, if that process still lives. */
export const lockHolder = (path: string): Holder | null => {
  try {
    const [pid, start] = readFileSync(path, "utf8").split(" ")
    const holder = { pid: Number(pid), start: start ?? "" }
    return startTime(holder.pid) === holder.start ? holder : null
  } catch {
    return null
  }
}

/** Removes a dead holder's lock; puts it back if a racer had already replaced it by a live one. */
const setAside = (path: string): void => {
  const aside = `${path}.${randomUUID()}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  try {
    if (lockHolder(aside) !== null) linkSync(aside, path)
  } finally {
    rmSync(aside, { force: true })
  }
}

/** Takes the lock for the life of the scope. */
export const acquireLock = (path: string) =>
  Effect.acquireRelease(
    Effect.gen(function* () {
      const mine = join(dirname(path), `.lock-${randomUUID()}`)
      writeFileSync(mine, `${process.pid} ${startTime(process.pid) ?? ""}`, { mode: 0o600 })
      try {
        for (let tries = 0; tries < 3; tries++) {
          try {
            linkSync(mine, path)
            return
          } catch {
            const holder = lockHolder(path)
            if (holder !== null) {
              return yield* new LockError({
                reason: "held",
                message: `a daemon is running already (pid ${holder.pid})`,
                pid: holder.pid,
              })
            }
            setAside(path)
          }
        }
        return yield* new LockError({ reason: "held", message: "another daemon is starting", pid: null })
      } finally {
        unlinkSync(mine)
      }
    }),
    () => Effect.sync(() => rmSync(path, { force: true })),
  )
