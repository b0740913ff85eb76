/**
 * Quiet hours over the two nights on which the clocks are changed, by the machine's own time zone: they end by the clock
 * on the wall, an hour sooner or later than the hours between say.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { openTimedScene } from "./TimedScene.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** The next last Sunday of a month, 01:00 UTC: then the clocks of the European Union are changed. */
const nextChange = (month: number): number => {
  const now = new Date()
  for (let year = now.getUTCFullYear(); ; year += 1) {
    const last = new Date(Date.UTC(year, month + 1, 0, 1))
    const change = last.getTime() - last.getUTCDay() * 24 * hourMs
    if (change > now.getTime() + 24 * hourMs) return change
  }
}

const night = Effect.fnUntraced(function* (changeMs: number, endsMs: number) {
  const { log, time, type } = yield* openTimedScene({
    startMs: changeMs - 10 * minuteMs,
    settings: { attention: { quietHours: ["01:30-03:30"] } },
    env: { TZ: "Europe/Berlin" },
  })
  yield* time.to(endsMs - 3 * minuteMs)
  yield* type("git stauts")
  const held = yield* log.untilType("decision.withheld", 0, ({ payload }) => payload.reason === "quiet hours")
  assert.strictEqual(held.payload.until, endsMs)
  yield* time.to(endsMs + minuteMs)
  yield* type("git lgo")
  const events = yield* log.events
  const shown = events.filter(({ type: kind }) => kind === "decision.shown")
  assert.lengthOf(shown, 1)
  assert.isAtLeast(Date.parse(shown[0]!.at), endsMs)
  const ruled = events.find(({ type: kind }) => kind === "daemon.config")
  assert.include(JSON.stringify(ruled?.payload), "Europe/Berlin")
})

it.live("are an hour shorter in spring", () => {
  const change = nextChange(2)
  // 03:30 of the summer's clock
  return night(change, change + 30 * minuteMs).pipe(Effect.scoped)
})

it.live("are an hour longer in autumn", () => {
  const change = nextChange(9)
  // 03:30 of the winter's clock, an hour and a half behind the first 03:00, which was called 02:00
  return night(change, change + 90 * minuteMs).pipe(Effect.scoped)
})
