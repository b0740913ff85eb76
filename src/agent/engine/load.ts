/**
 * A conversation out of the log: whole, as it was at an event, or gone on with. A fork begins with what its source said.
 * Invariant: what was erased since is not in it: an erasure drops what was held.
 */
import { Effect } from "effect"
import type { Event } from "../../domain/event.ts"
import type { AgentLog } from "../AgentLog.ts"
import { noSession, type SessionError } from "../SessionError.ts"
import { type Transcript, TranscriptFold, transcriptOf } from "../session/transcript.ts"

type Log = Pick<AgentLog["Service"], "read">

/** Of a chain of forks; a longer one begins empty. */
const deepest = 100

/** What a fork begins with; null for what is none. */
export const sourceOf = (log: Log, events: ReadonlyArray<Event>, depth = 0) => {
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

interface Read {
  fold: TranscriptFold | null
  seq: number
}

/** Reads only what is new each time. */
export class Reading {
  #read: Read = { fold: null, seq: 0 }
  readonly #log: Pick<AgentLog["Service"], "read" | "readPages">
  readonly #session: string

  constructor(log: Pick<AgentLog["Service"], "read" | "readPages">, session: string) {
    this.#log = log
    this.#session = session
  }

  /** Also of what is being read just now. */
  forget(): void {
    this.#read = { fold: null, seq: 0 }
  }

  get now(): Effect.Effect<Transcript, SessionError> {
    return Effect.gen({ self: this }, function* () {
      const read = this.#read
      yield* this.#log.readPages(this.#session, read.seq, (page) => this.#further(read, page))
      return read.fold?.transcript ?? (yield* noSession(this.#session))
    })
  }

  #further(read: Read, page: ReadonlyArray<Event>): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      read.fold ??= new TranscriptFold(yield* sourceOf(this.#log, page))
      read.fold.take(page)
      read.seq = page.at(-1)!.seq
    })
  }
}
