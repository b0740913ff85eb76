/**
 * When a developer's events come: in bursts. The gaps are drawn so that pauses and breaks are as frequent as they were
 * counted in recorded work: in an active hour 375 events, 79 pauses over 5 s, 38 over 15 s, 11.8 over a minute, and
 * 4.3 breaks over five minutes. An active hour is the sum of the gaps up to five minutes. Pure.
 */
import type { Random } from "../random.ts"

const activeGapMs = 5 * 60_000

/** How many of these an active hour has, and from where to where they last. */
const gaps: ReadonlyArray<readonly [perHour: number, lowMs: number, highMs: number]> = [
  [296, 500, 5_000],
  [41, 5_000, 15_000],
  [26.2, 15_000, 60_000],
  [11.8, 60_000, activeGapMs],
  [4.3, activeGapMs, 110 * 60_000],
]
const all = gaps.reduce((sum, [perHour]) => sum + perHour, 0)

export const drawGap = (random: Random): number => {
  let left = random.share() * all
  for (const [perHour, low, high] of gaps) {
    left -= perHour
    if (left < 0) return Math.round(random.between(low, high))
  }
  return 1_000
}

/** (deviation - mean) / (deviation + mean): -1 for a clock, 0 for chance, towards 1 for bursts. */
export const burstiness = (times: ReadonlyArray<number>): number => {
  if (times.length < 2) return 0
  const mean = times.reduce((sum, one) => sum + one, 0) / times.length
  const deviation = Math.sqrt(times.reduce((sum, one) => sum + (one - mean) ** 2, 0) / times.length)
  return deviation + mean === 0 ? 0 : (deviation - mean) / (deviation + mean)
}

export interface Rhythm {
  readonly events: number
  readonly activeHours: number
  readonly burstiness: number
  readonly eventsPerHour: number
  readonly pausesOver5sPerHour: number
  readonly pausesOver15sPerHour: number
  readonly pausesOver60sPerHour: number
  readonly breaksPerHour: number
  /** Checks, commits and switches; those within 30 s of one another count once. */
  readonly boundariesPerHour: number
}

const tenth = (value: number): number => Math.round(value * 10) / 10

/** Nights are no gaps of this work: they are left out by whoever gives the gaps. */
export const rhythmOf = (times: ReadonlyArray<number>, boundaries: number): Rhythm => {
  const hours = times.filter((one) => one <= activeGapMs).reduce((sum, one) => sum + one, 0) / 3_600_000
  const over = (ms: number, to = activeGapMs): number =>
    hours === 0 ? 0 : tenth(times.filter((one) => one > ms && one <= to).length / hours)
  return {
    events: times.length,
    activeHours: tenth(hours),
    burstiness: Math.round(burstiness(times) * 1000) / 1000,
    eventsPerHour: hours === 0 ? 0 : tenth(times.length / hours),
    pausesOver5sPerHour: over(5_000),
    pausesOver15sPerHour: over(15_000),
    pausesOver60sPerHour: over(60_000),
    breaksPerHour: over(activeGapMs, Number.POSITIVE_INFINITY),
    boundariesPerHour: hours === 0 ? 0 : tenth(boundaries / hours),
  }
}
