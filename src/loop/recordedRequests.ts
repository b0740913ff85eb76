/**
 * Requests to models as the log has them: a record says what it adds to that of an earlier call.
 * Invariant: what is given back is what was sent, or null where a part of it is gone.
 */
import { Effect, Option, Stream } from "effect"
import type { LogError, LogStore } from "../../log-store/LogStore.ts"
import type { Event, EventOf } from "../domain/event.ts"
import type { RequestRecord } from "../domain/events/model.ts"
import type { ModelRequest } from "../domain/modelRequest.ts"
import { readRecord, requestFrom } from "../model/recorder.ts"

export type Requested = EventOf<"model.requested">

export const isRequested = (event: Event): event is Requested =>
  event.type === "model.requested" && (event.payload as unknown) !== null

type Store = typeof LogStore.Service

/** The newest of this id at or before `to`: what a record rests on came shortly before it. */
export const requestedOf = (
  store: Store,
  call: string,
  to?: number,
): Effect.Effect<Requested | null, LogError> =>
  store
    .read({
      types: ["model.requested"],
      reverse: true,
      ...(to === undefined ? {} : { to }),
    })
    .pipe(
      Stream.filter(isRequested),
      Stream.filter(({ payload }) => payload.call === call),
      Stream.runHead,
      Effect.map(Option.getOrNull),
    )

export const recordAt = (store: Store, hash: string): Effect.Effect<RequestRecord | null, LogError> =>
  Effect.map(store.blob(hash), (blob) => (blob === null ? null : readRecord(blob)))

/** A chain of records, the newest first. */
interface Chain {
  readonly records: Array<RequestRecord>
  /** The call it rests on further; null: it is whole. */
  wanted: string | null
}

/** Goes back through the calls of one conversation, once, as far as the chain stays in it; the seq it came to. */
const along = (store: Store, chain: Chain, from: Requested): Effect.Effect<number, LogError> => {
  const own = from.correlationId === null ? {} : { correlationId: from.correlationId }
  let at = from.seq
  return store.read({ types: ["model.requested"], ...own, to: from.seq, reverse: true }).pipe(
    Stream.filter(isRequested),
    // not a filter before this: it would look at a whole chunk before the chain has moved on
    Stream.mapEffect((requested) =>
      requested.payload.call !== chain.wanted
        ? Effect.succeed(true)
        : Effect.map(recordAt(store, requested.payload.record), (record) => {
            if (record === null) return false
            chain.records.push(record)
            chain.wanted = record.base?.call ?? null
            at = requested.seq
            return chain.wanted !== null
          }),
    ),
    Stream.takeWhile((goesOn) => goesOn),
    Stream.runDrain,
    Effect.map(() => at),
  )
}

export const recordedRequest = Effect.fnUntraced(function* (
  store: Store,
  call: string,
): Effect.fn.Return<ModelRequest | null, LogError> {
  const chain: Chain = { records: [], wanted: call }
  let to: number | undefined
  for (let wanted: string | null = call; wanted !== null; wanted = chain.wanted) {
    const known = chain.records.length
    const requested: Requested | null = yield* requestedOf(store, wanted, to)
    if (requested === null) return null
    to = yield* along(store, chain, requested)
    if (chain.records.length === known) return null
  }
  return requestFrom(chain.records.toReversed())
})
