/**
 * A conversation out of the log: whole, as it was at an event, or gone on with. A fork begins with what its source said.
 * Invariant: what was erased since is not in it: an erasure drops what was held.
 */
import { Effect } from "effect"
import type { AgentLog } from "../AgentLog.ts"
import { noSession, type SessionError } from "../SessionError.ts"
import { type Transcript, TranscriptFold, transcriptOf } from "../session/transcript.ts"

type Log = Pick<AgentLog["Service"], "read">

/** Of a chain of forks; a longer one begins empty. */
const deepest = 100

/** What a fork begins with; null for what is none. */
export const sourceOf = (log: Log, events: Parameters<typeof transcriptOf>[0], depth = 0) => {
  const opened = events.find((event) => event.type === "session.opened")
  const fork = opened?.payload?.fork ?? null
  return fork === null || depth >= deepest
    ? Effect.succeed(null)
    : Effect.orElseSucceed(loadAt(log, fork.session, fork.seq, depth + 1), () => null)
}

const loadAt = (
  log: Log,
  session: string,
  to: number | undefined,
  depth: number,
): Effect.Effect<Transcript, SessionError> =>
  Effect.gen(function* () {
    const events = yield* log.read(session, to === undefined ? {} : { to })
    const transcript = transcriptOf(events, yield* sourceOf(log, events, depth))
    return transcript ?? (yield* noSession(session))
  })

export const load = (log: Log, session: string, to?: number): Effect.Effect<Transcript, SessionError> =>
  loadAt(log, session, to, 0)

/** Reads only what is new each time. */
export class Reading {
  #fold: TranscriptFold | null = null
  #seq = 0
  readonly #log: Log
  readonly #session: string

  constructor(log: Log, session: string) {
    this.#log = log
    this.#session = session
  }

  forget(): void {
    this.#fold = null
    this.#seq = 0
  }

  get now(): Effect.Effect<Transcript, SessionError> {
    return Effect.gen({ self: this }, function* () {
      const events = yield* this.#log.read(this.#session, { after: this.#seq })
      this.#fold ??= new TranscriptFold(yield* sourceOf(this.#log, events))
      this.#fold.take(events)
      this.#seq = events.at(-1)?.seq ?? this.#seq
      return this.#fold.transcript ?? (yield* noSession(this.#session))
    })
  }
}
