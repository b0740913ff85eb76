/**
 * Commands that run beside everything else: started by a tool, known by an id, bounded in number, life and output, and
 * ended whole.
 * Invariants: `task.started` is durable before the program is; every task gets one `task.ended`, written when nothing of
 * it runs any more; when the daemon stops they are stopped first, and what a crash cut off is closed at the next start.
 */
import { createHash } from "node:crypto"
import { Cause, Clock, Context, Deferred, Effect, Exit, Fiber, Layer } from "effect"
import { draft, type EventDraft } from "../../domain/event.ts"
import type { ToolOutput } from "../../domain/events/acted.ts"
import type { TaskEnd } from "../../domain/events/tasks.ts"
import { neutralise } from "../../domain/neutralise.ts"
import type { TaskRow } from "../../domain/tasks.ts"
import { refused, wrongInput } from "../attempt.ts"
import { OutputCollector } from "../boundedOutput.ts"
import { Journal } from "../Journal.ts"
import { unknownAftermath } from "../recordUndo.ts"
import type { ProcessResult } from "../runProcess.ts"
import type { Aftermath, ToolContext, ToolError } from "../Tool.ts"
import { LineWatch } from "./lineWatch.ts"
import { Spool, type SpoolPart } from "./Spool.ts"
import { TaskHistory } from "./TaskHistory.ts"

export const mostRunning = 16
/** It is stopped when it has printed more. */
const mostOutput = 1024 ** 3
/** Of the whole output this much goes into the log, from its start. */
const keptOutput = 1024 ** 2
const keptEnded = 32
/** What comes within this is one event. */
const burstMs = 200
/** How long a stop waits for the log once all is gone: a disk that takes no writes must not hold it. */
const sayingMs = 2000
const emptyOutput: ToolOutput = { head: "", tail: "", bytes: 0, blob: null }

export interface TaskSpec {
  readonly context: ToolContext
  readonly tool: string
  readonly title: string
  readonly commands: ReadonlyArray<ReadonlyArray<string>>
  readonly sandbox: "bubblewrap" | "none"
  readonly lifetimeMs: number
  /** It was waited for, and goes on; its conversation is told of its end. */
  readonly yielded?: true
  /** Its lines become events: those that match, or all. */
  readonly watch: { readonly match: string | null } | null
  /** Runs it to its end; interrupted, it is gone with all it started. */
  readonly run: (onOutput: (chunk: Uint8Array) => void) => Effect.Effect<ProcessResult, ToolError>
  readonly aftermath: Effect.Effect<Aftermath>
}

export interface TaskEnding {
  readonly reason: TaskEnd
  readonly exit: number | null
  readonly message: string
  readonly output: ToolOutput
  readonly durationMs: number
}
export interface TaskView {
  readonly task: string
  readonly title: string
  readonly workspace: string | null
  /** Bytes printed so far. */
  readonly bytes: number
  readonly ended: TaskEnding | null
}

interface Task extends Omit<TaskView, "bytes" | "ended"> {
  readonly spec: TaskSpec
  readonly startedBy: string | null
  readonly startedMs: number
  readonly spool: Spool
  readonly whole: OutputCollector
  readonly lines: LineWatch | null
  readonly done: Deferred.Deferred<void>
  /** Nothing of it runs any more, though the log may not have its word yet. */
  readonly gone: Deferred.Deferred<void>
  running: Fiber.Fiber<ProcessResult, ToolError> | null
  /** It prints no more. */
  quiet: boolean
  ending: { readonly reason: TaskEnd; readonly by: string | null } | null
  ended: TaskEnding | null
}

/** One for each call, the same at every replay. */
export const taskIdOf = (call: string): string =>
  `t_${createHash("sha256").update(`task ${call}`).digest("hex").slice(0, 12)}`

