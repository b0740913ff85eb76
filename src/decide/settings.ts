/**
 * The decider's settings as the log tells them (`daemon.config`), so that a replay decides by what was in force
 * then. What does not decode changes nothing.
 */
import { Result } from "effect"
import { decodeSettings, type Settings } from "../config/Settings.ts"
import type { EventOf } from "../domain/event.ts"
import { thoughtKinds } from "./deliberation/kinds.ts"
import type { DeciderSettings } from "./state.ts"

const fromSettings = (settings: Settings): DeciderSettings => ({
  perHour: settings.attention.perHour,
  burst: settings.attention.burst,
  quietAfterEditMs: settings.attention.quietAfterEditMs,
  awayAfterMs: settings.attention.awayAfterMs,
  quietHours: settings.attention.quietHours,
  timeZone: settings.attention.timeZone ?? "UTC",
  bar: settings.attention.bar,
  learn: settings.attention.learn,
  costs: settings.attention.costs,
  notifyOthers: settings.notifications.others,
  disabledReflexes: settings.disabledReflexes,
  deliberation: {
    kinds: thoughtKinds.filter((kind) => settings.deliberation.enabled && settings.deliberation.kinds[kind]),
    drafts: settings.deliberation.drafts,
    threshold: settings.deliberation.threshold,
  },
})

/** Only the user's own configuration (no workspace) steers attention. */
export const settingsAfter = (
  settings: DeciderSettings,
  event: EventOf<"daemon.config">,
): DeciderSettings => {
  if (event.workspace !== null || !event.payload.accepted || event.payload.settings === undefined)
    return settings
  const decoded = decodeSettings(event.payload.settings)
  return Result.isSuccess(decoded) ? fromSettings(decoded.success) : settings
}
