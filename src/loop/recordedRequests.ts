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
  store.read({ types: ["model.requested"], reverse: true, ...(to === undefined ? {} : { to }) }).pipe(
    Stream.filter(isRequested),
    Stream.filter(({ payload }) => payload.call === call),
    Stream.runHead,
    Effect.map(Option.getOrNull),
  )

export const recordAt = (store: Store, hash: string): Effect.Effect<RequestRecord | null, LogError> =>
  Effect.map(store.blob(hash), (blob) => (blob === null ? null : readRecord(blob)))

export const recordedRequest = Effect.fnUntraced(function* (
  store: Store,
  call: string,
): Effect.fn.Return<ModelRequest | null, LogError> {
  const records: Array<RequestRecord> = []
  let wanted: string | null = call
  let to: number | undefined
  while (wanted !== null) {
    const requested: Requested | null = yield* requestedOf(store, wanted, to)
    const record: RequestRecord | null =
      requested === null ? null : yield* recordAt(store, requested.payload.record)
    if (requested === null || record === null) return null
    records.unshift(record)
    wanted = record.base?.call ?? null
    to = requested.seq - 1
  }
  return requestFrom(records)
})
