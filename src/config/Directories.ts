/**
 * Where Claw keeps its things: the XDG directories and the 0700 runtime directory of socket, spool and token.
 * Pure: from an environment record, so that tests and the daemon agree. The shell hooks compute the same
 * runtime directory (`${XDG_RUNTIME_DIR:-$HOME/.cache}/claw`), which is why it has no other fallback.
 */
import { join } from "node:path"

export interface DirectoriesShape {
  readonly home: string
  readonly config: string
  readonly data: string
  readonly log: string
  readonly state: string
  readonly runtime: string
  readonly spool: string
  readonly socket: string
  /** Sockets of `claw shell`s, where what their commands printed is asked for. */
  readonly shells: string
  readonly lock: string
  /** Proof of being this user's own client on this machine; sent with every answer to a question. */
  readonly token: string
  readonly daemonOutput: string
  /** Secrets that are in no keychain of the system. */
  readonly keys: string
  /** Worktrees of agents: beside Claw's own folders, because agents work in them. */
  readonly worktrees: string
}

export type Environment = Readonly<Record<string, string | undefined>>

const absolute = (value: string | undefined, otherwise: string): string =>
  value !== undefined && value.startsWith("/") ? value : otherwise

export const directories = (env: Environment): DirectoriesShape => {
  const home = absolute(env["HOME"], "/")
  const data = join(absolute(env["XDG_DATA_HOME"], join(home, ".local/share")), "claw")
  const state = join(absolute(env["XDG_STATE_HOME"], join(home, ".local/state")), "claw")
  const runtime = join(absolute(env["XDG_RUNTIME_DIR"], join(home, ".cache")), "claw")
  return {
    home,
    config: join(absolute(env["XDG_CONFIG_HOME"], join(home, ".config")), "claw"),
    data,
    log: join(data, "log"),
    state,
    runtime,
    spool: join(runtime, "spool"),
    socket: join(runtime, "claw.sock"),
    shells: join(runtime, "shells"),
    lock: join(runtime, "claw.lock"),
    token: join(runtime, "token"),
    daemonOutput: join(state, "daemon.log"),
    keys: join(state, "keys"),
    worktrees: `${data}-worktrees`,
  }
}

/** The system's bound on the address of a unix socket, its closing zero counted. */
const socketBytes = 108

/** Why the socket could not be made where it shall be; null where it can. */
export const socketProblem = ({ socket }: DirectoriesShape): string | null => {
  const over = Buffer.byteLength(socket) + 1 - socketBytes
  return over <= 0
    ? null
    : `the socket's path is ${over} bytes too long (${socket}): set XDG_RUNTIME_DIR to a shorter one`
}
