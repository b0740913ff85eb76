/**
 * What the log says memories mean, by one model at a time. Nothing of it is kept anywhere else.
 * Invariants: nothing is in it that is not remembered, forgotten or not, by this state; after an erasure it is read anew; what another model, or the same one at another
 * size, once said is never compared with what this one says.
 */
import { Effect, Semaphore } from "effect"
import type { Event, EventOf } from "../../domain/event.ts"
import { type MemoriesState, memoryOf } from "../../domain/memories.ts"
import { embeddingsOf } from "../../model/recorderCall.ts"
import { readVectors } from "../../model/vectors.ts"
import type { AgentLog } from "../AgentLog.ts"
import { MeaningIndex, type Near } from "./MeaningIndex.ts"

export interface MemoryVectors {
  /** Those of this model, as of this state. */
  readonly follow: (model: string, state: MemoriesState) => Effect.Effect<void>
  readonly take: (model: string, ids: ReadonlyArray<string>, answer: EventOf<"model.answered">) => void
  readonly has: (id: string) => boolean
  readonly isEmpty: () => boolean
  readonly near: (vector: Int8Array, here: (id: string) => boolean, most: number) => ReadonlyArray<Near>
  /** Something was erased: all is read again when it is needed. */
  readonly forget: () => void
}

type Requested = EventOf<"model.requested">

export const memoryVectors = (log: AgentLog["Service"]): MemoryVectors => {
  const index = new MeaningIndex()
  const one = Semaphore.makeUnsafe(1)
  let whose: string | null = null

  const take: MemoryVectors["take"] = (model, ids, { payload }) => {
    if (model !== whose || payload.vectors === undefined) return
    readVectors(payload.vectors, ids.length)?.forEach((vector, at) => index.put(ids[at]!, vector))
  }

  const read = Effect.fnUntraced(function* (model: string) {
    index.clear()
    whose = model
    const asked = new Map<string, Requested>()
    for (const event of yield* log.read(embeddingsOf)) {
      if ((event.payload as unknown) === null) continue
      if (event.type === "model.requested" && event.payload.model === model) asked.set(event.id, event)
      const requested = asked.get(event.causationId ?? "")
      if (event.type === "model.answered" && requested?.payload.memories !== undefined)
        take(model, requested.payload.memories, event)
    }
  })

  const follow: MemoryVectors["follow"] = Effect.fn("MemoryVectors.follow")(function* (model, state) {
    if (model !== whose) yield* read(model)
    index.keep((id) => memoryOf(state, id) !== null)
  }, one.withPermit)

  return {
    follow,
    take,
    has: (id) => index.has(id),
    isEmpty: () => index.size === 0,
    near: (vector, here, most) => {
      // the model gives other vectors than it did: the old ones are of no use
      if (vector.length !== index.dimensions) index.clear()
      return index.near(vector, here, most)
    },
    forget: () => {
      index.clear()
      whose = null
    },
  }
}

/** The answer to one text; null: it is not one. */
export const onlyVector = ({ payload }: Extract<Event, { type: "model.answered" }>): Int8Array | null =>
  payload.vectors === undefined ? null : (readVectors(payload.vectors, 1)?.[0] ?? null)
