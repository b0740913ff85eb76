/**
 * Events as CloudEvents 1.0 in their JSON format, one a line. `source` is the log itself, named by the hash of its first
 * event, so that source and id together are unique for ever, on any machine. `type` is Claw's own with `claw.` before it:
 * the specification advises a reversed domain name, and there is no domain that this program could speak for.
 * Extension attributes (lower-case letters and digits, as it demands) carry what the chain says; those that are null are
 * left out. `subject` is the suggestion that an event belongs to. Pure.
 */
import type { Event } from "../src/domain/event.ts"

export const cloudSource = (firstHash: string): string => `urn:claw:log:${firstHash}`

export const cloudEvent = (event: Event, source: string): Readonly<Record<string, unknown>> => ({
  specversion: "1.0",
  id: event.id,
  source,
  type: `claw.${event.type}`,
  ...(event.correlationId === null ? {} : { subject: event.correlationId }),
  time: event.at,
  seq: event.seq,
  prevhash: event.prevHash,
  hash: event.hash,
  payloadversion: event.v,
  ...(event.workspace === null ? {} : { workspace: event.workspace }),
  actor: event.actor,
  trust: event.trust,
  ...(event.causationId === null ? {} : { causationid: event.causationId }),
  ...(event.correlationId === null ? {} : { correlationid: event.correlationId }),
  ...(event.archived === undefined ? {} : { archived: event.archived }),
  // what was erased has no data; what is null has null
  ...(event.erased === true
    ? { erased: true }
    : { datacontenttype: "application/json", data: event.payload }),
})
