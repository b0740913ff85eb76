/**
 * Starts one program with an argv, never a shell string, in a process group of its own and ends it whole.
 * Invariants: stdin is a file, a pipe of ours or closed, never a terminal; the environment is exactly what is given; output is bounded; when the effect
 * ends (exit, time-out or interruption) the process and its group are gone, and so is anything of it that left the group.
 */
import { spawn, type ChildProcess } from "node:child_process"
import { readFile, readdir } from "node:fs/promises"
import type { Readable, Writable } from "node:stream"
import { Effect } from "effect"
import { OutputCollector } from "./boundedOutput.ts"
import { codeOf, messageOf } from "./attempt.ts"
import { ToolError } from "./Tool.ts"

/** What may be had of a program while it runs. */
export interface Listening {
  /** Each piece of what it prints, as it comes; it is collected all the same. */
  readonly onOutput?: (chunk: Uint8Array) => void
  /** Its standard input and output belong to the caller, who speaks a protocol with it; only errors are collected. */
  readonly dialogue?: (io: { readonly input: Writable; readonly output: Readable }) => void
  /** How much of the output is kept whole; 8 MiB if absent. */
  readonly keepBytes?: number
}

export interface ProcessSpec extends Listening {
  readonly file: string
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** A descriptor handed on as standard input; closed if absent. */
  readonly stdin?: number
  /** A descriptor handed on as 3. */
  readonly inherit?: number
  /** The program writes `{"child-pid": N}` to descriptor 4: that group is ended first, then the program itself. */
  readonly childPid?: boolean
  /** `NAME=value` in the environment that marks every descendant, also those that left the group. */
  readonly mark?: string
}

export interface ProcessResult {
  readonly exit: number | null
  readonly signal: string | null
  readonly timedOut: boolean
  readonly output: OutputCollector
}

/** Between SIGTERM and SIGKILL after a time-out, and after an interruption (the kill switch is under a second). */
const graceMs = { timeout: 2000, stop: 500 }
/** How long output may still come from strays after the program itself ended. */
const drainMs = 200

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal)
  } catch {
    // it is gone already
  }
}

/** Processes whose environment carries the mark: what daemonised out of the group. */
const marked = async (mark: string): Promise<ReadonlyArray<number>> => {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "")
      return environment.split("\0").includes(mark) ? Number(pid) : null
    }),
  )
  return found.filter((pid) => pid !== null && pid !== process.pid) as Array<number>
}

const killMarked = async (mark: string): Promise<void> => {
  for (const pid of await marked(mark)) {
    try {
      process.kill(pid, "SIGKILL")
    } catch {
      // it ended by itself
    }
  }
}

const start = (spec: ProcessSpec): ChildProcess => {
  const [name = "", value = ""] = (spec.mark ?? "").split("=")
  return spawn(spec.file, [...spec.args], {
    cwd: spec.cwd,
    env: spec.mark === undefined ? { ...spec.env } : { ...spec.env, [name]: value },
    detached: true,
    shell: false,
    stdio: [
      spec.dialogue === undefined ? (spec.stdin ?? "ignore") : "pipe",
      "pipe",
      "pipe",
      spec.inherit ?? "ignore",
      ...(spec.childPid === true ? ["pipe" as const] : []),
    ],
  })
}

const notStarted = (spec: ProcessSpec, error: unknown): ToolError =>
  new ToolError({
    reason: "failed",
    message:
      codeOf(error) === "ENOENT"
        ? `${spec.file} could not be started: no such program, or no such folder ${spec.cwd}`
        : `${spec.file} could not be started: ${messageOf(error)}`,
  })

export const runProcess = (spec: ProcessSpec): Effect.Effect<ProcessResult, ToolError> =>
  Effect.callback<ProcessResult, ToolError>((resume) => {
    const output = new OutputCollector(spec.keepBytes)
    let child: ChildProcess
    try {
      child = start(spec)
    } catch (error) {
      resume(Effect.fail(notStarted(spec, error)))
      return
    }
    let inner: number | null = null
    let timedOut = false
    let ended = false
    let stopping = false
    const timers = new Set<NodeJS.Timeout>()
    const after = (ms: number, run: () => void): void => {
      timers.add(setTimeout(run, ms))
    }
    const gone = Promise.withResolvers<void>()

    const add = (chunk: Uint8Array): void => {
      output.add(chunk)
      spec.onOutput?.(chunk)
    }
    child.stdin?.on("error", () => {})
    child.stdout?.on("error", () => {})
    if (spec.dialogue === undefined) child.stdout?.on("data", add)
    else if (child.stdin !== null && child.stdout !== null)
      spec.dialogue({ input: child.stdin, output: child.stdout })
    child.stderr?.on("data", add).on("error", () => {})
    if (spec.childPid === true) {
      let text = ""
      ;(child.stdio[4] as Readable)
        .on("data", (chunk: Buffer) => {
          text += chunk.toString("latin1")
          const found = /"child-pid": (\d+)/.exec(text)
          if (found !== null) inner = Number(found[1])
        })
        .on("error", () => {})
    }

    const kill = (signal: NodeJS.Signals): void => {
      if (child.pid === undefined) return
      if (signal === "SIGTERM" && inner !== null) return signalGroup(inner, signal)
      signalGroup(child.pid, signal)
    }
    const stop = (grace: number): void => {
      if (stopping || ended) return
      stopping = true
      kill("SIGTERM")
      after(grace, () => kill("SIGKILL"))
    }

    const finish = (exit: number | null, signal: string | null): void => {
      if (ended) return
      ended = true
      for (const timer of timers) clearTimeout(timer)
      if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL")
      child.stdin?.destroy()
      child.stdout?.destroy()
      child.stderr?.destroy()
      const settle = (): void => {
        gone.resolve()
        resume(Effect.succeed({ exit, signal, timedOut, output }))
      }
      if (spec.mark !== undefined && stopping) void killMarked(spec.mark).then(settle, settle)
      else settle()
    }

    child.on("error", (error) => {
      if (child.pid !== undefined || ended) return
      ended = true
      gone.resolve()
      resume(Effect.fail(notStarted(spec, error)))
    })
    child.on("exit", (exit, signal) => after(drainMs, () => finish(exit, signal)))
    child.on("close", finish)
    after(spec.timeoutMs, () => {
      timedOut = true
      stop(graceMs.timeout)
    })
    return Effect.promise(() => {
      stop(graceMs.stop)
      return gone.promise
    })
  })
