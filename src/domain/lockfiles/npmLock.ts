/**
 * npm's lockfiles: package-lock.json and npm-shrinkwrap.json of versions 1, 2 and 3, and the hidden
 * `node_modules/.package-lock.json`. Both halves of a version 2 file are read, because npm 6 installs
 * from one and npm 7 from the other. Links and workspace members are not packages of a registry.
 */
import { isRecord, type Json, type LockEntry, locked, Malformed, type Parsed, recordOf } from "./lockEntry.ts"
import { fetchedInstead, unalias } from "./npmNames.ts"

const add = (entries: Array<LockEntry>, name: string, version: string, entry: Json): void => {
  const real = unalias(name, version)
  entries.push(locked("npm", real.name, real.version, entry["integrity"], entry["resolved"]))
  const instead = fetchedInstead(real.name, real.version, entry["resolved"] ?? real.version)
  if (instead !== null) entries.push(instead)
}

const folder = "node_modules/"

const readPackages = (packages: Json, entries: Array<LockEntry>): void => {
  for (const [path, entry] of Object.entries(packages)) {
    if (!isRecord(entry) || entry["link"] === true) continue
    const at = path.lastIndexOf(folder)
    const version = entry["version"]
    if (at === -1 || typeof version !== "string") continue
    const own = entry["name"]
    add(entries, typeof own === "string" ? own : path.slice(at + folder.length), version, entry)
  }
}

const readDependencies = (root: Json, entries: Array<LockEntry>): void => {
  const waiting: Array<Json> = [root]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const [name, entry] of Object.entries(next)) {
      if (!isRecord(entry)) continue
      const version = entry["version"]
      if (typeof version === "string") add(entries, name, version, entry)
      if (isRecord(entry["dependencies"])) waiting.push(entry["dependencies"])
    }
  }
}

export const parseNpmLock = (text: string): Parsed => {
  const root: unknown = JSON.parse(text)
  if (!isRecord(root)) return new Malformed("not a JSON object")
  const packages = root["packages"]
  const dependencies = root["dependencies"]
  if (root["lockfileVersion"] === undefined && packages === undefined && dependencies === undefined)
    return new Malformed("neither lockfileVersion nor packages nor dependencies")
  if (packages !== undefined && !isRecord(packages)) return new Malformed("`packages` is not an object")
  if (dependencies !== undefined && !isRecord(dependencies))
    return new Malformed("`dependencies` is not an object")
  const entries: Array<LockEntry> = []
  readPackages(recordOf(packages), entries)
  readDependencies(recordOf(dependencies), entries)
  return entries
}
