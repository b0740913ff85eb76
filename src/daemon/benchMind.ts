/**
 * What thinking costs besides the thinking: a streamed turn with recording, pricing and ceilings on beside the vendor's SDK
 * alone, pair by pair against the same server; and the search of memories. The log is a real one in a folder of its own.
 */
import { Effect, Layer, Stream } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { fused } from "../agent/memory/fusion.ts"
import { MeaningIndex } from "../agent/memory/MeaningIndex.ts"
import { type MemorySearch, memorySearch } from "../agent/memory/search.ts"
import { decodeSettings } from "../config/Settings.ts"
import { type BenchRow, limited, percentile, rounded } from "../domain/bench.ts"
import { draft } from "../domain/event.ts"
import { type MemoriesState, type Memory, memoryOf, shelfOf } from "../domain/memories.ts"
import type { ModelRequest } from "../domain/modelRequest.ts"
import { Appender } from "../loop/Appender.ts"
import { conversation } from "../loop/conversation.ts"
import { Folds } from "../loop/Folds.ts"
import { modelLog } from "../loop/modelLog.ts"
import { bareTurn, type TurnTimes } from "../model/benchTurn.ts"
import { Credentials } from "../model/credentials/Credentials.ts"
import { Models } from "../model/Models.ts"
import { KillSwitch } from "../model/KillSwitch.ts"
import { modelsLayer } from "../model/modelsLayer.ts"
import { makeProvider } from "../model/routingProviders.ts"
import { benchModelServer } from "./benchModelServer.ts"

export const turnRows = ["mind.turn", "mind.first_token"] as const
export const memoryRows = ["mind.memories", "mind.meanings"] as const

const word = "Say what this function does, and where it is called from. ".repeat(40)

const request: ModelRequest = {
  model: "anthropic/claude-opus-5-5",
  messages: [{ role: "user", content: [{ type: "text", text: word }] }],
  tools: [],
  toolChoice: "auto",
  format: null,
  effort: null,
  maxOutput: 1_000,
  stable: 1,
}

const settingsFor = (baseUrl: string) => {
  const decoded = decodeSettings({
    models: {
      default: request.model,
      providers: {
        anthropic: {
          kind: "anthropic",
          baseUrl,
          models: { "claude-opus-5-5": { price: { input: 3, output: 15 } } },
        },
      },
    },
    budgets: { sessionUsd: null, dayUsd: 1_000, callUsd: 10 },
  })
  if (decoded._tag === "Failure") throw decoded.failure
  return decoded.success
}

/** The local server takes no key. */
const keyless = Layer.succeed(
  Credentials,
  Credentials.of({
    get: () => Effect.succeed(null),
    refused: () => Effect.succeed(false),
    putKey: () => Effect.void,
    forget: () => Effect.succeed(false),
    status: ({ kind, name }) =>
      Effect.succeed({
        provider: name,
        kind,
        source: "needless",
        where: null,
        type: null,
        expiresAt: null,
        renews: false,
        problem: null,
      }),
  }),
)

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "claw-mind-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
)

/** One turn through everything that stands around a call in the daemon. */
const recordedTurn = Effect.gen(function* () {
  const models = yield* Models
  const appender = yield* Appender
  const [cause] = yield* appender.append([draft("decision.tick", { dueMs: 0 }, { actor: "decider" })])
  const from = performance.now()
  let firstMs = 0
  yield* models
    .stream({
      purpose: "test",
      session: null,
      situation: null,
      rule: null,
      workspace: null,
      trust: "trusted",
      cause: { seq: cause!.seq, id: cause!.id },
      request,
      base: null,
    })
    .pipe(
      Stream.runForEach(({ _tag }) =>
        Effect.sync(() => {
          if (_tag === "text" && firstMs === 0) firstMs = performance.now() - from
        }),
      ),
    )
  return { firstMs, totalMs: performance.now() - from } satisfies TurnTimes
})

const median = (times: ReadonlyArray<TurnTimes>, key: keyof TurnTimes): number =>
  percentile(
    times.map((one) => one[key]),
    0.5,
  )

