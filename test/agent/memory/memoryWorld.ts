/** Memories over a log in memory: events are folded as they are appended. */
import { Clock, Context, Effect, Layer, Stream } from "effect"
import { AgentLog } from "../../../src/agent/AgentLog.ts"
import { Memories } from "../../../src/agent/memory/Memories.ts"
import { Remembered } from "../../../src/agent/memory/Remembered.ts"
import type { Event, EventDraft } from "../../../src/domain/event.ts"
import { type MemoriesState, memoriesProjection } from "../../../src/domain/memories.ts"
import { wordsAlone } from "./wordsAlone.ts"

export interface MemoryWorld {
  readonly memories: Memories["Service"]
  readonly events: ReadonlyArray<Event>
  readonly append: (drafts: ReadonlyArray<EventDraft>) => Effect.Effect<ReadonlyArray<Event>>
  readonly layer: Layer.Layer<AgentLog | Remembered | Memories>
}

export const stored = (draft: EventDraft, seq: number, at: string): Event =>
  ({ ...draft, seq, id: `e${seq}`, at, v: 1, prevHash: "", hash: "" }) as unknown as Event

export const memoryWorld: Effect.Effect<MemoryWorld> = Effect.gen(function* () {
  const events: Array<Event> = []
  let state: MemoriesState = memoriesProjection.initial
  const append = Effect.fnUntraced(function* (drafts: ReadonlyArray<EventDraft>) {
    const now = yield* Clock.currentTimeMillis
    const put = drafts.map((one, n) => stored(one, events.length + n + 1, new Date(now).toISOString()))
    events.push(...put)
    state = put.reduce(memoriesProjection.evolve, state)
    return put
  })
  const log = {
    append,
    appendAfter: (_: string, __: number, drafts: ReadonlyArray<EventDraft>) => append(drafts),
    read: (id: string) => Effect.sync(() => events.filter(({ correlationId }) => correlationId === id)),
    follow: () => Stream.never,
    events: (seqs: ReadonlyArray<number>) =>
      Effect.sync(() => events.filter(({ seq }) => seqs.includes(seq))),
    recent: ({ types, limit }: { readonly types: ReadonlyArray<string>; readonly limit: number }) =>
      Effect.sync(() =>
        events
          .toReversed()
          .filter(({ type }) => types.includes(type))
          .slice(0, limit),
      ),
    sessions: Effect.succeed({}),
    head: Effect.sync(() => events.length),
  } as unknown as AgentLog["Service"]
  const given = Layer.mergeAll(
    Layer.succeed(AgentLog, log),
    Layer.succeed(Remembered, Remembered.of({ state: Effect.sync(() => state) })),
  )
  const layer = Memories.layer.pipe(Layer.provide(wordsAlone), Layer.provideMerge(given))
  const context = yield* Effect.scoped(Layer.build(layer))
  return { memories: Context.get(context, Memories), events, append, layer: Layer.succeedContext(context) }
})
