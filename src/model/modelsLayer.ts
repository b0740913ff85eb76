/**
 * `Models` over providers, credentials and the log: names resolved, ceilings checked, calls recorded, tried again and
 * stood in for.
 * Invariants: what a crash cut off is failed before anything new is asked; the check of a ceiling and the reservation of
 * its worst case are one step; a request that was answered for the same cause is not sent again; while the kill switch is
 * thrown nothing is sent but the end of what it broke off, no answer comes in, and that is asked again once it is released.
 */
import { Clock, Deferred, Effect, Layer, Option, Random, Semaphore, Stream } from "effect"
import type { BudgetSettings, ModelSettings } from "../config/modelSettings.ts"
import { ruleOf } from "../domain/costs.ts"
import { draft, type EventOf } from "../domain/event.ts"
import { givesVectors, type ModelRequest, promptVersion } from "../domain/modelRequest.ts"
import { type Ceiling, firstOver, nameOf } from "./ceilings.ts"
import { estimateTokens } from "./ceilingsEstimate.ts"
import { Credentials } from "./credentials/Credentials.ts"
import type { ModelError } from "./ModelError.ts"
import { KillSwitch } from "./KillSwitch.ts"
import { ModelLog, type RecordedCall } from "./ModelLog.ts"
import { type ModelCall, type ModelDelta, Models } from "./Models.ts"
import { makePrices, type Price, worstUsdOf } from "./prices.ts"
import { embedding } from "./vectors.ts"
import { type Base, type Canonical, canonicalOf, modelCallId, recordOf, sha256 } from "./recorder.ts"
import { type Cached, cacheBreakOf } from "./recorderCache.ts"
import { failedDraft, headerOf, type LiveCall, liveCall, modelError } from "./recorderCall.ts"
import { nextAfter } from "./retries.ts"
import { partsOf } from "./routing.ts"
import { makeDirectory, type MakeProvider, type Reached } from "./routingDirectory.ts"

export interface ModelsOptions {
  readonly settings: (
    workspace: string | null,
  ) => Effect.Effect<{ readonly models: ModelSettings; readonly budgets: BudgetSettings }>
  readonly provider: MakeProvider
}

type InForce = Effect.Success<ReturnType<ModelsOptions["settings"]>>
type Deltas = Stream.Stream<ModelDelta, ModelError>

/** Where the work on a call stands between two requests. */
interface Turn {
  readonly settings: InForce
  /** The model that was asked for, and what may stand in. */
  readonly names: ReadonlyArray<string>
  readonly at: number
  /** Requests of this model so far. */
  readonly tried: number
  readonly attempt: number
  readonly of: string | null
  readonly base: string | null
  readonly callRaised: number | null
  /** The credential was renewed once after the server had refused it. */
  readonly renewed: boolean
}

interface Ready extends Reached {
  readonly call: ModelCall
  readonly canonical: Canonical
  readonly price: Price | null
  readonly worstUsd: number | null
  readonly id: string
  readonly model: string
}

/** Calls whose requests are kept in memory for the next of their conversations. */
const keptBases = 64

const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

