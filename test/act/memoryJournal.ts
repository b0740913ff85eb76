/** The tools' log in memory: what was appended, and a way to wait for it. */
import { Deferred, Effect, Layer } from "effect"
import { Journal } from "../../src/act/Journal.ts"
import { TaskHistory } from "../../src/act/tasks/TaskHistory.ts"
import type { Event, EventDraft, EventOf, EventType } from "../../src/domain/event.ts"
import { tasksProjection, type TasksState } from "../../src/domain/tasks.ts"

export interface MemoryJournal {
  readonly layer: Layer.Layer<Journal | TaskHistory>
  readonly drafts: Array<EventDraft>
  readonly of: <T extends EventType>(type: T) => ReadonlyArray<EventOf<T>>
  /** The first event of this type that holds, there or to come. */
  readonly when: <T extends EventType>(
    type: T,
    holds?: (event: EventOf<T>) => boolean,
  ) => Effect.Effect<EventOf<T>>
}

export const memoryJournal = (): MemoryJournal => {
  const drafts: Array<EventDraft> = []
  const events: Array<Event> = []
  const waiting = new Set<() => void>()
  let folded: TasksState = tasksProjection.initial
  const stored = (draft: EventDraft): Event => {
    const seq = events.length + 1
    const { blobs: _, ...rest } = draft
    return {
      ...rest,
      seq,
      id: `e${seq}`,
      at: new Date(0).toISOString(),
      v: 1,
      prevHash: "",
      hash: "",
    } as Event
  }
  const journal = Journal.of({
    append: (added) =>
      Effect.sync(() => {
        const made = added.map((one) => {
          drafts.push(one)
          const event = stored(one)
          events.push(event)
          folded = tasksProjection.evolve(folded, event)
          return event
        })
        for (const look of waiting) look()
        return made
      }),
  })
  const history = TaskHistory.of({
    find: (id) =>
      Effect.sync(() => folded.running[id] ?? folded.ended.find(({ task }) => task === id) ?? null),
    unfinished: Effect.sync(() => Object.values(folded.running)),
  })
  const of = <T extends EventType>(type: T) =>
    events.filter((event): event is EventOf<T> => event.type === type)
  const when: MemoryJournal["when"] = (type, holds = () => true) =>
    Effect.gen(function* () {
      const found = Deferred.makeUnsafe<void>()
      const look = () => {
        if (of(type).some(holds)) Deferred.doneUnsafe(found, Effect.void)
      }
      waiting.add(look)
      look()
      yield* Deferred.await(found)
      waiting.delete(look)
      return of(type).find(holds)!
    })
  return {
    layer: Layer.mergeAll(Layer.succeed(Journal, journal), Layer.succeed(TaskHistory, history)),
    drafts,
    of,
    when,
  }
}
