/** What was said and done, a page at a time: walked back, the pages are all of it, and who follows can begin near its end. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { RpcTest } from "effect/rpc"
import { LogStore } from "../../log-store/LogStore.ts"
import { MemoryLogStore } from "../../log-store/MemoryLogStore.ts"
import { AgentLog } from "../../src/agent/AgentLog.ts"
import { callsOf } from "../../src/agent/session/calls.ts"
import { Sessions } from "../../src/agent/Sessions.ts"
import { sessionHandlers } from "../../src/daemon/handlers/sessions.ts"
import { itemsOf } from "../../src/daemon/sessionViews.ts"
import { draft, type EventDraft } from "../../src/domain/event.ts"
import { agentLog } from "../../src/loop/agentLog.ts"
import { Appender } from "../../src/loop/Appender.ts"
import { Folds } from "../../src/loop/Folds.ts"
import { Models } from "../../src/model/Models.ts"
import { type ItemPage, mostItems, type SessionItem, SessionRpcs } from "../../src/rpc/sessions.ts"
import { generated, session } from "../agent/session/generatedSession.ts"
import { nobody } from "./nobody.ts"

const log = agentLog.pipe(
  Layer.provideMerge(Appender.layer),
  Layer.provideMerge(Folds.layer),
  Layer.provideMerge(MemoryLogStore.layer),
)
const world = Layer.provideMerge(
  sessionHandlers,
  Layer.mergeAll(
    log,
    Layer.mock(Sessions)({ watch: () => Effect.succeed(Stream.never) }),
    Layer.mock(Models)({}),
    nobody,
  ),
)

const from = { actor: "user:cli", workspace: "/w", correlationId: session }
const file = { path: "a.txt", bytes: 3, mediaType: "text/plain", hash: "0".repeat(64), cut: false }
const attached = draft("session.attached", { session, files: [file] }, from)

/** A conversation with files and with others between, of which one word was erased. */
const talked = Effect.fnUntraced(function* (length: number) {
  const store = yield* LogStore
  const folds = yield* Folds
  yield* Effect.forkScoped(Effect.orDie(folds.run))
  const events = generated(11, length, (parts) => callsOf(parts).map(({ id }) => id))
  const drafts = events.flatMap(({ actor, payload, trust, type }, at): ReadonlyArray<EventDraft> => [
    ...(type === "session.said" && at % 3 === 0 ? [attached] : []),
    {
      ...draft("session.stopped", { session, surface: null }, { ...from, actor, trust }),
      type,
      payload,
    } as EventDraft,
    draft("decision.tick", { dueMs: at }, { actor: "decider" }),
  ])
  const stored = yield* store.append(drafts)
  const words = stored.filter(({ type }) => type === "session.said")
  const erased = yield* store.erase([words[1]!.seq], "a test", "user:cli")
  yield* folds.reached(erased.seq)
  const client = yield* RpcTest.makeClient(SessionRpcs)
  const all = itemsOf(yield* (yield* AgentLog).read(session)).items
  return { all, client }
})

type Client = Effect.Success<ReturnType<typeof talked>>["client"]

const walked = Effect.fnUntraced(function* (client: Client, limit: number) {
  const pages: Array<ReadonlyArray<SessionItem>> = []
  for (let before: number | null = null; ;) {
    const { earlier, items }: ItemPage = yield* client.SessionItems({ session, before, limit })
    pages.unshift(items)
    if (earlier) assert.strictEqual(items.length, limit)
    if (!earlier) return pages.flat()
    before = items[0]!.seq
  }
})

describe("the items of a conversation", () => {
  it.effect("are all there in pages of any length, with the files that came with a word", () =>
    Effect.gen(function* () {
      const { all, client } = yield* talked(80)
      assert.isAbove(all.length, 40)
      assert.isTrue(all.some((item) => item._tag === "said" && item.files.length === 1))
      for (const limit of [1, 2, 7, all.length - 1, all.length, mostItems])
        assert.deepStrictEqual(yield* walked(client, limit), all)
    }).pipe(Effect.provide(world), Effect.scoped),
  )

  it.effect("come in answers that are never longer than a page", () =>
    Effect.gen(function* () {
      const { all, client } = yield* talked(1_200)
      assert.isAbove(all.length, mostItems)
      const page = yield* client.SessionItems({ session, before: null, limit: 1_000_000 })
      assert.deepStrictEqual(page, { items: all.slice(-mostItems), earlier: true })
      const least = yield* client.SessionItems({ session, before: null, limit: -3 })
      assert.deepStrictEqual(least.items, all.slice(-1))
    }).pipe(Effect.provide(world), Effect.scoped),
  )

  it.effect("are told who follows from near their end on, and all of them who wants all", () =>
    Effect.gen(function* () {
      const { all, client } = yield* talked(80)
      const told = (options: { readonly from: number; readonly last?: number }) =>
        client.FollowSession({ session, untilRested: false, ...options }).pipe(
          Stream.takeUntil(({ _tag }) => _tag === "live"),
          Stream.runCollect,
          Effect.map((parts) => parts.flatMap((part) => (part._tag === "item" ? [part.item] : []))),
        )
      assert.deepStrictEqual(yield* told({ from: 0, last: 5 }), all.slice(-5))
      assert.deepStrictEqual(yield* told({ from: 0, last: 10_000 }), all)
      assert.deepStrictEqual(yield* told({ from: all.at(-3)!.seq, last: 5 }), all.slice(-2))
      assert.deepStrictEqual(yield* told({ from: 0 }), all)
    }).pipe(Effect.provide(world), Effect.scoped),
  )
})
