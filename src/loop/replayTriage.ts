/**
 * The prompt of a first look at a situation, made again out of the log alone. Invariant: the pieces are those that were
 * written down before it was sent, so the request is the same byte for byte, whatever the machine looks like by now.
 */
import { Effect } from "effect"
import type { LogError, LogStore } from "../../log-store/LogStore.ts"
import { triageRequest } from "../agent/deliberation/triage.ts"
import type { EventOf } from "../domain/event.ts"
import type { ModelRequest } from "../domain/modelRequest.ts"
import { piecesOf } from "./evidence.ts"

/** Null: something it was made of is erased, or it is no such call. */
export const triageOf = Effect.fnUntraced(function* (
  store: LogStore["Service"],
  requested: EventOf<"model.requested">,
): Effect.fn.Return<Omit<ModelRequest, "model"> | null, LogError> {
  const { causationId, payload } = requested
  const cause = causationId === null ? null : yield* store.getById(causationId)
  if (cause?.type !== "situation.prepared" || (cause.payload as unknown) === null) return null
  if (payload.situation === null) return null
  const pieces = yield* piecesOf(store, cause)
  return pieces.length === cause.payload.pieces.length && pieces.every(({ text }) => text !== "(erased)")
    ? triageRequest({ seq: payload.situation }, pieces)
    : null
})
