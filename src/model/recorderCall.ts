/**
 * One call: one request to one server and its two events. `model.requested` is durable before a byte is sent; whatever
 * happens then, one end follows: an answer, a failure, or, where whoever asked went away, a cancellation.
 * Invariants: money is counted with the events and never beside them; an answer that cannot be priced says
 * so.
 */
import { Cause, Clock, Effect, Exit, type Semaphore, Stream } from "effect"
import type { Response } from "effect/ai"
import type { BudgetSettings } from "../config/modelSettings.ts"
import { draft, type EventOf } from "../domain/event.ts"
import type { ModelFailure, Usage } from "../domain/modelRequest.ts"
import { redactSecrets } from "../domain/secrets/findSecrets.ts"
import { answerFold } from "./answer.ts"
import { dueWarnings } from "./ceilings.ts"
import { ModelError } from "./ModelError.ts"
import type { ModelLog } from "./ModelLog.ts"
import type { ModelCall, ModelDelta } from "./Models.ts"
import { cutUsdOf, type Price, pricesVersion, usdOf } from "./prices.ts"
import type { Credential, Provider } from "./Provider.ts"
import { redactParts } from "./recorder.ts"
import type { cacheBreakOf } from "./recorderCache.ts"
import { mayBeBilled } from "./retries.ts"
import { partsOf } from "./routing.ts"

/** Correlation of all calls that ask what memories mean. */
export const embeddingsOf = "embeddings"

const inConversation: ReadonlySet<ModelCall["purpose"]> = new Set(["chat", "agent", "draft"])

/**
 * Events of a call belong to its conversation where the answer is part of what is said there; what memories mean is found
 * under one name.
 */
export const headerOf = (call: ModelCall, id: string) => ({
  actor: "claw",
  workspace: call.workspace,
  trust: call.trust,
  correlationId:
    call.memories !== undefined
      ? embeddingsOf
      : call.session !== null && inConversation.has(call.purpose)
        ? call.session
        : id,
})

export const modelError = (
  reason: ModelFailure,
  provider: string,
  message: string,
  cure: string,
  begun = false,
): ModelError =>
  new ModelError({
    reason,
    provider,
    status: null,
    requestId: null,
    message,
    cure,
    retryAfterMs: null,
    begun,
  })

const brokenProtocol =
  "try again; if it stays so, its server does not keep to the protocol that models.providers names"

const noUsage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }

const nothing: ReadonlyArray<ModelDelta> = []

const deltasOf = (part: Response.StreamPartEncoded): ReadonlyArray<ModelDelta> => {
  switch (part.type) {
    case "text-delta":
      return part.delta === "" ? nothing : [{ _tag: "text", text: part.delta }]
    case "reasoning-delta":
      return part.delta === "" ? nothing : [{ _tag: "reasoning", text: part.delta }]
    case "tool-call": {
      const { id, name, params, type } = part
      return [{ _tag: "tool", part: { type, id, name, params: (params ?? null) as null } }]
    }
    default:
      return nothing
  }
}

type CacheBreak = NonNullable<ReturnType<typeof cacheBreakOf>>

export interface LiveCall {
  readonly call: ModelCall
  readonly id: string
  readonly model: string
  /** Once it is durable; dies where the log does not take it. */
  readonly requested: Effect.Effect<EventOf<"model.requested">>
  readonly request: ModelCall["request"]
  readonly provider: Provider
  readonly credential: Credential
  readonly price: Price | null
  readonly budgets: BudgetSettings
  /** Resolves when it is to be broken off. */
  readonly thrown: Effect.Effect<void>
  /** Tells what the server's cache lost, and keeps what is in it now. */
  readonly cached: (usage: Usage, nowMs: number) => CacheBreak | null
}

/** `spent`: what of it is counted and what it costs at most; without, a call that may be billed counts at its worst. */
export const failedDraft = (
  requested: EventOf<"model.requested">,
  error: ModelError,
  durationMs: number,
  spent: { readonly usage: Usage; readonly usd: number | null } | null = null,
): ReturnType<typeof draft> =>
  draft(
    "model.failed",
    {
      call: requested.payload.call,
      reason: error.reason,
      status: error.status,
      requestId: error.requestId,
      message: redactSecrets(error.message),
      cure: redactSecrets(error.cure),
      retryAfterMs: error.retryAfterMs,
      usage: spent?.usage ?? null,
      usd: spent?.usd ?? (spent !== null || mayBeBilled(error) ? requested.payload.worstUsd : null),
      prices: pricesVersion,
      durationMs,
    },
    {
      actor: "claw",
      workspace: requested.workspace,
      trust: requested.trust,
      causationId: requested.id,
      correlationId: requested.correlationId,
    },
  )

