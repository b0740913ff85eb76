/**
 * When nothing is left to be done before time goes on, and how it goes on: to each moment attention wants to be woken
 * at, and only when all that follows from it has been decided, further.
 * Invariant: what is due at a moment is decided at that moment, however far one jump leads.
 */
import type { Command } from "../../decide/Decider.ts"
import type { StoryClock } from "./StoryClock.ts"

export interface Deciding {
  readonly seq: number
  readonly outbox: ReadonlyArray<Command>
}

/** Sources wait this long at most for a burst to end. */
const burstMs = 1_050
/** Between two looks: the system's own signals and reads get their turn. */
const lookMs = 8
const quietLooks = 4
/** What has not come to rest by then does not. */
const limitMs = 30_000

export interface Settled {
  readonly nowMs: number
  readonly seq: number
  readonly settled: boolean
}

const wakeOf = ({ outbox }: Deciding): number | null => {
  const wake = outbox.find((command) => command._tag === "wake")
  return wake?._tag === "wake" ? wake.atMs : null
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export const untilSettled = async (clock: StoryClock, deciding: () => Deciding): Promise<Settled> => {
  const until = performance.now() + limitMs
  let seq = -1
  let quiet = 0
  while (quiet < quietLooks && performance.now() < until) {
    await pause(lookMs)
    const now = deciding()
    const nowMs = clock.currentTimeMillisUnsafe()
    const busy = now.outbox.some((command) => command._tag !== "wake" || command.atMs <= nowMs)
    quiet = busy || now.seq !== seq || clock.wakesWithin(burstMs) ? 0 : quiet + 1
    seq = now.seq
  }
  return { nowMs: clock.currentTimeMillisUnsafe(), seq: deciding().seq, settled: quiet >= quietLooks }
}

export const advance = async (
  clock: StoryClock,
  deciding: () => Deciding,
  toMs: number,
): Promise<Settled> => {
  for (;;) {
    const before = await untilSettled(clock, deciding)
    const wake = wakeOf(deciding())
    if (!before.settled || wake === null || wake >= toMs) break
    clock.advanceTo(wake)
  }
  clock.advanceTo(toMs)
  return await untilSettled(clock, deciding)
}
