/** The user's settings as the `Config` tool sees them: what is in force, and a way into the user's own file. */
import type { Effect } from "effect"
import type { Settings } from "../config/Settings.ts"
import type { ToolError } from "./Tool.ts"

export type SettingValue = string | number | boolean

export interface ConfigAccess {
  readonly settings: (workspace: string) => Effect.Effect<Settings>
  /** Sets `section.key` in the user's own file and has it read again; answers the file's path. */
  readonly change: (section: string, key: string, value: SettingValue) => Effect.Effect<string, ToolError>
}
