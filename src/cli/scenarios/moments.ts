/**
 * What the log of a story says of the person's time: moments at which an assistant could have spoken, boundaries, edits,
 * and how long there was activity. Read from what was observed, not from what the decider made of it. Pure.
 */
import type { Event } from "../../domain/event.ts"
import type { Played } from "./Played.ts"
import type { Story } from "./Story.ts"

/** What lies closer together is one moment. */
const mergedMs = 2_000
const awayMs = 180_000
/** A longer pause is no activity. */
const pauseMs = 300_000
export const quietMs = 5_000
export const boundaryMs = 30_000

const hour = 3_600_000

export const atMs = (event: Event): number => Date.parse(event.at)

const isSave = (event: Event): boolean => event.type === "fs.changed" && event.payload.cause !== "reconcile"

const isTyped = (event: Event): boolean =>
  event.type === "terminal.command" && event.payload.authorKind === "user"

const isSurface = (event: Event): boolean =>
  event.type === "attention.asked" ||
  (event.type === "daemon.health" && event.payload.component.startsWith("client:"))

const isActivity = (event: Event): boolean => {
  const { type } = event
  return (
    isSave(event) ||
    isTyped(event) ||
    isSurface(event) ||
    type.startsWith("approval.") ||
    type.startsWith("git.")
  )
}

/** Something came to an end that is more than a save. */
const endsWork = (event: Event): boolean => {
  switch (event.type) {
    case "git.checkout":
      return event.payload.branch !== event.payload.fromBranch
    case "git.commit":
    case "git.merge":
    case "git.pull":
    case "git.conflict":
      return true
    default:
      return isTyped(event) || isSurface(event)
  }
}

const returns = (events: ReadonlyArray<Event>): ReadonlyArray<Event> =>
  events.filter((event, index) => index > 0 && atMs(event) - atMs(events[index - 1]!) >= awayMs)

/** The last save of each burst. */
const burstEnds = (events: ReadonlyArray<Event>): ReadonlyArray<number> => {
  const saves = events.filter(isSave).map(atMs)
  return saves.filter((ms, index) => (saves[index + 1] ?? Number.POSITIVE_INFINITY) - ms >= quietMs)
}

export interface Moments {
  /** Decision points: ends of commands, checks, bursts of saves, commits, switches, returns; merged. */
  readonly points: ReadonlyArray<number>
  readonly boundaries: ReadonlyArray<number>
  readonly edits: ReadonlyArray<number>
  readonly activeHours: number
}

const merged = (times: ReadonlyArray<number>): ReadonlyArray<number> =>
  times.toSorted((a, b) => a - b).filter((ms, index, all) => index === 0 || ms - all[index - 1]! > mergedMs)

export const momentsOf = (story: Story, played: Played): Moments => {
  const during = played.events.filter((event) => atMs(event) >= played.startMs && isActivity(event))
  const times = [played.startMs, ...during.map(atMs)].toSorted((a, b) => a - b)
  const active = times.reduce((sum, ms, index) => {
    const gap = index === 0 ? 0 : ms - times[index - 1]!
    return gap <= pauseMs ? sum + gap : sum
  }, 0)
  const ends = during.filter(endsWork)
  const bursts = burstEnds(during)
  return {
    points: merged(ends.map(atMs).concat(bursts)),
    boundaries: [...ends, ...returns(during)].map(atMs).concat(bursts.map((ms) => ms + quietMs)),
    edits: story.steps.flatMap(({ act }, index) =>
      act._tag === "write" || act._tag === "edit" || act._tag === "delete"
        ? [played.steps[index]!.startMs]
        : [],
    ),
    activeHours: active / hour,
  }
}
