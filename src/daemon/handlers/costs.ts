/** Calls about models and money: reports are added up from the log, lists come from the providers' servers. */
import { Clock, Effect, Result, Stream } from "effect"
import { LogStore } from "../../../log-store/LogStore.ts"
import type { ModelSettings } from "../../config/modelSettings.ts"
import { costReport, reported } from "../../domain/costReport.ts"
import type { Event } from "../../domain/event.ts"
import type { ModelError } from "../../model/ModelError.ts"
import { Models } from "../../model/Models.ts"
import { makePrices, pricesVersion } from "../../model/prices.ts"
import type { ModelInfo } from "../../model/Provider.ts"
import { resolveName } from "../../model/routing.ts"
import { CostRpcs, type ModelTrouble, type ModelView } from "../../rpc/costs.ts"
import { NoSuch } from "../../rpc/errors.ts"
import { Configs } from "../Configs.ts"

const troubleOf = ({ cure, message, provider, reason }: ModelError): ModelTrouble => ({
  provider,
  reason,
  message,
  cure,
})

const notChosen: ModelTrouble = {
  provider: "claw",
  reason: "not-found",
  message: "no model is chosen, so nothing thinks; a key in the environment alone chooses none",
  cure: 'claw config edit: models: { default: "anthropic/claude-sonnet-5-5" }',
}

export const costHandlers = CostRpcs.toLayer(
  Effect.gen(function* () {
    const store = yield* LogStore
    const models = yield* Models
    const configs = yield* Configs
    const prices = yield* makePrices

    const read = (query: { readonly since?: number; readonly types: ReadonlyArray<string> }) =>
      Effect.orDie(Stream.runCollect(store.read(query)))

    const settingsOf = (workspace: string | null) =>
      Effect.map(configs.settingsFor(workspace), (settings) => settings.models)

    /** What is older than the report and belongs to it: the requests of calls that ended in it, and its suggestions. */
    const before = Effect.fnUntraced(function* (events: ReadonlyArray<Event>, since: number | null) {
      if (since === null) return []
      const asked = new Set(events.map((event) => event.id))
      const missing = events.flatMap((event) =>
        (event.type === "model.answered" || event.type === "model.failed") &&
        event.causationId !== null &&
        !asked.has(event.causationId)
          ? [event.causationId]
          : [],
      )
      const requests = yield* Effect.forEach(missing, (id) => Effect.orDie(store.getById(id)))
      const decided = events.some(({ type }) => type === "decision.outcome")
        ? yield* read({ types: reported.filter((type) => type.startsWith("decision.")) })
        : []
      return [...requests.filter((event) => event !== null), ...decided]
    })

    const aliasesOf = (settings: ModelSettings, name: string): ReadonlyArray<string> =>
      ["default", "small", "strong", ...Object.keys(settings.aliases)].filter((word) => {
        if ((word === "small" || word === "strong") && settings[word] === undefined) return false
        const resolved = resolveName(settings, word)
        return Result.isSuccess(resolved) && resolved.success === name
      })

    const viewOf = Effect.fnUntraced(function* (settings: ModelSettings, info: ModelInfo) {
      const price = yield* prices.of(settings, info.name, yield* Clock.currentTimeMillis)
      return {
        v: 1,
        ...info,
        aliases: aliasesOf(settings, info.name),
        prices: price?.tiers ?? [],
        priceTable: pricesVersion,
      } satisfies ModelView
    })

    return CostRpcs.of({
      Costs: Effect.fnUntraced(function* ({ by, since }) {
        const events = yield* read({ types: [...reported], ...(since === null ? {} : { since }) })
        return costReport(by, events, yield* before(events, since))
      }),
      ModelList: Effect.fnUntraced(function* ({ workspace }) {
        const settings = yield* settingsOf(workspace)
        const { failed, models: found } = yield* models.list
        const chosen =
          settings.default === undefined
            ? null
            : resolveName(
                settings,
                "default",
                found.map(({ name }) => name),
              )
        return {
          v: 1 as const,
          chosen: chosen !== null && Result.isSuccess(chosen) ? chosen.success : null,
          available: yield* models.available(workspace),
          models: yield* Effect.forEach(found, (info) => viewOf(settings, info)),
          failed: [
            ...(chosen === null ? [notChosen] : Result.isFailure(chosen) ? [troubleOf(chosen.failure)] : []),
            ...failed.map(troubleOf),
          ],
        }
      }),
      ModelShow: Effect.fnUntraced(function* ({ name, workspace }) {
        const settings = yield* settingsOf(workspace)
        const info = yield* Effect.flatMap(models.resolve(name, workspace), models.info).pipe(
          Effect.mapError(
            ({ cure, message }) => new NoSuch({ what: "model", id: `${name} (${message}; ${cure})` }),
          ),
        )
        return yield* viewOf(settings, info)
      }),
    })
  }),
)
