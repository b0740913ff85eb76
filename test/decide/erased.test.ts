/** What the machine did is not done again once the event that says so was erased. */
import { assert, describe, it } from "@effect/vitest"
import type { Event } from "../../src/domain/event.ts"
import { Driver, run } from "./driver.ts"
import { evolveQueue, emptyQueue } from "../../src/domain/queue.ts"

const told = () => {
  const driver = new Driver()
  run(driver, "npm tset", 1)
  run(driver, "git psuh", 1)
  run(driver, "npm test", 1)
  return driver
}
const erase = (event: Event): Event => ({ ...event, payload: null, erased: true }) as unknown as Event
const folded = (driver: Driver, events: ReadonlyArray<Event>) =>
  events.reduce((state, event) => driver.projection.evolve(state, event), driver.projection.initial)

describe("an erased event", () => {
  it("of the decider or of a probe leaves nothing to be done once more, whichever it is", () => {
    const driver = told()
    const done = driver.events.filter(({ actor, type }) => actor === "decider" || type === "situation.facts")
    assert.isAbove(done.length, 5)
    for (const { seq, type } of done) {
      const state = folded(
        driver,
        driver.events.map((event) => (event.seq === seq ? erase(event) : event)),
      )
      const again = state.outbox.filter(
        (command) => command._tag === "probe" || (command._tag === "append" && command.draft.type === type),
      )
      assert.deepStrictEqual(again, [], `${type} at ${seq}`)
    }
  })

  it("gives the same from the first event and from half-way", () => {
    const driver = told()
    const events = driver.events.map((event) => (event.seq % 3 === 0 ? erase(event) : event))
    const half = Math.floor(events.length / 2)
    const first = folded(driver, events.slice(0, half))
    const kept = JSON.parse(JSON.stringify(first)) as typeof first
    const state = events.slice(half).reduce((before, event) => driver.projection.evolve(before, event), kept)
    assert.deepStrictEqual(state, folded(driver, events))
    const queue = events.reduce(evolveQueue, emptyQueue)
    assert.strictEqual(queue.seq, events.length)
  })
})
