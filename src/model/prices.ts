/**
 * What a call cost and what it could cost at worst: four buckets of tokens, by tiers of the prompt's length.
 * Invariants: an unknown price is null, never a guess: a model counts as known only under its own id (or that with a
 * date), not under one it begins like; the price table has a version that answers carry; the library is loaded by the
 * first call.
 */
import { Effect } from "effect"
import type { ModelFacts, ModelSettings } from "../config/modelSettings.ts"
import type { Usage } from "../domain/modelRequest.ts"
import { libraryVersion, overrides, tableVersion } from "./pricesTable.ts"
import { partsOf, providerSettings } from "./routing.ts"
import type { Counted } from "./wire/parts.ts"

/** USD for a million tokens of a prompt that is longer than `above` tokens; the highest tier that fits is the one. */
export interface PriceTier {
  readonly above: number
  readonly input: number | null
  readonly output: number | null
  readonly cacheRead: number | null
  readonly cacheWrite: number | null
  readonly cacheWriteHour: number | null
}
export interface Price {
  readonly tiers: ReadonlyArray<PriceTier>
}

export const pricesVersion = `genai-prices-${libraryVersion}+${tableVersion}`

const million = 1_000_000

const tierFor = ({ tiers }: Price, prompt: number): PriceTier | undefined =>
  tiers.findLast(({ above }) => prompt > above) ?? tiers[0]

export const promptTokens = ({ cacheRead, cacheWrite, input }: Usage): number =>
  input + cacheRead + cacheWrite

const times = (tokens: number, price: number | null): number | null =>
  tokens === 0 ? 0 : price === null ? null : (tokens * price) / million

/** Null where any bucket that was used has no known price. */
export const usdOf = (price: Price | null, usage: Usage): number | null => {
  const tier = price === null ? undefined : tierFor(price, promptTokens(usage))
  if (tier === undefined) return null
  const hour = Math.min(usage.cacheWriteHour ?? 0, usage.cacheWrite)
  const parts = [
    times(usage.input, tier.input),
    times(usage.output, tier.output),
    times(usage.cacheRead, tier.cacheRead),
    times(usage.cacheWrite - hour, tier.cacheWrite),
    times(hour, tier.cacheWriteHour),
  ]
  return parts.reduce<number | null>((sum, part) => (sum === null || part === null ? null : sum + part), 0)
}

/** Of an answer that was cut off: what is counted is known, and there was no more output than there could be. */
export const cutUsdOf = (price: Price | null, { usage, whole }: Counted, maxOutput: number): number | null =>
  usdOf(price, whole ? usage : { ...usage, output: Math.max(usage.output, maxOutput) })

/** Nothing read from a cache, all of it written to one where that is dearer, `maxOutput` used up. */
export const worstUsdOf = (
  price: Price | null,
  prompt: number,
  maxOutput: number,
  keptHour: boolean,
): number | null => {
  const tier = price === null ? undefined : tierFor(price, prompt)
  if (tier === undefined || tier.input === null) return null
  const output = times(maxOutput, tier.output)
  if (output === null) return null
  const dearest = Math.max(tier.input, tier.cacheWrite ?? 0, keptHour ? (tier.cacheWriteHour ?? 0) : 0)
  return (prompt * dearest) / million + output
}

const free: Price = {
  tiers: [{ above: 0, input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0 }],
}

const fromSettings = (facts: ModelFacts | undefined): Price | null => {
  if (facts?.free === true) return free
  if (facts?.price === undefined) return null
  const { cacheRead, cacheWrite, cacheWriteHour, input, output } = facts.price
  return {
    tiers: [
      {
        above: 0,
        input,
        output,
        cacheRead: cacheRead ?? null,
        cacheWrite: cacheWrite ?? null,
        cacheWriteHour: cacheWriteHour ?? null,
      },
    ],
  }
}

