/**
 * Asks for the output of a command by the means there are: the socket of the `claw shell` it ran in, or the program
 * of the terminal or multiplexer whose pane it ran in. Never runs the command itself.
 * Invariants: an answer comes within `limitMs` or not at all, and is bounded; programs get an argument list and no shell;
 * a socket that is not the user's own is not talked to.
 */
import { Buffer } from "node:buffer"
import { execFile } from "node:child_process"
import { lstatSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { Option, Schema } from "effect"
import type { Environment } from "../../../config/Directories.ts"
import { OutputReply } from "../../../domain/shellMarks.ts"
import { withGap } from "./loggedOutput.ts"
import type { Means } from "./means.ts"
import { paneOutput } from "./paneOutput.ts"
import { plainText } from "./plainText.ts"

export interface AskOptions {
  /** Folder of the sockets of `claw shell`s. */
  readonly shellsDir: string
  readonly env: Environment
  readonly limitMs: number
}

/** Why there was no answer, in words for a person. */
export class Unseen extends Error {}

class Missing extends Unseen {}

const maximumBytes = 4 * 1024 * 1024
/** Lines of a pane's history that are asked for. */
const history = "-5000"
const shellBytes = 1_048_576
const decodeReply = Schema.decodeUnknownOption(Schema.fromJsonString(OutputReply))

const isOwnSocket = (path: string): boolean => {
  try {
    const stat = lstatSync(path)
    return stat.isSocket() && stat.uid === (process.getuid?.() ?? stat.uid)
  } catch {
    return false
  }
}

/** `claw shell`: a request line, a line about the answer, the bytes. Null: it knows nothing of that command. */
const askShell = (means: Extract<Means, { kind: "shell" }>, options: AskOptions): Promise<string | null> => {
  const path = join(options.shellsDir, `${means.id}.sock`)
  if (!isOwnSocket(path)) return Promise.resolve(null)
  return new Promise((resolve, reject) => {
    const chunks: Array<Uint8Array> = []
    let length = 0
    const socket = connect(path)
    const timer = setTimeout(() => socket.destroy(new Unseen("claw shell did not answer")), options.limitMs)
    socket.on("connect", () => socket.write(`${JSON.stringify({ v: 1, command: means.command })}\n`))
    socket.on("data", (chunk: Buffer) => {
      length += chunk.length
      if (length > shellBytes + 1_024) socket.destroy(new Unseen("claw shell answered too much"))
      else chunks.push(chunk)
    })
    socket.on("error", (error) =>
      reject(error instanceof Unseen ? error : new Unseen(`claw shell: ${error.message}`)),
    )
    socket.on("close", () => {
      clearTimeout(timer)
      const answer = Buffer.concat(chunks)
      const end = answer.indexOf("\n")
      if (end < 0) return resolve(null)
      const reply = Option.getOrNull(decodeReply(answer.toString("utf8", 0, end)))
      const bytes = answer.subarray(end + 1)
      if (reply === null || bytes.length !== reply.bytes)
        return reject(new Unseen("claw shell did not answer in full"))
      const [head, tail] = [bytes.toString("utf8", 0, reply.head), bytes.toString("utf8", reply.head)]
      return resolve(
        reply.left === 0 ? plainText(head) : withGap(plainText(head), plainText(tail), reply.left),
      )
    })
  })
}

const passed = [
  "PATH",
  "HOME",
  "USER",
  "LANG",
  "TMPDIR",
  "XDG_RUNTIME_DIR",
  "XDG_CACHE_HOME",
  "XDG_DATA_HOME",
]

const run = (
  program: string,
  words: ReadonlyArray<string>,
  options: AskOptions,
  more: Environment = {},
): Promise<string> => {
  const env = Object.fromEntries(
    passed.flatMap((key) => (options.env[key] === undefined ? [] : [[key, options.env[key]]])),
  )
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      [...words],
      {
        cwd: "/",
        env: { ...env, ...more } as NodeJS.ProcessEnv,
        timeout: options.limitMs,
        killSignal: "SIGKILL",
        maxBuffer: maximumBytes,
        encoding: "utf8",
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout)
        const why =
          error.code === "ENOENT"
            ? "is not on the daemon's PATH"
            : error.killed
              ? "did not answer in time"
              : `said: ${(stderr.trim() || error.message).split("\n")[0]}`
        return reject(new (error.code === "ENOENT" ? Missing : Unseen)(`${program} ${why}`))
      },
    )
    child.stdin?.end()
  })
}

const ownOrRefuse = (program: string, path: string): void => {
  if (!isOwnSocket(path)) throw new Unseen(`${program}: its socket is not there, or not the user's own`)
}

/** The text of the pane; `exact`: nothing but the output of its last command. */
const paneText = async (
  means: Exclude<Means, { kind: "shell" }>,
  options: AskOptions,
): Promise<{ readonly text: string; readonly exact: boolean }> => {
  switch (means.kind) {
    case "tmux":
      ownOrRefuse("tmux", means.socket)
      return {
        text: await run(
          "tmux",
          ["-S", means.socket, "capture-pane", "-p", "-J", "-S", history, "-t", means.pane],
          options,
        ),
        exact: false,
      }
    case "kitty": {
      const { listen, window } = means
      if (listen === null)
        throw new Unseen("kitty does not listen: set allow_remote_control and listen_on in kitty.conf")
      if (!listen.startsWith("unix:@")) ownOrRefuse("kitty", listen.slice("unix:".length))
      const text = (extent: string): Promise<string> => {
        const words = ["@", "--to", listen, "get-text", "--match", `id:${window}`, "--extent", extent]
        // what older kittys answer with takes a second to start
        return run("kitten", words, options).catch((error: unknown) => {
          if (error instanceof Missing) return run("kitty", words, options)
          throw error
        })
      }
      const exact = await text("last_cmd_output")
      // empty also where kitty's shell integration is off
      return exact.trim() === "" ? { text: await text("all"), exact: false } : { text: exact, exact: true }
    }
    case "wezterm": {
      if (means.socket !== null) ownOrRefuse("wezterm", means.socket)
      const words = ["cli", "--no-auto-start", "get-text", "--pane-id", means.pane, "--start-line", history]
      const more = means.socket === null ? {} : { WEZTERM_UNIX_SOCKET: means.socket }
      return { text: await run("wezterm", words, options, more), exact: false }
    }
    case "zellij":
      return {
        text: await run(
          "zellij",
          [
            "--session",
            means.session,
            "action",
            "dump-screen",
            "--full",
            "--pane-id",
            `terminal_${means.pane}`,
          ],
          options,
        ),
        exact: false,
      }
  }
}

/** Null: what was printed cannot be told. Rejects with `Unseen` where the means does not work. */
export const ask = async (means: Means, command: string, options: AskOptions): Promise<string | null> => {
  if (means.kind === "shell") return askShell(means, options)
  const { text, exact } = await paneText(means, options)
  const plain = plainText(text)
  return exact ? plain : paneOutput(plain, command)
}
