/** A stored event as clients see it: the record of the contract, nothing of the store's own. Pure. */
import type { Event, EventRecord } from "../domain/event.ts"

export const eventRecord = (event: Event): EventRecord => ({
  seq: event.seq,
  id: event.id,
  at: event.at,
  type: event.type,
  v: event.v,
  workspace: event.workspace,
  actor: event.actor,
  trust: event.trust,
  causationId: event.causationId,
  correlationId: event.correlationId,
  payload: event.payload,
  prevHash: event.prevHash,
  hash: event.hash,
  ...(event.erased === true ? { erased: true as const } : {}),
  ...(event.archived === undefined ? {} : { archived: event.archived }),
})
