/** What the web tools are given: the network, the place of the page worker, and the search engine of the user's settings. */
import type { Effect } from "effect"
import type { SearchSettings } from "../../config/Settings.ts"
import type { Network } from "./Network.ts"

export interface WebOptions {
  /** Absent: the machine's own, loaded with the first request. */
  readonly network?: Network
  /** Where a bundle put `pageWorker`; absent: beside the sources. */
  readonly pageWorker?: URL
  /** How long one page may take to be made readable; absent: 8 seconds. */
  readonly readableMs?: number
  /** Null: none is configured. Only the user's own settings name one. */
  readonly search: Effect.Effect<SearchSettings | null>
  readonly environment: Readonly<Record<string, string | undefined>>
}

export const networkOf = async (options: WebOptions): Promise<Network> =>
  options.network ?? (await import("./Network.ts")).systemNetwork
