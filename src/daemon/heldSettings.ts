/**
 * What each configuration file says, and what that comes to: where a workspace has none, the user's own settings.
 * Invariant: a file that cannot be used changes nothing of what is in force, and says what is in force instead of it.
 */
import { mergeSettings } from "../config/load.ts"
import { decodeSettings, defaultSettings, type Settings, type SettingsInput } from "../config/Settings.ts"
import type { ConfigView } from "../rpc/shapes.ts"

type Row = ConfigView["files"][number]

export interface Held {
  readonly input: SettingsInput
  /** `input` is what a file said once, and not merely what holds without one. */
  readonly good: boolean
  readonly row: Row
  /** In one line, what holds instead of what is written, and why; null where what is written holds. */
  readonly trouble: string | null
}

const decoded = (input: SettingsInput): Settings => {
  const result = decodeSettings(input)
  return result._tag === "Success" ? result.success : defaultSettings
}

/** All files by their workspace, the user's own by `ownKey`. */
export interface Standing {
  readonly files: Readonly<Record<string, Held>>
  readonly settings: Readonly<Record<string, Settings>>
}

export const ownKey = ""
export const keyOf = (workspace: string | null): string => workspace ?? ownKey

export const withFile = (before: Standing, key: string, file: Held): Standing => {
  const files = { ...before.files, [key]: file }
  const mine = files[ownKey]?.input ?? {}
  const changed = key === ownKey ? Object.keys(files) : [key]
  const settings = changed.map((each) => [
    each,
    decoded(mergeSettings(mine, each === ownKey ? {} : files[each]!.input)),
  ])
  return { files, settings: { ...before.settings, ...Object.fromEntries(settings) } }
}

export const inForce = ({ settings }: Standing, workspace: string | null): Settings =>
  settings[keyOf(workspace)] ?? settings[ownKey] ?? defaultSettings

/** What goes on to hold where a file cannot be used. */
export const instead = (good: boolean, workspace: string | null): string =>
  good
    ? "the last good settings stay in force"
    : workspace === null
      ? "the defaults are in force"
      : "your own settings are in force"

/** The first of several; `command` tells the others. */
export const brief = (lines: ReadonlyArray<string>, command: string): string => {
  const [first = "", ...more] = lines
  return more.length === 0 ? first : `${first} (and ${more.length} more: ${command})`
}
