/**
 * Takes finished calls back, newest first, from the undo records in the log; and says before what that would do.
 * Invariants: all or nothing for each call; what changed since is only ever kept or cleanly merged, as the person chose;
 * it has the workspace's turn, so nothing runs there meanwhile; what an undo that was cut off left is put back first.
 */
import { Context, Effect, Exit, Layer, Stream } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { refused } from "../act/attempt.ts"
import type { ToolError } from "../act/Tool.ts"
import { planUndo, undoCall, UndoConflicted, type Undone } from "../act/undo.ts"
import type { UndoCall } from "../act/undoRecord.ts"
import type { World } from "../act/World.ts"
import { draft, type EventDraft } from "../domain/event.ts"
import { stop, type UndoChoice, type UndoConflict } from "../domain/undoConflict.ts"
import type { UndoStep } from "../domain/undoPlan.ts"
import { Appender } from "./Appender.ts"
import { callsOf, type PastCall } from "./callHistory.ts"
import { Folds } from "./Folds.ts"
import { Turns } from "./Turns.ts"
import { titleOf } from "./undoTitles.ts"

/** Where taking back stopped, and why. */
export interface Stopped {
  readonly call: string
  readonly reason: string
  readonly conflicts: ReadonlyArray<UndoConflict>
}

export class Undoer extends Context.Service<
  Undoer,
  {
    /** All calls of a suggestion; null when everything was taken back. */
    readonly undo: (
      row: { readonly id: string; readonly workspace: string | null },
      choice?: UndoChoice,
    ) => Effect.Effect<Stopped | null>
    /** One call; what it did, or why not. */
    readonly undoCall: (call: PastCall, choice: UndoChoice) => Effect.Effect<Undone | Stopped>
    /** What taking these back, in this order, would do. */
    readonly plan: (calls: ReadonlyArray<PastCall>) => Effect.Effect<ReadonlyArray<UndoStep>>
  }
