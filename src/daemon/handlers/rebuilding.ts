/** Folds everything anew beside the live folds, and puts it in their place. One at a time: another waits. */
import { Effect, Semaphore, Stream } from "effect"
import { LogStore } from "../../../log-store/LogStore.ts"
import { Folds } from "../../loop/Folds.ts"
import { rebuild } from "../../loop/rebuild.ts"
import { RebuildError, RebuildRpcs } from "../../rpc/rebuilding.ts"

export const rebuildHandlers = RebuildRpcs.toLayer(
  Effect.gen(function* () {
    const store = yield* LogStore
    const folds = yield* Folds
    const turn = yield* Semaphore.make(1)
    return RebuildRpcs.of({
      Rebuild: () =>
        Stream.unwrap(
          Effect.gen(function* () {
            yield* Effect.acquireRelease(turn.take(1), () => turn.release(1))
            return Stream.mapError(
              rebuild(store, folds.adopt),
              (error) => new RebuildError({ message: error.message }),
            )
          }),
        ),
    })
  }),
)
