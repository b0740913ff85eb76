/** What every projection must do: one suite, run for each of the registry, over generated logs and over given ones. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { Projection } from "../../log-store/LogStore.ts"
import type { Event } from "../../src/domain/event.ts"
import { stateDifference } from "../../src/loop/stateDifference.ts"
import { logs, ofNoMatter, ofTomorrow } from "./stories.ts"

const plain: ReadonlyArray<unknown> = [Object.prototype, Array.prototype, null]

/** Frozen through and through; what is not plain data is none that JSON could keep. */
const frozen = <A>(value: A): A => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    assert.include(plain, Object.getPrototypeOf(value))
    Object.freeze(value)
    for (const part of Object.values(value)) frozen(part)
  }
  return value
}
const throughJson = <A>(value: A): A => JSON.parse(JSON.stringify(value)) as A

/** Where a fold stands, which every event may move; all else is what it knows. */
const standing = new Set(["seq", "nowMs", "last"])
const known = (state: unknown): unknown =>
  Object.fromEntries(Object.entries(state as object).filter(([key]) => !standing.has(key)))

export const projectionConformance = (projection: Projection<unknown>, given: ReadonlyArray<Event> = []) => {
  const { evolve, initial, name, version } = projection
  const fold = (events: ReadonlyArray<Event>, from = initial) => events.reduce(evolve, from)
  const same = (a: unknown, b: unknown, what: string) => assert.isNull(stateDifference(a, b), what)
  const cuts = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 4 })

  describe(name, () => {
    it("has a name that can be a key, a version, and begins with JSON", () => {
      assert.match(name, /^[a-z]+(-[a-z]+)*$/)
      assert.isAbove(version, 0)
      assert.deepStrictEqual(throughJson(initial), initial)
    })

    it("is the same from the start and from any checkpoint", () => {
      fc.assert(
        fc.property(logs, cuts, (events, at) => {
          const whole = fold(events)
          let state = initial
          let seq = 0
          for (const cut of at.map((n) => n % (events.length + 1)).sort((a, b) => a - b)) {
            state = throughJson(fold(events.slice(seq, cut), state))
            seq = cut
          }
          same(whole, fold(events.slice(seq), state), `from checkpoints at ${at.join(", ")}`)
        }),
        { numRuns: 60 },
      )
    })

    it("changes neither its state nor an event, and gives JSON", () => {
      frozen(initial)
      fc.assert(
        fc.property(logs, (events) => {
          const state = events.reduce((before, event) => frozen(evolve(before, frozen(event))), initial)
          same(throughJson(state), state, "through JSON")
        }),
        { numRuns: 40 },
      )
    })

    it("learns nothing from a type it does not know", () => {
      fc.assert(
        fc.property(
          logs.filter((events) => events.length > 0),
          fc.nat(1_000),
          (events, n) => {
            const at = n % events.length
            const before = fold(events.slice(0, at + 1))
            const [unknown, idle] = [ofTomorrow(events[at]!), ofNoMatter(events[at]!)]
            same(known(evolve(before, idle)), known(evolve(before, unknown)), `behind event ${at + 1}`)
          },
        ),
        { numRuns: 60 },
      )
    })

    it("survives any payload's erasure", () => {
      fc.assert(
        fc.property(logs, fc.nat(1_000), (events, n) => {
          const less = events.map((event) =>
            (event.seq + n) % 3 === 0 && event.type !== "log.erased"
              ? ({ ...event, payload: null, erased: true } as unknown as Event)
              : event,
          )
          const state = fold(less)
          same(throughJson(state), state, "through JSON")
        }),
        { numRuns: 40 },
      )
    })

    if (given.length > 0)
      it("is the same from any checkpoint over a whole log", () => {
        const step = Math.ceil(given.length / 12)
        const whole = fold(given)
        for (let cut = step; cut < given.length; cut += step)
          same(whole, fold(given.slice(cut), throughJson(fold(given.slice(0, cut)))), `from ${cut}`)
      })
  })
}
