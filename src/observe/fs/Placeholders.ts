/**
 * Takes the sandbox's placeholders out of a burst: they come and go with a command and are nobody's work.
 * Invariant: only a path that was seen as a placeholder is forgotten when it goes.
 */
import { lstatSync } from "node:fs"
import { isPlaceholder } from "../../domain/placeholder.ts"
import { toBuffer } from "./byteStrings.ts"
import type { Burst } from "./coalesce.ts"

/** Larger bursts are no sandbox's: they are not looked through. */
const mostPaths = 1_000

export class Placeholders {
  readonly #root: string
  readonly #present = new Set<string>()

  constructor(root: string) {
    this.#root = root
  }

  #isOne(path: string): boolean {
    try {
      const found = lstatSync(toBuffer(`${this.#root}/${path}`), { throwIfNoEntry: false })
      return found !== undefined && isPlaceholder(found)
    } catch {
      return false
    }
  }

  without(burst: Burst): Burst {
    if (burst.paths.size > mostPaths) return burst
    const paths = new Map(burst.paths)
    for (const [path, state] of burst.paths) {
      if (state.now && !state.before && this.#isOne(path)) {
        this.#present.add(path)
        paths.delete(path)
      } else if (!state.now && this.#present.delete(path)) paths.delete(path)
    }
    return { ...burst, paths }
  }
}
