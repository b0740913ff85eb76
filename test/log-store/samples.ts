/** A small log with everything in it: several chunks, large payloads, blobs, non-ASCII, causation and correlation. */
import { Effect } from "effect"
import type { Backend } from "../../log-store/Backend.ts"
import { upcaster } from "../../log-store/upcasts.ts"
import { makeStore } from "../../log-store/makeStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { LogStore } from "../../log-store/LogStore.ts"
import { draft } from "../../src/domain/event.ts"

export const fill = Effect.fnUntraced(function* (store: LogStore["Service"]) {
  const blob = new TextEncoder().encode("undo ".repeat(300))
  for (let n = 1; n <= 12; n++)
    yield* store.append(
      Array.from({ length: 1 + (n % 4) }, (_, m) =>
        draft(
          "daemon.health",
          {
            component: `c${n}.${m}`,
            state: "running",
            backend: null,
            detail: n === 5 ? "é".repeat(3000) : `día ${n}`,
          },
          {
            actor: m === 0 ? "daemon" : "source:fs",
            workspace: n % 2 === 0 ? "/home/dev/proj" : null,
            trust: n % 3 === 0 ? "untrusted" : "trusted",
            causationId: m === 1 ? "0198a000-0000-7000-8000-000000000001" : null,
            correlationId: n % 5 === 0 ? `s_${n}` : null,
            ...(n === 7 ? { blobs: [blob] } : {}),
          },
        ),
      ),
    )
})

/** The sample in memory, with its backend to tamper with. */
export const sample: Effect.Effect<Backend> = Effect.scoped(
  Effect.gen(function* () {
    const backend = memoryBackend()
    const store = yield* makeStore({ backend, upcast: upcaster({}), place: "memory" })
    yield* fill(store)
    return backend
  }),
).pipe(Effect.orDie)
