/**
 * Settings of models and of what they may cost. Schemas, and how a workspace's file may change them. Pure.
 * Invariants: no model is set by default, so nothing thinks before the user chose one; only the user's own file names
 * servers, headers and keys' variables, and only it can loosen a ceiling: a workspace's file picks among what is there
 * and tightens; no credential is written in a setting.
 */
import { Effect, Schema } from "effect"
import { AuthSettings, isSafeEndpoint } from "./authSettings.ts"

const orElse = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))
const between = (low: number, high: number) =>
  Schema.Finite.check(Schema.isBetween({ minimum: low, maximum: high }))

/** `provider/id`, a bare id, or an alias. */
export const ModelWord = Schema.String.check(Schema.isPattern(/^\S+$/), Schema.isMaxLength(200))
const Tokens = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000_000 }))
const Dollars = between(0, 1_000_000)
/** Names are checked here and not as a schema of the key, which would leave the values out of the JSON schema. */
const named = <S extends Schema.Top>(values: S, shape: RegExp, wanted: string) =>
  Schema.Record(Schema.String, values).check(
    Schema.makeFilter((record) => {
      const wrong = Object.keys(record).find((name) => !shape.test(name))
      return wrong === undefined || `${JSON.stringify(wrong)}: ${wanted}`
    }),
  )
const Variable = Schema.String.check(Schema.isPattern(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/))

/** USD for a million tokens. What is left out is not known, and what needs it is unpriced. */
const PriceSettings = Schema.Struct({
  input: Dollars,
  output: Dollars,
  cacheRead: Schema.optionalKey(Dollars),
  cacheWrite: Schema.optionalKey(Dollars),
  cacheWriteHour: Schema.optionalKey(Dollars),
})

/** What the user knows of a model and its server does not tell. */
export const ModelFacts = Schema.Struct({
  window: Schema.optionalKey(Tokens),
  maxOutput: Schema.optionalKey(Tokens),
  tools: Schema.optionalKey(Schema.Boolean),
  images: Schema.optionalKey(Schema.Boolean),
  thinking: Schema.optionalKey(Schema.Boolean),
  structured: Schema.optionalKey(Schema.Boolean),
  caching: Schema.optionalKey(Schema.Literals(["marks", "automatic", "none"])),
  price: Schema.optionalKey(PriceSettings),
  /** It costs nothing. */
  free: Schema.optionalKey(Schema.Boolean),
})
export type ModelFacts = typeof ModelFacts.Type

const headerName = /^(?!(?:proxy-)?authorization$|cookie$|.*(?:api-?key|token|secret))[a-z0-9-]{1,100}$/i
const HeaderValue = Schema.String.check(Schema.isPattern(/^[\x20-\x7e]{0,1000}$/))

export const ProviderSettings = Schema.Struct({
  /** Which protocol it speaks: Anthropic's Messages, OpenAI's Responses, or Chat Completions as local servers do. */
  kind: Schema.Literals(["anthropic", "openai", "chat"]),
  baseUrl: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(/^https?:\/\/[^\s@\\]+$/), Schema.isMaxLength(500)),
  ),
  /** Variable of the daemon's environment that holds the key. */
  keyEnv: Schema.optionalKey(Variable),
  headers: Schema.optionalKey(
    named(
      HeaderValue,
      headerName,
      "a header's name; a credential is not written here: name its variable as keyEnv",
    ),
  ),
  auth: Schema.optionalKey(AuthSettings),
  /** Nothing it serves costs anything: a server of one's own. */
  free: Schema.optionalKey(Schema.Boolean),
  /** Described for whoever writes the settings, because it changes what the server keeps. */
  resume: Schema.optionalKey(
    Schema.Boolean.annotate({
      description:
        "Kind openai only: an answer that is cut off goes on at the server and is taken up where it was, instead of being asked for anew. For that the server stores each request and its answer, which it is else told not to.",
    }),
  ),
  models: Schema.optionalKey(Schema.Record(Schema.String, ModelFacts)),
}).check(
  Schema.makeFilter(
    ({ kind, resume }) =>
      resume !== true ||
      kind === "openai" ||
      "resume is for kind openai: the other protocols have nothing to resume",
  ),
  Schema.makeFilter(
    ({ auth, baseUrl, keyEnv }) =>
      baseUrl === undefined ||
      (auth === undefined && keyEnv === undefined) ||
      isSafeEndpoint(baseUrl) ||
      "a credential goes only to an https address (http only on this machine)",
  ),
)
export type ProviderSettings = typeof ProviderSettings.Type

