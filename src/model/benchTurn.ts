/** A streamed turn with the vendor's SDK alone: the peer of what Claw takes for one. */
import { Effect } from "effect"

export interface TurnTimes {
  readonly firstMs: number
  readonly totalMs: number
}

export const bareTurn = (baseUrl: string, text: string): Effect.Effect<() => Promise<TurnTimes>> =>
  Effect.promise(async () => {
    const { Anthropic } = await import("@anthropic-ai/sdk")
    const client = new Anthropic({ baseURL: baseUrl, apiKey: "none", maxRetries: 0, logLevel: "off" })
    return async () => {
      const from = performance.now()
      let firstMs = 0
      const stream = client.messages.stream({
        model: "claude-opus-5-5",
        max_tokens: 1_000,
        messages: [{ role: "user", content: text }],
      })
      stream.on("text", () => {
        if (firstMs === 0) firstMs = performance.now() - from
      })
      await stream.finalMessage()
      return { firstMs, totalMs: performance.now() - from }
    }
  })
