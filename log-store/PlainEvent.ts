/**
 * Makes the object of an event: a plain one, as a literal would. A literal's memory is placed by what became of earlier
 * ones: appended events live long, so that V8 would put those of a scan into old space too, and a scan would cost
 * twice as much. A constructor has no such memory.
 */
import type { Event } from "../src/domain/event.ts"

interface PlainEventConstructor {
  new (
    seq: number,
    id: string,
    at: string,
    type: string,
    v: number,
    workspace: string | null,
    actor: string,
    trust: string,
    causationId: string | null,
    correlationId: string | null,
    payload: unknown,
    prevHash: string,
    hash: string,
  ): Event
  prototype: unknown
}

export const PlainEvent = function (
  this: Record<string, unknown>,
  seq: number,
  id: string,
  at: string,
  type: string,
  v: number,
  workspace: string | null,
  actor: string,
  trust: string,
  causationId: string | null,
  correlationId: string | null,
  payload: unknown,
  prevHash: string,
  hash: string,
) {
  this["seq"] = seq
  this["id"] = id
  this["at"] = at
  this["type"] = type
  this["v"] = v
  this["workspace"] = workspace
  this["actor"] = actor
  this["trust"] = trust
  this["causationId"] = causationId
  this["correlationId"] = correlationId
  this["payload"] = payload
  this["prevHash"] = prevHash
  this["hash"] = hash
} as unknown as PlainEventConstructor
PlainEvent.prototype = Object.prototype
