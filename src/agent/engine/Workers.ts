/**
 * A fiber for each conversation that has something to do, begun by its events and at the start of the daemon.
 * Invariants: never two fibers for one conversation; a word that comes while one is ending is not lost; one that broke
 * takes no other with it; what was read of the last few conversations is kept for their next words, and gone once anything
 * was erased.
 */
import { Effect, FiberSet, type Scope, Stream } from "effect"
import type { Event } from "../../domain/event.ts"
import type { AgentLog } from "../AgentLog.ts"
import { sizeOf, type Work, work, type WorkServices } from "./work.ts"

interface Running {
  readonly work: Work
  /** Something came while it worked: it looks once more before it ends. */
  again: boolean
}

/** Conversations that rest and are held in memory. */
const mostResting = 4

const wakes: ReadonlySet<Event["type"]> = new Set(["session.said"])

export const runWorkers = (services: WorkServices): Effect.Effect<never, never, Scope.Scope> =>
  Effect.gen(function* () {
    const log: AgentLog["Service"] = services.log
    const fibers = yield* FiberSet.make<void>()
    const running = new Map<string, Running>()
    const resting = new Map<string, Work>()

    const rests = (session: string, one: Running): void => {
      running.delete(session)
      resting.set(session, one.work)
      for (const oldest of resting.keys()) {
        if (resting.size <= mostResting) break
        resting.delete(oldest)
      }
    }

    const go = (session: string, one: Running): Effect.Effect<void> =>
      Effect.gen(function* () {
        do {
          one.again = false
          yield* one.work.run
        } while (one.again)
      }).pipe(Effect.ensuring(Effect.sync(() => rests(session, one))))

    const wake = Effect.fnUntraced(function* (session: string) {
      const known = running.get(session)
      if (known !== undefined) {
        known.again = true
        return
      }
      const one: Running = { work: resting.get(session) ?? work(services, session), again: false }
      resting.delete(session)
      running.set(session, one)
      yield* FiberSet.run(fibers, go(session, one))
    })

    const heard = Effect.fnUntraced(function* (event: Event) {
      if (event.type === "log.erased") {
        resting.clear()
        for (const { work: one } of running.values()) one.forget()
      }
      const session = event.correlationId
      if (session === null || !event.type.startsWith("session.")) return
      // whoever opened it is about to say something: what its model needs is loaded meanwhile
      if (event.type === "session.opened" && event.payload.kind === "chat")
        yield* FiberSet.run(fibers, Effect.asVoid(sizeOf(services.models, event.payload.model)))
      if (wakes.has(event.type)) yield* wake(session)
      if (event.type === "session.stopped") yield* running.get(session)?.work.stop ?? Effect.void
    })

    const from = yield* log.head
    for (const row of Object.values(yield* log.sessions)) if (row.state === "working") yield* wake(row.id)
    yield* Stream.runForEach(log.follow(from), (events) => Effect.forEach(events, heard, { discard: true }))
    return yield* Effect.never
  })
