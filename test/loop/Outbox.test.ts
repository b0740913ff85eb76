/** A defect in what the outbox asks of others: said once, tried again, and what it held up goes on. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { LogStore } from "../../log-store/LogStore.ts"
import { MemoryLogStore } from "../../log-store/MemoryLogStore.ts"
import { draft, type Event } from "../../src/domain/event.ts"
import { Appender } from "../../src/loop/Appender.ts"
import { Folds } from "../../src/loop/Folds.ts"
import { Judge } from "../../src/loop/Judge.ts"
import { Outbox } from "../../src/loop/Outbox.ts"
import { Waiver } from "../../src/loop/Waiver.ts"
import { Probes } from "../../src/observe/probes/answer.ts"

let asked = 0
const failing = Layer.succeed(Probes, {
  answer: () =>
    Effect.suspend(() => (++asked <= 3 ? Effect.die(new Error("the probe is broken")) : Effect.succeed([]))),
})
const judge = Layer.succeed(Judge, {
  call: () => Effect.die("not asked"),
  suggestion: () => Effect.void,
  recheck: () => Effect.succeed(true),
})
const waiver = Layer.succeed(Waiver, { suggestion: () => Effect.void })
const world = Outbox.layer.pipe(
  Layer.provide(Layer.mergeAll(failing, judge, waiver)),
  Layer.provideMerge(
    Appender.layer.pipe(Layer.provideMerge(Folds.layer), Layer.provideMerge(MemoryLogStore.layer)),
  ),
)

it.effect("a probe that dies is said once and tried until it answers", () =>
  Effect.gen(function* () {
    const store = yield* LogStore
    const folds = yield* Folds
    const outbox = yield* Outbox
    yield* Effect.forkScoped(folds.run)
    yield* Effect.forkScoped(outbox.run)
    const until = (found: (event: Event) => boolean) =>
      store.tail(1).pipe(Stream.filter(found), Stream.take(1), Stream.runHead)
    const health = (state: string) => (event: Event) =>
      event.type === "daemon.health" &&
      event.payload.component === "loop:probe" &&
      event.payload.state === state

    yield* store.append([
      draft(
        "terminal.command",
        {
          command: "gti status",
          cwd: "/w",
          exit: 127,
          durationMs: 3,
          shell: "bash",
          session: "bash-1-1",
          authorKind: "user",
          startedAt: "2026-01-02T03:04:05.678Z",
          position: { file: "/spool/bash-1-1", offset: 1 },
        },
        { actor: "source:terminal", workspace: "/w", trust: "untrusted" },
      ),
    ])
    yield* until(health("failed"))
    for (let waited = 0; asked <= 3 && waited < 100; waited++) yield* TestClock.adjust("10 seconds")
    yield* until((event) => event.type === "situation.facts")
    yield* until(health("running"))
    const said = yield* store.read({ types: ["daemon.health"] }).pipe(Stream.runCollect)
    assert.deepStrictEqual(
      [...said].map((event) => (event.type === "daemon.health" ? event.payload.state : "")),
      ["failed", "running"],
    )
  }).pipe(Effect.scoped, Effect.provide(world)),
)
