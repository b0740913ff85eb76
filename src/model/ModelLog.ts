/**
 * The log as models need it. The driver gives the layer, because it alone appends.
 * Invariant: what `append` answered is durable.
 */
import { Context, type Effect } from "effect"
import type { CostsState } from "../domain/costs.ts"
import type { Event, EventDraft } from "../domain/event.ts"
import type { ModelRequest } from "../domain/modelRequest.ts"

export class ModelLog extends Context.Service<
  ModelLog,
  {
    readonly append: (drafts: ReadonlyArray<EventDraft>) => Effect.Effect<ReadonlyArray<Event>>
    /** What was asked in a call, put together from its record and those it rests on; null: unknown or erased. */
    readonly requestOf: (call: string) => Effect.Effect<ModelRequest | null>
    /** What was spent and is reserved, at the newest event. */
    readonly costs: Effect.Effect<CostsState>
    /**
     * Puts the question of a ceiling into the queue (one for each ceiling and key) and waits for its answer: the new
     * limit in USD, or null for no.
     */
    readonly askToRaise: (
      paused: EventDraft & { readonly type: "model.paused" },
    ) => Effect.Effect<number | null>
  }
>()("claw/model/ModelLog") {}
