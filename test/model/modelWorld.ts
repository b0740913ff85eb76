/**
 * Models over a real log in memory, with a provider that does what a script says. `boot` can be called again over the same
 * log: a restart, after an end as hard as a kill.
 */
import { Context, Deferred, Effect, Exit, Layer, Random, Scope, Stream, SubscriptionRef } from "effect"
import type { Response } from "effect/ai"
import type { Backend } from "../../log-store/Backend.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { decodeSettings, type SettingsInput } from "../../src/config/Settings.ts"
import { draft, type EventOf, type EventType } from "../../src/domain/event.ts"
import type { ModelRequest, Usage } from "../../src/domain/modelRequest.ts"
import { Appender } from "../../src/loop/Appender.ts"
import { conversation } from "../../src/loop/conversation.ts"
import { Folds } from "../../src/loop/Folds.ts"
import { modelLog } from "../../src/loop/modelLog.ts"
import { KillSwitch } from "../../src/model/KillSwitch.ts"
import { Credentials } from "../../src/model/credentials/Credentials.ts"
import { ModelError } from "../../src/model/ModelError.ts"
import { ModelLog } from "../../src/model/ModelLog.ts"
import { type ModelCall, Models } from "../../src/model/Models.ts"
import { modelsLayer } from "../../src/model/modelsLayer.ts"
import type { ModelInfo, Provider } from "../../src/model/Provider.ts"
import { eventsIn, mortalStore } from "../loop/loopWorld.ts"

export type Parts = Stream.Stream<Response.StreamPartEncoded, ModelError>
export type Script = (request: ModelRequest, turn: number) => Parts

const usage: Usage = { input: 1000, output: 100, cacheRead: 0, cacheWrite: 0 }

export const textParts = (
  text: ReadonlyArray<string>,
  used: Usage | null = usage,
): ReadonlyArray<Response.StreamPartEncoded> => [
  {
    type: "response-metadata",
    id: "msg_1",
    modelId: "served-1",
    metadata: { claw: { requestId: "req_1" } },
  },
  { type: "text-start", id: "0" },
  ...text.map((delta) => ({ type: "text-delta" as const, id: "0", delta })),
  { type: "text-end", id: "0" },
  finish(used),
]

const finish = (used: Usage | null = usage): Response.StreamPartEncoded => ({
  type: "finish",
  reason: "stop",
  usage: {
    inputTokens: { uncached: undefined, total: used?.input, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: used?.output, text: undefined, reasoning: undefined },
  },
  metadata: { claw: { usage: used === null ? null : { ...used }, stopped: "end_turn" } },
})

export const says = (...text: ReadonlyArray<string>): Parts => Stream.fromIterable(textParts(text))

export const failure = (reason: ModelError["reason"], more: Partial<ModelError> = {}): ModelError =>
  new ModelError({
    reason,
    provider: "anthropic",
    status: null,
    requestId: null,
    message: `it says ${reason}`,
    cure: "wait",
    retryAfterMs: null,
    begun: false,
    ...more,
  })

export const asks = (text: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: "anthropic/claude-opus-5-5",
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "text", text }] },
  ],
  tools: [],
  toolChoice: "auto",
  format: null,
  effort: null,
  maxOutput: 1000,
  stable: 1,
  ...more,
})

export interface World {
  readonly models: Models["Service"]
  readonly log: ModelLog["Service"]
  readonly store: LogStore["Service"]
  readonly folds: Folds["Service"]
  readonly killSwitch: KillSwitch["Service"]
  readonly sent: Array<ModelRequest>
  readonly events: <T extends EventType>(type: T) => Effect.Effect<ReadonlyArray<EventOf<T>>>
  readonly append: Appender["Service"]["append"]
  /** A call with a cause of its own in the log. */
  readonly call: (more?: Partial<ModelCall>) => Effect.Effect<ModelCall>
  /** The first question that is open. */
  readonly question: Effect.Effect<{ readonly id: string; readonly options: ReadonlyArray<string> }>
  readonly reply: (id: string, chosen: string) => Effect.Effect<void>
  /** As by a kill: nothing of this life is written any more. */
  readonly kill: Effect.Effect<void>
}

export const info = (name: string): ModelInfo => ({
  name,
  window: 200_000,
  maxOutput: 64_000,
  tools: true,
  images: false,
  thinking: false,
  structured: false,
  caching: "none",
  resumes: false,
  retires: null,
})

