/** Who comes while an answer is under way hears it from its beginning, and each piece once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { heard, Hub, type SessionDelta } from "../../../src/agent/engine/Hub.ts"

type OfModel = Extract<SessionDelta, { readonly _tag: "model" }>
const of = (delta: OfModel["delta"]): OfModel => ({ _tag: "model", call: null, cause: 1, delta })
const text = (said: string): OfModel => of({ _tag: "text", text: said })
const answered = of({ _tag: "answered" } as never)
const said = (deltas: ReadonlyArray<SessionDelta>): ReadonlyArray<string> =>
  deltas.map((delta) =>
    delta._tag === "model" && delta.delta._tag === "text" ? delta.delta.text : delta._tag,
  )

describe("the hub", () => {
  it.effect("tells who comes late what was said so far, then what follows", () =>
    Effect.gen(function* () {
      const hub = new Hub()
      yield* hub.publish("c", text("It "))
      yield* hub.publish("c", text("is "))
      const watched = yield* hub.watch("c")
      yield* hub.publish("c", text("a "))
      const first = yield* Stream.runCollect(Stream.take(watched, 1))
      assert.deepStrictEqual(said(first), ["It is a "])
    }).pipe(Effect.scoped),
  )

  it.effect("gives each piece once, whenever it is first asked", () =>
    Effect.gen(function* () {
      const hub = new Hub()
      yield* hub.publish("c", text("one "))
      const watched = yield* hub.watch("c")
      yield* hub.publish("c", { _tag: "moved", seq: 7 })
      yield* hub.publish("c", text("two "))
      const all = yield* watched.pipe(
        Stream.tap((delta) => (delta._tag === "moved" ? hub.publish("c", text("three")) : Effect.void)),
        Stream.takeUntil((delta) => said([delta])[0] === "three"),
        Stream.runCollect,
      )
      assert.deepStrictEqual(said(all), ["one two ", "moved", "three"])
    }).pipe(Effect.scoped),
  )

  it.effect("tells nothing of an answer that has ended", () =>
    Effect.gen(function* () {
      const hub = new Hub()
      yield* hub.publish("whole", text("old"))
      yield* hub.publish("whole", answered)
      yield* hub.publish("broken", text("old"))
      yield* hub.ended("broken")
      for (const session of ["whole", "broken"]) {
        const watched = yield* hub.watch(session)
        yield* hub.publish(session, { _tag: "moved", seq: 1 })
        assert.deepStrictEqual(said(yield* Stream.runCollect(Stream.take(watched, 1))), ["moved"])
      }
    }).pipe(Effect.scoped),
  )

  it("forgets what was said before a call is made again, and a question once it goes on", () => {
    const again = of({ _tag: "again", reason: "overloaded", afterMs: 100, model: "m" })
    const paused = of({ _tag: "paused", question: "q_1" } as never)
    assert.deepStrictEqual([text("a"), again].reduce(heard, []), [again])
    assert.deepStrictEqual([text("a"), paused].reduce(heard, []), [text("a"), paused])
    assert.deepStrictEqual([text("a"), paused, text("b")].reduce(heard, []), [text("ab")])
  })
})
