/**
 * The guarded way to the log. A full or failing disk never stops observing or kills the daemon: the append
 * waits and is tried again, acting stops meanwhile (`writable` is false), and the mend is said in the log.
 * Invariants: what `append` answered is durable; a `Conflict` is the caller's to handle and is never retried; no
 * message of an error, a client or a setting takes a secret into the log.
 */
import { Context, Effect, Layer, Schedule, SubscriptionRef } from "effect"
import { LogStore, type LogError } from "../../log-store/LogStore.ts"
import { draft, type Event, type EventDraft } from "../domain/event.ts"
import { redactWords } from "./redact.ts"

const retry = Schedule.min([Schedule.exponential("250 millis"), Schedule.spaced("5 seconds")])

export class Appender extends Context.Service<
  Appender,
  {
    /** Waits for the disk as long as it takes. Dies on damage: the daemon's start decides about that. */
    readonly append: (drafts: ReadonlyArray<EventDraft>) => Effect.Effect<ReadonlyArray<Event>>
    /** Fails at once instead of waiting: for answers a person is waiting for. */
    readonly appendNow: (
      drafts: ReadonlyArray<EventDraft>,
      expect?: { readonly correlationId: string; readonly lastSeq: number },
    ) => Effect.Effect<ReadonlyArray<Event>, LogError>
    /** As `append`; null where something else of that correlation came first, and nothing was appended. */
    readonly appendAfter: (
      drafts: ReadonlyArray<EventDraft>,
      expect: { readonly correlationId: string; readonly lastSeq: number },
    ) => Effect.Effect<ReadonlyArray<Event> | null>
    /** From now on nothing waits for the disk: what it does not take is lost as by a crash. For a stop with a full disk. */
    readonly giveUp: Effect.Effect<void>
    /** Null while the disk takes writes; else what it said. */
    readonly trouble: SubscriptionRef.SubscriptionRef<string | null>
  }
>()("claw/loop/Appender") {
  static readonly layer = Layer.effect(
    Appender,
    Effect.gen(function* () {
      const store = yield* LogStore
      const trouble = yield* SubscriptionRef.make<string | null>(null)
      let waits = true

      const noticed = Effect.fnUntraced(function* (error: LogError) {
        if (error.reason._tag === "Unwritable") yield* SubscriptionRef.set(trouble, error.reason.message)
      })
      const mended = Effect.fnUntraced(function* () {
        const was = yield* SubscriptionRef.get(trouble)
        if (was === null) return
        yield* SubscriptionRef.set(trouble, null)
        yield* Effect.ignore(
          store.append([
            draft(
              "daemon.health",
              { component: "log", state: "running", backend: "lmdb", detail: `writes again after: ${was}` },
              { actor: "daemon" },
            ),
          ]),
        )
      })

      const appendNow = Effect.fnUntraced(function* (
        drafts: ReadonlyArray<EventDraft>,
        expect?: { readonly correlationId: string; readonly lastSeq: number },
      ) {
        const events = yield* store
          .append(drafts.map(redactWords), expect === undefined ? undefined : { expect })
          .pipe(Effect.tapError(noticed))
        yield* mended()
        return events
      })

      const mayMend = (error: LogError) => waits && error.reason._tag === "Unwritable"
      const patiently = <A>(appending: Effect.Effect<A, LogError>) =>
        appending.pipe(
          // a schedule is begun only where it is needed: most appends succeed at once
          Effect.catchIf(mayMend, () => Effect.retry(appending, { while: mayMend, schedule: retry })),
          Effect.orDie,
        )
      const append = (drafts: ReadonlyArray<EventDraft>) =>
        drafts.length === 0 ? Effect.succeed<ReadonlyArray<Event>>([]) : patiently(appendNow(drafts))
      const appendAfter: Appender["Service"]["appendAfter"] = (drafts, expect) =>
        patiently(
          Effect.catchIf(
            appendNow(drafts, expect),
            (error) => error.reason._tag === "Conflict",
            () => Effect.succeed(null),
          ),
        )

      const giveUp = Effect.sync(() => {
        waits = false
      })
      return Appender.of({ append, appendNow, appendAfter, giveUp, trouble })
    }),
  )
}
