/** Gathers what the pure status needs: head hash, disk, sandbox, gate and settings troubles. Reads only. */
import { Clock, Context, Effect, Layer, SubscriptionRef } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { Policies } from "../../policies/Policies.ts"
import { Sandbox } from "../act/Sandbox.ts"
import { sandboxLine } from "../act/sandboxState.ts"
import { Appender } from "../loop/Appender.ts"
import { Executor } from "../loop/Executor.ts"
import { Folds } from "../loop/Folds.ts"
import type { Status } from "../rpc/shapes.ts"
import { Configs } from "./Configs.ts"
import { Identity } from "./Identity.ts"
import { statusOf } from "./statusOf.ts"

export class Reporter extends Context.Service<Reporter, { readonly status: Effect.Effect<Status> }>()(
  "claw/daemon/Reporter",
) {
  static readonly layer = (options: { readonly logDir: string }) =>
    Layer.effect(
      Reporter,
      Effect.gen(function* () {
        const identity = yield* Identity
        const store = yield* LogStore
        const folds = yield* Folds
        const appender = yield* Appender
        const sandbox = yield* Sandbox
        const policies = yield* Policies
        const executor = yield* Executor
        const configs = yield* Configs

        const troubles = Effect.gen(function* () {
          const disk = yield* SubscriptionRef.get(appender.trouble)
          const box = yield* sandbox.state
          const { broken } = yield* policies.ruleSet
          return [
            ...(disk === null ? [] : [`log: cannot be written, nothing is done until it can: ${disk}`]),
            ...(box._tag === "available" ? [] : [`sandbox: ${sandboxLine(box)}`]),
            ...(broken === null ? [] : [`gate: everything is denied: ${broken}`]),
            ...(yield* configs.troubles),
          ]
        })

        const status = Effect.gen(function* () {
          const snapshot = yield* SubscriptionRef.get(folds.snapshot)
          const head = yield* store.head
          const status = statusOf(snapshot, {
            ...identity,
            logDir: options.logDir,
            headHash: head.hash,
            nowMs: yield* Clock.currentTimeMillis,
            troubles: yield* troubles,
          })
          return {
            ...status,
            tasks: { running: Object.keys(snapshot.tasks.running).length },
            sandbox: sandboxLine(yield* sandbox.state),
            paused: status.paused || (yield* executor.isHeld),
          }
        })
        return Reporter.of({ status })
      }),
    )
}
