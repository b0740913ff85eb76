/**
 * Generated logs: what a person, the sources and Claw do, told as small stories that run through each other. Mostly
 * whole; now and then a step is missing, comes twice, is erased, or is of a type of tomorrow.
 */
import * as fc from "fast-check"
import { draft, type Event, type EventDraft } from "../../src/domain/event.ts"
import { suggestionStory, requestStory } from "./stories/answered.ts"
import { commandStory, filesStory, gitStory, daemonStory } from "./stories/observed.ts"
import type { Step } from "./stories/step.ts"

const story = fc.oneof(
  { weight: 4, arbitrary: suggestionStory },
  { weight: 3, arbitrary: commandStory },
  { weight: 2, arbitrary: filesStory },
  { weight: 2, arbitrary: gitStory },
  { weight: 2, arbitrary: daemonStory },
  { weight: 3, arbitrary: requestStory },
)

/** What happens to a step: mostly it happens. */
const luck = fc.oneof(
  { weight: 30, arbitrary: fc.constant("as told" as const) },
  { weight: 1, arbitrary: fc.constant("missing" as const) },
  { weight: 1, arbitrary: fc.constant("twice" as const) },
  { weight: 2, arbitrary: fc.constant("erased" as const) },
)

/** An event of a type that this program does not know. */
export const ofTomorrow = (before: Event): Event =>
  ({
    ...before,
    seq: before.seq + 1,
    id: `${before.id}-next`,
    type: "weather.changed",
    payload: { suggestion: before.correlationId, rain: true },
    correlationId: null,
    causationId: null,
  }) as unknown as Event

/** One that it knows and that tells nothing but that time went on. */
export const ofNoMatter = (before: Event): Event =>
  ({
    ...ofTomorrow(before),
    type: "log.anchored",
    payload: { to: "/elsewhere", size: 1 },
  }) as unknown as Event

interface Told {
  readonly stories: ReadonlyArray<ReadonlyArray<Step>>
  /** Which story goes on next, how long after, and how. */
  readonly turns: ReadonlyArray<{ readonly pick: number; readonly afterMs: number; readonly luck: string }>
}

const hash = (seq: number) => seq.toString(16).padStart(64, "0")

const logOf = ({ stories, turns }: Told): ReadonlyArray<Event> => {
  const events: Array<Event> = []
  const erased: Array<number> = []
  const left = stories.map((steps) => [...steps])
  let atMs = Date.parse("2026-04-01T08:00:00.000Z")
  const idOf = (seq: number) => `018f0000-0000-7000-8000-${String(seq).padStart(12, "0")}`
  const put = (made: EventDraft, isErased: boolean): void => {
    const seq = events.length + 1
    const { blobs: _, ...plain } = made
    events.push({
      ...plain,
      seq,
      id: idOf(seq),
      at: new Date(atMs).toISOString(),
      v: 1,
      prevHash: hash(seq - 1),
      hash: hash(seq),
      ...(isErased ? { payload: null, erased: true } : {}),
    } as unknown as Event)
    if (isErased) erased.push(seq)
  }
  for (const { afterMs, luck: what, pick } of turns) {
    atMs += afterMs
    const going = left.filter((steps) => steps.length > 0)
    const made = going[pick % Math.max(going.length, 1)]?.shift()?.({ seq: events.length + 1, idOf })
    if (made === undefined || made === null || what === "missing") continue
    put(made, what === "erased")
    if (what === "twice") put(made, false)
    if (what === "erased" && erased.length % 3 === 0)
      put(draft("log.erased", { seqs: [...erased], reason: "private" }, { actor: "user:cli" }), false)
  }
  return events
}

/** Logs of up to a few hundred events, in order, with dense seqs and times that only grow. */
export const logs: fc.Arbitrary<ReadonlyArray<Event>> = fc
  .record({
    stories: fc.array(story, { minLength: 5, maxLength: 40 }),
    turns: fc.array(
      fc.record({
        pick: fc.nat(7),
        afterMs: fc.constantFrom(0, 5, 400, 6_000, 200_000, 3_600_000),
        luck,
      }),
      { minLength: 20, maxLength: 200 },
    ),
  })
  .map(logOf)