const viewOf = (task: Task): TaskView => ({
  task: task.task,
  title: task.title,
  workspace: task.workspace,
  bytes: task.spool.bytes,
  ended: task.ended,
})
const rowView = (row: TaskRow): TaskView => ({
  task: row.task,
  title: row.title,
  workspace: row.workspace,
  bytes: row.ended?.output.bytes ?? 0,
  ended: row.ended,
})

const headerOf = (spec: TaskSpec, causationId: string | null) => ({
  actor: "claw",
  workspace: spec.context.workspace,
  causationId,
  correlationId: suggestionOf(spec.context.call),
})
const suggestionOf = (call: string): string => call.split("#")[0]!

const messages: Readonly<Record<TaskEnd, string>> = {
  exited: "",
  stopped: "it was stopped",
  lifetime: "it ran as long as it may",
  output: `it printed more than ${mostOutput} bytes`,
  paused: "Claw was paused",
  "daemon-stopped": "Claw stopped",
  failed: "it could not be run",
}

export class Tasks extends Context.Service<
  Tasks,
  {
    /** Returns when it is in the log; refuses where too many run. */
    readonly start: (spec: TaskSpec) => Effect.Effect<TaskView, ToolError>
    /** Newest first, those that run before those that ended. */
    readonly list: Effect.Effect<ReadonlyArray<TaskView>>
    readonly get: (task: string) => Effect.Effect<TaskView, ToolError>
    /** What it printed since `from`, at most `limit` bytes; null where that is no longer in memory. */
    readonly output: (task: string, from: number, limit: number) => Effect.Effect<SpoolPart | null, ToolError>
    /** Until it ended, or the time is over. */
    readonly wait: (task: string, timeoutMs: number) => Effect.Effect<TaskView, ToolError>
    /** Ends it with all it started, and returns when it is gone. One that ended stays as it is. `by`: a person who did it. */
    readonly stop: (task: string, by?: string) => Effect.Effect<TaskView, ToolError>
    /** The kill switch. Waits until all are gone, and not for a disk that takes no writes. */
    readonly stopAll: (reason: "paused" | "daemon-stopped") => Effect.Effect<void>
    /** Closes in the log what an earlier daemon did not live to see end. */
    readonly settle: Effect.Effect<void>
  }
