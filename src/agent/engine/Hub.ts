/**
 * What can be watched of conversations while they happen. Invariants: nobody who watches holds anything up; who is slow
 * misses the oldest; who comes while an answer is under way hears it from its beginning; of what is in the log nothing is
 * held.
 */
import { Effect, PubSub, type Scope, Stream } from "effect"
import type { ModelDelta } from "../../model/Models.ts"

export type SessionDelta =
  /** `cause`: seq of the newest event that stands in the prompt. */
  | {
      readonly _tag: "model"
      readonly call: string | null
      readonly cause: number
      readonly delta: ModelDelta
    }
  /** Something became durable: read on from the log. */
  | { readonly _tag: "moved"; readonly seq: number }

type OfModel = Extract<SessionDelta, { readonly _tag: "model" }>

/** `at`: the how manieth that was published. */
interface Published {
  readonly at: number
  readonly delta: SessionDelta
}

const held = 8_192

/** What of an answer under way is to be told to who comes now: pieces of text that follow each other as one. */
export const heard = (before: ReadonlyArray<OfModel>, next: OfModel): ReadonlyArray<OfModel> => {
  if (next.delta._tag === "answered") return []
  // what was said before a call is made again counts no more
  if (next.delta._tag === "again") return [next]
  const last = before.at(-1)
  // it goes on: nothing is asked any more
  if (last?.delta._tag === "paused") return heard(before.slice(0, -1), next)
  if (
    last !== undefined &&
    (next.delta._tag === "text" || next.delta._tag === "reasoning") &&
    last.delta._tag === next.delta._tag
  )
    return [
      ...before.slice(0, -1),
      { ...next, delta: { ...next.delta, text: last.delta.text + next.delta.text } },
    ]
  return [...before, next]
}

export class Hub {
  readonly #channels = new Map<string, { readonly pubsub: PubSub.PubSub<Published>; watchers: number }>()
  readonly #underWay = new Map<string, ReadonlyArray<OfModel>>()
  #published = 0

  publish(session: string, delta: SessionDelta): Effect.Effect<void> {
    return Effect.suspend(() => {
      const at = ++this.#published
      if (delta._tag === "model") this.#hold(session, heard(this.#underWay.get(session) ?? [], delta))
      const channel = this.#channels.get(session)
      return channel === undefined
        ? Effect.void
        : Effect.asVoid(PubSub.publish(channel.pubsub, { at, delta }))
    })
  }

  /** The answer under way has ended, whole or not. */
  ended(session: string): Effect.Effect<void> {
    return Effect.sync(() => this.#hold(session, []))
  }

  /** Watched from now on; what it gives begins with the answer that is under way when it is first asked. */
  watch(session: string): Effect.Effect<Stream.Stream<SessionDelta>, never, Scope.Scope> {
    return Effect.gen({ self: this }, function* () {
      const channel = yield* Effect.acquireRelease(this.#enter(session), () => this.#leave(session))
      const subscription = yield* PubSub.subscribe(channel.pubsub)
      return Stream.suspend(() => {
        const told = this.#published
        return Stream.concat(
          Stream.fromIterable<SessionDelta>(this.#underWay.get(session) ?? []),
          Stream.fromSubscription(subscription).pipe(
            Stream.filter(({ at, delta }) => at > told || delta._tag === "moved"),
            Stream.map(({ delta }) => delta),
          ),
        )
      })
    })
  }

  #hold(session: string, deltas: ReadonlyArray<OfModel>): void {
    if (deltas.length === 0) this.#underWay.delete(session)
    else this.#underWay.set(session, deltas)
  }

  #enter(session: string) {
    return Effect.gen({ self: this }, function* () {
      const known = this.#channels.get(session)
      const channel = known ?? { pubsub: yield* PubSub.sliding<Published>(held), watchers: 0 }
      this.#channels.set(session, channel)
      channel.watchers++
      return channel
    })
  }

  #leave(session: string): Effect.Effect<void> {
    return Effect.sync(() => {
      const channel = this.#channels.get(session)
      if (channel !== undefined && --channel.watchers === 0) this.#channels.delete(session)
    })
  }
}
