/**
 * The kill switch over all that runs: tools, background commands, language servers, answers of models. At a pause and before
 * the daemon stops.
 * Invariant: what was starting while it was thrown is stopped too.
 */
import { Context, Effect, Layer } from "effect"
import { LanguageServers } from "../act/lsp/LanguageServers.ts"
import { Tasks } from "../act/tasks/Tasks.ts"
import { KillSwitch } from "../model/KillSwitch.ts"
import { Executor } from "./Executor.ts"

export class StopWork extends Context.Service<
  StopWork,
  {
    readonly stop: (reason: "paused" | "daemon-stopped") => Effect.Effect<void>
    /** After a pause: what waits goes on. */
    readonly release: Effect.Effect<void>
  }
>()("claw/loop/StopWork") {
  static readonly layer = Layer.effect(
    StopWork,
    Effect.gen(function* () {
      const executor = yield* Executor
      const tasks = yield* Tasks
      const servers = yield* LanguageServers
      const killSwitch = yield* KillSwitch
      const stop: StopWork["Service"]["stop"] = Effect.fn("StopWork.stop")(function* (reason) {
        yield* killSwitch.throw
        yield* Effect.all([executor.hold, tasks.stopAll(reason), servers.stopAll], {
          concurrency: "unbounded",
          discard: true,
        })
        yield* Effect.all([tasks.stopAll(reason), servers.stopAll], {
          concurrency: "unbounded",
          discard: true,
        })
      })
      return StopWork.of({ stop, release: Effect.andThen(executor.release, killSwitch.release) })
    }),
  )
}
