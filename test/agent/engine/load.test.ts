/** A conversation read from the log page by page: the same as read whole, also where something is erased on the way. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Reading } from "../../../src/agent/engine/load.ts"
import { callsOf } from "../../../src/agent/session/calls.ts"
import { transcriptOf } from "../../../src/agent/session/transcript.ts"
import type { Event } from "../../../src/domain/event.ts"
import { generated, session } from "../session/generatedSession.ts"

const ids = (parts: Parameters<typeof callsOf>[0]) => callsOf(parts).map(({ id }) => id)

interface Paged {
  events: ReadonlyArray<Event>
  /** Called behind each page. */
  between: () => void
}

const readingOf = (paged: Paged) =>
  new Reading(
    {
      read: () => Effect.succeed(paged.events),
      readPages: (_id, after, take) => {
        const left = paged.events.filter(({ seq }) => seq > after)
        const pages = Array.from({ length: Math.ceil(left.length / 7) }, (_, at) =>
          left.slice(at * 7, at * 7 + 7),
        )
        return Effect.forEach(
          pages,
          (page) =>
            Effect.andThen(
              take(page),
              Effect.sync(() => paged.between()),
            ),
          { discard: true },
        )
      },
    },
    session,
  )

const nothing = () => undefined

describe("a conversation read page by page", () => {
  it.effect("is what it is read whole, at first and as it goes on", () =>
    Effect.gen(function* () {
      const events = generated(3, 60, ids)
      const paged: Paged = { events: events.slice(0, 40), between: nothing }
      const reading = readingOf(paged)
      assert.deepStrictEqual(yield* reading.now, transcriptOf(events.slice(0, 40)))
      paged.events = events
      assert.deepStrictEqual(yield* reading.now, transcriptOf(events))
    }),
  )
  it.effect("is read anew where something was erased while it was read", () =>
    Effect.gen(function* () {
      const events = generated(5, 60, ids)
      const paged: Paged = { events, between: nothing }
      const reading = readingOf(paged)
      paged.between = () => reading.forget()
      yield* reading.now
      paged.between = nothing
      const said = events.findIndex(({ type }) => type === "session.said")
      const erased = events.map((event, at) =>
        at === said ? ({ ...event, payload: null } as unknown as Event) : event,
      )
      paged.events = erased
      assert.deepStrictEqual(yield* reading.now, transcriptOf(erased))
      assert.notDeepEqual(transcriptOf(erased), transcriptOf(events))
    }),
  )
  it.effect("is none where the log has none", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(readingOf({ events: [], between: nothing }).now)
      assert.include(error.message, session)
    }),
  )
})
