/**
 * What memories mean, as a model for it says, where the user's settings name one.
 * Invariants: off, nothing is asked; a model is asked when something is remembered or a conversation looks for something,
 * never else, and a failure is not tried again before the next occasion; a search waits no longer than a second, and not
 * at all while the server is known to be away or late; what an answer says is in the log before it counts.
 */
import { Cause, Context, Effect, Exit, Fiber, Layer, Option, Queue, Scope, Semaphore, Stream } from "effect"
import type { MemorySettings } from "../../config/memorySettings.ts"
import type { Event } from "../../domain/event.ts"
import { allMemories, knownIn, memoryOf } from "../../domain/memories.ts"
import { type ModelCall, Models } from "../../model/Models.ts"
import { AgentLog } from "../AgentLog.ts"
import { type Asking, askMeanings } from "./askMeanings.ts"
import { memoryVectors } from "./memoryVectors.ts"
import { Remembered } from "./Remembered.ts"
import { serverHealth } from "./serverHealth.ts"

const usualPatienceMs = 1_000
const concerns: ReadonlySet<Event["type"]> = new Set(["memory.accepted", "memory.restored"])

export interface Meant {
  /** Ids, the nearest first. */
  readonly near: ReadonlyArray<string>
  /** Why nothing can be said of meanings, where it was not said before. */
  readonly without: string | null
}

export interface EmbeddingsStatus {
  /** As the settings name it; null: off. */
  readonly model: string | null
  /** Memories that count here, and those of them whose meaning is known. */
  readonly known: number
  readonly embedded: number
  /** Why it is not used now. */
  readonly problem: string | null
}

const nothing: Meant = { near: [], without: null }

export class Embeddings extends Context.Service<
  Embeddings,
  {
    readonly near: (query: string, about: Asking, most: number) => Effect.Effect<Meant>
    readonly status: (workspace: string | null) => Effect.Effect<EmbeddingsStatus>
    /** Asks what newly remembered ones mean; without it nothing is asked. */
    readonly run: Effect.Effect<never>
  }
>()("claw/agent/Embeddings") {
  static readonly layer = (options: {
    readonly settings: (workspace: string | null) => Effect.Effect<MemorySettings>
    /** Longest wait of a search. */
    readonly patienceMs?: number
  }) =>
    Layer.effect(
      Embeddings,
      Effect.gen(function* () {
        const log = yield* AgentLog
        const models = yield* Models
        const { state } = yield* Remembered
        const { patienceMs = usualPatienceMs } = options
        const vectors = memoryVectors(log)
        const health = serverHealth(log)
        const ask = askMeanings({ models, vectors, health })
        /** Searches of one answer go one after the other: their calls are told apart by their order. */
        const recalling = yield* Semaphore.make(1)
        const occasions = yield* Queue.sliding<ModelCall["cause"]>(1)
        let working: Scope.Scope | null = null
        let late = false

        const namedFor = (workspace: string | null) =>
          Effect.map(options.settings(workspace), ({ embeddings }) =>
            embeddings === "off" ? null : embeddings,
          )
        /** The user's own word for it, whatever a workspace calls its models. */
        const following = Effect.fnUntraced(function* (word: string) {
          const model = yield* models.resolve(word, null)
          yield* vectors.follow(model, yield* state)
          return model
        })

        /** All that counts and of which nothing is known: what is new, and everything under a new model. */
        const catchUp = Effect.fnUntraced(function* (cause: ModelCall["cause"]) {
          const word = yield* namedFor(null)
          if (word === null || (yield* health.problem) !== null) return
          if (yield* log.paused) yield* log.resumed
          const model = yield* following(word)
          const waiting = allMemories(yield* state).filter(
            (memory) => memory.state === "known" && !vectors.has(memory.id) && ask.takes(model, memory),
          )
          for (const [workspace, some] of Map.groupBy(waiting, (memory) => memory.workspace))
            if ((yield* namedFor(workspace)) !== null) yield* ask.embed(model, { cause, workspace }, some)
        })
        const safely = (cause: ModelCall["cause"]) =>
          catchUp(cause).pipe(
            Effect.catchTag("ModelError", health.failed),
            Effect.catchCause((fault) =>
              Cause.hasInterruptsOnly(fault)
                ? Effect.interrupt
                : Effect.logError(`what memories mean: ${Cause.pretty(fault)}`),
            ),
          )

        const meaningOf = (word: string, query: string, about: Asking) =>
          Effect.gen(function* () {
            const model = yield* following(word)
            // with nothing to hold it against it need not be asked
            return vectors.isEmpty() ? null : yield* ask.recall(model, query, about)
          }).pipe(
            recalling.withPermit,
            Effect.catchTag("ModelError", (error) => Effect.as(health.failed(error), null)),
            Effect.ensuring(Effect.sync(() => (late = false))),
          )

        const found = Effect.fnUntraced(function* (query: string, about: Asking, most: number) {
          const word = yield* namedFor(about.workspace)
          if (word === null || late || working === null) return nothing
          const away = yield* health.problem
          if (away !== null) return { near: [], without: health.once(away) }
          const asked = yield* Effect.forkIn(meaningOf(word, query, about), working)
          const exit = yield* Effect.timeoutOption(Fiber.await(asked), patienceMs)
          if (Option.isNone(exit)) {
            // it ends by itself, and may have done so just now
            late = asked.pollUnsafe() === undefined
            return { near: [], without: health.once(`${word} gave no answer within ${patienceMs / 1000} s`) }
          }
          const problem = yield* health.problem
          if (problem !== null) return { near: [], without: health.once(problem) }
          if (Exit.isFailure(exit.value) || exit.value.value === null) return nothing
          const now = yield* state
          const here = (id: string): boolean => {
            const memory = memoryOf(now, id)
            return (
              memory?.state === "known" && (memory.scope === "user" || memory.workspace === about.workspace)
            )
          }
          return { near: vectors.near(exit.value.value, here, most).map(({ id }) => id), without: null }
        })

        // what is not known yet is asked about meanwhile
        const near: Embeddings["Service"]["near"] = Effect.fn("Embeddings.near")((query, about, most) =>
          Effect.tap(found(query, about, most), () => Queue.offer(occasions, about.cause)),
        )

        const status: Embeddings["Service"]["status"] = Effect.fn("Embeddings.status")(function* (workspace) {
          const model = yield* namedFor(workspace)
          const here = knownIn(yield* state, workspace)
          if (model === null) return { model, known: here.length, embedded: 0, problem: null }
          const wrong = yield* following(model).pipe(
            Effect.as(null),
            Effect.catchTag("ModelError", ({ cure, message }) => Effect.succeed(`${message}: ${cure}`)),
          )
          const embedded = here.filter(({ id }) => vectors.has(id)).length
          return { model, known: here.length, embedded, problem: wrong ?? (yield* health.problem) }
        })

        const run = Effect.scoped(
          Effect.gen(function* () {
            working = yield* Effect.scope
            yield* Effect.addFinalizer(() => Effect.sync(() => (working = null)))
            yield* Effect.forkScoped(Effect.forever(Effect.flatMap(Queue.take(occasions), safely)))
            yield* Stream.runForEach(log.follow(yield* log.head), (events) => {
              if (events.some(({ type }) => type === "log.erased")) vectors.forget()
              const last = events.findLast(({ type }) => concerns.has(type))
              return last === undefined ? Effect.void : Effect.asVoid(Queue.offer(occasions, last))
            })
            return yield* Effect.never
          }),
        )

        return Embeddings.of({ near, status, run })
      }),
    )
}