>()("claw/act/Tasks") {
  static readonly layer = (options: { readonly redact: (text: string) => string }) =>
    Layer.effect(
      Tasks,
      Effect.gen(function* () {
        const journal = yield* Journal
        const history = yield* TaskHistory
        const { redact } = options
        const tasks = new Map<string, Task>()
        const running = () => [...tasks.values()].filter((task) => task.ended === null)

        const tell = (task: Task, burst: { lines: ReadonlyArray<string>; dropped: number }): EventDraft =>
          draft(
            "task.lines",
            { task: task.task, lines: [...burst.lines], dropped: burst.dropped },
            { ...headerOf(task.spec, task.startedBy), actor: "source:task", trust: "untrusted" },
          )

        /** One event for what came within a burst, as long as it runs. */
        const watching = Effect.fnUntraced(function* (task: Task, lines: LineWatch) {
          for (;;) {
            yield* Effect.sleep(burstMs)
            if (!lines.waiting) continue
            const burst = lines.burst(yield* Clock.currentTimeMillis)
            if (burst !== null) yield* Effect.uninterruptible(journal.append([tell(task, burst)]))
          }
        })

        const endingOf = (
          task: Task,
          exit: Exit.Exit<ProcessResult, ToolError>,
        ): Pick<TaskEnding, "exit" | "reason" | "message"> => {
          const told = (reason: TaskEnd, code: number | null = null) => ({
            reason,
            exit: code,
            message: messages[reason],
          })
          if (task.ending !== null) {
            const { by, reason } = task.ending
            return { ...told(reason), message: `${messages[reason]}${by === null ? "" : ` by ${by}`}` }
          }
          if (Exit.isSuccess(exit)) {
            const { breach, exit: code, signal, timedOut } = exit.value
            if (timedOut) return told("lifetime")
            if (breach !== null) return { ...told("failed"), message: breach }
            return { ...told("exited", code), message: signal === null ? "" : `ended by ${signal}` }
          }
          const error = Cause.findErrorOption(exit.cause)
          return {
            ...told("failed"),
            message:
              error._tag === "Some"
                ? error.value.message
                : neutralise(Cause.pretty(exit.cause).split("\n")[0] ?? "failed"),
          }
        }

        const conclude = Effect.fnUntraced(function* (task: Task, exit: Exit.Exit<ProcessResult, ToolError>) {
          const { blobs, output } = task.whole.finish(redact)
          const durationMs = (yield* Clock.currentTimeMillis) - task.startedMs
          const ending = { ...endingOf(task, exit), output, durationMs }
          const aftermath = yield* task.spec.aftermath
          task.lines?.end()
          const burst = task.lines?.burst(yield* Clock.currentTimeMillis) ?? null
          yield* journal.append([
            ...(burst === null ? [] : [tell(task, burst)]),
            {
              ...draft(
                "task.ended",
                {
                  task: task.task,
                  call: task.spec.context.call,
                  suggestion: suggestionOf(task.spec.context.call),
                  ...ending,
                  after: aftermath.after,
                  refs: aftermath.refs,
                },
                {
                  ...headerOf(task.spec, task.startedBy),
                  actor: task.ending?.by ?? "claw",
                  trust: "untrusted",
                },
              ),
              blobs,
            },
          ])
          task.ended = ending
          yield* Deferred.succeed(task.done, undefined)
          const over = [...tasks.values()].filter((one) => one.ended !== null).slice(0, -keptEnded)
          for (const one of over) tasks.delete(one.task)
        })

        const onOutput = (task: Task) => (chunk: Uint8Array) => {
          task.spool.add(chunk)
          task.whole.add(chunk)
          task.lines?.add(chunk)
          if (task.spool.bytes > mostOutput) end(task, "output")
        }
        /** Asks it to end; `conclude` follows. */
        const end = (task: Task, reason: TaskEnd, by: string | null = null): void => {
          if (task.quiet || task.ending !== null) return
          task.ending = { reason, by }
          task.running?.interruptUnsafe()
        }

        const work = (task: Task) =>
          Effect.gen(function* () {
            const program = yield* Effect.forkDetach(Effect.interruptible(task.spec.run(onOutput(task))), {
              startImmediately: true,
            })
            task.running = program
            if (task.ending !== null) program.interruptUnsafe()
            const watch = task.lines === null ? null : yield* Effect.forkDetach(watching(task, task.lines))
            const exit = yield* Fiber.await(program)
            task.quiet = true
            yield* Deferred.succeed(task.gone, undefined)
            if (watch !== null) yield* Fiber.interrupt(watch)
            yield* conclude(task, exit)
          }).pipe(Effect.uninterruptible)

        const start: Tasks["Service"]["start"] = Effect.fn("Tasks.start")(function* (spec) {
          const { call, session, workspace } = spec.context
          const id = taskIdOf(call)
          if (tasks.has(id)) return yield* refused(`this call started ${id} before`)
          if (running().length >= mostRunning) {
            return yield* refused(
              `${mostRunning} commands run in the background already; stop one of ${known()} first`,
            )
          }
          const task = {
            task: id,
            title: neutralise(spec.title).slice(0, 200),
            workspace,
            spec,
            startedBy: null as string | null,
            startedMs: yield* Clock.currentTimeMillis,
            spool: new Spool(),
            whole: new OutputCollector(keptOutput),
            lines: spec.watch === null ? null : new LineWatch(spec.watch.match, redact),
            done: yield* Deferred.make<void>(),
            gone: yield* Deferred.make<void>(),
            running: null,
            quiet: false,
            ending: null,
            ended: null,
          } satisfies Task
          tasks.set(id, task)
          const [started] = yield* journal.append([
            draft(
              "task.started",
              {
                task: id,
                call,
                suggestion: suggestionOf(call),
                session,
                tool: spec.tool,
                title: task.title,
                commands: spec.commands,
                sandbox: spec.sandbox,
                lifetimeMs: spec.lifetimeMs,
                watched: spec.watch !== null,
                ...(spec.yielded === undefined ? {} : { yielded: true as const }),
              },
              { ...headerOf(spec, null), trust: spec.context.trust },
            ),
          ])
          task.startedBy = started?.id ?? null
          yield* Effect.forkDetach(work(task), { startImmediately: true })
          return viewOf(task)
        }, Effect.uninterruptible)

        const known = (): string => {
          const ids = [...tasks.keys()].reverse().slice(0, 20)
          return ids.length === 0 ? "none since Claw started" : ids.join(", ")
        }
        const unknown = (task: string) =>
          wrongInput(`there is no task ${neutralise(task.slice(0, 60))}; there are ${known()}`)

        const get: Tasks["Service"]["get"] = Effect.fn("Tasks.get")(function* (id) {
          const task = tasks.get(id)
          if (task !== undefined) return viewOf(task)
          const row = yield* history.find(id)
          return row === null ? yield* unknown(id) : rowView(row)
        })
        const output: Tasks["Service"]["output"] = Effect.fn("Tasks.output")(function* (id, from, limit) {
          const task = tasks.get(id)
          if (task !== undefined) return task.spool.read({ from, limit, ended: task.quiet, redact })
          return (yield* history.find(id)) === null ? yield* unknown(id) : null
        })
        const wait: Tasks["Service"]["wait"] = Effect.fn("Tasks.wait")(function* (id, timeoutMs) {
          const task = tasks.get(id)
          if (task !== undefined) yield* Effect.timeoutOption(Deferred.await(task.done), timeoutMs)
          return yield* get(id)
        })
        const stop: Tasks["Service"]["stop"] = Effect.fn("Tasks.stop")(function* (id, by) {
          const task = tasks.get(id)
          if (task === undefined) return yield* get(id)
          end(task, "stopped", by ?? null)
          yield* Deferred.await(task.gone)
          yield* Effect.timeoutOption(Deferred.await(task.done), sayingMs)
          return viewOf(task)
        })
        const stopAll: Tasks["Service"]["stopAll"] = Effect.fn("Tasks.stopAll")(function* (reason) {
          const left = running()
          for (const task of left) end(task, reason)
          yield* Effect.forEach(left, (task) => Deferred.await(task.gone), { discard: true })
          const said = [...tasks.values()].map((task) => Deferred.await(task.done))
          yield* Effect.timeoutOption(Effect.all(said, { discard: true }), sayingMs)
        })

        const settle = Effect.gen(function* () {
          const left = (yield* history.unfinished).filter((row) => !tasks.has(row.task))
          yield* journal.append(
            left.map((row) =>
              draft(
                "task.ended",
                {
                  task: row.task,
                  call: row.call,
                  suggestion: row.suggestion,
                  reason: "daemon-stopped",
                  exit: null,
                  message: "Claw stopped before it ended; it is not run again",
                  output: emptyOutput,
                  durationMs: 0,
                  ...unknownAftermath,
                },
                {
                  actor: "claw",
                  workspace: row.workspace,
                  causationId: row.startedBy,
                  correlationId: row.suggestion,
                },
              ),
            ),
          )
        })

        yield* Effect.addFinalizer(() => stopAll("daemon-stopped"))
        return Tasks.of({
          start,
          list: Effect.sync(() =>
            [...tasks.values()]
              .reverse()
              .sort((a, b) => Number(a.ended !== null) - Number(b.ended !== null))
              .map(viewOf),
          ),
          get,
          output,
          wait,
          stop,
          stopAll,
          settle,
        })
      }),
    )
}
