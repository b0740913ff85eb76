/**
 * A shell on a pseudo-terminal inside this one: every byte goes through, both ways, at once; what commands print is
 * also held in memory. Signals are the inner terminal's affair: keys go through as they are, sizes are handed on, and
 * where this terminal hangs up, so does that one.
 * Invariants: the terminal is given back as it was found, whatever ends the shell; nothing here waits for the daemon.
 */
import { Buffer } from "node:buffer"
import { execFileSync } from "node:child_process"
import { constants } from "node:os"
import type { IPty } from "@lydell/node-pty"
import type { Environment } from "../../config/Directories.ts"
import type { CommandOutputs } from "./CommandOutputs.ts"
import { isMark, MarkFilter, type Piece } from "./MarkFilter.ts"
import type { OwnShell } from "./ownShell.ts"

type Spawn = typeof import("@lydell/node-pty").spawn

export interface ProxyOptions {
  readonly spawn: Spawn
  readonly shell: OwnShell
  readonly cwd: string
  readonly nonce: string
  readonly outputs: CommandOutputs
}

/** The most a byte waits that could be the beginning of a mark. */
const heldMs = 4
/** So long a shell has to end by itself when its terminal hangs up. */
const hangUpMs = 3_000

/** The mode of a terminal, in the words of `stty`; Node's own raw mode goes on changing what is printed. */
const stty = (...words: ReadonlyArray<string>): string =>
  execFileSync("stty", [...words], { stdio: ["inherit", "pipe", "ignore"], encoding: "utf8" }).trim()

const given = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )

const size = (): { readonly cols: number; readonly rows: number } => ({
  cols: process.stdout.columns || 80,
  rows: process.stdout.rows || 24,
})

/** Output through the filter, to the screen and into memory; resolves what is held back when nothing follows. */
const outward = (pty: IPty, { nonce, outputs }: ProxyOptions): { readonly rest: () => void } => {
  const filter = new MarkFilter(nonce)
  const show = (bytes: Uint8Array): void => {
    outputs.write(bytes)
    if (process.stdout.write(bytes) || process.stdout.listenerCount("drain") > 0) return
    pty.pause()
    process.stdout.once("drain", () => pty.resume())
  }
  const take = (piece: Piece): void => (isMark(piece) ? outputs.mark(piece) : show(piece))
  let timer: NodeJS.Timeout | null = null
  const rest = (): void => {
    timer = null
    if (filter.holds) show(filter.flush())
  }
  // without an encoding the library hands on bytes, whatever its types say
  pty.onData((data) => {
    if (timer !== null) clearTimeout(timer)
    for (const piece of filter.push(Buffer.from(data))) take(piece)
    timer = filter.holds ? setTimeout(rest, heldMs) : null
  })
  return { rest }
}

/** Runs until the shell ends; its exit code, or 128 and the signal that ended it. */
export const runProxy = async (options: ProxyOptions): Promise<number> => {
  const { shell } = options
  const before = stty("-g")
  const restore = (): void => {
    try {
      stty(before)
    } catch {
      // the terminal is gone
    }
  }
  const raw = (): void => void stty("raw", "-echo")
  const pty = options.spawn(shell.file, [...shell.args], {
    ...size(),
    name: shell.env["TERM"] ?? "xterm-256color",
    cwd: options.cwd,
    env: given(shell.env),
    encoding: null,
  })
  process.once("exit", restore)
  raw()
  const { rest } = outward(pty, options)
  // the library takes bytes too, whatever its types say
  const type = (keys: Buffer): void => pty.write(keys as unknown as string)
  const resize = (): void => {
    const { cols, rows } = size()
    pty.resize(cols, rows)
  }
  let forced: NodeJS.Timeout | null = null
  const hangUp = (): void => {
    pty.kill("SIGHUP")
    // no shell outlives its terminal, also one that heard the word while it could not act on it
    forced ??= setTimeout(() => pty.kill("SIGKILL"), hangUpMs)
  }
  const again = (): void => {
    raw()
    resize()
  }
  process.stdin.on("data", type)
  process.stdin.on("end", hangUp)
  process.stdin.on("error", hangUp)
  process.stdout.on("resize", resize)
  process.on("SIGHUP", hangUp)
  process.on("SIGTERM", hangUp)
  process.on("SIGCONT", again)
  const ended = await new Promise<{ readonly exitCode: number; readonly signal?: number | undefined }>(
    (resolve) => pty.onExit(resolve),
  )
  if (forced !== null) clearTimeout(forced)
  rest()
  process.stdin.off("data", type)
  process.stdin.pause()
  process.off("exit", restore)
  restore()
  const signal = ended.signal ?? 0
  return signal > 0 && signal <= Math.max(...Object.values(constants.signals)) ? 128 + signal : ended.exitCode
}
