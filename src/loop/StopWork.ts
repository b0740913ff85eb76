/**
 * The kill switch over all that runs: tools, background commands, language servers. At a pause and before the daemon stops.
 * Invariant: what was starting while it was thrown is stopped too.
 */
import { Context, Effect, Layer } from "effect"
import { LanguageServers } from "../act/lsp/LanguageServers.ts"
import { Tasks } from "../act/tasks/Tasks.ts"
import { Executor } from "./Executor.ts"

export class StopWork extends Context.Service<
  StopWork,
  {
    readonly stop: (reason: "paused" | "daemon-stopped") => Effect.Effect<void>
  }
>()("claw/loop/StopWork") {
  static readonly layer = Layer.effect(
    StopWork,
    Effect.gen(function* () {
      const executor = yield* Executor
      const tasks = yield* Tasks
      const servers = yield* LanguageServers
      const stop: StopWork["Service"]["stop"] = Effect.fn("StopWork.stop")(function* (reason) {
        yield* Effect.all([executor.hold, tasks.stopAll(reason), servers.stopAll], {
          concurrency: "unbounded",
          discard: true,
        })
        yield* Effect.all([tasks.stopAll(reason), servers.stopAll], {
          concurrency: "unbounded",
          discard: true,
        })
      })
      return StopWork.of({ stop })
    }),
  )
}