export const settingsOf = (input: SettingsInput) => {
  const decoded = decodeSettings(input)
  if (decoded._tag === "Failure") throw decoded.failure
  return decoded.success
}

/** Every provider has its key in the environment, and none is needed. */
export const credentialsOf = (more: Partial<Credentials["Service"]> = {}) =>
  Layer.mock(Credentials, {
    get: () => Effect.succeed(null),
    refused: () => Effect.succeed(false),
    status: ({ kind, name }) =>
      Effect.succeed({
        provider: name,
        kind,
        source: "environment",
        where: "KEY",
        type: "key",
        expiresAt: null,
        renews: false,
        problem: null,
      }),
    ...more,
  })

const withDefault: SettingsInput = { models: { default: "claude-opus-5-5" } }

export const boot = (
  backend: Backend,
  script: Script,
  options: {
    readonly settings?: SettingsInput
    readonly credentials?: Partial<Credentials["Service"]>
    readonly provider?: Partial<Provider>
  } = {},
): Effect.Effect<World, never, Scope.Scope> =>
  Effect.gen(function* () {
    const sent: Array<ModelRequest> = []
    const settings = settingsOf(options.settings ?? withDefault)
    const scope = yield* Effect.acquireRelease(Scope.make(), (made) => Scope.close(made, Exit.void))
    const { kill, store } = mortalStore(backend)
    const credentials = credentialsOf(options.credentials)
    const models = modelsLayer({
      settings: () => Effect.succeed(settings),
      provider: (name) =>
        Effect.succeed({
          name,
          stream: (request) =>
            Stream.suspend(() => {
              sent.push(request)
              return script(request, sent.length)
            }),
          models: () => Effect.succeed([]),
          count: () => Effect.succeed(null),
          ...options.provider,
        } satisfies Provider),
    })
    const log = Appender.layer.pipe(Layer.provideMerge(Folds.layer), Layer.provideMerge(store))
    const all = models.pipe(
      Layer.provideMerge(modelLog),
      Layer.provideMerge(conversation),
      Layer.provideMerge(credentials),
      Layer.provideMerge(KillSwitch.layer(Effect.succeed(false))),
      Layer.provideMerge(log),
    )
    const context = yield* Effect.orDie(Layer.buildWithScope(all, scope))
    const folds = Context.get(context, Folds)
    yield* Effect.forkIn(Effect.orDie(folds.run), scope)
    const read = Context.get(context, LogStore)
    const append = Context.get(context, Appender).append
    const events = eventsIn(read)
    const open = Effect.map(SubscriptionRef.get(folds.snapshot), ({ queue }) =>
      Object.values(queue.suggestions).find((row) => row.state === "pending" && row.question !== undefined),
    )
    return {
      models: Context.get(context, Models),
      log: Context.get(context, ModelLog),
      store: read,
      folds,
      killSwitch: Context.get(context, KillSwitch),
      sent,
      events,
      append,
      call: (more = {}) =>
        Effect.gen(function* () {
          const [cause] = yield* append([draft("decision.tick", { dueMs: 0 }, { actor: "decider" })])
          return {
            purpose: "test",
            session: null,
            situation: null,
            rule: null,
            workspace: null,
            trust: "trusted",
            cause: { seq: cause!.seq, id: cause!.id },
            request: asks("What is it?"),
            base: null,
            ...more,
          } satisfies ModelCall
        }),
      question: Effect.gen(function* () {
        for (;;) {
          const row = yield* open
          if (row !== undefined) return { id: row.id, options: row.question!.options }
          yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 2)))
        }
      }),
      reply: (id, chosen) =>
        Effect.asVoid(
          append([
            draft(
              "session.answered",
              { question: id, answer: { chosen: [chosen], text: null }, surface: "cli" },
              { actor: "user:cli", correlationId: id },
            ),
          ]),
        ),
      kill,
    }
  })

/** Back-off is jittered over its whole length: with the least of random there is none to wait for. */
export const hurried = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(Effect.scoped(effect), Random.Random, {
    nextIntUnsafe: () => 0,
    nextDoubleUnsafe: () => 0,
  })

/** A stream that gives these parts and then says nothing; `reached` resolves once it is silent. */
export const stuckAfter = (
  parts: ReadonlyArray<Response.StreamPartEncoded>,
  reached: Deferred.Deferred<void>,
): Parts =>
  Stream.concat(
    Stream.fromIterable(parts),
    Stream.fromEffect(Effect.andThen(Deferred.succeed(reached, undefined), Effect.never)),
  )
