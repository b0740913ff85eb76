/**
 * The settings a user can write in `claw.config.ts`, with every default. Unknown keys are errors; a value out of
 * range says so. Durations are milliseconds, or, where they are long, as a person writes them.
 */
import { Effect, Schema } from "effect"
import { AttentionSettings } from "./attentionSettings.ts"
import { AgentSettings } from "./agentSettings.ts"
import { sizeBytes, sizePattern, spanMs, spanPattern } from "./amounts.ts"
import { ChatSettings } from "./chatSettings.ts"
import { CorrectionData } from "./correctionRules.ts"
import { ReflexData } from "./reflexRules.ts"
import { MemorySettings } from "./memorySettings.ts"
import { DeliberationSettings } from "./deliberationSettings.ts"
import { BudgetSettings, ModelSettings } from "./modelSettings.ts"
import { TerminalSettings } from "./terminalSettings.ts"

const orElse = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))
const between = (low: number, high: number) =>
  Schema.Finite.check(Schema.isBetween({ minimum: low, maximum: high }))

const WatchSettings = Schema.Struct({
  /** Share of the system's inotify watches one workspace may use. */
  budget: orElse(between(0.001, 1), 0.25),
})

const day = 86_400_000
/** Milliseconds, or `"90d"`: no less than a day, because what is that young is still worked with. */
const Span = Schema.Union([
  between(day, 36_500 * day),
  Schema.String.check(
    Schema.isPattern(spanPattern),
    Schema.makeFilter((text) => spanMs(text) >= day || "no less than 1d"),
  ),
])
/** Bytes, or `"2GB"`. */
const Size = Schema.Union([
  between(1_000_000, 1e15),
  Schema.String.check(
    Schema.isPattern(sizePattern),
    Schema.makeFilter((text) => sizeBytes(text) >= 1_000_000 || "no less than 1MB"),
  ),
])

/** Off until an age or a size is set. Payloads older than `age`, or beyond `size`, are archived and leave the log. */
export const RetentionSettings = Schema.Struct({
  age: Schema.optionalKey(Span),
  size: Schema.optionalKey(Size),
  /** How old an archive may get; `true`: as old as it likes. */
  keepArchives: orElse(Schema.Union([Schema.Literal(true), Span]), true),
})
export type RetentionSettings = typeof RetentionSettings.Type

const AbsolutePath = Schema.String.check(Schema.isPattern(/^\/[^\0\n]*$/))
/** Part of what git takes for a ref, and nothing an option or another revision could hide in. */
const RefName = Schema.String.check(
  Schema.isPattern(/^refs(?:\/(?!\.)(?:(?!\.\.|\.lock(?:\/|$))[A-Za-z0-9_.+-])+(?<!\.))+$/),
)

/** Where checkpoints of the log are kept besides the log: a file they are appended to, or a ref of a repository. */
export const AnchorSetting = Schema.Union([
  Schema.Struct({ file: AbsolutePath }),
  Schema.Struct({ git: AbsolutePath, ref: orElse(RefName, "refs/claw/log") }),
])
export type AnchorSetting = typeof AnchorSetting.Type
const decodeAnchorOption = Schema.decodeUnknownOption(AnchorSetting, { onExcessProperty: "error" })
/** Null on what is no anchor. */
export const decodeAnchor = (value: unknown): AnchorSetting | null => {
  const anchor = decodeAnchorOption(value)
  return anchor._tag === "Some" ? anchor.value : null
}

/** A host's own root or a path below it; the user's own file names it, so it may be a local one. */
const EngineUrl = Schema.String.check(Schema.isPattern(/^https?:\/\/[^\s@\\]+$/), Schema.isMaxLength(500))
const VariableName = Schema.String.check(Schema.isPattern(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/))

/** Where `WebSearch` asks. The key itself is never written here: `keyEnv` names the variable that holds it. */
export const SearchSettings = Schema.Struct({
  engine: Schema.Literals(["brave", "searxng", "tavily"]),
  url: Schema.optionalKey(EngineUrl),
  keyEnv: Schema.optionalKey(VariableName),
})
export type SearchSettings = typeof SearchSettings.Type

export const Settings = Schema.Struct({
  watch: orElse(WatchSettings, {}),
  attention: orElse(AttentionSettings, {}),
  /** Names of reflexes that stay off. */
  disabledReflexes: orElse(Schema.Array(Schema.String), []),
  /** Corrections of failed commands, as data: the form of the files below `reflexes/`. */
  corrections: orElse(Schema.Array(CorrectionData), []),
  /** What to say or offer in a situation, as data: likewise. */
  reflexes: orElse(Schema.Array(ReflexData), []),
  notifications: orElse(
    Schema.Struct({
      urgent: orElse(Schema.Boolean, true),
      others: orElse(Schema.Boolean, false),
    }),
    {},
  ),
  tools: orElse(Schema.Struct({ timeoutMs: orElse(between(1_000, 3_600_000), 120_000) }), {}),
  /** Only the user's own file says it, as of the anchors; a workspace's is not asked. */
  retention: orElse(RetentionSettings, {}),
  anchors: orElse(Schema.Array(AnchorSetting), []),
  /** Off until an engine is named. Only the user's own file names one. */
  web: orElse(Schema.Struct({ search: Schema.optionalKey(SearchSettings) }), {}),
  /** Children of conversations: how deep below one, and how many work at once. */
  agents: orElse(AgentSettings, {}),
  memory: orElse(MemorySettings, {}),
  terminal: orElse(TerminalSettings, {}),
  /** When a model may think about what was seen. Only the user's own file says it. */
  deliberation: orElse(DeliberationSettings, {}),
  /** Only the user's own file says it. */
  chat: orElse(ChatSettings, {}),
  models: orElse(ModelSettings, {}),
  budgets: orElse(BudgetSettings, {}),
})
export type Settings = typeof Settings.Type
/** What a configuration file may hold: every key optional. */
export type SettingsInput = typeof Settings.Encoded

export const decodeSettings = Schema.decodeUnknownResult(Settings, {
  onExcessProperty: "error",
  errors: "all",
})
export const defaultSettings: Settings = Schema.decodeSync(Settings)({})
