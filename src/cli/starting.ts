/**
 * Waiting for a daemon that starts: until its socket answers, as long as it lives and shows that it gets on.
 * Invariant: a daemon that reads a long log anew is waited for however long that takes; one that says nothing is not.
 */
import { type FSWatcher, readFileSync, statSync, watch } from "node:fs"
import { connect } from "node:net"
import { dirname } from "node:path"
import type { DirectoriesShape } from "../config/Directories.ts"
import { lockHolder } from "../daemon/lockHolder.ts"
import { readFoldProgress } from "../domain/foldProgress.ts"

/** How long a starting daemon may take to answer or to say how far it is. */
const silenceLimitMs = 30_000

/** Whether anything takes a connection there. */
export const answers = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const connection = connect(socket)
    connection.once("connect", () => {
      connection.destroy()
      resolve(true)
    })
    connection.once("error", () => resolve(false))
  })

/** Null where the system has no watch left: then looking now and then has to do. */
const watching = (dir: string, look: () => void): FSWatcher | null => {
  try {
    return watch(dir, look)
  } catch {
    return null
  }
}

/** What grew of the daemon's output since; empty where nothing did. */
const grown = (file: string, from: number): string => {
  try {
    return statSync(file).size > from ? readFileSync(file).subarray(from).toString("utf8") : ""
  } catch {
    return ""
  }
}

/**
 * Resolves true when the socket takes a connection, false when no daemon is starting or it was silent for too long.
 * `said` is the size of its output before it was started; `moved` hears how far it has come with a long log.
 */
export const untilAnswers = (
  { socket, lock, daemonOutput }: DirectoriesShape,
  {
    ended,
    said,
    moved,
  }: {
    readonly ended: Promise<void>
    readonly said: number
    readonly moved: (done: number, total: number) => void
  },
): Promise<boolean> =>
  new Promise((resolve) => {
    let settled = false
    let heard = said
    const finish = (value: boolean) => {
      if (settled) return
      settled = true
      watcher?.close()
      clearInterval(poll)
      clearTimeout(limit)
      resolve(value)
    }
    const look = () => {
      void answers(socket).then((up) => {
        if (up) finish(true)
      })
      const more = grown(daemonOutput, heard)
      if (more === "") return
      heard += Buffer.byteLength(more)
      limit.refresh()
      const progress = readFoldProgress(more)
      if (progress !== null) moved(progress.done, progress.total)
    }
    const limit = setTimeout(() => finish(false), silenceLimitMs)
    const watcher = watching(dirname(socket), look)
    const poll = setInterval(look, 100)
    // ours may have lost to one that another client started in the same moment: that one is waited for
    void ended.then(async () => {
      if (lockHolder(lock) === null) finish(await answers(socket))
    })
    look()
  })

/** What a daemon that ended said of it: its own last message, else the error of a crash, else the last line. */
export const lastWords = (output: string): string => {
  const lines = output.trimEnd().split("\n")
  const own = lines.findLast((line) => line.startsWith("claw: "))
  return own?.slice("claw: ".length) ?? lines.findLast((line) => /Error\b/.test(line)) ?? lines.at(-1) ?? ""
}