export const modelsLayer = (
  options: ModelsOptions,
): Layer.Layer<Models, never, ModelLog | Credentials | KillSwitch> =>
  Layer.effect(
    Models,
    Effect.gen(function* () {
      const log = yield* ModelLog
      const credentials = yield* Credentials
      const killSwitch = yield* KillSwitch
      const prices = yield* makePrices
      const directory = makeDirectory(options.provider, credentials)
      const counting = yield* Semaphore.make(1)
      const recovered = yield* Deferred.make<void>()
      const bases = new Map<string, Base>()

      const recover = Effect.gen(function* () {
        const { open } = yield* log.costs
        for (const id of Object.keys(open)) {
          const call = yield* log.call(id)
          if (call === null || call.ended !== null) continue
          const { provider } = partsOf(call.requested.payload.model)
          const cure = "nothing: where its work goes on, it is asked again"
          const error = modelError("interrupted", provider, "the daemon ended in mid-call", cure, true)
          yield* log.append([failedDraft(call.requested, error, 0)])
        }
        yield* Deferred.succeed(recovered, undefined)
      })
      yield* Effect.forkScoped(recover)

      const kept = new Map<string, Cached>()
      const keep = (call: string, cached: Cached): void => {
        kept.set(call, cached)
        for (const oldest of kept.keys()) {
          if (kept.size <= keptBases) break
          kept.delete(oldest)
        }
      }

      const remember = (call: string, { messages, rest }: Canonical): void => {
        bases.set(call, { call, messages, rest })
        for (const oldest of bases.keys()) {
          if (bases.size <= keptBases) break
          bases.delete(oldest)
        }
      }
      /** Null also after a restart: writing a request whole once is less than putting its base together again. */
      const baseOf = (call: string | null): Base | null => (call === null ? null : (bases.get(call) ?? null))

      const tokensOf = (canonical: Canonical) =>
        Effect.map(log.costs, ({ measured }) => {
          const { model } = canonical.request
          const known = Object.hasOwn(measured, model) ? measured[model] : undefined
          return estimateTokens(canonical.request, canonical.bytes, known)
        })

      /** As this model can be asked it: an answer no longer than it can make, and no thinking where it has none. */
      const fitting = (request: ModelRequest, model: string, models: ModelSettings): ModelRequest => {
        const { maxOutput, thinking } = directory.known(models, model)
        return {
          ...request,
          model,
          maxOutput: Math.min(request.maxOutput, maxOutput ?? request.maxOutput),
          effort: thinking ? request.effort : null,
        }
      }

      const prepare = Effect.fnUntraced(function* (call: ModelCall, turn: Turn) {
        const { models } = turn.settings
        const model = turn.names[turn.at]!
        const reached = yield* directory.reach(models, partsOf(model).provider)
        const canonical = canonicalOf(fitting(call.request, model, models))
        const { maxOutput } = canonical.request
        const price = yield* prices.of(models, model, yield* Clock.currentTimeMillis)
        const tokens = yield* tokensOf(canonical)
        const worstUsd = worstUsdOf(price, tokens, maxOutput, canonical.hourly)
        const id = modelCallId(call.cause.id, call.purpose, turn.attempt)
        const provider = givesVectors.has(call.purpose) ? embedding(reached.provider) : reached.provider
        return { ...reached, provider, call, canonical, price, worstUsd, id, model } satisfies Ready
      })

      /**
       * The request, on its way into the log, or the ceiling it could go over. Nobody else is let to a ceiling before it is
       * there and counted, whoever asked for it gone or not.
       */
      const reserve = Effect.fnUntraced(function* (ready: Ready, turn: Turn) {
        const { call, canonical, id, model, worstUsd } = ready
        const { session, workspace } = call
        const admitted = yield* Deferred.make<Ceiling | null>()
        const recorded = yield* Deferred.make<EventOf<"model.requested">>()
        const admit = Effect.gen(function* () {
          const day = dayAt(yield* Clock.currentTimeMillis)
          const costs = yield* log.costs
          const rule = ruleOf(costs, call)
          const planned = { call: id, worstUsd, session, rule, workspace, day }
          const over = firstOver(costs, turn.settings.budgets, planned, turn.callRaised)
          if (over !== null) return yield* Deferred.succeed(admitted, over)
          const blob = recordOf(canonical, baseOf(turn.base))
          yield* Deferred.succeed(admitted, null)
          const asked = draft(
            "model.requested",
            {
              call: id,
              purpose: call.purpose,
              session,
              situation: call.situation,
              rule,
              model,
              digest: canonical.digest,
              record: sha256(blob),
              bytes: canonical.bytes,
              worstUsd,
              of: turn.of,
              attempt: turn.attempt,
              made: promptVersion,
              ...(call.memories === undefined ? {} : { memories: [...call.memories] }),
            },
            { ...headerOf(call, id), causationId: call.cause.id, blobs: [blob] },
          )
          // it goes out once it is durable; the next call may look at a ceiling once it is counted
          yield* log.append([asked], ([event]) => {
            remember(id, canonical)
            return Deferred.succeed(recorded, event as EventOf<"model.requested">)
          })
        })
        yield* counting
          .withPermits(1)(admit)
          .pipe(
            Effect.onError((cause) =>
              Effect.andThen(Deferred.failCause(recorded, cause), Deferred.failCause(admitted, cause)),
            ),
            Effect.uninterruptible,
            Effect.forkDetach({ startImmediately: true }),
          )
        return { over: yield* Deferred.await(admitted), requested: Deferred.await(recorded) }
      })

      const pause = (ready: Ready, turn: Turn, over: Ceiling): Deltas =>
        Stream.unwrap(
          Effect.gen(function* () {
            const { call, id, worstUsd } = ready
            const { key, limitUsd, scope, spentUsd } = over
            if (call.dispensable === true)
              return Stream.fail(
                modelError(
                  "paused",
                  partsOf(ready.model).provider,
                  `it could go over the ceiling of $${limitUsd} for ${nameOf(over)}`,
                  "raise the ceiling (claw config edit: budgets)",
                ),
              )
            const { question, raised } = yield* log.askToRaise(
              draft(
                "model.paused",
                { scope, key, limitUsd, spentUsd, worstUsd, session: call.session, question: null },
                { ...headerOf(call, id), causationId: call.cause.id },
              ) as Parameters<typeof log.askToRaise>[0],
            )
            const then = Effect.map(raised, (limit): Deltas => {
              if (limit === null) {
                const cure = `raise the ceiling (claw config edit: budgets), or ask again and answer the question`
                return Stream.fail(
                  modelError(
                    "paused",
                    partsOf(ready.model).provider,
                    `the ceiling of $${limitUsd} was not raised`,
                    cure,
                  ),
                )
              }
              return admitted(
                ready,
                scope === "call" && limit !== "over" ? { ...turn, callRaised: limit } : turn,
              )
            })
            return Stream.concat(Stream.make<[ModelDelta]>({ _tag: "paused", question }), Stream.unwrap(then))
          }),
        )

      const admitted = (ready: Ready, turn: Turn): Deltas =>
        Stream.unwrap(
          // between the reservation and the first look at the stream nothing may come between
          Effect.map(
            Effect.andThen(killSwitch.released, Effect.uninterruptible(reserve(ready, turn))),
            ({ over, requested }): Deltas => {
              if (over !== null) return pause(ready, turn, over)
              const { call, canonical, credential, id, model, price, provider } = ready
              const { budgets } = turn.settings
              const { thrown } = killSwitch
              const request = canonical.request
              const { messages, rest } = canonical
              const cached: LiveCall["cached"] = (usage, atMs) => {
                const now = { model, messages, rest, atMs }
                const lost = cacheBreakOf(turn.base === null ? undefined : kept.get(turn.base), now, usage)
                keep(id, { ...now, tokens: usage.cacheRead + usage.cacheWrite })
                return lost
              }
              const live = {
                call,
                id,
                model,
                requested,
                request,
                provider,
                credential,
                price,
                budgets,
                thrown,
                cached,
              }
              return liveCall(log, counting, live).pipe(
                Stream.catch((error: ModelError) =>
                  Stream.unwrap(Effect.andThen(requested, after(ready, turn, error))),
                ),
              )
            },
          ),
        )

      const after = Effect.fnUntraced(function* (ready: Ready, turn: Turn, error: ModelError) {
        const { call, credential, id, model, owner } = ready
        if (error.reason === "cancelled" && call.dispensable !== true) return halted(call, turn, error, model)
        const next = { ...turn, attempt: turn.attempt + 1, of: id, base: id }
        if (error.reason === "credentials" && error.status === 401 && !turn.renewed) {
          const another = yield* Effect.orElseSucceed(credentials.refused(owner, credential), () => false)
          if (another) return again(call, { ...next, renewed: true }, error, 0)
        }
        if (call.dispensable === true) return Stream.fail(error)
        const tried = turn.tried + 1
        const fallback = turn.names[turn.at + 1]
        const way = nextAfter(
          error,
          tried,
          yield* Random.next,
          fallback === undefined ? null : partsOf(fallback),
        )
        if (way._tag === "fail") return Stream.fail(error)
        return way._tag === "retry"
          ? again(call, { ...next, tried }, error, way.afterMs)
          : again(call, { ...next, at: turn.at + 1, tried: 0, renewed: false }, error, 0)
      })

      /** From its beginning: the answer may have come in just before. */
      const halted = (call: ModelCall, turn: Turn, { message }: ModelError, model: string): Deltas =>
        Stream.concat(
          Stream.make<[ModelDelta]>({ _tag: "again", reason: message, afterMs: 0, model }),
          Stream.unwrap(Effect.as(killSwitch.released, begin(call, turn.callRaised))),
        )

      const again = (call: ModelCall, turn: Turn, { message }: ModelError, afterMs: number): Deltas =>
        Stream.concat(
          Stream.make<[ModelDelta]>({
            _tag: "again",
            reason: message,
            afterMs,
            model: turn.names[turn.at]!,
          }),
          Stream.unwrap(Effect.as(afterMs > 0 ? Effect.sleep(afterMs) : Effect.void, go(call, turn))),
        )

      const go = (call: ModelCall, turn: Turn): Deltas =>
        Stream.unwrap(Effect.map(prepare(call, turn), (ready) => admitted(ready, turn)))

      const digestFor = (request: ModelRequest, model: string, models: ModelSettings): string =>
        canonicalOf(fitting(request, model, models)).digest
      /** The answer to this very request, where the log has it already: the daemon ended before it was taken up. */
      const known = (past: ReadonlyArray<RecordedCall>, digests: ReadonlyArray<string>) =>
        past.findLast(
          ({ ended, requested }) =>
            ended?.type === "model.answered" && digests.includes(requested.payload.digest),
        )?.ended as EventOf<"model.answered"> | undefined

      const begin = (call: ModelCall, callRaised: number | null): Deltas =>
        Stream.unwrap(
          Effect.gen(function* () {
            yield* Deferred.await(recovered)
            const settings = yield* options.settings(call.workspace)
            const { models } = settings
            const first = yield* directory.resolve(models, call.request.model)
            const standIns = call.dispensable === true ? [] : models.fallbacks
            const others = yield* Effect.forEach(standIns, (word) =>
              Effect.option(directory.resolve(models, word)),
            )
            const names = [...new Set([first, ...others.flatMap(Option.toArray)])]
            const past = (yield* log.callsOf(call.cause)).filter(
              ({ requested }) => requested.payload.purpose === call.purpose,
            )
            const event =
              past.length === 0
                ? undefined
                : known(
                    past,
                    names.map((name) => digestFor(call.request, name, models)),
                  )
            if (event !== undefined) return Stream.make<[ModelDelta]>({ _tag: "answered", event })
            return go(call, {
              settings,
              names,
              at: 0,
              tried: 0,
              attempt: past.length + 1,
              of: past.at(-1)?.requested.payload.call ?? null,
              base: call.base,
              callRaised,
              renewed: false,
            })
          }),
        )

      const stream: Models["Service"]["stream"] = (call) => begin(call, null)

      const answer: Models["Service"]["answer"] = (call) =>
        Effect.flatMap(Stream.runLast(stream(call)), (last) =>
          Option.isSome(last) && last.value._tag === "answered"
            ? Effect.succeed(last.value.event)
            : Effect.die(new Error("a stream of a model ended without its answer")),
        )

      const own = Effect.map(options.settings(null), ({ models }) => models)

      const count: Models["Service"]["count"] = Effect.fn("Models.count")(function* (request) {
        const models = yield* own
        const canonical = canonicalOf(request)
        const counted = yield* directory.reach(models, partsOf(request.model).provider).pipe(
          Effect.flatMap(({ credential, provider }) => provider.count(canonical.request, credential)),
          Effect.timeoutOption("10 seconds"),
          Effect.map(Option.getOrNull),
          Effect.orElseSucceed(() => null),
        )
        return counted ?? (yield* tokensOf(canonical))
      })

      return Models.of({
        stream,
        answer,
        count,
        resolve: (name, workspace) =>
          Effect.flatMap(options.settings(workspace), ({ models }) => directory.resolve(models, name)),
        info: Effect.fnUntraced(function* (name) {
          const models = yield* own
          const info = yield* directory.info(models, name)
          // who asks is about to call it: its price is at hand then
          yield* prices.of(models, info.name, yield* Clock.currentTimeMillis)
          return info
        }),
        list: Effect.flatMap(own, directory.list),
        available: (workspace) =>
          Effect.flatMap(options.settings(workspace), ({ models }) => directory.usable(models)),
        effort: (workspace) => Effect.map(options.settings(workspace), ({ models }) => models.effort ?? null),
      })
    }),
  )
