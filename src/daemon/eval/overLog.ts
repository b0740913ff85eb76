/** A log read where it lies, for an evaluation. It is only read, and no daemon may have it open for writing elsewhere. */
import { Effect } from "effect"
import type { LogStore } from "../../../log-store/LogStore.ts"
import { readOnlyLog } from "../../../log-store/readOnlyLog.ts"
import { probeInChild } from "../../../log-store/verifier.ts"
import { type Entry, hidden } from "../entry.ts"
import { EvalError } from "./Evaluated.ts"

export const overLog = <A, E extends { readonly message: string }>(
  dir: string,
  entry: Entry,
  over: Effect.Effect<A, E, LogStore>,
): Effect.Effect<A, EvalError> =>
  over.pipe(
    Effect.provide(
      readOnlyLog({ dir, probe: (at) => probeInChild(entry.node, [...entry.args, hidden.verify], at) }),
    ),
    Effect.mapError((error) => new EvalError({ message: `${dir}: ${error.message}` })),
  )
