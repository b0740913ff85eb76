/**
 * Answers from the log instead of from a server: a provider by the digest of what is asked, and `Models` by what brought a
 * call about.
 * Invariants: nothing is sent and nothing appended; what was never asked is a failure that says what changed since, first
 * message first, and is never answered with something near it.
 */
import { Effect, Layer, Option, Stream } from "effect"
import { defaultSettings } from "../config/Settings.ts"
import type { EventOf } from "../domain/event.ts"
import type { ModelRequest } from "../domain/modelRequest.ts"
import { streamPartsOf } from "./answer.ts"
import { estimateTokens } from "./ceilingsEstimate.ts"
import { ModelError } from "./ModelError.ts"
import { ModelLog, type RecordedCall } from "./ModelLog.ts"
import { type ModelCall, type ModelDelta, Models } from "./Models.ts"
import { promptTokens } from "./prices.ts"
import type { Provider } from "./Provider.ts"
import { canonicalJson, type Canonical, canonicalOf } from "./recorder.ts"
import { modelError } from "./recorderCall.ts"
import { describeModel, partsOf } from "./routing.ts"

const fields = ["model", "toolChoice", "format", "effort", "maxOutput", "stable"] as const

const toolsChanged = (before: ModelRequest, now: ModelRequest): ReadonlyArray<string> => {
  const was = new Map(before.tools.map((tool) => [tool.name, canonicalJson(tool)]))
  const is = new Map(now.tools.map((tool) => [tool.name, canonicalJson(tool)]))
  const names = [...new Set([...was.keys(), ...is.keys()])].filter((name) => was.get(name) !== is.get(name))
  if (names.length > 0) return [`the tools ${names.join(", ")}`]
  return canonicalJson(before.tools) === canonicalJson(now.tools) ? [] : ["the order of the tools"]
}

/** What is not the same in two requests: the first message that differs, then the rest; empty where nothing is. */
export const requestDifference = (before: Canonical, now: Canonical): ReadonlyArray<string> => {
  const at = now.messages.findIndex((text, index) => text !== before.messages[index])
  const first = at < 0 && before.messages.length > now.messages.length ? now.messages.length : at
  const role = (now.request.messages[first] ?? before.request.messages[first])?.role
  const gone =
    first >= now.messages.length ? "is gone" : first >= before.messages.length ? "is new" : "differs"
  return [
    ...(first < 0 ? [] : [`message ${first + 1} (${role}) ${gone}`]),
    ...toolsChanged(before.request, now.request),
    ...fields.filter((field) => canonicalJson(before.request[field]) !== canonicalJson(now.request[field])),
  ]
}

const changed = (provider: string, differences: ReadonlyArray<string>, call: string): ModelError =>
  modelError(
    "bad-request",
    provider,
    `the prompt is not the one that was asked in ${call}: ${differences.join("; ")}`,
    "what builds the prompt changed since; ask the model itself, or replay with the version that asked",
  )

const neverAsked = (provider: string): ModelError =>
  modelError("bad-request", provider, "the log has no such call", "ask the model itself")

const failureOf = (provider: string, { payload }: EventOf<"model.failed">): ModelError =>
  new ModelError({
    reason: payload.reason,
    provider,
    status: payload.status,
    requestId: payload.requestId,
    message: payload.message,
    cure: payload.cure,
    retryAfterMs: payload.retryAfterMs,
    begun: payload.usd !== null,
  })

/** How alike two requests are: messages that are the same from the first on. */
const alike = (before: Canonical, now: Canonical): number => {
  const at = now.messages.findIndex((text, index) => text !== before.messages[index])
  return at < 0 ? now.messages.length : at
}

/**
 * `calls` of one provider, oldest first. The same request asked more than once is answered in the order of the log; the
 * last answer stays.
 */
