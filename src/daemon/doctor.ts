/**
 * What can be wrong on this machine, each with its cure. Needs no running daemon; what only the daemon knows
 * (sandbox, gate, sources) comes from `Health`. With `fix`, cures that cannot lose anything are done.
 */
import { Effect } from "effect"
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statfsSync,
} from "node:fs"
import { connect } from "node:net"
import { delimiter, join } from "node:path"
import { checkDirectory } from "../../log-store/directory.ts"
import { LogError } from "../../log-store/LogStore.ts"
import { type DirectoriesShape, type Environment, socketProblem } from "../config/Directories.ts"
import { Keychain } from "../config/Keychain.ts"
import { compromisedListDate } from "../domain/compromised/compromised.ts"
import type { Check } from "../rpc/shapes.ts"
import type { Entry } from "./entry.ts"
import { lockHolder } from "./lockHolder.ts"
import { bad, good, note } from "./checks.ts"
import { signingKeyCheck } from "./proofChecks.ts"

interface Local {
  readonly directories: DirectoriesShape
  readonly entry: Entry
  readonly env: Environment
  readonly fix: boolean
}

/** Inotify watches under which a large tree will have to be polled. */
const fewWatches = 65_536
/** Free space under which a log can be stopped by a full disk soon. */
const littleSpace = 512 * 1024 * 1024

const nodeVersion = ({ entry }: Local): Check => {
  const major = Number(process.versions.node.split(".")[0])
  return major >= 24
    ? good("node", `${process.version} at ${entry.node}`)
    : bad("node", `${process.version} is too old`, "install Node 24 or later")
}

const folder = (name: string, path: string, fix: boolean): Check => {
  if (!existsSync(path)) {
    if (!fix) return note(name, `${path} does not exist yet`, "claw up makes it")
    mkdirSync(path, { recursive: true, mode: 0o700 })
    return good(name, `made ${path}`)
  }
  const state = lstatSync(path)
  if (!state.isDirectory()) return bad(name, `${path} is not a folder`, "move it away")
  if (state.uid !== process.getuid?.())
    return bad(name, `${path} belongs to another user`, "move it away, or set XDG_* to folders of yours")
  if ((state.mode & 0o077) !== 0)
    return bad(name, `${path} is open to others (${(state.mode & 0o777).toString(8)})`, `chmod 700 ${path}`)
  return good(name, `${path}, 0700`)
}

const answers = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const connection = connect(socket, () => {
      connection.destroy()
      resolve(true)
    }).on("error", () => resolve(false))
  })

const daemon = async ({ directories, fix }: Local): Promise<Check> => {
  const problem = socketProblem(directories)
  if (problem !== null) return bad("daemon", problem, "a shorter XDG_RUNTIME_DIR, such as /run/user/1000")
  const holder = lockHolder(directories.lock)
  const up = await answers(directories.socket)
  if (holder !== null && up) return good("daemon", `running, pid ${holder.pid}`)
  if (holder !== null)
    return bad(
      "daemon",
      `pid ${holder.pid} holds the lock but does not answer`,
      `claw down; if that fails: kill ${holder.pid}`,
    )
  if (!existsSync(directories.socket)) return note("daemon", "not running", "claw up")
  if (!fix)
    return bad(
      "daemon",
      `${directories.socket} is left of a daemon that is gone`,
      "claw doctor --fix, or claw up",
    )
  rmSync(directories.socket, { force: true })
  return good("daemon", "removed a dead socket")
}

const logFolder = ({ directories }: Local): Check => {
  if (!existsSync(directories.log)) return note("log", "no log yet", "claw up begins one")
  try {
    checkDirectory(directories.log)
    accessSync(directories.log, constants.W_OK)
    return good("log", `${directories.log} opens; claw audit verify checks every event`)
  } catch (error) {
    if (!(error instanceof LogError))
      return bad("log", (error as Error).message, "make it writable: without its log Claw does not start")
    const isForeign = error.reason._tag === "Foreign"
    return bad(
      "log",
      error.message,
      isForeign
        ? "move that folder away, or set XDG_DATA_HOME to another one: Claw leaves it as it is"
        : "claw up recovers a damaged log from its segments and keeps the damaged files aside",
    )
  }
}

const space = ({ directories }: Local): Check => {
  const at = [directories.data, directories.home].find((path) => existsSync(path)) ?? "/"
  const { bavail, bsize } = statfsSync(at)
  const free = bavail * bsize
  const shown = `${Math.round(free / 1024 / 1024)} MB free at ${at}`
  return free < littleSpace
    ? bad("disk", shown, "free some space: with a full disk Claw stops acting")
    : good("disk", shown)
}

/** Days after which a list of compromised versions misses what matters most. */
const oldList = 30

const compromisedList = (): Check => {
  const days = Math.floor((Date.now() - Date.parse(compromisedListDate)) / 86_400_000)
  const detail = `the list of compromised versions is of ${compromisedListDate} (${days} days old)`
  return days > oldList
    ? note("compromised list", detail, "update claw: nothing is looked up online")
    : good("compromised list", detail)
}

const watches = (): Check => {
  try {
    const limit = Number(readFileSync("/proc/sys/fs/inotify/max_user_watches", "utf8"))
    return limit < fewWatches
      ? bad("inotify", `${limit} watches for this user`, "sudo sysctl fs.inotify.max_user_watches=524288")
      : good("inotify", `${limit} watches for this user`)
  } catch {
    return note("inotify", "this system has no inotify limit to read", null)
  }
}

const program = (name: string, env: Environment, cure: string, needed: boolean): Check => {
  const found = (env["PATH"] ?? "")
    .split(delimiter)
    .map((dir) => join(dir, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
  if (found !== undefined) return good(name, found)
  return needed ? bad(name, "not on PATH", cure) : note(name, "not on PATH", cure)
}

const signingKey = ({ directories, env }: Local): Promise<Check> =>
  Keychain.use(signingKeyCheck).pipe(
    Effect.provide(Keychain.layer({ directory: directories.keys, env })),
    Effect.runPromise,
  )

export const localChecks = (local: Local): Effect.Effect<ReadonlyArray<Check>> =>
  Effect.promise(async () => [
    nodeVersion(local),
    folder("data folder", local.directories.data, local.fix),
    folder("state folder", local.directories.state, local.fix),
    folder("runtime folder", local.directories.runtime, local.fix),
    folder("spool", local.directories.spool, local.fix),
    await daemon(local),
    logFolder(local),
    space(local),
    watches(),
    compromisedList(),
    await signingKey(local),
    program("git", local.env, "install git", true),
    program("bwrap", local.env, "install bubblewrap: without it no command runs in a sandbox", false),
    program("notify-send", local.env, "install libnotify-bin for desktop notifications", false),
  ])
