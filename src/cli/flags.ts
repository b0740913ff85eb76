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

export const duration = (text: string) => {
  const ms = parseDuration(text)
  return ms === null
    ? Effect.fail(usage(`${JSON.stringify(text)} is no duration: write 90s, 10m, 1h or 2d`))
    : Effect.succeed(ms)
}

export const optionalDuration = (text: Option.Option<string>) =>
  Option.isNone(text) ? Effect.succeed(null) : duration(text.value)
