/** Flags that several commands share. */
import { Effect, Option } from "effect"
import { Argument, Flag } from "effect/cli"
import { usage } from "./Exit.ts"
import { parseDuration } from "./durations.ts"

export const jsonFlag = Flag.Boolean("json").pipe(
  Flag.withDefault(false),
  Flag.withDescription("print JSON, one object a line"),
)

export const idArgument = Argument.String("id").pipe(Argument.withDescription("as claw queue prints it"))

/** A century: no clock and no calendar breaks at its end. */
const longestMs = 36_500 * 86_400_000

/** Of something that begins now. */
export const duration = (text: string) => {
  const ms = parseDuration(text)
  if (ms === null)
    return Effect.fail(usage(`${JSON.stringify(text)} is no duration: write 90s, 10m, 1h or 2d`))
  return ms > 0 && ms <= longestMs
    ? Effect.succeed(ms)
    : Effect.fail(usage(`${JSON.stringify(text)}: give more than nothing, and 36500d at most`))
}

export const optionalDuration = (text: Option.Option<string>) =>
  Option.isNone(text) ? Effect.succeed(null) : duration(text.value)
