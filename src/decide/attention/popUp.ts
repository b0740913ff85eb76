/**
 * Whether the desktop is told of what is shown. Who looks at the TUI sees it there; what is not urgent disturbs nobody
 * at a terminal, and nobody in quiet hours. Of a burst of urgent ones the first are told; the queue holds them all.
 * Pure: the reason why not, or null.
 */
import { type MachineState, type Tracked, within } from "../state.ts"
import { quietUntilMs } from "./quietHours.ts"

/** A command that ended so long ago says that the terminal is before the user. */
const atTerminalMs = 60_000
const burst = { pops: 3, withinMs: 60_000 }

export const poppedLately = ({ attention, nowMs }: MachineState): ReadonlyArray<number> =>
  attention.poppedMs.filter((atMs) => within(nowMs, atMs, burst.withinMs))

export const noPopUp = (state: MachineState, item: Tracked): string | null => {
  const { attention, nowMs, settings } = state
  if (attention.looking) return "the TUI is before you"
  if (poppedLately(state).length >= burst.pops) return "several were told just now"
  if (item.urgent) return null
  if (!settings.notifyOthers) return "not urgent"
  if (within(nowMs, attention.lastCommandMs, atTerminalMs)) return "a terminal is before you"
  return quietUntilMs(settings.quietHours, settings.timeZone, nowMs) === null ? null : "quiet hours"
}
