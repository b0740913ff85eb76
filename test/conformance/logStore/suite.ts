/** What the suites of the log share: a test against the layer under test, drafts, and a projection that counts. */
import { it } from "@effect/vitest"
import { Effect, type Layer, Stream } from "effect"
import { type LogError, LogStore, type Projection, type Query } from "../../../log-store/LogStore.ts"
import type { Upcasts } from "../../../log-store/upcasts.ts"
import { draft, type Event, type EventDraft } from "../../../src/domain/event.ts"

export interface Options {
  readonly upcasts?: Upcasts
}

export const note = (detail: string, header: Partial<EventDraft> = {}): EventDraft =>
  draft("daemon.health", { component: "test", state: "running", backend: null, detail }, {
    actor: "test",
    ...header,
  } as { readonly actor: string })
export const stopped = (reason: string, header: Partial<EventDraft> = {}): EventDraft =>
  draft("daemon.stopped", { reason }, { actor: "daemon", ...header } as { readonly actor: string })

export const seqs = (events: ReadonlyArray<Event>) => events.map((event) => event.seq)
export const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

export const counter: Projection<{ readonly count: number }> = {
  name: "counter",
  version: 1,
  initial: { count: 0 },
  evolve: (state) => ({ count: state.count + 1 }),
}

/** One layer of the log under test. */
export interface Suite {
  readonly test: (what: string, body: Effect.Effect<void, unknown, LogStore>, options?: Options) => void
  readonly collect: (query: Query) => Effect.Effect<ReadonlyArray<Event>, LogError, LogStore>
}

export const suiteOf = (layer: (options?: Options) => Layer.Layer<LogStore, LogError>): Suite => ({
  test: (what, body, options) =>
    it.effect(what, () => Effect.scoped(Effect.provide(body, layer(options))), 30_000),
  collect: (query) =>
    LogStore.use((log) => Effect.map(Stream.runCollect(log.read(query)), (events) => [...events])),
})