/** Sends the request and tells what comes; fails, with the failure in the log, where no answer did. */
export const liveCall = (
  log: ModelLog["Service"],
  counting: Semaphore.Semaphore,
  live: LiveCall,
): Stream.Stream<ModelDelta, ModelError> =>
  Stream.unwrap(
    Effect.map(Clock.currentTimeMillis, (startedMs) => {
      const { budgets, call, credential, id, model, price, provider, request, requested } = live
      const name = partsOf(model).provider
      const fold = answerFold()
      let firstMs: number | null = null
      let error: unknown = undefined
      let ended = false
      let closing = false

      const took = Effect.map(Clock.currentTimeMillis, (now) => Math.max(0, now - startedMs))
      const headerUnder = ({ id: causationId }: EventOf<"model.requested">) => ({
        ...headerOf(call, id),
        causationId,
      })

      const warn = counting.withPermits(1)(
        Effect.gen(function* () {
          const asked = yield* requested
          const due = dueWarnings(yield* log.costs, budgets, {
            worstUsd: null,
            session: call.session,
            rule: asked.payload.rule,
            workspace: call.workspace,
            day: asked.at.slice(0, 10),
          })
          yield* log.append(due.map((ceiling) => draft("model.warned", ceiling, headerUnder(asked))))
        }),
      )

      const end = (event: ReturnType<typeof draft>) =>
        Effect.suspend(() => {
          ended = true
          return Effect.tap(log.append([event]), warn)
        }).pipe(Effect.uninterruptible)

      const answered = Effect.gen(function* () {
        const { content, finish, requestId, resumed, served, usage, vectors } = fold.answer()
        if (error !== undefined) {
          const said = error instanceof Error ? error.message : JSON.stringify(error)
          const message = `${name} broke off: ${said}`
          return yield* modelError("server", name, message, "try again in a while", firstMs !== null)
        }
        if (finish === null) {
          const message = `the answer of ${model} has no end`
          return yield* modelError("malformed", name, message, brokenProtocol, firstMs !== null)
        }
        // uncounted tokens cost nothing where nothing does, and else nobody knows what
        const lost = usage === null ? null : live.cached(usage, yield* Clock.currentTimeMillis)
        const usd = usage !== null ? usdOf(price, usage) : isFree(price) ? 0 : null
        const [event] = yield* end(
          draft(
            "model.answered",
            {
              call: id,
              served: served ?? partsOf(model).id,
              content: redactParts(content),
              finish,
              usage: usage ?? noUsage,
              usd,
              prices: pricesVersion,
              requestId,
              firstTokenMs: firstMs,
              durationMs: yield* took,
              ...(resumed === 0 ? {} : { resumed }),
              ...(lost === null ? {} : { cacheBreak: lost }),
              ...(vectors === undefined ? {} : { vectors }),
            },
            headerUnder(yield* requested),
          ),
        )
        return event as EventOf<"model.answered">
      })

      const unreadable = (defect: unknown) =>
        modelError(
          "malformed",
          name,
          `what ${model} sent could not be read: ${String(defect)}`,
          brokenProtocol,
          firstMs !== null,
        )

      const failed = (error: ModelError) =>
        Effect.flatMap(Effect.zip(requested, took), ([asked, durationMs]) => {
          const counted = fold.counted()
          const spent =
            counted === null
              ? null
              : { usage: counted.usage, usd: cutUsdOf(price, counted, request.maxOutput) }
          return end(failedDraft(asked, error, durationMs, spent))
        })

      /** Also for what ends it from outside: an interruption, a consumer that had enough. */
      const closed = (exit: Exit.Exit<unknown, ModelError>) => {
        if (ended) return Effect.void
        if (Exit.isFailure(exit)) {
          const failure = exit.cause.reasons.find(Cause.isFailReason)
          if (failure !== undefined) return failed(failure.error)
        }
        return failed(modelError("cancelled", name, "it was stopped", "ask again", firstMs !== null))
      }

      const halted = Effect.andThen(
        live.thrown,
        Effect.suspend(() =>
          Effect.fail(modelError("cancelled", name, "Claw was paused", "claw resume", firstMs !== null)),
        ),
      )
      const parts =
        provider.streamAfter === undefined
          ? Stream.unwrap(Effect.map(requested, () => provider.stream(request, credential))).pipe(
              Stream.interruptWhen(halted),
            )
          : provider.streamAfter(
              request,
              credential,
              // whoever asked may have gone away meanwhile
              Effect.flatMap(requested, () => (closing ? Effect.interrupt : Effect.void)),
              halted,
            )
      const deltas = parts.pipe(
        Stream.mapArrayEffect((parts) =>
          Effect.gen(function* () {
            const found = parts.flatMap((part) => {
              fold.take(part)
              if (part.type === "error") error = part.error
              return deltasOf(part)
            })
            if (firstMs === null && found.length > 0) firstMs = yield* took
            return [found] as const
          }),
        ),
        Stream.flattenIterable,
        Stream.catchDefect((defect) => Stream.fail(unreadable(defect))),
      )
      const last = Stream.fromEffect(
        Effect.map(answered, (event): ModelDelta => ({ _tag: "answered", event })),
      )
      // what the log did not take was not sent either, and has no end
      return Stream.onExit(Stream.concat(deltas, last), (exit) => {
        closing = true
        return Effect.flatMap(Effect.exit(requested), (asked) =>
          Exit.isSuccess(asked) ? closed(exit) : Effect.void,
        )
      })
    }),
  )

const isFree = (price: Price | null): boolean =>
  price !== null && price.tiers.every(({ input, output }) => input === 0 && output === 0)
