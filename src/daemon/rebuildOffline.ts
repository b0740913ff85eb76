/**
 * Folds everything anew while no daemon runs, and stores it for the next one. What a start would fold from the stored
 * checkpoints is what the new folds are held against.
 * Invariants: no daemon can start meanwhile (its lock is held); a log that does not open in a child is not opened here.
 */
import { Effect, Layer, Stream } from "effect"
import { foldOn, loadFolding } from "../../log-store/Folding.ts"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { probeInChild } from "../../log-store/verifier.ts"
import type { DirectoriesShape } from "../config/Directories.ts"
import { projections } from "../loop/projections.ts"
import { rebuild } from "../loop/rebuild.ts"
import { type Entry, hidden } from "./entry.ts"
import { acquireLock, privateDirectory } from "./Lock.ts"

const probed = (entry: Entry, dir: string) =>
  LmdbLogStore.layer({
    dir,
    probe: (at) => probeInChild(entry.node, [...entry.args, hidden.verify], at),
  })

export const rebuildOffline = (entry: Entry, directories: DirectoriesShape) =>
  Stream.unwrap(
    Effect.gen(function* () {
      yield* privateDirectory(directories.runtime)
      yield* acquireLock(directories.lock)
      const context = yield* Layer.build(probed(entry, directories.log))
      return yield* Effect.provideContext(
        Effect.gen(function* () {
          const store = yield* LogStore
          const { seq } = yield* store.head
          const live = yield* loadFolding(store, projections)
          yield* foldOn(store, live, seq)
          return rebuild(
            store,
            Effect.fnUntraced(function* (again) {
              for (const part of again.parts)
                yield* store.saveCheckpoint(part.projection, part.seq, part.state)
              return { seq, live: live.states, rebuilt: again.states }
            }),
          )
        }),
        context,
      )
    }),
  )
