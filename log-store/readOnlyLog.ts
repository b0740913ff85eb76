/**
 * A log that nobody has to write, for looking at it while no daemon runs.
 * Invariant: nothing is stored: appends are refused by the disk's table itself, checkpoints are passed over.
 */
import { Effect, Layer } from "effect"
import { ArchiveReader } from "./ArchiveReader.ts"
import { lmdbBackend } from "./LmdbBackend.ts"
import { Damaged, LogError, LogStore } from "./LogStore.ts"
import { makeStore } from "./makeStore.ts"
import type { OpenOptions } from "./openDirectory.ts"
import { upcaster, upcasts } from "./upcasts.ts"

/** With `probe`, nothing is opened in this process that a child did not survive opening. */
export const readOnlyLog = ({ dir, mapSize, probe }: OpenOptions): Layer.Layer<LogStore, LogError> =>
  Layer.effect(
    LogStore,
    Effect.gen(function* () {
      if (probe !== undefined) yield* probe(dir)
      const backend = yield* Effect.acquireRelease(
        Effect.try({
          try: () => lmdbBackend({ dir, mapSize, readOnly: true }),
          catch: (error) =>
            new LogError({
              reason: new Damaged({
                seq: null,
                message: `The log in ${dir} cannot be opened: ${error instanceof Error ? error.message : String(error)}.`,
              }),
            }),
        }),
        (opened) => Effect.promise(() => opened.close()),
      )
      const upcast = upcaster(upcasts)
      const store = yield* makeStore({
        backend,
        upcast,
        place: dir,
        archives: new ArchiveReader(dir, upcast),
      })
      return { ...store, saveCheckpoint: () => Effect.void, dropCheckpoints: () => Effect.void }
    }),
  )
