/**
 * The language servers that run: one for each kind and root, started when first asked, one question at a time, ended when
 * idle. One that dies is said so and may be started again after a while, longer each time.
 * Invariants: at most four run; nothing of one is left when it ended; a question never waits for a server without end.
 */
import { Clock, Context, Effect, Exit, Fiber, Layer, Scope, Semaphore } from "effect"
import { neutralise } from "../../domain/neutralise.ts"
import { Sandbox } from "../Sandbox.ts"
import type { ToolError } from "../Tool.ts"
import { Documents } from "./Documents.ts"
import { failed, startServer, type LanguageServer, type ServerPlace } from "./LanguageServer.ts"

export interface ServerTimes {
  readonly startMs: number
  /** After this without a question it is ended. */
  readonly idleMs: number
  /** After the first death; twice as long after each further one. */
  readonly backOffMs: number
  /** How long it may take to leave when told to. */
  readonly farewellMs: number
}

const usual: ServerTimes = { startMs: 30_000, idleMs: 600_000, backOffMs: 1000, farewellMs: 1000 }
const mostRunning = 4
const longestBackOffMs = 60_000
/** So often in a row without an answer in time, and it is taken for hung. */
const mostHangs = 3

export interface Conversation {
  readonly server: LanguageServer
  readonly documents: Documents
}

interface Entry {
  readonly turn: Semaphore.Semaphore
  current: (Conversation & { readonly scope: Scope.Closeable }) | null
  deaths: number
  hangs: number
  notBeforeMs: number
  lastDeath: string
  usedMs: number
  idle: Fiber.Fiber<void> | null
}

export class LanguageServers extends Context.Service<
  LanguageServers,
  {
    /** Puts questions to a server, which is started if it does not run. */
    readonly ask: <A>(
      place: ServerPlace,
      questions: (conversation: Conversation) => Effect.Effect<A, ToolError>,
    ) => Effect.Effect<A, ToolError>
    readonly running: Effect.Effect<ReadonlyArray<ServerPlace>>
    readonly stopAll: Effect.Effect<void>
  }
>()("claw/act/LanguageServers") {
  static readonly layer = (times: Partial<ServerTimes> = {}) =>
    Layer.effect(
      LanguageServers,
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        const { backOffMs, farewellMs, idleMs, startMs } = { ...usual, ...times }
        const entries = new Map<string, Entry>()

        const entryOf = (place: ServerPlace): Entry => {
          const key = JSON.stringify([place.argv, place.root, place.workspace])
          const found = entries.get(key)
          if (found !== undefined) return found
          const made: Entry = {
            turn: Semaphore.makeUnsafe(1),
            current: null,
            deaths: 0,
            hangs: 0,
            notBeforeMs: 0,
            lastDeath: "",
            usedMs: 0,
            idle: null,
          }
          entries.set(key, made)
          return made
        }

        /** Asked to leave, then ended. */
        const end = Effect.fnUntraced(function* (entry: Entry) {
          const { current } = entry
          if (current === null) return
          entry.current = null
          if (!current.server.isDead()) {
            const farewell = current.server
              .request("shutdown", null, farewellMs)
              .pipe(Effect.andThen(current.server.notify("exit", null)), Effect.andThen(current.server.death))
            // what cannot be interrupted cannot be timed out
            yield* Effect.ignore(Effect.interruptible(Effect.timeoutOption(farewell, farewellMs)))
          }
          yield* Scope.close(current.scope, Exit.void)
        }, Effect.uninterruptible)

        const endIdle = (entry: Entry) =>
          Effect.sleep(idleMs).pipe(Effect.andThen(entry.turn.withPermit(end(entry))))

        const makeRoom = Effect.fnUntraced(function* () {
          const running = [...entries.values()].filter((entry) => entry.current !== null)
          if (running.length < mostRunning) return
          const [oldest] = running.toSorted((a, b) => a.usedMs - b.usedMs)
          yield* oldest!.turn.withPermit(end(oldest!))
        })

        const died = Effect.fnUntraced(function* (entry: Entry, message: string) {
          entry.deaths++
          entry.hangs = 0
          entry.lastDeath = message
          const wait = Math.min(longestBackOffMs, backOffMs * 2 ** (entry.deaths - 1))
          entry.notBeforeMs = (yield* Clock.currentTimeMillis) + wait
        })

        const started = Effect.fnUntraced(function* (entry: Entry, place: ServerPlace) {
          if (entry.current !== null && !entry.current.server.isDead()) return entry.current
          yield* end(entry)
          const now = yield* Clock.currentTimeMillis
          if (now < entry.notBeforeMs) {
            const seconds = Math.ceil((entry.notBeforeMs - now) / 1000)
            return yield* failed(
              `${place.spec.program} failed ${entry.deaths === 1 ? "just now" : `${entry.deaths} times in a row`} and is not started again for ${seconds} s; the last time: ${neutralise(entry.lastDeath)}`,
            )
          }
          yield* makeRoom()
          return yield* begun(entry, place)
        })

        /** Whoever asked may be stopped meanwhile: then nothing of it is left either. */
        const begun = (entry: Entry, place: ServerPlace) =>
          Effect.uninterruptibleMask((restore) =>
            Effect.gen(function* () {
              const scope = yield* Scope.make()
              const exit = yield* Effect.exit(
                restore(Scope.provide(startServer(sandbox, place, startMs), scope)),
              )
              if (Exit.isFailure(exit)) {
                yield* Scope.close(scope, Exit.void)
                return yield* Effect.failCause(exit.cause)
              }
              const current = { scope, server: exit.value, documents: new Documents(exit.value) }
              entry.current = current
              return current
            }),
          )

        const conversed = <A>(
          entry: Entry,
          place: ServerPlace,
          questions: (conversation: Conversation) => Effect.Effect<A, ToolError>,
        ): Effect.Effect<A, ToolError> =>
          Effect.gen(function* () {
            entry.usedMs = yield* Clock.currentTimeMillis
            if (entry.idle !== null) yield* Fiber.interrupt(entry.idle)
            const answer = yield* questions(yield* started(entry, place))
            entry.deaths = 0
            entry.hangs = 0
            return answer
          }).pipe(
            Effect.tapError((error) =>
              Effect.gen(function* () {
                const isDead = entry.current?.server.isDead() ?? true
                if (error.reason === "timeout" && !isDead) {
                  entry.hangs++
                  if (entry.hangs < mostHangs) return
                } else if (!isDead || error.message.includes("is not started again")) return
                yield* died(entry, error.message)
                yield* end(entry)
              }),
            ),
            Effect.ensuring(
              Effect.suspend(() =>
                entry.current === null
                  ? Effect.void
                  : Effect.map(Effect.forkDetach(endIdle(entry)), (fiber) => {
                      entry.idle = fiber
                    }),
              ),
            ),
          )

        const ask: LanguageServers["Service"]["ask"] = (place, questions) =>
          Effect.suspend(() => {
            const entry = entryOf(place)
            return entry.turn.withPermit(conversed(entry, place, questions))
          })

        const stopAll = Effect.suspend(() =>
          Effect.forEach(
            entries.values(),
            (entry) =>
              Effect.gen(function* () {
                if (entry.idle !== null) yield* Fiber.interrupt(entry.idle)
                yield* end(entry)
              }),
            { concurrency: "unbounded", discard: true },
          ),
        )
        yield* Effect.addFinalizer(() => stopAll)
        return LanguageServers.of({
          ask,
          running: Effect.sync(() =>
            [...entries.values()].flatMap(({ current }) => (current === null ? [] : [current.server.place])),
          ),
          stopAll,
        })
      }),
    )
}
