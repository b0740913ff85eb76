/**
 * package.json: as a manifest it states what is wanted (exact versions are hits by themselves, ranges
 * are not), as a file of an installed tree (`node_modules/x/package.json`) it states what is there.
 */
import { isRecord, type Json, type LockEntry, locked, Malformed, type Parsed, recordOf } from "./lockEntry.ts"
import { isExactVersion, splitSpec, unalias } from "./npmNames.ts"

const sections = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]

const wanted = (name: string, spec: string): LockEntry => {
  const real = unalias(name, spec.trim())
  return { ecosystem: "npm", name: real.name, version: real.version, pinned: isExactVersion(real.version) }
}

/** The package an override is about: the last part of `**` + `/a/b`, `a>b`, `b@^1`. */
const overridden = (key: string): string => {
  const last = key.slice(key.lastIndexOf(">") + 1).trim()
  const name = /(?:^|\/)((?:@[^/@]+\/)?[^/@]+)(?:@[^/]*)?$/.exec(last)?.[1] ?? last
  return splitSpec(name)?.name ?? name
}

/** Overrides nest in npm (`{ a: { ".": "1.0.0", b: "2.0.0" } }`) and are flat with paths elsewhere. */
const readOverrides = (root: Json, entries: Array<LockEntry>): void => {
  const waiting: Array<{ readonly under: string; readonly map: Json }> = [{ under: "", map: root }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const [key, value] of Object.entries(next.map)) {
      const name = key === "." ? next.under : overridden(key)
      if (isRecord(value)) waiting.push({ under: name, map: value })
      else if (typeof value === "string" && name !== "") {
        const entry = wanted(name, value)
        if (entry.pinned) entries.push(entry)
      }
    }
  }
}

export const parsePackageJson = (text: string): Parsed => {
  const root: unknown = JSON.parse(text)
  if (!isRecord(root)) return new Malformed("not a JSON object")
  const entries: Array<LockEntry> = []
  for (const section of sections) {
    const map = root[section]
    if (map === undefined || map === null) continue
    if (!isRecord(map)) return new Malformed(`\`${section}\` is not an object`)
    for (const [name, spec] of Object.entries(map))
      if (typeof spec === "string") entries.push(wanted(name, spec))
  }
  readOverrides(recordOf(root["overrides"]), entries)
  readOverrides(recordOf(root["resolutions"]), entries)
  readOverrides(recordOf(recordOf(root["pnpm"])["overrides"]), entries)
  return entries
}

export const parseInstalledPackage = (text: string): Parsed => {
  const root: unknown = JSON.parse(text)
  if (!isRecord(root)) return new Malformed("not a JSON object")
  const name = root["name"]
  const version = root["version"]
  return typeof name === "string" && typeof version === "string" ? [locked("npm", name, version)] : []
}

/** True for the package.json of an installed package, not for files deeper inside it. */
export const isInstalledPackage = (path: string): boolean =>
  /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@][^/]*\/package\.json$/.test(path)
