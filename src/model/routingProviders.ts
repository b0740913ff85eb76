/**
 * The adapter that speaks a provider's protocol, as the settings describe the provider. What it needs of an SDK is loaded
 * when it is first used.
 */
import { Effect } from "effect"
import type { MakeProvider } from "./routingDirectory.ts"
import type { Endpoint } from "./wire/endpoint.ts"

const vendors = { anthropic: "https://api.anthropic.com", openai: "https://api.openai.com/v1" } as const
const localUrl = "http://127.0.0.1:11434/v1"

export const makeProvider: MakeProvider = (name, { baseUrl, headers, kind, resume }, { stallMs, totalMs }) =>
  Effect.promise(async () => {
    const endpoint: Endpoint = {
      name,
      baseUrl: baseUrl ?? (kind === "chat" ? localUrl : vendors[kind]),
      stallMs,
      timeoutMs: totalMs,
      ...(headers === undefined ? {} : { headers }),
    }
    switch (kind) {
      case "anthropic":
        return (await import("./anthropic/anthropicProvider.ts")).anthropicProvider(endpoint)
      case "openai": {
        const { openaiProvider } = await import("./openai/openaiProvider.ts")
        const { resumeLimits } = await import("./openai/resume.ts")
        return openaiProvider(endpoint, resume === true ? resumeLimits : null)
      }
      case "chat":
        return (await import("./openai/chatProvider.ts")).chatProvider(endpoint)
    }
  })
