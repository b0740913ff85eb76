/**
 * One answer as a stream: opens it, feeds each event to a translator, watches that bytes keep coming, and closes the socket
 * when nobody reads on. Also the one-shot calls (counting, listing), under the same watch.
 * Invariants: it ends after the translator's last parts or fails once, typed; no SDK's error gets out; interruption aborts
 * the request; a part is never held back for the next event.
 */
import { Cause, Clock, Effect, Exit, Redacted, Stream } from "effect"
import type { Response } from "effect/ai"
import type { ModelError } from "../ModelError.ts"
import type { Credential } from "../Provider.ts"
import { defaultStallMs, defaultTimeoutMs, type Endpoint } from "./endpoint.ts"
import { type FailureAt, failureOf, modelError, requestIdOf } from "./failure.ts"
import { makeMailbox, type Mailbox } from "./mailbox.ts"
import { watchedFetch } from "./watchedFetch.ts"

export type StreamPart = Response.StreamPartEncoded

export interface Translator<Event> {
  /** Throws `ProtocolBreak`. */
  readonly take: (event: Event) => ReadonlyArray<StreamPart>
  /** The stream has ended: the last parts. Throws if it ended too early. */
  readonly end: () => ReadonlyArray<StreamPart>
}

export interface Wire {
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** What is still to be told the server once nobody reads on: the end of the stream waits for it, a moment at most. */
  readonly owes: (work: Promise<unknown>) => void
}

export interface Opened<Event> {
  readonly events: AsyncIterable<Event>
  readonly requestId: string | null
}

interface Line {
  readonly wire: Wire
  readonly at: () => FailureAt
  readonly named: (requestId: string | null) => void
  /** Closes the socket. */
  readonly close: Effect.Effect<void>
  readonly lastByte: () => number
  /** From now on bytes are waited for. */
  readonly begins: () => void
  readonly clock: Clock.Clock
}

/** Longest wait for what is owed to a server. */
const oweMs = 2_000

const settled = async (owed: ReadonlyArray<Promise<unknown>>): Promise<void> => {
  const enough = Promise.withResolvers<void>()
  const timer = setTimeout(enough.resolve, oweMs)
  await Promise.race([Promise.allSettled(owed), enough.promise])
  clearTimeout(timer)
}

const lineTo = (endpoint: Endpoint, credential: Credential, may?: Promise<void>): Effect.Effect<Line> =>
  Clock.clockWith((clock) =>
    Effect.sync(() => {
      const key = credential === null ? null : Redacted.value(credential)
      const controller = new AbortController()
      let last = clock.currentTimeMillisUnsafe()
      let begun = false
      let requestId: string | null = null
      const owed: Array<Promise<unknown>> = []
      const onBytes = (count: number) => {
        last = clock.currentTimeMillisUnsafe()
        if (count > 0) begun = true
      }
      const own = endpoint.headers ?? {}
      const secrets = [
        ...(key === null ? [] : [key]),
        ...Object.values(own).filter(({ length }) => length >= 8),
      ]
      return {
        wire: {
          fetch: watchedFetch(endpoint.fetch ?? globalThis.fetch, key, own, { onBytes, may }),
          signal: controller.signal,
          timeoutMs: endpoint.timeoutMs ?? defaultTimeoutMs,
          owes: (work: Promise<unknown>) => void owed.push(work),
        },
        at: () => ({
          provider: endpoint.name,
          secrets,
          now: clock.currentTimeMillisUnsafe(),
          begun,
          requestId,
        }),
        named: (id: string | null) => {
          requestId = requestIdOf(id, secrets)
        },
        close: Effect.suspend(() => {
          controller.abort()
          return owed.length === 0 ? Effect.void : Effect.promise(() => settled(owed))
        }),
        lastByte: () => last,
        begins: () => {
          last = clock.currentTimeMillisUnsafe()
        },
        clock,
      }
    }),
  )

