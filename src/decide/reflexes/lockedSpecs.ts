/**
 * What a lockfile was made for: the spec of each dependency as the lockfile recorded it, so that a manifest whose
 * spec was changed by hand is seen although the name is locked. Pure; null where the lockfile does not say, or says
 * it in a way that overrides change.
 */
import { mapAt, readBlockYaml, textAt, type Tree } from "../../domain/lockfiles/blockYaml.ts"
import { plainJson } from "../../domain/lockfiles/bunLock.ts"
import { type Json, Malformed, recordOf } from "../../domain/lockfiles/lockEntry.ts"

/** True where the lockfile was made for this spec of the name, or does not speak of it. */
export type IsLockedFor = (name: string, spec: string) => boolean

const sections = ["dependencies", "devDependencies", "optionalDependencies"]

const ofRecords = (records: Json): IsLockedFor => {
  const specs = new Map<string, unknown>()
  for (const section of sections)
    for (const [name, spec] of Object.entries(recordOf(records[section]))) specs.set(name, spec)
  return (name, spec) => typeof specs.get(name) !== "string" || specs.get(name) === spec
}

/** Of the manifest in `dir`, among the records that a lockfile keeps by folder; null: it keeps none of that folder. */
const ofFolder = (folders: unknown, dir: string): IsLockedFor | null => {
  const all = recordOf(folders)
  const key = dir === "." ? "" : dir
  return Object.hasOwn(all, key) ? ofRecords(recordOf(all[key])) : null
}

const pnpm = (text: string, dir: string): IsLockedFor | null => {
  const root = readBlockYaml(text)
  if (root instanceof Malformed || root.has("overrides")) return null
  const importers = mapAt(root, "importers")
  const own = importers === null ? (dir === "." ? root : null) : mapAt(importers, dir)
  if (own === null) return null
  const specs = new Map<string, string>()
  const flat = mapAt(own, "specifiers")
  for (const [name, spec] of flat ?? []) if (typeof spec === "string") specs.set(name, spec)
  for (const section of sections)
    for (const [name, body] of mapAt(own, section) ?? (new Map() as Tree)) {
      const spec = body instanceof Map ? textAt(body, "specifier") : null
      if (spec !== null) specs.set(name, spec)
    }
  return (name, spec) => !specs.has(name) || specs.get(name) === spec
}

/** yarn writes `name@spec` above each entry, of all packages of the repository. */
const yarn = (text: string): IsLockedFor => {
  const patterns = new Set(
    [...text.matchAll(/^"?([^\s#"][^"\n]*?)"?:\s*$/gm)].flatMap((match) =>
      match[1]!.split(/"?, "?/).map((each) => each.replace(/^((?:@[^@/]+\/)?[^@]+)@npm:/, "$1@")),
    ),
  )
  return (name, spec) =>
    patterns.has(`${name}@${spec}`) || ![...patterns].some((each) => each.startsWith(`${name}@`))
}

/** `dir`: of the manifest, as seen from the lockfile. `overridden`: the manifest changes what others ask for. */
export const lockedSpecs = (
  manager: string,
  text: string,
  dir: string,
  overridden: boolean,
): IsLockedFor | null => {
  try {
    switch (manager) {
      case "npm":
        return ofFolder(recordOf(JSON.parse(text))["packages"], dir)
      case "bun":
        return ofFolder(recordOf(JSON.parse(plainJson(text)))["workspaces"], dir)
      case "pnpm":
        return pnpm(text, dir)
      case "yarn":
        // resolutions of the root stand in the lockfile in place of what was asked for
        return overridden || dir !== "." ? null : yarn(text)
      default:
        return null
    }
  } catch {
    return null
  }
}
