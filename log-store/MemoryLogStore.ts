/** The log without a disk: the same writer, chain, reader and verifier over maps. For tests and throw-away runs. */
import { Effect, Layer } from "effect"
import { LogStore } from "./LogStore.ts"
import { makeStore } from "./makeStore.ts"
import { memoryBackend } from "./MemoryBackend.ts"
import { upcaster, type Upcasts, upcasts } from "./upcasts.ts"

export interface MemoryLogStoreOptions {
  /** The table of payload upcasts; the program's own by default. */
  readonly upcasts?: Upcasts
}

export const MemoryLogStore = {
  layerWith: (options: MemoryLogStoreOptions): Layer.Layer<LogStore> =>
    Layer.effect(
      LogStore,
      Effect.orDie(
        makeStore({
          backend: memoryBackend(),
          upcast: upcaster(options.upcasts ?? upcasts),
          place: "memory",
        }),
      ),
    ),
  get layer(): Layer.Layer<LogStore> {
    return MemoryLogStore.layerWith({})
  },
}
