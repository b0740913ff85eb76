/**
 * Does what was approved: re-judges, plans, logs the start with its undo record, runs, logs the end.
 * Invariants: at most once for each call id, over restarts too (a start in the log is never followed by a
 * second); what runs is what was approved (verdict, plan and the files it rests on are compared again right before), else
 * the approval is void and, where nothing of it ran, a person is asked again; nothing starts while paused or while the
 * log cannot be written; a pause stops what runs within a second; in one workspace one suggestion runs at a time, so that
 * each one's undo knows its own work.
 */
import {
  Cause,
  Clock,
  Context,
  Data,
  Effect,
  Exit,
  Fiber,
  FiberMap,
  Layer,
  Stream,
  SubscriptionRef,
} from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { Sandbox } from "../act/Sandbox.ts"
import { ToolRegistry } from "../act/ToolRegistry.ts"
import { type Aftermath, ToolError } from "../act/Tool.ts"
import type { Trust } from "../domain/action.ts"
import { cutOffText } from "../domain/callResult.ts"
import { draft, type Event, type EventDraft, type EventOf } from "../domain/event.ts"
import type { PathState, PlanBinding, ToolOutput } from "../domain/events/acted.ts"
import { callId } from "../domain/ids.ts"
import type { QueueRow } from "../domain/queue.ts"
import type { JudgedCall } from "../domain/suggestion.ts"
import { resultTrust } from "../domain/taint.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"
import { changedByInterrupted, settleUndos } from "./interrupted.ts"
import { Judge } from "./Judge.ts"
import { Planner } from "./Planner.ts"
import { stillApproved } from "./stillApproved.ts"
import { Turns } from "./Turns.ts"

interface Approval {
  /** Of its event. */
  readonly id: string
  /** Of the actions as they were approved, in order. */
  readonly digests: ReadonlyArray<string>
  /** What each of them would have done; absent where the gate needed no person. */
  readonly plans: ReadonlyArray<PlanBinding> | undefined
  readonly unsandboxed: boolean
  readonly by: "person" | "gate"
}
/** It must not start as it was approved. */
class Voided extends Data.TaggedError("Voided")<{
  readonly reason: string
  readonly changed: ReadonlyArray<string>
}> {}
type Failure = {
  readonly reason: string
  readonly message: string
  readonly after?: ReadonlyArray<PathState>
  readonly refs?: Readonly<Record<string, string>>
}

