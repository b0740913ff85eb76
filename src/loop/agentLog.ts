/** The conversations' way to the log: the one appender, the folds, and reads by conversation. */
import { Effect, Layer, Stream, SubscriptionRef } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { AgentLog } from "../agent/AgentLog.ts"
import { budgetKey } from "../domain/costs.ts"
import type { Event } from "../domain/event.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"
import { latest } from "./latest.ts"

const nothing = { usd: 0, unpriced: 0, calls: 0 }

export const agentLog: Layer.Layer<AgentLog, never, Appender | Folds | LogStore> = Layer.effect(
  AgentLog,
  Effect.gen(function* () {
    const store = yield* LogStore
    const appender = yield* Appender
    const folds = yield* Folds
    const snapshot = SubscriptionRef.get(folds.snapshot)

    const folded = (events: ReadonlyArray<Event>) => folds.reached(events.at(-1)?.seq ?? 0)
    const append: AgentLog["Service"]["append"] = (drafts) => Effect.tap(appender.append(drafts), folded)
    const appendAfter: AgentLog["Service"]["appendAfter"] = (session, lastSeq, drafts) =>
      Effect.tap(appender.appendAfter(drafts, { correlationId: session, lastSeq }), (events) =>
        events === null ? Effect.void : folded(events),
      )
    const read: AgentLog["Service"]["read"] = (id, { after = 0, to } = {}) =>
      store
        .read({ correlationId: id, from: after + 1, ...(to === undefined ? {} : { to }) })
        .pipe(Stream.runCollect, Effect.orDie)
    const readPages: AgentLog["Service"]["readPages"] = (id, after, take) =>
      store.read({ correlationId: id, from: after + 1 }).pipe(Stream.runForEachArray(take), Effect.orDie)

    const newest: AgentLog["Service"]["newest"] = (id, { after, before }) =>
      store
        .read({
          correlationId: id,
          from: after + 1,
          reverse: true,
          ...(before === null ? {} : { to: before - 1 }),
        })
        .pipe(Stream.orDie)

    return AgentLog.of({
      append,
      appendAfter,
      read,
      readPages,
      newest,
      follow: folds.follow,
      events: (seqs) =>
        Effect.forEach(seqs, (seq) => Effect.orDie(store.get(seq))).pipe(
          Effect.map((events) => events.filter((event) => event !== null)),
        ),
      recent: (query) => store.read({ ...query, reverse: true }).pipe(Stream.runCollect, Effect.orDie),
      holding: ({ limit, text, types, workspace }) =>
        store
          .read({ grep: text, types, limit, reverse: true, ...(workspace === null ? {} : { workspace }) })
          .pipe(Stream.runCollect, Effect.orDie),
      blob: (hash) => Effect.orDie(store.blob(hash)),
      sessions: Effect.map(snapshot, ({ sessions }) => sessions),
      agents: Effect.map(snapshot, ({ agents }) => agents),
      boards: Effect.map(snapshot, ({ boards }) => boards),
      asking: (session) =>
        Effect.map(snapshot, ({ queue }) =>
          Object.values(queue.suggestions)
            .filter((row) => row.session === session && (row.state === "pending" || row.state === "snoozed"))
            .map(({ id }) => id),
        ),
      spent: (session) =>
        Effect.map(snapshot, ({ costs }) => costs.spent[budgetKey("session", session, "")] ?? nothing),
      paused: Effect.map(snapshot, ({ control }) => control.paused),
      resumed: latest(folds.snapshot).pipe(
        Stream.filter(({ control }) => !control.paused),
        Stream.runHead,
        Effect.asVoid,
      ),
      head: Effect.map(snapshot, ({ seq }) => seq),
    })
  }),
)
