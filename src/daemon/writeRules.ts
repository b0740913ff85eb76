/**
 * Puts proposed rules into a file of the user's own: behind what stands there, under names that are free.
 * Invariants: all of the user's rules are loaded together with the new ones first, and nothing is written where anything
 * would be wrong with them; the file is replaced as a whole, so it is never half written.
 */
import { Effect } from "effect"
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { loadRuleSet } from "../../policies/load.ts"
import { loadRuleFile } from "../../policies/rules.ts"
import { readShipped, readUserFiles, shippedDirectory } from "../../policies/shipped.ts"
import type { DirectoriesShape } from "../config/Directories.ts"
import { policyFolder } from "./policiesLayer.ts"
import { showProblem } from "./policyRows.ts"

export const suggestedFile = "suggested.toml"

/** The same text with names that no rule of the file has. */
const renamed = (text: string, taken: ReadonlySet<string>): string => {
  const used = new Set(taken)
  return text.replaceAll(/^name = "([a-z0-9-]+)"$/gm, (_, name: string) => {
    let free = name
    for (let n = 2; used.has(free); n++) free = `${name}-${n}`
    used.add(free)
    return `name = "${free}"`
  })
}

const namesIn = (file: string, text: string): ReadonlySet<string> =>
  new Set(loadRuleFile({ file, text, tier: "user", workspace: null }).rules.map(({ name }) => name))

/** The file; or what is wrong, a problem a line. */
export const writeRules = (
  directories: DirectoriesShape,
  text: string,
): Effect.Effect<
  { readonly file: string; readonly problems: ReadonlyArray<string> },
  { readonly message: string }
> =>
  Effect.try({
    try: () => {
      const folder = join(directories.config, policyFolder)
      const file = join(folder, suggestedFile)
      const before = existsSync(file) ? readFileSync(file, "utf8") : ""
      const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n"
      const after = `${before}${gap}${renamed(text, namesIn(file, before))}`
      const shipped = readShipped(shippedDirectory(), ["default"])
      const others = readUserFiles(folder).filter((each) => basename(each.file) !== suggestedFile)
      const own = { file, text: after, tier: "user" as const, workspace: null }
      const set = loadRuleSet({ commands: shipped.commands, files: [...shipped.files, ...others, own] })
      const problems = set.problems.filter(({ severity }) => severity === "error").map(showProblem)
      if (problems.length > 0) return { file, problems }
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const fresh = `${file}.${process.pid}.new`
      writeFileSync(fresh, after, { mode: 0o600 })
      renameSync(fresh, file)
      return { file, problems }
    },
    catch: (error) => ({ message: `the rules cannot be written: ${(error as Error).message}` }),
  })
