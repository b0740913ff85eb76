/** `defineConfig` for `claw.config.ts`: types and completion in the editor; the value passes through unchanged. */
import type { SettingsInput } from "./Settings.ts"

export const defineConfig = (settings: SettingsInput): SettingsInput => settings
