/**
 * From what a person or a setting calls a model to `provider/id`, and what is declared of it. Pure.
 * Invariants: an alias ends or is refused; a name that is nearly a known one is refused with that one, unless it was
 * written out in full; what neither server, table nor settings say of a model stays unknown.
 */
import { Result } from "effect"
import type { ModelFacts, ModelSettings, ProviderSettings } from "../config/modelSettings.ts"
import { nearest } from "../domain/nearest.ts"
import { ModelError } from "./ModelError.ts"
import type { ModelInfo } from "./Provider.ts"
import { builtIn, knownModels, prefixes } from "./routingTable.ts"

export interface ModelNameParts {
  readonly provider: string
  readonly id: string
}

export const partsOf = (name: string): ModelNameParts => {
  const at = name.indexOf("/")
  if (at < 0) return { provider: "", id: name }
  return { provider: name.slice(0, at), id: name.slice(at + 1) }
}

/** A provider as the settings have it, over what is built in; null: nobody named it. */
export const providerSettings = (settings: ModelSettings, provider: string): ProviderSettings | null => {
  if (Object.hasOwn(settings.providers, provider)) {
    const own = settings.providers[provider]!
    const base = Object.hasOwn(builtIn, provider) ? builtIn[provider as keyof typeof builtIn] : {}
    return { ...base, ...own }
  }
  return Object.hasOwn(builtIn, provider) ? builtIn[provider as keyof typeof builtIn] : null
}

export const providersOf = (settings: ModelSettings): ReadonlyArray<string> => [
  ...new Set([...Object.keys(builtIn), ...Object.keys(settings.providers)]),
]

/** `provider/id` of every model that the table or the settings know. */
export const declaredNames = (settings: ModelSettings): ReadonlyArray<string> => [
  ...new Set([
    ...Object.entries(knownModels).flatMap(([provider, models]) =>
      Object.keys(models).map((id) => `${provider}/${id}`),
    ),
    ...Object.entries(settings.providers).flatMap(([provider, { models }]) =>
      Object.keys(models ?? {}).map((id) => `${provider}/${id}`),
    ),
  ]),
]

const notFound = (provider: string, message: string, cure: string): ModelError =>
  new ModelError({
    reason: "not-found",
    provider,
    status: null,
    requestId: null,
    message,
    cure,
    retryAfterMs: null,
    begun: false,
  })

const noModel = (): ModelError =>
  notFound(
    "claw",
    "no model is chosen",
    'name one in claw.config.ts (claw config edit): models: { default: "anthropic/claude-sonnet-5-5" }; claw model list shows what there is',
  )

const roles: ReadonlySet<string> = new Set(["default", "small", "strong"])

/** What an alias stands for; null: it is none. */
const aliased = (settings: ModelSettings, word: string): string | null => {
  if (roles.has(word)) return settings[word as "default"] ?? settings.default ?? ""
  return Object.hasOwn(settings.aliases, word) ? settings.aliases[word]! : null
}

const didYouMean = (name: string | null): string => (name === null ? "" : ` (did you mean ${name}?)`)

/** `listed`: names that servers told. */
export const resolveName = (
  settings: ModelSettings,
  word: string,
  listed: Iterable<string> = [],
): Result.Result<string, ModelError> => {
  let name = word
  for (let steps = 0; ; steps++) {
    const next = aliased(settings, name)
    if (next === null) break
    if (next === "") return Result.fail(noModel())
    if (steps === 10) {
      return Result.fail(
        notFound(
          "claw",
          `the alias ${word} never ends at a model`,
          "correct models.aliases (claw config edit)",
        ),
      )
    }
    name = next
  }
  const { id, provider } = partsOf(name)
  if (provider !== "" && id !== "" && providerSettings(settings, provider) !== null)
    return Result.succeed(name)
  const known = new Set([...declaredNames(settings), ...listed])
  const exact = [...known].filter((one) => partsOf(one).id === name)
  if (exact.length === 1) return Result.succeed(exact[0]!)
  if (exact.length > 1) {
    return Result.fail(
      notFound("claw", `${name} is served by more than one provider`, `write one of ${exact.join(", ")}`),
    )
  }
  if (name.includes("/")) {
    const meant = nearest(provider, providersOf(settings))
    return Result.fail(
      notFound(
        provider,
        `no provider is called ${provider}${didYouMean(meant)}`,
        `name it in models.providers, or use one of ${providersOf(settings).join(", ")}`,
      ),
    )
  }
  const words = ["default", "small", "strong", ...Object.keys(settings.aliases)]
  const meant = nearest(name, [...[...known].map((one) => partsOf(one).id), ...words])
  const home = prefixes.find(([prefix]) => prefix.test(name))?.[1]
  if (meant === null && home !== undefined) return Result.succeed(`${home}/${name}`)
  return Result.fail(
    notFound(
      home ?? "claw",
      `no model is called ${name}${didYouMean(meant)}`,
      home === undefined
        ? "claw model list shows what there is; write provider/id for one that is not in it"
        : `if it is a new one, write it out: ${home}/${name}`,
    ),
  )
}

const declaredOf = (facts: ModelFacts): Partial<ModelInfo> => {
  const { free: _, price: __, ...told } = facts
  return told
}

/**
 * What there is to know of a model: the server's word, then our table, and the user's settings over both. Tools are
 * taken for given where nobody says otherwise, because a server that has none refuses the request and says so.
 */
export const describeModel = (
  settings: ModelSettings,
  name: string,
  listed: ModelInfo | null = null,
): ModelInfo => {
  const { id, provider } = partsOf(name)
  const own = providerSettings(settings, provider)
  const table = knownModels[provider]
  const facts = table !== undefined && Object.hasOwn(table, id) ? table[id]! : null
  const vendor = provider === "anthropic" || provider === "openai"
  const base: ModelInfo = listed ?? {
    name,
    window: null,
    maxOutput: null,
    tools: true,
    images: vendor,
    thinking: vendor,
    structured: vendor,
    caching: own?.kind === "anthropic" ? "marks" : own?.kind === "openai" ? "automatic" : "none",
    resumes: false,
    retires: null,
  }
  const models = own?.models ?? {}
  return {
    ...base,
    window: base.window ?? facts?.window ?? null,
    maxOutput: base.maxOutput ?? facts?.maxOutput ?? null,
    retires: base.retires ?? facts?.retires ?? null,
    ...(Object.hasOwn(models, id) ? declaredOf(models[id]!) : {}),
    resumes: own?.kind === "openai" && own.resume === true,
    name,
  }
}
