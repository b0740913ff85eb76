/**
 * The clock of work: what the hour's allowance and the hours that work lies uncommitted are counted by. It goes on while
 * somebody is at work, stands still over a break, and takes a rest in whole, because after one nobody is in the midst
 * of anything. Pure.
 */
import { hourMs } from "./allowance.ts"

/** To read or to think for so long is work. */
const pauseMs = 5 * 60_000
/** Away for as long as this is a rest: a night, not a lunch. */
const restMs = 2 * hourMs

/** The clock after somebody did something again, `gapMs` after the last thing. */
export const workedAfter = (workedMs: number, gapMs: number): number =>
  (gapMs > 0 && gapMs <= pauseMs) || gapMs >= restMs ? workedMs + gapMs : workedMs
