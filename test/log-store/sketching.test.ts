/** Sketches are made when appends leave time, block by block, and then queries rest on them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { Backend } from "../../log-store/Backend.ts"
import { mixDraft } from "../../log-store/bench/mix.ts"
import type { LogStore, Query } from "../../log-store/LogStore.ts"
import { makeStore } from "../../log-store/makeStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { sketchPrefix } from "../../log-store/Sketches.ts"
import { blockEvents } from "../../log-store/sketch.ts"
import { upcaster } from "../../log-store/upcasts.ts"

const grow = Effect.fnUntraced(function* (store: LogStore["Service"], to: number) {
  for (let at = (yield* store.head).seq; at < to; at += 4_000)
    yield* store.append(Array.from({ length: 4_000 }, (_, n) => mixDraft(at + n)))
})
const isSketched = (backend: Backend, block: number): boolean =>
  backend.record(`${sketchPrefix}${block}`) !== undefined
/** Others' turns, as many as it takes. */
const until = (holds: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (holds() ? Effect.void : Effect.andThen(Effect.yieldNow, until(holds))))

describe("sketching", () => {
  it.effect(
    "waits for quiet, makes what is due, and changes no answer",
    () =>
      Effect.gen(function* () {
        const backend = memoryBackend()
        const store = yield* makeStore({
          backend,
          upcast: upcaster({}),
          place: "memory",
          sketch: true,
        })
        const paths = ["src/server/routes/checkout17.tsx"]
        const queries: ReadonlyArray<Query> = [
          { paths },
          { paths: [...paths, "schema3*"], reverse: true },
          { exit: { code: 1, not: false }, command: "docker compose up" },
        ]
        const answers = Effect.forEach(queries, (query) =>
          Effect.map(Stream.runCollect(store.read(query)), (events) => [...events].map(({ seq }) => seq)),
        )
        yield* grow(store, blockEvents + 8_000)
        yield* TestClock.adjust("1 second")
        // Not quiet: more came within the time.
        yield* grow(store, blockEvents + 12_000)
        yield* TestClock.adjust("1500 millis")
        assert.isFalse(isSketched(backend, 0))
        const before = yield* answers
        for (const found of before) assert.isAbove(found.length, 0)
        yield* TestClock.adjust("3 seconds")
        yield* until(() => isSketched(backend, 0))
        assert.deepStrictEqual(yield* answers, before)

        yield* grow(store, 2 * blockEvents + 8_000)
        yield* TestClock.adjust("5 seconds")
        yield* until(() => isSketched(backend, 1))
        const reads = new Set<string>()
        const counted = { ...backend, record: (key: string) => (reads.add(key), backend.record(key)) }
        const second = yield* makeStore({ backend: counted, upcast: upcaster({}), place: "memory" })
        const all = yield* Stream.runCollect(second.read({ paths }))
        assert.isTrue([...reads].some((key) => key.startsWith(`${sketchPrefix}1/`)))
        const [fresh] = yield* answers
        assert.deepStrictEqual(
          [...all].map(({ seq }) => seq),
          fresh,
        )
      }),
    60_000,
  )
})
