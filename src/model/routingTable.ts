/**
 * What is known of vendors' models without asking them: a table of facts, by the ids of the vendors' own SDKs.
 * Invariant: nothing here is guessed; what is not known is null, and a server's own list or the user's settings say it.
 */
import type { ModelInfo } from "./Provider.ts"

type Facts = Pick<ModelInfo, "window" | "maxOutput" | "retires">

const facts = (window: number | null, maxOutput: number | null, retires: string | null = null): Facts => ({
  window,
  maxOutput,
  retires,
})

const unknown = facts(null, null)
const million = 1_000_000

export const knownModels: Readonly<Record<string, Readonly<Record<string, Facts>>>> = {
  anthropic: {
    "claude-haiku-5-5": facts(million, 128_000),
    "claude-sonnet-5-5": facts(million, null),
    "claude-opus-5-5": facts(million, null),
    "claude-opus-5": facts(million, null),
    "claude-fable-5-1": facts(million, null),
    "claude-fable-5-2": unknown,
    "claude-mythos-5-2": unknown,
    "claude-mythos-5-1": unknown,
    "claude-mythos-5": unknown,
    "claude-sonnet-5": unknown,
    "claude-opus-4-8": unknown,
    "claude-opus-4-7": unknown,
    "claude-opus-4-6": unknown,
    "claude-opus-4-5": unknown,
    "claude-sonnet-4-6": unknown,
    "claude-sonnet-4-5": facts(null, null, "2026-11-30"),
    "claude-haiku-4-5": unknown,
  },
  openai: {
    "gpt-6-luna": facts(1_050_000, null),
    "gpt-6.1-terra": facts(1_050_000, 128_000),
    "gpt-6-sol": unknown,
    "gpt-6.1-sol": unknown,
    "gpt-6-astra": unknown,
    "gpt-5.6-sol": unknown,
    "gpt-5.6-terra": unknown,
    "gpt-5.6-luna": unknown,
    "gpt-5.5": unknown,
    "gpt-5.5-pro": unknown,
    "gpt-5.4": unknown,
    "gpt-5.4-mini": unknown,
    "gpt-5.4-nano": unknown,
    "gpt-5.2": unknown,
    "gpt-5.1": unknown,
    o3: unknown,
    "o4-mini": unknown,
  },
}

/** Providers that need no setting. `local` is where Ollama listens. */
export const builtIn = {
  anthropic: { kind: "anthropic" },
  openai: { kind: "openai" },
  local: { kind: "chat", baseUrl: "http://127.0.0.1:11434/v1" },
} as const

/** Whose a bare id is that begins like this. */
export const prefixes: ReadonlyArray<readonly [prefix: RegExp, provider: string]> = [
  [/^claude-/, "anthropic"],
  [/^(?:gpt-|o[1-9](?:-|$)|chatgpt-)/, "openai"],
]
