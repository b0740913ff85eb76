/**
 * Asks the gate about each action of a suggestion and logs every verdict with rule, file and line.
 * Invariant: a suggestion is judged whole, in one append; a broken gate denies (see `Policies`), it never skips.
 */
import { Context, Effect, Layer, SubscriptionRef } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { Policies } from "../../policies/Policies.ts"
import type { ToolCall, Trust, Verdict } from "../domain/action.ts"
import { draft } from "../domain/event.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"

export class Judge extends Context.Service<
  Judge,
  {
    /** Judges one call as it stands now; logs nothing. */
    readonly call: (
      call: ToolCall,
      context: { readonly workspace: string; readonly trust: Trust },
    ) => Effect.Effect<Verdict>
    /** Judges every action of a queued suggestion and logs the verdicts. */
    readonly suggestion: (id: string) => Effect.Effect<void>
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

        const call = (toolCall: ToolCall, context: { readonly workspace: string; readonly trust: Trust }) =>
          policies.judge(toolCall, {
            workspace: context.workspace,
            cwd: toolCall.cwd ?? context.workspace,
            home: options.home,
            actor: "claw",
            trust: context.trust,
          })

        const suggestion = Effect.fn("Judge.suggestion")(function* (id: string) {
          const { queue } = yield* SubscriptionRef.get(folds.snapshot)
          const row = queue.suggestions[id]
          if (row === undefined) return
          const decided = yield* store.get(row.decidedSeq).pipe(Effect.orDie)
          const workspace = row.workspace ?? options.home
          const trust: Trust = row.tainted ? "untrusted" : "trusted"
          const verdicts = yield* Effect.forEach(row.proposed, (action) => call(action, { workspace, trust }))
          yield* appender.append(
            verdicts.map((verdict, index) =>
              draft(
                "policy.verdict",
                { suggestion: id, index, call: row.proposed[index]!, verdict },
                {
                  actor: "gate",
                  workspace: row.workspace,
                  trust,
                  causationId: decided?.id ?? null,
                  correlationId: id,
                },
              ),
            ),
          )
        })

        return Judge.of({ call, suggestion })
      }),
    )
}