/** Nobody may be waiting at it when it stays shut. */
const gateOf = () => {
  const { promise, reject, resolve } = Promise.withResolvers<void>()
  promise.catch(() => {})
  let settled = false
  return {
    promise,
    /**
     * Where it is shut: a turn of the event loop later, so that what opens it is on its way (a write to the disk begins at
     * the end of a turn) before this thread is kept busy.
     */
    soon: (): Promise<void> =>
      settled ? Promise.resolve() : new Promise((go) => queueMicrotask(() => setImmediate(go))),
    settle: (opens: boolean): void => {
      settled = true
      if (opens) resolve()
      else reject(new Error("it was not to be sent"))
    },
  }
}

/** Fails when no byte came for too long, or the whole took too long. */
const watchdog = (endpoint: Endpoint, line: Line): Effect.Effect<never, ModelError> => {
  const stallMs = endpoint.stallMs ?? defaultStallMs
  const { timeoutMs } = line.wire
  return Effect.suspend(() => {
    const started = line.clock.currentTimeMillisUnsafe()
    line.begins()
    const wait: Effect.Effect<never, ModelError> = Effect.suspend(() => {
      const now = line.clock.currentTimeMillisUnsafe()
      if (now - line.lastByte() >= stallMs)
        return Effect.fail(modelError(line.at(), "stalled", `sent nothing for ${stallMs / 1000} s`))
      if (now - started >= timeoutMs)
        return Effect.fail(modelError(line.at(), "timeout", `was not done after ${timeoutMs / 1000} s`))
      const next = Math.min(line.lastByte() + stallMs, started + timeoutMs) - now
      return Effect.flatMap(Effect.sleep(Math.max(1, next)), () => wait)
    })
    return wait
  })
}

/** Never rejects: whatever goes wrong is the end in the mailbox. */
const pump = async <Event>(
  opening: Promise<Opened<Event>>,
  translator: (requestId: string | null) => Translator<Event>,
  line: Line,
  mailbox: Mailbox<StreamPart, ModelError>,
): Promise<void> => {
  try {
    const { events, requestId } = await opening
    line.named(requestId)
    const { end, take } = translator(line.at().requestId)
    for await (const event of events) {
      if (line.wire.signal.aborted) return
      mailbox.put(take(event))
    }
    // An SDK's iterator ends quietly when it is aborted.
    if (line.wire.signal.aborted) return
    mailbox.put(end())
    mailbox.end(Exit.fail(Cause.Done()))
  } catch (thrown) {
    mailbox.end(Exit.fail(failureOf(thrown, line.at())))
  }
}

export const eventStream = <Event>(
  endpoint: Endpoint,
  credential: Credential,
  open: (wire: Wire) => Promise<Opened<Event>>,
  translator: (requestId: string | null) => Translator<Event>,
  may: Effect.Effect<unknown> = Effect.void,
  halted: Effect.Effect<never, ModelError> = Effect.never,
): Stream.Stream<StreamPart, ModelError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const gate = gateOf()
      const line = yield* Effect.acquireRelease(
        lineTo(endpoint, credential, gate.promise),
        ({ close }) => close,
      )
      const mailbox = makeMailbox<StreamPart, ModelError>()
      yield* Effect.onExit(may, (exit) => Effect.sync(() => gate.settle(Exit.isSuccess(exit)))).pipe(
        Effect.andThen(Effect.raceFirst(watchdog(endpoint, line), halted)),
        Effect.catch((error) => Effect.sync(() => mailbox.end(Exit.fail(error)))),
        Effect.forkScoped({ startImmediately: true }),
      )
      yield* Effect.sync(
        () =>
          void pump(
            gate.soon().then(() => open(line.wire)),
            translator,
            line,
            mailbox,
          ),
      )
      return Stream.fromPull(Effect.succeed(mailbox.take))
    }),
  )

/** A call with one answer, under the same watch. */
export const oneShot = <A>(
  endpoint: Endpoint,
  credential: Credential,
  ask: (wire: Wire) => Promise<A>,
): Effect.Effect<A, ModelError> =>
  Effect.flatMap(lineTo(endpoint, credential), (line) =>
    Effect.raceFirst(
      Effect.tryPromise({ try: () => ask(line.wire), catch: (thrown) => failureOf(thrown, line.at()) }),
      watchdog(endpoint, line),
    ).pipe(Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : line.close))),
  )