type LibraryPrice =
  | number
  | { readonly base: number; readonly tiers: ReadonlyArray<{ start: number; price: number }> }

/** The library charges no write extra where it names no price of one: such tokens are input. */
const keys = {
  input: ["input_mtok"],
  output: ["output_mtok"],
  cacheRead: ["cache_read_mtok", "input_mtok"],
  cacheWrite: ["cache_write_mtok", "input_mtok"],
  cacheWriteHour: ["cache_write_1h_mtok", "cache_write_mtok", "input_mtok"],
} as const

const priceAt = (price: LibraryPrice | undefined, above: number): number | null =>
  price === undefined
    ? null
    : typeof price === "number"
      ? price
      : (price.tiers.findLast(({ start }) => start <= above)?.price ?? price.base)

const fromLibrary = (model: Readonly<Record<string, unknown>>): Price => {
  const prices = model as Readonly<Record<string, LibraryPrice | undefined>>
  const starts = Object.values(prices).flatMap((price) =>
    typeof price === "object" ? price.tiers.map(({ start }) => start) : [],
  )
  const tiers = [...new Set([0, ...starts])].toSorted((a, b) => a - b)
  const of = (names: ReadonlyArray<string>, above: number) =>
    priceAt(prices[names.find((name) => prices[name] !== undefined) ?? ""], above)
  return {
    tiers: tiers.map((above) => ({
      above,
      input: of(keys.input, above),
      output: of(keys.output, above),
      cacheRead: of(keys.cacheRead, above),
      cacheWrite: of(keys.cacheWrite, above),
      cacheWriteHour: of(keys.cacheWriteHour, above),
    })),
  }
}

/** The same model: its id, or that with the day it was released. */
const isSame = (asked: string, found: string): boolean =>
  asked === found ||
  (asked.startsWith(found) && /^-(?:\d{8}|\d{4}-\d\d-\d\d|latest)$/.test(asked.slice(found.length)))

const library = Effect.cached(Effect.promise(() => import("@pydantic/genai-prices")))

export interface Prices {
  /** Null: not known. */
  readonly of: (settings: ModelSettings, name: string, atMs: number) => Effect.Effect<Price | null>
}

export const makePrices: Effect.Effect<Prices> = Effect.map(library, (load) => {
  const day = 86_400_000
  const known = new Map<string, Price | null>()

  const looked = Effect.fnUntraced(function* (name: string, baseUrl: string | undefined, atMs: number) {
    const { id, provider } = partsOf(name)
    const key = `${Math.floor(atMs / day)} ${baseUrl ?? ""} ${name}`
    const before = known.get(key)
    if (before !== undefined) return before
    const { calcPrice } = yield* load
    const vendor = provider === "anthropic" || provider === "openai"
    const where = vendor ? { providerId: provider } : { providerApiUrl: baseUrl ?? "" }
    const found =
      vendor || baseUrl !== undefined
        ? yield* Effect.sync(() => {
            try {
              return calcPrice({ input_tokens: 1 }, id, { ...where, timestamp: new Date(atMs) })
            } catch {
              return null
            }
          })
        : null
    const price = found === null || !isSame(id, found.model.id) ? null : fromLibrary(found.model_price)
    known.set(key, price)
    return price
  })

  return {
    of: (settings, name, atMs) => {
      const { id, provider } = partsOf(name)
      const own = providerSettings(settings, provider)
      const models = own?.models ?? {}
      const said = fromSettings(Object.hasOwn(models, id) ? models[id] : undefined)
      if (said !== null) return Effect.succeed(said)
      if (own?.free === true) return Effect.succeed(free)
      const dated = /^(.*?)-(?:\d{8}|\d{4}-\d\d-\d\d|latest)$/.exec(name)?.[1] ?? name
      if (Object.hasOwn(overrides, dated)) return Effect.succeed(overrides[dated]!)
      return looked(name, own?.baseUrl, atMs)
    },
  }
})