export class Executor extends Context.Service<
  Executor,
  {
    /** Runs approved suggestions as their approvals appear in the log. */
    readonly run: Effect.Effect<never>
    /** Ends what runs of this suggestion, if anything does; what waits for its turn is a question again. */
    readonly stop: (suggestion: string) => Effect.Effect<void>
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
        const judge = yield* Judge
        const planner = yield* Planner
        const sandbox = yield* Sandbox
        const turns = yield* Turns
        const registry = yield* ToolRegistry
        const running = yield* FiberMap.make<string>()
        /** What is later was approved in this daemon's life. */
        const bornSeq = (yield* SubscriptionRef.get(folds.snapshot)).seq
        // faster than the fold: the kill switch must not wait for the disk
        let held = false

        const trustIn = (row: QueueRow): Trust => (row.tainted ? "untrusted" : "trusted")
        const header = (row: QueueRow, causationId: string | null) => ({
          actor: "claw",
          workspace: row.workspace,
          trust: trustIn(row),
          causationId,
          correlationId: row.id,
        })
        /** Of what a tool answered: it may hold text from outside. */
        const told = (row: QueueRow, action: JudgedCall, causationId: string | null) => ({
          ...header(row, causationId),
          trust: resultTrust(action.tool, trustIn(row)),
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
        const voided = (reason: string, changed: ReadonlyArray<string> = []) =>
          new Voided({ reason, changed })

        /** The plan of a call that may start now, exactly as it was approved. */
        const readied = Effect.fnUntraced(function* (
          row: QueueRow,
          action: JudgedCall,
          index: number,
          approval: Approval,
          done: ReadonlyArray<Aftermath>,
        ) {
          const { control } = yield* SubscriptionRef.get(folds.snapshot)
          if (control.paused || held) {
            return yield* approval.by === "gate" ? refuse("Claw is paused") : voided("Claw is paused")
          }
          const now = yield* planner.action(row, index, {
            unsandboxed: approval.unsandboxed,
            timeoutMs: yield* options.timeoutMs(row.workspace ?? options.home),
          })
          const { verdict } = now
          const denied = `denied by ${verdict.rule}: ${verdict.reason}`
          if (verdict.verdict === "deny" && approval.by === "gate") return yield* refuse(denied)
          if (verdict.verdict === "deny") return yield* voided(denied)
          if (verdict.digest !== approval.digests[index]) {
            return yield* voided("what it would do changed since it was approved")
          }
          // a question's answer opens more than was allowed unasked, and that was not what was approved
          if (verdict.verdict !== action.verdict) {
            return yield* voided(
              `it is judged otherwise than when it was approved (${action.verdict} then, ${verdict.verdict} now)`,
            )
          }
          const approved = approval.plans?.[index]
          // nobody was shown a plan where nobody was asked
          if (approved === undefined && approval.by === "gate") {
            return { verdict, plan: yield* Effect.fromResult(now.plan) }
          }
          if (approved === undefined) return yield* voided("the approval does not say which plan was seen")
          if (now.bound === null || !stillApproved(approved, now.bound.binding, done)) {
            const { changed } = planner.difference(index, approved, now)
            return yield* voided("it changed since it was approved", changed)
          }
          return { verdict, plan: yield* Effect.fromResult(now.plan) }
        })

        const runCall = Effect.fnUntraced(function* (
          row: QueueRow,
          action: JudgedCall,
          index: number,
          approval: Approval,
          done: ReadonlyArray<Aftermath>,
        ) {
          const call = callId(row.id, index)
          if (yield* startedBefore(row, call)) {
            return yield* refuse("this action was started before; it is never run twice")
          }
          const { plan, verdict } = yield* readied(row, action, index, approval, done)
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
                told(row, action, started?.id ?? null),
              ),
              blobs: [...result.blobs, ...(result.kept ?? [])],
            },
            // one append: whoever waits for the end learns with it why
            ...(Exit.isSuccess(exit)
              ? []
              : [
                  draft(
                    "tool.failed",
                    { suggestion: row.id, call, ...endOf(exit.cause) },
                    told(row, action, approval.id),
                  ),
                ]),
          ])
          return result
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
        const endOf = (cause: Cause.Cause<ToolError | Voided>): Failure => {
          const error = Cause.findErrorOption(cause)
          if (error._tag === "Some" && error.value._tag === "Voided") {
            return { reason: "changed", message: [error.value.reason, ...error.value.changed].join("; ") }
          }
          if (error._tag === "Some") return { reason: error.value.reason, message: error.value.message }
          if (Cause.hasInterrupts(cause)) return { reason: "stopped", message: "stopped before its end" }
          return { reason: "failed", message: Cause.pretty(cause).split("\n")[0] ?? "failed" }
        }

        /** Nothing of it ran: it is a question again, with what the gate says of it now. */
        const askAgain = Effect.fnUntraced(function* (row: QueueRow, why: Voided, cause: string) {
          const { changed, reason } = why
          const events = yield* appender.append([
            draft(
              "approval.voided",
              { suggestion: row.id, reason, changed: [...changed] },
              { ...header(row, cause), actor: "claw" },
            ),
          ])
          yield* folds.reached(events.at(-1)!.seq)
          yield* Effect.ignore(judge.recheck(row.id))
        })

        const runActions = Effect.fnUntraced(function* (row: QueueRow, approval: Approval) {
          const done: Array<Aftermath> = []
          for (const [index, action] of row.actions.entries()) {
            const exit = yield* Effect.exit(runCall(row, action, index, approval, done))
            if (Exit.isSuccess(exit) && exit.value.ok) {
              done.push(exit.value)
              continue
            }
            if (Exit.isSuccess(exit)) return
            const error = Cause.findErrorOption(exit.cause)
            if (error._tag === "Some" && error.value._tag === "Voided" && index === 0) {
              return yield* askAgain(row, error.value, approval.id)
            }
            // what its plan read may stand in the words
            yield* appender.append([
              draft(
                "tool.failed",
                { suggestion: row.id, call: callId(row.id, index), ...endOf(exit.cause) },
                told(row, action, approval.id),
              ),
            ])
            return
          }
        })

        const runSuggestion = Effect.fnUntraced(function* (id: string, approval: Approval) {
          const row = (yield* SubscriptionRef.get(folds.snapshot)).queue.suggestions[id]
          if (row === undefined) return
          // what changes nothing needs no turn: a question to the user may wait for days
          if (row.actions.every(({ tool }) => registry.get(tool)?.hints.readOnly === true))
            return yield* runActions(row, approval)
          const turn = turns.in(row.workspace ?? options.home)
          const waited = yield* Effect.exit(Effect.interruptible(turn.take(1)))
          if (Exit.isFailure(waited))
            return yield* askAgain(row, voided("stopped before it began"), approval.id)
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
          const undos = Object.values(queue.suggestions).filter((row) => row.lastSeq <= bornSeq)
          const settled = yield* settleUndos(store, undos)
          const ends = yield* Effect.forEach(left, (row) =>
            Effect.map(changedByInterrupted(store, row, callId(row.id, row.finished)), (changed) =>
              failed(
                row,
                callId(row.id, row.finished),
                {
                  reason: "interrupted",
                  message: cutOffText,
                  ...changed,
                },
                null,
              ),
            ),
          )
          yield* appender.append([...settled, ...ends])
        })

        const start = (event: EventOf<"approval.approved" | "approval.waived">) =>
          FiberMap.run(
            running,
            event.payload.suggestion,
            runSuggestion(event.payload.suggestion, {
              id: event.id,
              digests: event.payload.digests,
              plans: event.payload.plans,
              by: event.type === "approval.approved" ? "person" : "gate",
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
        const stop = (suggestion: string) => FiberMap.remove(running, suggestion)
        return Executor.of({ run, stop, hold, release, isHeld: Effect.sync(() => held) })
      }),
    )
}
