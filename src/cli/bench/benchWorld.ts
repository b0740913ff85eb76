/**
 * What a benchmark plays in: a throw-away world whose daemon is the built program, and its log as a client hears it,
 * each event with the time at which it arrived. An event that arrived is durable.
 */
import { Effect, Stream } from "effect"
import type { EventRecord } from "../../domain/event.ts"
import { orExit } from "../errors.ts"
import { fail } from "../Exit.ts"
import { Invocation } from "../Invocation.ts"
import type { Client } from "../Session.ts"
import { makeWorld, type World, worldSession } from "../ThrowAway.ts"
import { builtEntry } from "./built.ts"

/** What did not happen by then on a machine that only measures will not happen. */
const limitMs = 30_000

export interface Arrived {
  readonly event: EventRecord
  readonly atMs: number
}

/** `prepare` fills the world before its daemon starts. */
export const openBenchWorld = Effect.fn("bench.world")(function* (
  prepare: (world: World) => Effect.Effect<void> = () => Effect.void,
) {
  const invocation = yield* Invocation
  const world = yield* makeWorld(invocation.env)
  yield* prepare(world)
  const entry = yield* builtEntry(invocation.entry)
  const { client, pid } = yield* worldSession(world).pipe(
    Effect.provideService(Invocation, { ...invocation, entry }),
  )
  return { world, client, pid, entry }
})

/** Watches a folder; resolves when its watcher is at work. */
export const watchFolder = Effect.fnUntraced(function* (client: Client, heard: Heard, dir: string) {
  yield* orExit(client.Watch({ dir }))
  yield* heard.until(
    `the watcher of ${dir}`,
    ({ event }) =>
      event.type === "daemon.health" &&
      event.workspace === dir &&
      (event.payload as { readonly component: string }).component === "source:fs",
  )
})

export interface Heard {
  /** The first event that fits, of those that have come and those to come. */
  readonly until: (
    what: string,
    fits: (arrived: Arrived) => boolean,
  ) => Effect.Effect<Arrived, ReturnType<typeof fail>>
}

export const hear = Effect.fn("bench.hear")(function* (client: Client) {
  const all: Array<Arrived> = []
  const waiting = new Set<() => void>()
  yield* client.Log({ query: {}, follow: true }).pipe(
    Stream.runForEach((events) =>
      Effect.sync(() => {
        const atMs = performance.now()
        for (const event of events) all.push({ event, atMs })
        for (const look of waiting) look()
      }),
    ),
    // the daemon ends before its world does
    Effect.ignore,
    Effect.forkScoped,
  )
  const until: Heard["until"] = (what, fits) =>
    Effect.callback<Arrived>((resume) => {
      let from = 0
      const look = () => {
        const found = all.slice(from).find(fits)
        from = all.length
        if (found !== undefined) resume(Effect.succeed(found))
      }
      waiting.add(look)
      look()
      return Effect.sync(() => waiting.delete(look))
    }).pipe(
      Effect.timeoutOrElse({
        duration: limitMs,
        orElse: () => Effect.fail(fail(`${what}: nothing within ${limitMs / 1000} s`)),
      }),
    )
  const heard: Heard = { until }
  return heard
})
