/**
 * pnpm-workspace.yaml and .yarnrc.yml as manifests: the versions that their catalogs and overrides name, which the
 * packages of a workspace ask for by `catalog:`. And package.yaml, which pnpm takes in place of package.json.
 */
import { mapAt, readBlockYaml, type Tree } from "./blockYaml.ts"
import { type Json, type LockEntry, Malformed, type Parsed } from "./lockEntry.ts"
import { readManifest, readOverrides, readWanted } from "./packageJson.ts"

const noTree: Tree = new Map()

export const parsePnpmWorkspace = (text: string): Parsed => {
  const root = readBlockYaml(text)
  if (root instanceof Malformed) return root
  const entries: Array<LockEntry> = []
  const catalogs = [...(mapAt(root, "catalogs") ?? noTree).values()]
  for (const catalog of [root.get("catalog"), ...catalogs])
    if (catalog instanceof Map) readWanted(Object.fromEntries(catalog), entries)
  readOverrides(Object.fromEntries(mapAt(root, "overrides") ?? noTree), entries)
  return entries
}

const jsonOf = (tree: Tree): Json =>
  Object.fromEntries([...tree].map(([key, value]) => [key, value instanceof Map ? jsonOf(value) : value]))

export const parsePackageYaml = (text: string): Parsed => {
  const root = readBlockYaml(text)
  return root instanceof Malformed ? root : readManifest(jsonOf(root))
}