export const replayProvider = (
  name: string,
  calls: ReadonlyArray<RecordedCall>,
  requestOf: ModelLog["Service"]["requestOf"],
): Provider => {
  const byDigest = new Map<string, Array<RecordedCall>>()
  for (const call of calls) {
    if (call.ended === null) continue
    const { digest } = call.requested.payload
    byDigest.set(digest, [...(byDigest.get(digest) ?? []), call])
  }
  const nearest = Effect.fnUntraced(function* (now: Canonical) {
    let best: { readonly call: string; readonly canonical: Canonical } | null = null
    for (const { requested } of calls) {
      const request = yield* requestOf(requested.payload.call)
      if (request === null) continue
      const canonical = canonicalOf(request)
      if (best === null || alike(canonical, now) >= alike(best.canonical, now))
        best = { call: requested.payload.call, canonical }
    }
    return best
  })
  const stream: Provider["stream"] = (request) =>
    Stream.unwrap(
      Effect.gen(function* () {
        const now = canonicalOf(request)
        const found = byDigest.get(now.digest)
        const ended = (found !== undefined && found.length > 1 ? found.shift() : found?.[0])?.ended
        if (ended?.type === "model.answered") {
          const { content, finish, requestId, resumed = 0, served, usage, vectors } = ended.payload
          // an answer has tokens: where the log has none, the server had not counted
          const counted = promptTokens(usage) + usage.output > 0
          return Stream.fromIterable(
            streamPartsOf({
              content,
              finish,
              usage: counted ? usage : null,
              served,
              requestId,
              stopped: null,
              resumed,
              ...(vectors === undefined ? {} : { vectors }),
            }),
          )
        }
        if (ended !== undefined && ended !== null) return Stream.fail(failureOf(name, ended))
        const near = yield* nearest(now)
        return Stream.fail(
          near === null ? neverAsked(name) : changed(name, requestDifference(near.canonical, now), near.call),
        )
      }),
    )
  return {
    name,
    stream,
    embed: stream,
    models: () => Effect.succeed([]),
    count: () => Effect.succeed(null),
  }
}

/** The answer of the log to this very call; retries and waits of then are passed over. */
const replayed = (log: ModelLog["Service"], call: ModelCall) =>
  Effect.gen(function* () {
    const past = (yield* log.callsOf(call.cause)).filter(
      ({ requested }) => requested.payload.purpose === call.purpose,
    )
    const answers = past.filter(({ ended }) => ended?.type === "model.answered")
    // one event may bring more than one question about: each has its own answer
    const same = ({ requested: { payload } }: RecordedCall): boolean =>
      canonicalOf({ ...call.request, model: payload.model }).digest === payload.digest
    const last = answers.findLast(same) ?? answers.at(-1) ?? past.at(-1)
    if (last === undefined) return yield* neverAsked(partsOf(call.request.model).provider)
    const { call: id, model } = last.requested.payload
    const { provider } = partsOf(model)
    const before = yield* log.requestOf(id)
    if (before !== null) {
      // another model stood in then: an answer is no longer than a model can make it, and not each of them thinks
      const maxOutput = Math.min(call.request.maxOutput, before.maxOutput)
      const effort = before.effort === null ? null : call.request.effort
      const now = canonicalOf({ ...call.request, model, maxOutput, effort })
      if (now.digest !== last.requested.payload.digest)
        return yield* changed(provider, requestDifference(canonicalOf(before), now), id)
    }
    if (last.ended === null) return yield* neverAsked(provider)
    return last.ended.type === "model.answered" ? last.ended : yield* failureOf(provider, last.ended)
  })

/** `Models` for a replay. */
export const replayModels: Layer.Layer<Models, never, ModelLog> = Layer.effect(
  Models,
  Effect.map(ModelLog, (log) => {
    const settings = defaultSettings.models
    const stream: Models["Service"]["stream"] = (call) =>
      Stream.fromEffect(Effect.map(replayed(log, call), (event): ModelDelta => ({ _tag: "answered", event })))
    return Models.of({
      stream,
      answer: (call) => replayed(log, call),
      resolve: (name) => (name.includes("/") ? Effect.succeed(name) : Effect.fail(neverAsked("claw"))),
      info: (name) => Effect.succeed(describeModel(settings, name)),
      list: Effect.succeed({ models: [], failed: [] }),
      count: (request) =>
        Effect.map(log.costs, ({ measured }) =>
          estimateTokens(
            request,
            canonicalOf(request).bytes,
            Option.getOrUndefined(Option.fromNullishOr(measured[request.model])),
          ),
        ),
      available: () => Effect.succeed(true),
      effort: () => Effect.succeed(settings.effort ?? null),
    })
  }),
)
