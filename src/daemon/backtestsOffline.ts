/**
 * Going over the past while no daemon runs: the log is only read, the gate has the shipped and the user's own rules.
 * Rules that workspaces brought and the user trusted are known to the daemon alone, and are left out.
 */
import { Effect, Layer } from "effect"
import { readOnlyLog } from "../../log-store/readOnlyLog.ts"
import { probeInChild } from "../../log-store/verifier.ts"
import type { DirectoriesShape } from "../config/Directories.ts"
import { makeBacktests } from "./backtests.ts"
import { type Entry, hidden } from "./entry.ts"
import { policiesLayer } from "./policiesLayer.ts"

export const backtestsOffline = Effect.fnUntraced(function* (entry: Entry, directories: DirectoriesShape) {
  const context = yield* Layer.build(
    Layer.merge(
      policiesLayer(directories),
      readOnlyLog({
        dir: directories.log,
        probe: (at) => probeInChild(entry.node, [...entry.args, hidden.verify], at),
      }),
    ),
  )
  return yield* Effect.provideContext(makeBacktests(directories), context)
})
