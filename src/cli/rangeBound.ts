/** `--since` and `--until`: where a range of the log begins and ends, by seq or by time. */
import { Effect, Option } from "effect"
import { parsePoint } from "./durations.ts"
import { type Exit, usage } from "./Exit.ts"

interface RangeBound {
  readonly from?: number
  readonly to?: number
  readonly since?: number
  readonly until?: number
}

export const rangeBound = (
  name: "since" | "until",
  text: Option.Option<string>,
  nowMs: number,
): Effect.Effect<RangeBound, Exit> => {
  if (Option.isNone(text)) return Effect.succeed({})
  const point = parsePoint(text.value, nowMs)
  if (point === null) {
    return Effect.fail(
      usage(`--${name} ${JSON.stringify(text.value)}: give a seq, an ISO time, or a duration such as 1h`),
    )
  }
  if ("seq" in point) return Effect.succeed(name === "since" ? { from: point.seq } : { to: point.seq })
  return Effect.succeed(name === "since" ? { since: point.atMs } : { until: point.atMs })
}
