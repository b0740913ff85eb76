/**
 * Does what was approved: re-judges, plans, logs the start with its undo record, runs, logs the end.
 * Invariants: at most once for each call id, over restarts too (a start in the log is never followed by a
 * second); what runs is what was approved (the approval's digests and the verdict are compared again); nothing
 * starts while paused or while the log cannot be written; a pause stops what runs within a second; in one workspace
 * one suggestion runs at a time, so that each one's undo knows its own work.
 */
import {
  Cause,
  Clock,
  Context,
  Effect,
  Exit,
  Fiber,
  FiberMap,
  Layer,
  Semaphore,
  Stream,
  SubscriptionRef,
} from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { Sandbox } from "../act/Sandbox.ts"
import { ToolError } from "../act/Tool.ts"
import { ToolRegistry } from "../act/ToolRegistry.ts"
import { draft, type Event, type EventDraft, type EventOf } from "../domain/event.ts"
import type { ToolOutput } from "../domain/events/acted.ts"
import { callId } from "../domain/ids.ts"
import type { QueueRow } from "../domain/queue.ts"
import type { JudgedCall } from "../domain/suggestion.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"
import { toolContext } from "./toolContext.ts"
import { Judge } from "./Judge.ts"

interface Approval {
  /** Of its event. */
  readonly id: string
  /** Of the actions as they were approved, in order. */
  readonly digests: ReadonlyArray<string>
  readonly unsandboxed: boolean
}
type Failure = { readonly reason: string; readonly message: string }

export class Executor extends Context.Service<
  Executor,
  {
    /** Runs approved suggestions as their approvals appear in the log. */
    readonly run: Effect.Effect<never>
    /** The kill switch: nothing starts any more; what runs is interrupted and ends as `tool.failed: stopped`. */
    readonly hold: Effect.Effect<void>
    readonly release: Effect.Effect<void>
    /** Whether it is held: true before a pause could be logged. */
    readonly isHeld: Effect.Effect<boolean>
  }
