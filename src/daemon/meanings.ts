/**
 * What models made of words as numbers, in which no text is looked for: the calls that asked what some events' words mean,
 * and their answers. Whoever erases the words erases these.
 */
import { Effect, Stream } from "effect"
import type { LogError, LogStore } from "../../log-store/LogStore.ts"
import type { Event } from "../domain/event.ts"
import { givesVectors } from "../domain/modelRequest.ts"
import { embeddingsOf } from "../model/recorderCall.ts"

interface Place {
  readonly id: string
  readonly seq: number
}

const isPresent = (event: Event): boolean => (event.payload as unknown) !== null
const asksVectors = (event: Event): boolean =>
  event.type === "model.requested" && isPresent(event) && givesVectors.has(event.payload.purpose)

export class Meanings {
  readonly #memories = new Set<string>()
  readonly #answers: Array<Place> = []
  readonly #calls: Array<Place> = []

  add(event: Event): void {
    if (!isPresent(event)) return
    const { id, seq } = event
    if (event.type === "memory.proposed" || event.type === "memory.accepted")
      this.#memories.add(event.payload.memory)
    // a search is part of an answer
    if (event.type === "model.answered") this.#answers.push({ id, seq })
    if (asksVectors(event)) this.#calls.push({ id, seq })
  }

  /** Up to this seq. */
  events(store: LogStore["Service"], to: number): Effect.Effect<ReadonlyArray<Event>, LogError> {
    return Effect.gen({ self: this }, function* () {
      const types = ["model.requested"]
      const requests: Array<Event> = []
      const ofMemories = (event: Event): boolean =>
        event.type === "model.requested" &&
        asksVectors(event) &&
        event.payload.memories?.some((id) => this.#memories.has(id)) === true
      if (this.#memories.size > 0)
        requests.push(
          ...(yield* store
            .read({ correlationId: embeddingsOf, types, to })
            .pipe(Stream.filter(ofMemories), Stream.runCollect)),
        )
      for (const { id, seq } of this.#answers)
        requests.push(
          ...(yield* store
            .read({ causationId: id, from: seq, to, types })
            .pipe(Stream.filter(asksVectors), Stream.runCollect)),
        )
      const ends: Array<Event> = []
      for (const { id, seq } of [...this.#calls, ...requests])
        ends.push(...(yield* store.read({ causationId: id, from: seq, to }).pipe(Stream.runCollect)))
      return [...requests, ...ends]
    })
  }
}
