/**
 * `Config`: reads a setting, or changes one of the few that only say how much the user is shown.
 * Invariant: what gates, executes, spends or trusts is nobody's to change but the user's, by hand.
 */
import { Effect, Result, Schema } from "effect"
import { tellingSettings } from "../../../policies/tools/session.ts"
import { decodeSettings, type Settings } from "../../config/Settings.ts"
import { nearest } from "../../domain/nearest.ts"
import { neutralise } from "../../domain/neutralise.ts"
import { refused, wrongInput } from "../attempt.ts"
import type { ConfigAccess, SettingValue } from "../ConfigAccess.ts"
import { defineTool } from "../defineTool.ts"
import { readingPlan, textResult, type ActSettings } from "../planParts.ts"
import { impossible } from "../recordUndo.ts"

const Input = Schema.Struct({
  setting: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(200)).annotate({
    description: "Its name: attention.perHour; a section's name reads all of it",
  }),
  value: Schema.optionalKey(
    Schema.Union([Schema.String.check(Schema.isMaxLength(1000)), Schema.Finite, Schema.Boolean]),
  ).annotate({ description: "A text, a number or true or false to set it to; without one it is read" }),
})

/** Every setting by its dotted name, sections too. */
const namesOf = (value: unknown, prefix = ""): ReadonlyArray<string> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, inner]) => [
        `${prefix}${key}`,
        ...namesOf(inner, `${prefix}${key}.`),
      ])
    : []

const read = (settings: Settings, name: string): unknown =>
  name
    .split(".")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, key)
          ? (value as Readonly<Record<string, unknown>>)[key]
          : undefined,
      settings,
    )

const shown = (value: unknown): string => JSON.stringify(value) ?? "not set"

/** Why this value does not fit the setting; null where it does. */
const valueFault = (section: string, key: string, value: SettingValue): string | null => {
  const decoded = decodeSettings({ [section]: { [key]: value } })
  return Result.isFailure(decoded) ? decoded.failure.message.replace(/\s+/g, " ").slice(0, 300) : null
}

export const configTool = (access: ConfigAccess, settings: ActSettings) =>
  defineTool({
    name: "Config",
    description:
      "Reads one of the user's settings, or changes one of the few that only say how much the user is shown: in the user's own file, and after the user approved it.",
    input: Input,
    hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
    examples: [{ setting: "attention.perHour" }, { setting: "attention.perHour", value: 2 }],
    undo: "by setting it back: the answer names the value before",
    limits: [`changes only ${[...tellingSettings].join(", ")}`],
    plan: Effect.fnUntraced(function* ({ setting, value }, { workspace }) {
      const now = yield* access.settings(workspace)
      const before = read(now, setting)
      if (value === undefined) {
        const known = namesOf(now)
        if (before === undefined && !known.includes(setting)) {
          const meant = nearest(setting, known)
          return yield* wrongInput(
            `Config: there is no setting ${neutralise(setting)}; ${meant === null ? `there are ${Object.keys(now).join(", ")}` : `did you mean ${meant}?`}`,
          )
        }
        return readingPlan(
          `Read the setting ${setting}`,
          Effect.succeed(textResult(`${setting} = ${shown(before)}`, settings)),
        )
      }
      if (!tellingSettings.has(setting)) {
        return yield* refused(
          `${neutralise(setting)} is for the user to change, by hand in claw.config.ts; a tool may ask to change ${[...tellingSettings].join(", ")}`,
        )
      }
      const [section, key] = setting.split(".") as [string, string]
      const fault = valueFault(section, key, value)
      if (fault !== null) return yield* wrongInput(`Config: ${setting}: ${neutralise(fault)}`)
      const run = Effect.map(access.change(section, key, value), (file) =>
        textResult(`${setting} = ${shown(value)} in ${neutralise(file)} (it was ${shown(before)})`, settings),
      )
      const plan = readingPlan(`Change your setting ${setting} from ${shown(before)} to ${shown(value)}`, run)
      const back = `by setting it back: Config setting=${setting} value=${shown(before)}`
      return {
        ...plan,
        undo: impossible(`it is in your own configuration; ${back}`).undo,
        told: {
          touches: `changes ${setting} from ${shown(before)} to ${shown(value)} in your own claw.config.ts, and nothing else`,
          back: `can be undone ${back}`,
        },
      }
    }),
  })
