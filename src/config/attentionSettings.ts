/** Settings of attention: when a suggestion may be seen. Only the user's own file steers it. Durations are milliseconds. */
import { Effect, Schema } from "effect"
import { quietHoursPattern } from "./quietHours.ts"

const orElse = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))
const between = (low: number, high: number) =>
  Schema.Finite.check(Schema.isBetween({ minimum: low, maximum: high }))

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== ""
  } catch {
    return false
  }
}

const Hours = Schema.String.check(
  Schema.isPattern(quietHoursPattern, {
    message: `not of the form "22:00-07:30" or "sat,sun 00:00-24:00"`,
  }),
)
const TimeZone = Schema.String.check(
  Schema.makeFilter((name) => isTimeZone(name) || `no time zone "${name.slice(0, 60)}"`),
)

export const AttentionSettings = Schema.Struct({
  /** Non-urgent items shown in an hour of work; the rest waits for the digest. */
  perHour: orElse(between(0, 60), 1),
  burst: orElse(between(1, 10), 2),
  /** Nothing non-urgent is shown for this long after an edit. */
  quietAfterEditMs: orElse(between(0, 600_000), 5_000),
  /** No input for this long means away. */
  awayAfterMs: orElse(between(10_000, 86_400_000), 180_000),
  /** Hours in which only what is urgent is shown, each `"22:00-07:30"` or `"sat,sun 00:00-24:00"`. */
  quietHours: orElse(Schema.Array(Hours).check(Schema.isMaxLength(20)), []),
  /** Of the quiet hours, as `Europe/Berlin`; left out: the machine's. */
  timeZone: Schema.optionalKey(TimeZone),
  /** A rule of whose last `shows` suggestions less than this share was kept is silent until one is accepted. */
  bar: orElse(Schema.Struct({ share: orElse(between(0, 1), 0.8), shows: orElse(between(5, 200), 20) }), {}),
  /** Whether what is shown follows from how suggestions were taken. */
  learn: orElse(Schema.Boolean, true),
  /** What a suggestion that is not kept costs against one that is missed: shown from `falseAlarm / (falseAlarm + miss)` on. */
  costs: orElse(
    Schema.Struct({ falseAlarm: orElse(between(0.01, 100), 3), miss: orElse(between(0.01, 100), 1) }),
    {},
  ),
})
export type AttentionSettings = typeof AttentionSettings.Type
