/** Sources that fail, end or cannot be made are said and begun again; none stops another. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { draft, type Event } from "../../src/domain/event.ts"
import type { Source } from "../../src/observe/Source.ts"
import { Appender } from "../../src/loop/Appender.ts"
import { Folds } from "../../src/loop/Folds.ts"
import { type SourceMakers, Sources } from "../../src/loop/Sources.ts"
import { storeOver } from "./loopWorld.ts"

const branch = (name: string) =>
  draft(
    "git.branch",
    { action: "created", name, from: null, to: "a" },
    { actor: "source:git", workspace: "/w", trust: "untrusted" },
  )

/** Watches `/w` with these makers until an event fits; answers all events up to it. */
const untilSaid = (makers: SourceMakers, fits: (event: Event) => boolean) =>
  Effect.gen(function* () {
    const store = yield* LogStore
    const folds = yield* Folds
    const appender = yield* Appender
    yield* Effect.forkScoped(folds.run)
    yield* appender.append([
      draft("daemon.workspace", { action: "added", path: "/w" }, { actor: "user", workspace: "/w" }),
    ])
    yield* folds.reached(1)
    yield* Effect.forkScoped((yield* Sources).run)
    return yield* store.tail(1).pipe(Stream.takeUntil(fits), Stream.runCollect)
  }).pipe(
    Effect.provide(
      Sources.layer(makers).pipe(
        Layer.provideMerge(Appender.layer),
        Layer.provideMerge(Folds.layer),
        Layer.provideMerge(storeOver(memoryBackend())),
      ),
    ),
    Effect.scoped,
  )

const failed = (component: string, detail: RegExp) => (event: Event) =>
  event.type === "daemon.health" &&
  event.payload.component === component &&
  event.payload.state === "failed" &&
  detail.test(event.payload.detail)

const isBranch = (name: string) => (event: Event) =>
  event.type === "git.branch" && event.payload.name === name

describe("a source", () => {
  it.live("that ends by itself is said and begun again; the other one goes on", () =>
    Effect.gen(function* () {
      let begun = 0
      const ending: Source = {
        name: "fs",
        observations: Stream.suspend(() => {
          begun++
          return begun === 1
            ? Stream.empty
            : Stream.concat(Stream.make({ drafts: [branch("again")], ack: Effect.void }), Stream.never)
        }),
      }
      const steady: Source = {
        name: "git",
        observations: Stream.concat(
          Stream.make({ drafts: [branch("steady")], ack: Effect.void }),
          Stream.never,
        ),
      }
      const events = yield* untilSaid(
        { workspace: () => Effect.succeed([ending, steady]), shared: () => Effect.succeed([]) },
        isBranch("again"),
      )
      assert.isTrue(events.some(failed("source:fs", /ended by itself/)))
      assert.isTrue(events.some(isBranch("steady")))
    }),
  )

  it.live("that cannot be made is said and tried again", () =>
    Effect.gen(function* () {
      let tried = 0
      const events = yield* untilSaid(
        {
          workspace: () =>
            Effect.suspend(() => {
              tried++
              return tried === 1
                ? Effect.die(new Error("no watches left"))
                : Effect.succeed([
                    {
                      name: "git" as const,
                      observations: Stream.make({ drafts: [branch("later")], ack: Effect.void }).pipe(
                        Stream.concat(Stream.never),
                      ),
                    },
                  ])
            }),
          shared: () => Effect.succeed([]),
        },
        isBranch("later"),
      )
      assert.strictEqual(tried, 2)
      assert.isTrue(events.some(failed("sources", /no watches left/)))
    }),
  )
})
