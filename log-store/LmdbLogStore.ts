/**
 * The log on disk: a directory opened for writing, the service over it, and a look at the segments, which tells
 * when an older copy was put in the log's place.
 */
import { Effect, Layer } from "effect"
import { ArchiveReader } from "./ArchiveReader.ts"
import { Damaged, LogError, LogStore } from "./LogStore.ts"
import { makeStore } from "./makeStore.ts"
import { openDirectory, type OpenOptions } from "./openDirectory.ts"
import { compareWithSegments } from "./segments.ts"
import { upcaster, type Upcasts, upcasts } from "./upcasts.ts"

export interface LmdbLogStoreOptions extends OpenOptions {
  /** The table of payload upcasts; the program's own by default. */
  readonly upcasts?: Upcasts
}

const open = Effect.fnUntraced(function* (options: LmdbLogStoreOptions) {
  const { dir } = options
  const backend = yield* openDirectory(options)
  const upcast = upcaster(options.upcasts ?? upcasts)
  const store = yield* makeStore({
    backend,
    upcast,
    place: dir,
    archives: new ArchiveReader(dir, upcast),
    sketch: true,
  })
  const wrong = yield* compareWithSegments(store, dir)
  if (wrong !== null)
    return yield* new LogError({
      reason: new Damaged({ seq: null, message: `The log in ${dir} is not whole: ${wrong}.` }),
    })
  return store
})

export const LmdbLogStore = {
  layer: (options: LmdbLogStoreOptions): Layer.Layer<LogStore, LogError> =>
    Layer.effect(LogStore, open(options)),
}
