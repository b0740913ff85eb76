/** What a follower is told a conversation's state is, once all that was there has been sent. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Stream, SubscriptionRef } from "effect"
import { RpcTest } from "effect/rpc"
import { AgentLog } from "../../src/agent/AgentLog.ts"
import { Sessions } from "../../src/agent/Sessions.ts"
import { sessionHandlers } from "../../src/daemon/handlers/sessions.ts"
import type { SessionRow } from "../../src/domain/sessions.ts"
import { Folds, type Snapshot } from "../../src/loop/Folds.ts"
import { Models } from "../../src/model/Models.ts"
import { SessionRpcs } from "../../src/rpc/sessions.ts"
import { nobody } from "./nobody.ts"

const working: SessionRow = {
  id: "c_1",
  kind: "chat",
  title: "Some work",
  model: "scripted/one",
  workspace: "/w",
  cwd: "/w",
  actor: "user:cli",
  parent: null,
  situation: null,
  state: "working",
  rested: null,
  openedAt: "2026-11-22T09:00:00.000Z",
  lastAt: "2026-11-22T09:00:00.000Z",
  lastSeq: 5,
  words: 1,
}
const asking = { id: "q_1", session: "c_1", title: "Push?", state: "pending" }
/** Only what a follower looks at. */
const snapshotOf = (seq: number, row: SessionRow, suggestions: object): Snapshot =>
  ({ seq, sessions: { c_1: row }, queue: { suggestions } }) as unknown as Snapshot

/** A conversation that moves on while its events are read, and whose fold is behind what was read. */
const followed = (after: Snapshot) =>
  Effect.gen(function* () {
    const snapshot = yield* SubscriptionRef.make(snapshotOf(5, working, {}))
    const rested = {
      seq: 6,
      id: "e6",
      at: working.lastAt,
      type: "session.rested",
      actor: "claw",
      correlationId: "c_1",
      payload: { session: "c_1", reason: "completed", message: "" },
    }
    const services = Layer.mergeAll(
      Layer.mock(AgentLog)({
        sessions: Effect.map(SubscriptionRef.get(snapshot), ({ sessions }) => sessions),
        read: () => Effect.succeed([rested as never]),
        spent: () => Effect.succeed({ usd: 0.5, calls: 2, unpriced: 0 }),
      }),
      Layer.mock(Folds)({
        snapshot,
        follow: () => Stream.never,
        reached: (seq) => (seq === 6 ? SubscriptionRef.set(snapshot, after) : Effect.void),
      }),
      Layer.mock(Sessions)({ watch: () => Effect.succeed(Stream.never) }),
      Layer.mock(Models)({}),
      nobody,
    )
    const client = yield* Effect.provide(
      RpcTest.makeClient(SessionRpcs),
      Layer.provide(sessionHandlers, services),
    )
    const parts = yield* client.FollowSession({ session: "c_1", from: 0, untilRested: false }).pipe(
      Stream.takeUntil(({ _tag }) => _tag === "live"),
      Stream.runCollect,
    )
    return parts.map((part) =>
      part._tag === "live" ? part.state : part._tag === "open" ? part.requests.length : part._tag,
    )
  })

it.effect("has the state that goes with what was sent, not that of when it was asked", () =>
  Effect.gen(function* () {
    const resting = { ...working, state: "resting", lastSeq: 6 } as const
    assert.deepStrictEqual(yield* followed(snapshotOf(6, resting, {})), ["spent", "item", 0, "resting"])
  }),
)

it.effect("has the requests that came meanwhile", () =>
  Effect.gen(function* () {
    const after = snapshotOf(6, { ...working, lastSeq: 6 }, { q_1: asking })
    assert.deepStrictEqual(yield* followed(after), ["spent", "item", 1, "working"])
  }),
)

it.effect("has no piece of an answer behind the whole of it", () =>
  Effect.gen(function* () {
    const answered = {
      seq: 6,
      id: "e6",
      at: working.lastAt,
      type: "model.answered",
      actor: "claw",
      correlationId: "c_1",
      payload: {
        call: "m_1",
        served: "one",
        content: [{ type: "text", text: "It is a cat." }],
        finish: "stop",
        usage: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 },
        usd: 0,
      },
    }
    const piece = (cause: number, text: string) =>
      ({ _tag: "model", call: null, cause, delta: { _tag: "text", text } }) as const
    const snapshot = yield* SubscriptionRef.make(snapshotOf(6, working, {}))
    const services = Layer.mergeAll(
      Layer.mock(AgentLog)({
        sessions: Effect.map(SubscriptionRef.get(snapshot), ({ sessions }) => sessions),
        read: (_, range) => Effect.succeed((range?.after ?? 0) < 6 ? [answered as never] : []),
        spent: () => Effect.succeed({ usd: 0, calls: 1, unpriced: 0 }),
      }),
      Layer.mock(Folds)({ snapshot, follow: () => Stream.never, reached: () => Effect.void }),
      Layer.mock(Sessions)({
        watch: () => Effect.succeed(Stream.make(piece(5, "a cat."), piece(6, "And a dog."))),
      }),
      Layer.mock(Models)({}),
      nobody,
    )
    const client = yield* Effect.provide(
      RpcTest.makeClient(SessionRpcs),
      Layer.provide(sessionHandlers, services),
    )
    const parts = yield* client.FollowSession({ session: "c_1", from: 0, untilRested: false }).pipe(
      Stream.takeUntil((part) => part._tag === "text" && part.text === "And a dog."),
      Stream.runCollect,
    )
    assert.deepStrictEqual(
      parts.flatMap((part) =>
        part._tag === "text" ? [part.text] : part._tag === "item" ? [part.item._tag] : [],
      ),
      ["answered", "And a dog."],
    )
  }),
)
