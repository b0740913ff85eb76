/** The conformance of the log over LMDB. */
import { join } from "node:path"
import { Effect, Layer } from "effect"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { logStoreConformance } from "../conformance/logStore.ts"
import { temporaryDir } from "./temporary.ts"

logStoreConformance("LmdbLogStore", (options) =>
  Layer.unwrap(
    Effect.map(temporaryDir, (dir) =>
      LmdbLogStore.layer({ dir: join(dir, "log"), mapSize: 2 ** 30, ...options }),
    ),
  ),
)
