/**
 * pnpm-lock.yaml of versions 5, 6 and 9, and the shrinkwrap.yaml before it. The version lives in the key:
 * `/name/1.0.0_peers` (5, with `/peers` before it), `/name@1.0.0(peers)` (6), `name@1.0.0(peers)` (9);
 * packages from elsewhere say name and version in their body. Both `packages` and `snapshots` are read.
 */
import { readBlockYaml, type Tree, mapAt, textAt } from "./blockYaml.ts"
import { type LockEntry, locked, Malformed, type Parsed } from "./lockEntry.ts"
import { isExactVersion } from "./npmNames.ts"

const slashKey = /^(?:[^/@\s]+\.[^/@\s]+)?\/((?:@[^/@\s]+\/)?[^/@\s]+)\/(\d[^/_(\s]*)(?:[_(/].*)?$/
const atKey = /^\/?((?:@[^/@\s]+\/)?[^/@\s]+)@([^(\s]+)(?:\(.*)?$/

const fromKey = (key: string): { readonly name: string; readonly version: string } | null => {
  const match = slashKey.exec(key) ?? atKey.exec(key)
  if (match === null) return null
  return { name: match[1]!, version: match[2]! }
}

const integrityOf = (body: Tree): string | undefined => {
  const resolution = body.get("resolution")
  if (resolution instanceof Map) return textAt(resolution, "integrity") ?? undefined
  return resolution === undefined ? undefined : /integrity: *([^\s,}]+)/.exec(resolution)?.[1]
}

/** A folder of the user's own: what its package.json says is no release of a registry. */
const isFolder = (body: Tree): boolean => {
  const resolution = body.get("resolution")
  return resolution instanceof Map
    ? textAt(resolution, "type") === "directory"
    : /\btype: *directory\b/.test(resolution ?? "")
}

const noBody: Tree = new Map()

const read = (section: Tree, entries: Array<LockEntry>): void => {
  for (const [key, value] of section) {
    const body = value instanceof Map ? value : noBody
    const said = fromKey(key)
    const name = textAt(body, "name") ?? said?.name
    const version = textAt(body, "version") ?? said?.version
    if (name === undefined || version === undefined || !isExactVersion(version) || isFolder(body)) continue
    entries.push(locked("npm", name, version, integrityOf(body)))
  }
}

export const parsePnpmLock = (text: string): Parsed => {
  const root = readBlockYaml(text)
  if (root instanceof Malformed) return root
  if (!root.has("lockfileVersion") && !root.has("shrinkwrapVersion"))
    return new Malformed("no lockfileVersion")
  const entries: Array<LockEntry> = []
  for (const name of ["packages", "snapshots"]) {
    const section = mapAt(root, name)
    if (section !== null) read(section, entries)
    else if ((root.get(name) ?? "{}") !== "{}") return new Malformed(`\`${name}\` is not a map`)
  }
  return entries
}