>()("claw/loop/Executor") {
  static readonly layer = (options: {
    readonly home: string
    readonly timeoutMs: (workspace: string) => Effect.Effect<number>
  }) =>
    Layer.effect(
      Executor,
      Effect.gen(function* () {
        const store = yield* LogStore
        const folds = yield* Folds
        const appender = yield* Appender
        const registry = yield* ToolRegistry
        const judge = yield* Judge
        const sandbox = yield* Sandbox
        const running = yield* FiberMap.make<string>()
        /** What is later was approved in this daemon's life. */
        const bornSeq = (yield* SubscriptionRef.get(folds.snapshot)).seq
        // faster than the fold: the kill switch must not wait for the disk
        let held = false

        const header = (row: QueueRow, causationId: string | null) => ({
          actor: "claw",
          workspace: row.workspace,
          trust: row.tainted ? ("untrusted" as const) : ("trusted" as const),
          causationId,
          correlationId: row.id,
        })
        const failed = (row: QueueRow, call: string, failure: Failure, cause: string | null): EventDraft =>
          draft("tool.failed", { suggestion: row.id, call, ...failure }, header(row, cause))

        const startedBefore = Effect.fnUntraced(function* (row: QueueRow, call: string) {
          const events = yield* store
            .read({ correlationId: row.id, types: ["tool.started"] })
            .pipe(Stream.runCollect, Effect.orDie)
          // one that was erased may have been this one
          return events.some(
            (event) =>
              event.type === "tool.started" &&
              ((event.payload as unknown) === null || event.payload.call === call),
          )
        })

        const refuse = (message: string) => new ToolError({ reason: "refused", message })

        const runCall = Effect.fnUntraced(function* (
          row: QueueRow,
          action: JudgedCall,
          index: number,
          approval: Approval,
        ) {
          const call = callId(row.id, index)
          const workspace = row.workspace ?? options.home
          if (yield* startedBefore(row, call)) {
            return yield* refuse("this action was started before; it is never run twice")
          }
          const { control } = yield* SubscriptionRef.get(folds.snapshot)
          if (control.paused || held) return yield* refuse("Claw is paused")
          const verdict = yield* judge.call(
            {
              tool: action.tool,
              input: action.input,
              ...(action.cwd === undefined ? {} : { cwd: action.cwd }),
            },
            {
              workspace,
              actor: row.requestedBy ?? "claw",
              trust: row.tainted ? "untrusted" : "trusted",
            },
          )
          if (verdict.digest !== approval.digests[index]) {
            return yield* refuse("what it would do changed since it was approved; look at it again")
          }
          if (verdict.verdict === "deny") return yield* refuse(`denied by ${verdict.rule}: ${verdict.reason}`)
          // a question's answer opens more than was allowed unasked, and that was not what was approved
          if (verdict.verdict !== action.verdict) {
            return yield* refuse(
              `it is judged otherwise than when it was approved (${action.verdict} then, ${verdict.verdict} now)`,
            )
          }
          const plan = yield* registry.plan(
            action.tool,
            action.input,
            toolContext(verdict, action, {
              call,
              session: row.session,
              actor: row.requestedBy ?? "claw",
              trust: row.tainted ? "untrusted" : "trusted",
              workspace,
              home: options.home,
              timeoutMs: yield* options.timeoutMs(workspace),
              unsandboxed: approval.unsandboxed && (yield* sandbox.state)._tag !== "available",
            }),
          )
          const [started] = yield* appender.append([
            {
              ...draft(
                "tool.started",
                {
                  suggestion: row.id,
                  call,
                  tool: action.tool,
                  input: action.input,
                  commands: plan.commands,
                  sandbox: plan.sandbox,
                  digest: verdict.digest,
                  undo: plan.undo,
                },
                header(row, approval.id),
              ),
              blobs: plan.blobs,
            },
          ])
          const from = yield* Clock.currentTimeMillis
          const exit = yield* Effect.exit(Effect.interruptible(plan.run))
          const durationMs = (yield* Clock.currentTimeMillis) - from
          // what it changed before it failed or was stopped must be known, or it could not be taken back
          const result = Exit.isSuccess(exit)
            ? exit.value
            : {
                ok: false,
                exit: null,
                output: printed(exit.cause),
                blobs: [],
                ...(yield* plan.aftermath),
              }
          yield* appender.append([
            {
              ...draft(
                "tool.finished",
                {
                  suggestion: row.id,
                  call,
                  ok: result.ok,
                  exit: result.exit,
                  output: result.output,
                  durationMs,
                  after: result.after,
                  refs: result.refs,
                },
                header(row, started?.id ?? null),
              ),
              blobs: result.blobs,
            },
            // one append: whoever waits for the end learns with it why
            ...(Exit.isSuccess(exit) ? [] : [failed(row, call, endOf(exit.cause), approval.id)]),
          ])
          return result.ok
        }, Effect.uninterruptible)

        const printed = (cause: Cause.Cause<ToolError>): ToolOutput => {
          const error = Cause.findErrorOption(cause)
          return (
            (error._tag === "Some" ? error.value.output : undefined) ?? {
              head: "",
              tail: "",
              bytes: 0,
              blob: null,
            }
          )
        }
        const endOf = (cause: Cause.Cause<ToolError>): Failure => {
          const error = Cause.findErrorOption(cause)
          if (error._tag === "Some") return { reason: error.value.reason, message: error.value.message }
          if (Cause.hasInterrupts(cause)) return { reason: "stopped", message: "stopped before its end" }
          return { reason: "failed", message: Cause.pretty(cause).split("\n")[0] ?? "failed" }
        }

        /** What runs records what changed in the whole workspace meanwhile, so only one runs there at a time. */
        const turns = new Map<string, Semaphore.Semaphore>()
        const turnIn = (workspace: string): Semaphore.Semaphore => {
          const turn = turns.get(workspace) ?? Semaphore.makeUnsafe(1)
          turns.set(workspace, turn)
          return turn
        }

        const runActions = Effect.fnUntraced(function* (row: QueueRow, approval: Approval) {
          for (const [index, action] of row.actions.entries()) {
            const exit = yield* Effect.exit(runCall(row, action, index, approval))
            if (Exit.isFailure(exit)) {
              yield* appender.append([failed(row, callId(row.id, index), endOf(exit.cause), approval.id)])
              return
            }
            if (!exit.value) return
          }
        })

        const runSuggestion = Effect.fnUntraced(function* (id: string, approval: Approval) {
          const row = (yield* SubscriptionRef.get(folds.snapshot)).queue.suggestions[id]
          if (row === undefined) return
          const turn = turnIn(row.workspace ?? options.home)
          const waited = yield* Effect.exit(Effect.interruptible(turn.take(1)))
          if (Exit.isFailure(waited)) {
            yield* appender.append([failed(row, callId(id, 0), endOf(waited.cause), approval.id)])
            return
          }
          yield* Effect.ensuring(runActions(row, approval), turn.release(1))
        }, Effect.uninterruptible)

        /** What was approved but did not end before the last stop is never run later: it is said and left. */
        const settleInterrupted = Effect.gen(function* () {
          const { queue } = yield* SubscriptionRef.get(folds.snapshot)
          const left = Object.values(queue.suggestions).filter(
            (row) => row.state === "approved" && row.lastSeq <= bornSeq,
          )
          // before anything watches: what holds places for a command that is gone is nobody's work
          yield* Effect.forEach(new Set(left.map((row) => row.workspace ?? options.home)), sandbox.sweep)
          yield* appender.append(
            left.map((row) =>
              failed(
                row,
                callId(row.id, row.finished),
                { reason: "interrupted", message: "Claw stopped before this ended; it is not run again" },
                null,
              ),
            ),
          )
        })

        const start = (event: EventOf<"approval.approved" | "approval.waived">) =>
          FiberMap.run(
            running,
            event.payload.suggestion,
            runSuggestion(event.payload.suggestion, {
              id: event.id,
              digests: event.payload.digests,
              unsandboxed: event.type === "approval.approved" && event.payload.unsandboxed,
            }),
          )

        const approved = (events: ReadonlyArray<Event>) =>
          Effect.forEach(
            events,
            (event) =>
              event.type === "approval.approved" || event.type === "approval.waived"
                ? start(event)
                : Effect.void,
            { discard: true },
          )
        const run = Effect.gen(function* () {
          yield* settleInterrupted
          // clients may approve before this runs, so it follows from the start
          yield* Stream.runForEach(folds.follow(bornSeq), approved)
          return yield* Effect.never
        })

        const troubled = SubscriptionRef.changes(appender.trouble).pipe(
          Stream.filter((trouble) => trouble !== null),
          Stream.runHead,
        )
        // what runs ends with a word in the log: a disk that takes none must not hold the kill switch or a stop
        const hold = Effect.suspend(() => {
          held = true
          return Effect.forkDetach(Effect.raceFirst(FiberMap.clear(running), troubled))
        }).pipe(Effect.flatMap(Fiber.await), Effect.asVoid)
        const release = Effect.sync(() => {
          held = false
        })
        return Executor.of({ run, hold, release, isHeld: Effect.sync(() => held) })
      }),
    )
}
