/**
 * What tools write into the log beside their own start and end: lines of a watched command, a message to the user, a list
 * of things to do. The driver gives the layer, because it alone appends.
 * Invariant: what `append` answered is durable.
 */
import { Context, type Effect } from "effect"
import type { Event, EventDraft } from "../domain/event.ts"

export class Journal extends Context.Service<
  Journal,
  {
    readonly append: (drafts: ReadonlyArray<EventDraft>) => Effect.Effect<ReadonlyArray<Event>>
  }
>()("claw/act/Journal") {}
