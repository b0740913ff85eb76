/**
 * Lets a reflex's suggestion run without a question where a person's grants answered every one of them before.
 * Invariants: never one that rests on outside text or that a model thought of, that a person edited, or of which no grant speaks; never while
 * paused or without a sandbox; compare-and-set, so that a person's answer of the same moment wins.
 */
import { Context, Effect, Layer, Stream, SubscriptionRef } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { Sandbox } from "../act/Sandbox.ts"
import { draft } from "../domain/event.ts"
import { deliberationRule } from "../domain/events/thought.ts"
import type { QueueRow } from "../domain/queue.ts"
import { Appender } from "./Appender.ts"
import { Executor } from "./Executor.ts"
import { Folds } from "./Folds.ts"
import { Judge } from "./Judge.ts"
import { isGranted } from "./judgeContext.ts"
import { Planner } from "./Planner.ts"

/** Every action is allowed, and a grant allows at least one of them. */
const answered = (row: QueueRow): boolean =>
  row.requestedBy === null &&
  // what a model thought of is a person's to let
  row.rule !== deliberationRule &&
  row.state === "pending" &&
  !row.tainted &&
  row.actions.length === row.proposed.length &&
  row.actions.every(({ verdict }) => verdict === "allow" || verdict === "audit") &&
  row.actions.some(isGranted)

export class Waiver extends Context.Service<
  Waiver,
  {
    /** After its verdicts were logged; does nothing where a person is to be asked. */
    readonly suggestion: (id: string) => Effect.Effect<void>
  }
>()("claw/loop/Waiver") {
  static readonly layer = Layer.effect(
    Waiver,
    Effect.gen(function* () {
      const store = yield* LogStore
      const folds = yield* Folds
      const appender = yield* Appender
      const executor = yield* Executor
      const sandbox = yield* Sandbox
      const planner = yield* Planner
      const judge = yield* Judge

      const wasEdited = (id: string) =>
        store.read({ correlationId: id, types: ["approval.edited"], limit: 1 }).pipe(
          Stream.runCollect,
          Effect.orDie,
          Effect.map((events) => events.length > 0),
        )

      const suggestion = Effect.fn("Waiver.suggestion")(function* (id: string) {
        const head = yield* Effect.orDie(store.head)
        yield* folds.reached(head.seq)
        const { control, grants, queue } = yield* SubscriptionRef.get(folds.snapshot)
        const row = queue.suggestions[id]
        if (row === undefined || !answered(row) || control.paused || (yield* executor.isHeld)) return
        if ((yield* sandbox.state)._tag !== "available" || (yield* wasEdited(id))) return
        // what was revoked or lapsed since is a question again
        if (!(yield* Effect.orElseSucceed(judge.recheck(id), () => false))) return
        const seqs = row.actions.filter(isGranted).map(({ line }) => line)
        const reason = [...new Set(row.actions.filter(isGranted).map((action) => action.reason))].join("; ")
        const plans = yield* planner.unaskedRow(row)
        // what cannot be planned is shown as it is, with the reason
        if (plans === null) return
        const waived = draft(
          "approval.waived",
          { suggestion: id, digests: row.actions.map(({ digest }) => digest), plans, reason },
          {
            actor: "gate",
            workspace: row.workspace,
            // what led to it is the person's own word
            causationId: Object.values(grants.grants).find(({ seq }) => seq === seqs[0])?.id ?? null,
            correlationId: id,
          },
        )
        // a conflict is somebody's answer; what cannot be written waits for a person
        yield* Effect.ignore(appender.appendNow([waived], { correlationId: id, lastSeq: row.lastSeq }))
      })

      return Waiver.of({ suggestion })
    }),
  )
}
