/** The past of a log that no daemon has open: the same moments and events as a daemon would answer, read only. */
import { Effect, Layer, Stream } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { makePast } from "../../log-store/Past.ts"
import { readOnlyLog } from "../../log-store/readOnlyLog.ts"
import { probeInChild } from "../../log-store/verifier.ts"
import { viewed } from "../loop/projections.ts"
import type { LogQuery } from "../rpc/ClawRpcs.ts"
import type { Point } from "../rpc/shapes.ts"
import { type Entry, hidden } from "./entry.ts"
import { eventRecord } from "./eventRecord.ts"
import { storeQuery } from "./handlers/logQuery.ts"
import { momentAt } from "./Moments.ts"

export const pastOffline = Effect.fnUntraced(function* (entry: Entry, dir: string) {
  const context = yield* Layer.build(
    readOnlyLog({ dir, probe: (at) => probeInChild(entry.node, [...entry.args, hidden.verify], at) }),
  )
  const store = yield* Effect.provideContext(Effect.service(LogStore), context)
  const past = yield* makePast(store, viewed)
  return {
    moment: (point: Point) => momentAt(store, past, dir, point),
    log: (query: LogQuery) =>
      Stream.unwrap(
        Effect.map(storeQuery(store, query), (asked) =>
          store.read(asked).pipe(
            Stream.chunks,
            Stream.map((events) => events.map(eventRecord)),
          ),
        ),
      ),
  }
})
