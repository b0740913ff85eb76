/**
 * A fish that starts interactively in a new home reads every manual page of the machine in the background, for many
 * seconds, and goes on after it was ended. It does not where the folder of what it would find is there.
 */
import { mkdirSync } from "node:fs"
import { join } from "node:path"

export const settleFish = (dataHome: string, cacheHome: string): void => {
  for (const home of [dataHome, cacheHome]) {
    mkdirSync(join(home, "fish", "generated_completions"), { recursive: true })
  }
}