export const benchTurns = Effect.fn("bench.turns")(function* ({ quick }: { readonly quick: boolean }) {
  const baseUrl = yield* benchModelServer({ pieces: 60, everyMs: 8 })
  const dir = yield* folder
  const store = Layer.orDie(LmdbLogStore.layer({ dir }))
  const settings = settingsFor(baseUrl)
  const around = modelsLayer({ settings: () => Effect.succeed(settings), provider: makeProvider }).pipe(
    Layer.provideMerge(modelLog),
    Layer.provideMerge(conversation),
    Layer.provideMerge(Layer.merge(keyless, KillSwitch.layer(Effect.succeed(false)))),
    Layer.provideMerge(Appender.layer.pipe(Layer.provideMerge(Folds.layer), Layer.provideMerge(store))),
  )
  const bare = yield* bareTurn(baseUrl, word)
  const rounds = quick ? 8 : 40
  const measured = Effect.gen(function* () {
    const folds = yield* Folds
    yield* Effect.forkScoped(Effect.orDie(folds.run))
    const alone: Array<TurnTimes> = []
    const recorded: Array<TurnTimes> = []
    for (let round = -2; round < rounds; round++) {
      const pair = [yield* Effect.promise(bare), yield* Effect.orDie(recordedTurn)] as const
      // the first ones load what they need
      if (round < 0) continue
      alone.push(pair[0])
      recorded.push(pair[1])
    }
    return { alone, recorded }
  })
  const { alone, recorded } = yield* Effect.provide(measured, around)
  const peer = "@anthropic-ai/sdk"
  const [claw, bareMs] = [median(recorded, "totalMs"), median(alone, "totalMs")]
  const [first, bareFirst] = [median(recorded, "firstMs"), median(alone, "firstMs")]
  const rows: ReadonlyArray<BenchRow> = [
    {
      name: "mind.turn",
      claw: rounded(claw),
      peer,
      peerValue: rounded(bareMs),
      unit: "ms median",
      ratio: rounded(claw / bareMs),
      goal: 1.05,
      met: claw / bareMs <= 1.05,
    },
    {
      name: "mind.first_token",
      claw: rounded(first),
      peer,
      peerValue: rounded(bareFirst),
      unit: "ms median",
      ratio: rounded(first / bareFirst),
      goal: 2,
      met: first - bareFirst <= 2,
      note: `${rounded(first - bareFirst)} ms later, with the request durable before it is sent; the goal bounds the difference`,
    },
  ]
  return rows
}, Effect.scoped)

const nouns = ["parser", "cache", "release", "login", "queue", "theme", "schema", "worker", "index", "socket"]
const verbs = ["uses", "avoids", "needs", "prefers", "breaks without", "is tested by", "logs through"]

const memoryAt = (n: number): Memory => ({
  id: `k_${n.toString(16).padStart(16, "0")}`,
  layer: "fact",
  scope: n % 3 === 0 ? "user" : "workspace",
  workspace: n % 3 === 0 ? null : "/bench/shop",
  text: `The ${nouns[n % 10]} of Part${n % 900} ${verbs[n % 7]} the ${nouns[(n * 7) % 10]} in src/group${n % 400}/${nouns[(n * 3) % 10]}.ts`,
  topic: `${nouns[n % 10]} ${n % 400}`,
  evidence: [n],
  confidence: 0.8,
  origin: "said",
  replaces: [],
  session: null,
  trust: "trusted",
  state: "known",
  reason: null,
  seq: n,
  since: n,
  proposedAt: "2026-11-22T09:00:00.000Z",
  usedAt: null,
  uses: 0,
})

const stateOf = (count: number): MemoriesState => {
  const shelves: Record<string, Record<string, Memory>> = {}
  for (let n = 0; n < count; n++) {
    const memory = memoryAt(n)
    ;(shelves[shelfOf(memory.id)] ??= {})[memory.id] = memory
  }
  return { shelves, count }
}

const found = (search: MemorySearch, n: number): number => {
  const from = performance.now()
  search.find(`where does the ${nouns[n % 10]} of Part${(n * 37) % 900} log`, "/bench/shop", 8, Date.now())
  return performance.now() - from
}

/** As a usual model of embeddings gives. */
const dimensions = 768

/** They lean to one side, as those of real texts do. */
const vectorAt = (n: number): Int8Array => {
  let seed = n + 1
  return Int8Array.from({ length: dimensions }, (_, at) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0
    return (at % 2 === 0 ? 50 : 0) + (seed >> 25)
  })
}

/** By words and by meaning, and both made one; the model's own answer is not in it. */
const foundByBoth = (
  search: MemorySearch,
  meanings: MeaningIndex,
  state: MemoriesState,
  n: number,
): number => {
  const vector = vectorAt(n * 31)
  const from = performance.now()
  const here = (id: string): boolean => memoryOf(state, id)?.state === "known"
  const byWords = search.find(
    `where does the ${nouns[n % 10]} of Part${(n * 37) % 900} log`,
    "/bench/shop",
    8,
    Date.now(),
  )
  fused([byWords.map(({ memory }) => memory.id), meanings.near(vector, here, 8).map(({ id }) => id)])
  return performance.now() - from
}

export const benchMemories = Effect.fn("bench.memories")(({ quick }: { readonly quick: boolean }) =>
  Effect.sync(() => {
    const search = memorySearch()
    const state = stateOf(10_000)
    search.follow(state)
    const rounds = quick ? 40 : 300
    const times = Array.from({ length: rounds }, (_, n) => found(search, n))
    const meanings = new MeaningIndex()
    for (let n = 0; n < 10_000; n++) meanings.put(memoryAt(n).id, vectorAt(n))
    const both = Array.from({ length: rounds }, (_, n) => foundByBoth(search, meanings, state, n))
    return [
      limited("mind.memories", percentile(times, 0.5), "ms median of 10,000", 10),
      limited("mind.meanings", percentile(both, 0.5), `ms median of 10,000, ${dimensions} dimensions`, 10),
    ]
  }),
)
