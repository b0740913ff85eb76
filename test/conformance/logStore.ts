/** What every layer of the log must do: one suite, run against memory and against LMDB. */
import { describe } from "@effect/vitest"
import type { Layer } from "effect"
import type { LogError, LogStore } from "../../log-store/LogStore.ts"
import { appending } from "./logStore/appending.ts"
import { keeping } from "./logStore/keeping.ts"
import { reading } from "./logStore/reading.ts"
import { type Options, suiteOf } from "./logStore/suite.ts"

export const logStoreConformance = (
  name: string,
  layer: (options?: Options) => Layer.Layer<LogStore, LogError>,
) => {
  const suite = suiteOf(layer)
  describe(name, () => {
    appending(suite)
    reading(suite)
    keeping(suite)
  })
}
