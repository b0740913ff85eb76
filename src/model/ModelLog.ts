/**
 * The log as models need it. The driver gives the layer, because it alone appends.
 * Invariant: what `append` answered is durable and counted in `costs`.
 */
import { Context, type Effect } from "effect"
import type { CostsState } from "../domain/costs.ts"
import type { Event, EventDraft, EventOf } from "../domain/event.ts"
import type { ModelRequest } from "../domain/modelRequest.ts"

/** A call as the log has it; `ended` is null while it runs, and after a crash. */
export interface RecordedCall {
  readonly requested: EventOf<"model.requested">
  readonly ended: EventOf<"model.answered"> | EventOf<"model.failed"> | null
}

export class ModelLog extends Context.Service<
  ModelLog,
  {
    /** `durable` is run as soon as they are on the disk, which is before they are counted. */
    readonly append: (
      drafts: ReadonlyArray<EventDraft>,
      durable?: (events: ReadonlyArray<Event>) => Effect.Effect<unknown>,
    ) => Effect.Effect<ReadonlyArray<Event>>
    /** What was asked in a call, put together from its record and those it rests on; null: unknown or erased. */
    readonly requestOf: (call: string) => Effect.Effect<ModelRequest | null>
    /** The calls that an event brought about, oldest first. */
    readonly callsOf: (cause: {
      readonly seq: number
      readonly id: string
    }) => Effect.Effect<ReadonlyArray<RecordedCall>>
    readonly call: (call: string) => Effect.Effect<RecordedCall | null>
    /** What was spent and is reserved, at the newest event. */
    readonly costs: Effect.Effect<CostsState>
    /**
     * Puts the question of a ceiling into the queue (one for each ceiling and key, over restarts too); `raised` waits for its
     * answer: the new limit in USD, which is in the log by then, or null for no. `over`: the ceiling's day ended meanwhile.
     */
    readonly askToRaise: (paused: EventDraft & { readonly type: "model.paused" }) => Effect.Effect<{
      readonly question: string
      readonly raised: Effect.Effect<number | "over" | null>
    }>
  }
>()("claw/model/ModelLog") {}
