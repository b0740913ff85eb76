/** How this program starts itself again: as daemon, as verifier, as evaluator of a configuration file. */
export interface Entry {
  readonly node: string
  /** Arguments before the hidden command: the script Node runs. */
  readonly args: ReadonlyArray<string>
  readonly version: string
}

export const hidden = {
  daemon: "__daemon",
  verify: "__verify",
  config: "__config",
} as const
