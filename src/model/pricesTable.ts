/**
 * Prices that the library does not have yet, or has otherwise than the vendor's page: USD for a million tokens.
 * Invariants: every row is a price somebody published; null is "not known" and makes unpriced what needs it; a changed
 * row raises `tableVersion`, because answers name the table they were priced with.
 */
import type { Price } from "./prices.ts"

export const tableVersion = "claw-2026-11-22"

/** Installed version of `@pydantic/genai-prices`, whose data ships with it. */
export const libraryVersion = "0.1.8"

const flat = (input: number, output: number, cacheRead: number | null): Price => {
  return { tiers: [{ above: 0, input, output, cacheRead, cacheWrite: null, cacheWriteHour: null }] }
}
/** Anthropic's cache writes cost a quarter more than input, twice as much where they are kept for an hour. */
const marked = (input: number, output: number, cacheRead: number, above = 0): Price["tiers"][number] => ({
  above,
  input,
  output,
  cacheRead,
  cacheWrite: input * 1.25,
  cacheWriteHour: input * 2,
})

const notKnown = (above: number): Price["tiers"][number] => ({
  above,
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite: null,
  cacheWriteHour: null,
})

export const overrides: Readonly<Record<string, Price>> = {
  "anthropic/claude-haiku-5-5": {
    tiers: [marked(0.1, 0.5, 0.01), marked(0.5, 2.5, 0.05, 100_000)],
  },
  "anthropic/claude-sonnet-5-5": { tiers: [marked(2, 10, 0.1)] },
  // dearer prompts beyond 272k are reported of its siblings, their prices for it are not
  "openai/gpt-6.1-terra": { tiers: [...flat(1, 5, 0.05).tiers, notKnown(272_000)] },
  "openai/gpt-6.1-sol": { tiers: [...flat(2, 10, 0.1).tiers, notKnown(272_000)] },
}