>()("claw/loop/Undoer") {
  static readonly layer = Layer.effect(
    Undoer,
    Effect.gen(function* () {
      const store = yield* LogStore
      const appender = yield* Appender
      const folds = yield* Folds
      const turns = yield* Turns

      const blob = (hash: string) => store.blob(hash).pipe(Effect.orDie)
      const recordOf = ({ end, start }: PastCall): UndoCall => ({
        workspace: start.workspace ?? "/",
        record: start.payload.undo,
        after: end?.payload.after ?? null,
        refsAfter: end?.payload.refs ?? {},
        blob,
      })
      const stillRuns = refused("it still runs in the background; stop it first, then take it back")

      const takeBack = Effect.fnUntraced(function* (past: PastCall, choice: UndoChoice) {
        if (past.running) return yield* stillRuns
        const turn = turns.in(past.start.workspace ?? "/")
        // what runs may take an hour: who waits must not be kept that long
        const waited = yield* Effect.exit(Effect.interruptible(Effect.timeout(turn.take(1), turnLimit)))
        if (Exit.isFailure(waited)) {
          return yield* refused("something runs in this workspace; take it back when that has ended")
        }
        const once = Effect.gen(function* () {
          const { call, suggestion } = past.start.payload
          const left = yield* callsOf(store, suggestion)
          if (!left.some(({ start }) => start.payload.call === call)) {
            return yield* refused("it was taken back meanwhile")
          }
          return yield* undoCall(recordOf(past), choice)
        })
        return yield* Effect.ensuring(once, turn.release(1))
      })

      const undoOne = Effect.fn("Undoer.undoCall")(function* (past: PastCall, choice: UndoChoice) {
        const { start } = past
        const { call, suggestion } = start.payload
        const header = {
          actor: "claw",
          workspace: start.workspace,
          causationId: start.id,
          correlationId: suggestion,
        }
        const say = (event: EventDraft) =>
          appender.append([event]).pipe(Effect.flatMap((events) => folds.reached(events.at(-1)?.seq ?? 0)))
        const outcome: Result<Undone> = yield* Effect.result(takeBack(past, choice))
        if (outcome._tag === "Success") {
          const { kept, merged, paths } = outcome.success
          yield* say(
            draft(
              "tool.undone",
              {
                suggestion,
                call,
                paths: [...paths],
                ...(kept.length === 0 ? {} : { kept: [...kept] }),
                ...(merged.length === 0 ? {} : { merged: [...merged] }),
              },
              header,
            ),
          )
          return outcome.success
        }
        const { failure } = outcome
        const conflicts = failure instanceof UndoConflicted ? failure.conflicts : []
        yield* say(
          draft(
            "tool.undo-refused",
            {
              suggestion,
              call,
              reason: failure.message,
              ...(conflicts.length === 0 ? {} : { conflicts: conflicts.map(({ path }) => path) }),
            },
            header,
          ),
        )
        return { call, reason: failure.message, conflicts } satisfies Stopped
      }, Effect.uninterruptible)

      const undo: Undoer["Service"]["undo"] = Effect.fn("Undoer.undo")(function* (row, choice = stop) {
        const calls = yield* callsOf(store, row.id)
        const able = calls.filter(({ start }) => start.payload.undo.possible)
        // what was said before the approval to stay (a message, a push) does not hold back the rest
        for (const past of able.length > 0 ? able : calls.slice(0, 1)) {
          const outcome = yield* undoOne(past, choice)
          if ("reason" in outcome) return outcome
        }
        return null
      })

      /** The user's own commands that ran while the call did. */
      const meanwhile = Effect.fnUntraced(function* ({ end, start }: PastCall) {
        if (start.workspace === null || end === null) return []
        const events = yield* store
          .read({
            types: ["terminal.command"],
            workspace: start.workspace,
            since: Date.parse(start.at),
            until: Date.parse(end.at) + afterwardsMs,
          })
          .pipe(Stream.runCollect, Effect.orDie)
        return events.flatMap((event) =>
          event.type === "terminal.command" &&
          (event.payload as unknown) !== null &&
          event.payload.authorKind === "user" &&
          Date.parse(event.payload.startedAt) < Date.parse(end.at)
            ? [event.payload.command.slice(0, 200)]
            : [],
        )
      })

      const plan: Undoer["Service"]["plan"] = Effect.fn("Undoer.plan")(function* (calls) {
        const worlds = new Map<string, World>()
        const steps: Array<UndoStep> = []
        for (const past of calls) {
          const { start } = past
          const workspace = start.workspace ?? "/"
          const planned: Result<Effect.Success<ReturnType<typeof planUndo>>> = yield* Effect.result(
            past.running ? stillRuns : planUndo(recordOf(past), stop, worlds.get(workspace)),
          )
          const done = planned._tag === "Success" ? planned.success : null
          if (done !== null) worlds.set(workspace, done.world)
          const paths = done?.paths ?? []
          steps.push({
            suggestion: start.payload.suggestion,
            call: start.payload.call,
            seq: start.seq,
            at: start.at,
            workspace: start.workspace,
            tool: start.payload.tool,
            title: titleOf(start.payload.tool, start.payload.input),
            refusal: planned._tag === "Failure" ? planned.failure.message : null,
            empty: done !== null && done.places.length + done.conflicts.length === 0 && done.moves === null,
            stays: start.payload.undo.possible ? start.payload.undo.reason : null,
            unsure:
              past.end?.type === "tool.failed"
                ? "it was cut off when Claw stopped: what changed until Claw was back counts as its own"
                : null,
            paths: paths.slice(0, shownPaths),
            count: paths.length,
            refs: done?.refs ?? [],
            conflicts: done?.conflicts ?? [],
            meanwhile: yield* meanwhile(past),
          })
        }
        return steps
      })

      return Undoer.of({ undo, undoCall: undoOne, plan })
    }),
  )
}

type Result<A> =
  | { readonly _tag: "Success"; readonly success: A }
  | { readonly _tag: "Failure"; readonly failure: ToolError | UndoConflicted }

const turnLimit = "20 seconds"
/** The hook of a shell writes a little after its command ended. */
const afterwardsMs = 60_000
const shownPaths = 50
