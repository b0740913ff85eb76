/**
 * Starts one program with an argv, never a shell string, in a process group of its own and ends it whole.
 * Invariants: stdin is a file, a pipe of ours or closed, never a terminal; the environment is exactly what is given; output is bounded; when the effect
 * ends (exit, time-out or interruption) the process and its group are gone, and so is anything of it that left the group.
 */
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process"
import { readFileSync } from "node:fs"
import { readFile, readdir } from "node:fs/promises"
import type { Readable, Writable } from "node:stream"
import { Effect } from "effect"
import { OutputCollector } from "./boundedOutput.ts"
import { codeOf, messageOf } from "./attempt.ts"
import type { Look } from "./sandboxWatch.ts"
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
  /** A channel for messages is descriptor 5. */
  readonly channel?: boolean
  /** Descriptors that this process passes on unasked; the program gets `/dev/null` in their place. */
  readonly shut?: { readonly descriptors: ReadonlyArray<number>; readonly with: number }
  readonly started?: (child: ChildProcess) => void
  /** Called with the first process inside, which waits on descriptor 6 until this has ended. Never fails. */
  readonly placed?: (root: number) => Promise<void>
  /** Asked again and again about the first process inside; what it names as gone too far ends everything at once. */
  readonly watch?: (root: number) => Look
}

export interface ProcessResult {
  readonly exit: number | null
  readonly signal: string | null
  readonly timedOut: boolean
  /** What went too far, where it was ended for that. */
  readonly breach: string | null
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

/** How long is waited for a namespace to die, and between two looks at it. */
const dying = { mostMs: 5000, everyMs: 1 }

const isGone = (pid: number): boolean => {
  try {
    // the first process of a namespace is a zombie only once all the others are gone
    return /^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, "latin1"))
  } catch {
    return true
  }
}

/** When the namespace of which this is the first process has no process left. */
const namespaceGone = (pid: number | null, done: () => void, waitedMs = 0): void => {
  if (pid === null || waitedMs > dying.mostMs || isGone(pid)) return done()
  setTimeout(() => namespaceGone(pid, done, waitedMs + dying.everyMs), dying.everyMs)
}

/** Between the start of a program and the first look at it: most have ended by then. */
const firstLookMs = 25

type Descriptor = Exclude<StdioOptions, string>[number]

const descriptorsOf = (spec: ProcessSpec): Array<Descriptor> => {
  const own: ReadonlyArray<Descriptor> = [
    spec.dialogue === undefined ? (spec.stdin ?? "ignore") : "pipe",
    "pipe",
    "pipe",
    spec.inherit ?? "ignore",
    spec.childPid === true ? "pipe" : "ignore",
    spec.channel === true ? "ipc" : "ignore",
    spec.placed === undefined ? "ignore" : "pipe",
  ]
  const { descriptors = [], with: nothing = null } = spec.shut ?? {}
  // an ignored descriptor above 2 is not closed: it stays what it is
  return Array.from({ length: Math.max(own.length, ...descriptors.map((fd) => fd + 1)) }, (_, fd) => {
    const kept = own[fd] ?? "ignore"
    return kept === "ignore" && descriptors.includes(fd) ? nothing : kept
  })
}

const start = (spec: ProcessSpec): ChildProcess => {
  const [name = "", value = ""] = (spec.mark ?? "").split("=")
  return spawn(spec.file, [...spec.args], {
    cwd: spec.cwd,
    env: spec.mark === undefined ? { ...spec.env } : { ...spec.env, [name]: value },
    detached: true,
    shell: false,
    stdio: descriptorsOf(spec),
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
    let breach: string | null = null
    let ended = false
    let stopping = false
    const timers = new Set<NodeJS.Timeout>()
    const after = (ms: number, run: () => void): void => {
      timers.add(setTimeout(run, ms))
    }
    const gone = Promise.withResolvers<void>()

    spec.started?.(child)
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
          if (found === null || inner !== null) return
          inner = Number(found[1])
          if (spec.placed !== undefined) {
            const pipes: ReadonlyArray<unknown> = child.stdio
            const waiting = (pipes[6] as Writable).on("error", () => {})
            void spec.placed(inner).then(() => waiting.end("x"))
          }
          if (spec.watch !== undefined) after(firstLookMs, look)
        })
        .on("error", () => {})
    }

    const look = (): void => {
      if (ended || stopping || inner === null || spec.watch === undefined) return
      const seen = spec.watch(inner)
      if (seen.breach === null) return after(seen.nextMs, look)
      breach = seen.breach
      stopping = true
      kill("SIGKILL")
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
        resume(Effect.succeed({ exit, signal, timedOut, breach, output }))
      }
      if (spec.mark !== undefined && stopping) void killMarked(spec.mark).then(settle, settle)
      else namespaceGone(inner, settle)
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