export const ModelSettings = Schema.Struct({
  /** What is used where nothing else is said. Without it Claw works without a model. */
  default: Schema.optionalKey(ModelWord),
  /** For triage, titles and summaries; absent: the default. */
  small: Schema.optionalKey(ModelWord),
  /** For drafts and plans; absent: the default. */
  strong: Schema.optionalKey(ModelWord),
  aliases: orElse(named(ModelWord, /^[A-Za-z][\w.-]{0,59}$/, "an alias is a word"), {}),
  /** Tried in order where a model cannot be reached. */
  fallbacks: orElse(Schema.Array(ModelWord).check(Schema.isMaxLength(5)), []),
  providers: orElse(
    named(ProviderSettings, /^[a-z][a-z0-9-]{0,59}$/, "a provider's name is a word in lower case"),
    {},
  ),
  effort: Schema.optionalKey(Schema.Literals(["low", "medium", "high", "xhigh", "max"])),
  timeouts: orElse(
    Schema.Struct({
      /** Longest time without a byte from a server, before the first one and between any two. */
      stallMs: orElse(between(1_000, 3_600_000), 120_000),
      /** Longest time for a whole answer. */
      totalMs: orElse(between(1_000, 7_200_000), 1_800_000),
    }),
    {},
  ),
})
export type ModelSettings = typeof ModelSettings.Type

/** USD; null: no ceiling. */
const Ceiling = Schema.NullOr(Dollars)

export const BudgetSettings = Schema.Struct({
  callUsd: orElse(Ceiling, 1),
  /** One conversation, its children counted. */
  sessionUsd: orElse(Ceiling, 2),
  dayUsd: orElse(Ceiling, 5),
  /**
   * What one rule may cause in a day, with all that works for it. Thinking unasked is one rule: it gets as much as one
   * conversation, so that a draft by a dear model (up to $0.60 a call at worst) can be finished, and leaves more than half of
   * the day's ceiling to what the developer asks.
   */
  ruleUsd: orElse(Ceiling, 2),
  /** One workspace in a day. */
  workspaceUsd: orElse(Ceiling, null),
  /** Share of a ceiling at which it is said that it comes near. */
  warnAt: orElse(between(0.1, 1), 0.8),
})
export type BudgetSettings = typeof BudgetSettings.Type

type Plain = Readonly<Record<string, unknown>>

/** What a workspace's file may say of `models`: which of the user's models is used for what. */
const pickable = ["default", "small", "strong", "fallbacks", "effort"] as const

export const mergeModels = (own: Plain, workspace: Plain): Plain => {
  const picked = pickable.flatMap((key) => (workspace[key] === undefined ? [] : [[key, workspace[key]]]))
  const aliases = { ...(own["aliases"] as Plain), ...(workspace["aliases"] as Plain) }
  return { ...own, ...Object.fromEntries(picked), aliases }
}

const least = (own: unknown, theirs: unknown): unknown =>
  typeof theirs !== "number" ? own : typeof own !== "number" ? theirs : Math.min(own, theirs)

/** The lower of the two, key by key; `defaults` is in force where the user's own file says nothing. */
export const mergeBudgets = (own: Plain, workspace: Plain, defaults: Plain): Plain => {
  const inForce = { ...defaults, ...own }
  return Object.fromEntries(
    Object.entries(inForce).map(([key, value]) => [key, least(value, workspace[key])]),
  )
}
