/**
 * Asks the gate about each action of a suggestion and logs every verdict with rule, file and line.
 * Invariant: a suggestion is judged whole, in one append; a broken gate denies (see `Policies`), it never skips.
 */
import { Clock, Context, Effect, Layer, SubscriptionRef } from "effect"
import { type LogError, LogStore } from "../../log-store/LogStore.ts"
import { Policies } from "../../policies/Policies.ts"
import type { ToolCall, Trust, Verdict } from "../domain/action.ts"
import { draft } from "../domain/event.ts"
import type { QueueRow } from "../domain/queue.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"
import { judgedByScripts } from "./grantedScripts.ts"
import { type Asker, askerOf, judgeContext } from "./judgeContext.ts"

export type { Asker } from "./judgeContext.ts"

export class Judge extends Context.Service<
  Judge,
  {
    /** Judges one call as it stands now, for who wants it; logs nothing. */
    readonly call: (call: ToolCall, asker: Asker) => Effect.Effect<Verdict>
    /** Judges every action of a queued suggestion and logs the verdicts. */
    readonly suggestion: (id: string) => Effect.Effect<void>
    /** Whether the gate still says of each action what the log says; where it does not, logs what it says now. */
    readonly recheck: (id: string) => Effect.Effect<boolean, LogError>
  }
>()("claw/loop/Judge") {
  static readonly layer = (options: { readonly home: string }) =>
    Layer.effect(
      Judge,
      Effect.gen(function* () {
        const store = yield* LogStore
        const policies = yield* Policies
        const folds = yield* Folds
        const appender = yield* Appender

        const contextOf = Effect.fnUntraced(function* (toolCall: ToolCall, asker: Asker) {
          const folded = yield* SubscriptionRef.get(folds.snapshot)
          const nowMs = yield* Clock.currentTimeMillis
          return judgeContext(toolCall, asker, folded, { home: options.home, nowMs })
        })
        const call = Effect.fnUntraced(function* (toolCall: ToolCall, asker: Asker) {
          const context = yield* contextOf(toolCall, asker)
          return (yield* judgedByScripts(policies.judge, toolCall, context)).verdict
        })

        const find = (id: string) =>
          Effect.map(SubscriptionRef.get(folds.snapshot), ({ queue }) => queue.suggestions[id])
        const trustOf = (row: QueueRow): Trust => (row.tainted ? "untrusted" : "trusted")
        const verdictsOf = (row: QueueRow) =>
          Effect.forEach(row.proposed, (action, index) => call(action, askerOf(row, index, options.home)))
        const drafts = (row: QueueRow, verdicts: ReadonlyArray<Verdict>, causationId: string | null) =>
          verdicts.map((verdict, index) =>
            draft(
              "policy.verdict",
              { suggestion: row.id, index, call: row.proposed[index]!, verdict },
              {
                actor: "gate",
                workspace: row.workspace,
                trust: trustOf(row),
                causationId,
                correlationId: row.id,
              },
            ),
          )
        const decisionOf = (row: QueueRow) =>
          Effect.map(Effect.orDie(store.get(row.decidedSeq)), (decided) => decided?.id ?? null)

        const suggestion = Effect.fn("Judge.suggestion")(function* (id: string) {
          const row = yield* find(id)
          if (row === undefined) return
          yield* appender.append(drafts(row, yield* verdictsOf(row), yield* decisionOf(row)))
        })

        const recheck = Effect.fn("Judge.recheck")(function* (id: string) {
          const row = yield* find(id)
          if (row === undefined) return true
          const verdicts = yield* verdictsOf(row)
          const same = verdicts.every(({ digest, verdict }, index) => {
            const logged = row.actions[index]
            return logged?.digest === digest && logged.verdict === verdict
          })
          if (same) return true
          const events = yield* appender.appendNow(drafts(row, verdicts, yield* decisionOf(row)))
          yield* folds.reached(events.at(-1)?.seq ?? 0)
          return false
        })

        return Judge.of({ call, suggestion, recheck })
      }),
    )
}
