/**
 * Finds and reads the shipped policies: presets and command table, as they lie beside this module when it runs
 * unbuilt, or below `policies/` beside the bundle. The build copies `policies/presets` and `policies/commands`
 * to `dist/policies/`.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { SourceText } from "./CommandTable.ts"
import type { PolicyTexts } from "./load.ts"
import type { RuleFile, Tier } from "./rules.ts"

const tomlIn = (directory: string, label: string): ReadonlyArray<SourceText> =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".toml"))
    .sort()
    .map((name) => ({ file: `${label}/${name}`, text: readFileSync(join(directory, name), "utf8") }))

/** The folder that holds `presets` and `commands`; throws where there is none. */
export const shippedDirectory = (module: string = import.meta.url): string => {
  const here = fileURLToPath(new URL(".", module))
  const found = [here, join(here, "policies"), join(here, "../policies")].find((each) =>
    existsSync(join(each, "presets")),
  )
  if (found === undefined) throw new Error(`no shipped policies beside ${here}`)
  return found
}

/** `presets`: which of the shipped ones, by name; the invariants always come along. */
export const readShipped = (directory: string, presets: ReadonlyArray<string>): PolicyTexts => {
  const tierOf = (file: string): Tier => (basename(file) === "invariants.toml" ? "builtin" : "preset")
  const all = tomlIn(join(directory, "presets"), "policies/presets")
  const wanted = new Set(["invariants", ...presets])
  const missing = [...wanted].filter((name) => !all.some(({ file }) => basename(file, ".toml") === name))
  if (missing.length > 0) throw new Error(`no such preset: ${missing.join(", ")}`)
  const files = all
    .filter(({ file }) => wanted.has(basename(file, ".toml")))
    .map((source): RuleFile => ({ ...source, tier: tierOf(source.file), workspace: null }))
  return { commands: tomlIn(join(directory, "commands"), "policies/commands"), files }
}

/** The user's rule files; a folder that is not there holds none. */
export const readUserFiles = (directory: string): ReadonlyArray<RuleFile> =>
  existsSync(directory)
    ? tomlIn(directory, directory).map((source): RuleFile => ({ ...source, tier: "user", workspace: null }))
    : []
