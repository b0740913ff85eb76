/** Where a provider is and how long it may take. */

export interface Endpoint {
  /** Name in settings, the log and errors: `anthropic`, `local`. */
  readonly name: string
  readonly baseUrl: string
  readonly fetch?: typeof globalThis.fetch
  /** Sent with each request besides what the protocol needs. */
  readonly headers?: Readonly<Record<string, string>>
  /** Longest time without a byte, before the first one and between any two. */
  readonly stallMs?: number
  /** Longest time for a whole request. */
  readonly timeoutMs?: number
}

export const defaultStallMs = 120_000
export const defaultTimeoutMs = 30 * 60_000

/** `claude-opus-5-5` of `anthropic/claude-opus-5-5`. */
export const idOf = (model: string): string => model.slice(model.indexOf("/") + 1)
