/** Memories that no model says anything of. */
import { Effect, Layer } from "effect"
import { Embeddings } from "../../../src/agent/memory/Embeddings.ts"

export const wordsAlone = Layer.succeed(
  Embeddings,
  Embeddings.of({
    near: () => Effect.succeed({ near: [], without: null }),
    status: () => Effect.succeed({ model: null, known: 0, embedded: 0, problem: null }),
    run: Effect.never,
  }),
)
