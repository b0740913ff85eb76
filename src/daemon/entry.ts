/** How this program starts itself again. Reads the process it runs in, so only the entry calls it. */
import { realpathSync } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"

/** How this program starts itself again: as daemon, as verifier, as evaluator of a configuration file. */
export interface Entry {
  readonly node: string
  /** Arguments before the hidden command: the script Node runs. */
  readonly args: ReadonlyArray<string>
  readonly version: string
  /** The folder of the bundle, or null where the sources run unbuilt. */
  readonly bundle: string | null
  /** The hidden command that starts the daemon, where it is not the usual one: a throw-away world's. */
  readonly daemon?: typeof hidden.story
}

/** From the address of the entry module: `dist/claw.js` is a bundle, `src/cli/main.ts` is not. */
export const entryOf = (module: string, version: string): Entry => ({
  node: process.execPath,
  args: process.argv[1] === undefined ? [] : [realpathSync(process.argv[1])],
  version,
  bundle: module.endsWith(".ts") ? null : dirname(fileURLToPath(module)),
})

export const hidden = {
  daemon: "__daemon",
  /** The daemon of a throw-away world, whose clock is moved on from outside. */
  story: "__story",
  verify: "__verify",
  audit: "__audit",
  config: "__config",
} as const

/**
 * Flags of Node for the daemon. It allocates in short bursts and then rests for hours: a young generation of the
 * usual size (up to 16 MB, three times) would only be held as garbage between them. No figure of speed moved by it.
 */
export const daemonFlags: ReadonlyArray<string> = ["--max-semi-space-size=4"]
