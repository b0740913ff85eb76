/**
 * The providers of the settings in force: how each is reached, with what credential, and which models its server lists.
 * Invariants: a server is asked for its list when somebody wants to see it or cannot find a name in it, never at start;
 * what it said is kept for a while, its failures shortly.
 */
import { Clock, Effect, Result } from "effect"
import type { ModelSettings, ProviderSettings } from "../config/modelSettings.ts"
import type { CredentialOwner, Credentials } from "./credentials/Credentials.ts"
import { ModelError } from "./ModelError.ts"
import type { Credential, ModelInfo, Provider } from "./Provider.ts"
import { declaredNames, describeModel, partsOf, providerSettings, resolveName } from "./routing.ts"

const keptMs = 600_000
const failureKeptMs = 30_000
const patience = "10 seconds"

export interface Reached {
  readonly owner: CredentialOwner
  readonly provider: Provider
  readonly credential: Credential
}

/** Makes the adapter of a provider; loads its SDK. */
export type MakeProvider = (
  name: string,
  settings: ProviderSettings,
  timeouts: ModelSettings["timeouts"],
) => Effect.Effect<Provider, ModelError>

interface Listing {
  readonly untilMs: number
  /** Of the provider, as JSON. */
  readonly settings: string
  readonly found: Result.Result<ReadonlyArray<ModelInfo>, ModelError>
}

export const ownerOf = (
  name: string,
  { auth, baseUrl, keyEnv, kind }: ProviderSettings,
): CredentialOwner => ({ name, kind, baseUrl, keyEnv, auth })

const unknownProvider = (name: string): ModelError =>
  new ModelError({
    reason: "not-found",
    provider: name,
    status: null,
    requestId: null,
    message: `no provider is called ${name}`,
    cure: "name it in models.providers (claw config edit)",
    retryAfterMs: null,
    begun: false,
  })

const tooSlow = (name: string): ModelError =>
  new ModelError({
    reason: "timeout",
    provider: name,
    status: null,
    requestId: null,
    message: `${name} did not list its models within ${patience}`,
    cure: "see that its server runs and models.providers has its address",
    retryAfterMs: null,
    begun: false,
  })

/** Whose models are listed: vendors, what the settings name, and the local server where a model of it is in use. */
const askedOf = (settings: ModelSettings): ReadonlyArray<string> => {
  const { aliases, default: usual, fallbacks, small, strong } = settings
  const words = [usual, small, strong, ...fallbacks, ...Object.values(aliases)]
  const local = words.some((word) => word?.startsWith("local/") === true)
  return [
    ...new Set(["anthropic", "openai", ...(local ? ["local"] : []), ...Object.keys(settings.providers)]),
  ]
}

export const makeDirectory = (make: MakeProvider, credentials: Credentials["Service"]) => {
  const listings = new Map<string, Listing>()
  const asking = new Set<string>()
  const made = new Map<string, { readonly key: string; readonly provider: Provider }>()

  const reach = Effect.fnUntraced(function* (settings: ModelSettings, name: string) {
    const own = providerSettings(settings, name)
    if (own === null) return yield* unknownProvider(name)
    const owner = ownerOf(name, own)
    const credential = yield* credentials.get(owner)
    const key = JSON.stringify([own, settings.timeouts])
    const before = made.get(name)
    if (before?.key === key) return { owner, provider: before.provider, credential } satisfies Reached
    const provider = yield* make(name, own, settings.timeouts)
    made.set(name, { key, provider })
    return { owner, provider, credential } satisfies Reached
  })

  const listing = Effect.fnUntraced(function* (settings: ModelSettings, name: string) {
    const own = providerSettings(settings, name)
    if (own === null) return Result.fail(unknownProvider(name))
    const key = JSON.stringify(own)
    const now = yield* Clock.currentTimeMillis
    const before = listings.get(name)
    if (before !== undefined && before.untilMs > now && before.settings === key) return before.found
    const found = yield* reach(settings, name).pipe(
      Effect.flatMap(({ credential, provider }) => provider.models(credential)),
      Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.fail(tooSlow(name)) }),
      Effect.result,
    )
    const untilMs = now + (Result.isSuccess(found) ? keptMs : failureKeptMs)
    listings.set(name, { untilMs, settings: key, found })
    return found
  })

  const listed = (): ReadonlyArray<ModelInfo> =>
    [...listings.values()].flatMap(({ found }) => (Result.isSuccess(found) ? found.success : []))

  /** Without asking any server: as it last said. */
  const known = (settings: ModelSettings, name: string): ModelInfo =>
    describeModel(settings, name, listed().find((one) => one.name === name) ?? null)

  const list = Effect.fnUntraced(function* (settings: ModelSettings) {
    const asked = askedOf(settings)
    const found = yield* Effect.forEach(asked, (name) => listing(settings, name), { concurrency: 4 })
    const told = found.flatMap((one) => (Result.isSuccess(one) ? one.success : []))
    const names = new Set(told.map(({ name }) => name))
    const failed = found.flatMap((one) => (Result.isFailure(one) ? [one.failure] : []))
    // what only the settings know is there although its server does not list it
    const own = declaredNames(settings).filter((name) => {
      const { id, provider } = partsOf(name)
      return Object.hasOwn(settings.providers[provider]?.models ?? {}, id) && !names.has(name)
    })
    return {
      models: [
        ...told.map((info) => describeModel(settings, info.name, info)),
        ...own.map((name) => describeModel(settings, name)),
      ],
      failed,
    }
  })

  /** Known names first; a server's own list is asked for only where a word is in none. */
  const resolve = Effect.fnUntraced(function* (settings: ModelSettings, word: string) {
    const names = () => listed().map(({ name }) => name)
    const first = resolveName(settings, word, names())
    if (Result.isSuccess(first)) return first.success
    if (settings.default === undefined && first.failure.provider === "claw" && word === "default")
      return yield* first.failure
    yield* list(settings)
    return yield* Effect.fromResult(resolveName(settings, word, names()))
  })

  /** As the server last said; what is old is asked for again, and nobody waits for it. */
  const lastListing = Effect.fnUntraced(function* (settings: ModelSettings, name: string) {
    const last = listings.get(name)
    const isKnown =
      last !== undefined &&
      last.settings === JSON.stringify(providerSettings(settings, name)) &&
      Result.isSuccess(last.found)
    if (!isKnown) return yield* listing(settings, name)
    if (last.untilMs <= (yield* Clock.currentTimeMillis) && !asking.has(name)) {
      asking.add(name)
      yield* listing(settings, name).pipe(
        Effect.ensuring(Effect.sync(() => asking.delete(name))),
        Effect.forkDetach,
      )
    }
    return last.found
  })

  const info = Effect.fnUntraced(function* (settings: ModelSettings, word: string) {
    const name = yield* resolve(settings, word)
    const found = yield* lastListing(settings, partsOf(name).provider)
    const told = Result.isSuccess(found) ? (found.success.find((one) => one.name === name) ?? null) : null
    return describeModel(settings, name, told)
  })

  /** Without asking any server. */
  const usable = Effect.fnUntraced(function* (settings: ModelSettings) {
    const name = resolveName(
      settings,
      "default",
      listed().map((one) => one.name),
    )
    if (Result.isFailure(name)) return false
    const { provider } = partsOf(name.success)
    const own = providerSettings(settings, provider)
    if (own === null) return false
    const { problem, source } = yield* credentials.status(ownerOf(provider, own))
    return source !== "missing" && problem?.now !== true
  })

  return { reach, list, resolve, info, known, usable }
}
export type Directory = ReturnType<typeof makeDirectory>
