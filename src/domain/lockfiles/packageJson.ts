/**
 * package.json: as a manifest it states what is wanted (exact versions are hits by themselves, ranges
 * are not), as a file of an installed tree (`node_modules/x/package.json`) it states what is there.
 */
import { plainJson } from "./bunLock.ts"
import { isRecord, type Json, type LockEntry, locked, Malformed, type Parsed, recordOf } from "./lockEntry.ts"
import { isExactVersion, servedPackage, specTarget, splitSpec } from "./npmNames.ts"

const sections = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]

const wanted = (name: string, spec: string): LockEntry => {
  const real = specTarget(name, spec.trim())
  return { ecosystem: "npm", name: real.name, version: real.version, pinned: isExactVersion(real.version) }
}

export const readWanted = (map: Json, entries: Array<LockEntry>): void => {
  for (const [name, spec] of Object.entries(map))
    if (typeof spec === "string") entries.push(wanted(name, spec))
}

/** The package an override is about: the last part of `**` + `/a/b`, `a>b`, `b@^1`. */
const overridden = (key: string): string => {
  const last = key.slice(key.lastIndexOf(">") + 1).trim()
  const name = /(?:^|\/)((?:@[^/@]+\/)?[^/@]+)(?:@[^/]*)?$/.exec(last)?.[1] ?? last
  return splitSpec(name)?.name ?? name
}

/** Overrides nest in npm (`{ a: { ".": "1.0.0", b: "2.0.0" } }`) and are flat with paths elsewhere. */
export const readOverrides = (root: Json, entries: Array<LockEntry>): void => {
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

export const readManifest = (root: Json): Parsed => {
  const entries: Array<LockEntry> = []
  for (const section of sections) {
    const map = root[section]
    if (map === undefined || map === null) continue
    if (!isRecord(map)) return new Malformed(`\`${section}\` is not an object`)
    readWanted(map, entries)
  }
  readOverrides(recordOf(root["overrides"]), entries)
  readOverrides(recordOf(root["resolutions"]), entries)
  readOverrides(recordOf(recordOf(root["pnpm"])["overrides"]), entries)
  const workspaces = recordOf(root["workspaces"])
  for (const from of [root, workspaces]) {
    readWanted(recordOf(from["catalog"]), entries)
    for (const catalog of Object.values(recordOf(from["catalogs"]))) readWanted(recordOf(catalog), entries)
  }
  return entries
}

export const parsePackageJson = (text: string): Parsed => {
  const root: unknown = JSON.parse(text)
  return isRecord(root) ? readManifest(root) : new Malformed("not a JSON object")
}

/** pnpm and bun keep `NAME@VERSION` in the folder's name (`+` for `/`), whatever the package says of itself. */
const keptAs =
  /(?:^|\/)node_modules\/\.(?:pnpm|bun)\/([^/]+)\/node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/

const storedVersion = (path: string): LockEntry | null => {
  const match = keptAs.exec(path)
  if (match === null) return null
  const split = splitSpec(match[1]!.replaceAll("+", "/"))
  const version = split?.rest.split(/[_(]/, 1)[0]
  // others in that folder are links to what it depends on
  if (split === null || split.name !== match[2] || version === undefined || !isExactVersion(version))
    return null
  return locked("npm", split.name, version)
}

export const parseInstalledPackage = (text: string, path: string): Parsed => {
  const stored = storedVersion(path)
  const entries = stored === null ? [] : [stored]
  const root: unknown = JSON.parse(text)
  if (!isRecord(root)) return new Malformed("not a JSON object", entries)
  const name = root["name"]
  const version = root["version"]
  return typeof name === "string" && typeof version === "string"
    ? [...entries, locked("npm", name, version)]
    : entries
}

/** deno.json and import maps: `imports` of `npm:axios@1.14.1` or from a CDN that serves npm, comments allowed. */
export const parseDenoJson = (text: string): Parsed => {
  const root: unknown = JSON.parse(plainJson(text))
  if (!isRecord(root)) return new Malformed("not a JSON object")
  const entries: Array<LockEntry> = []
  const maps = [root["imports"], ...Object.values(recordOf(root["scopes"]))]
  for (const spec of maps.flatMap((map) => Object.values(recordOf(map)))) {
    if (typeof spec !== "string") continue
    const target = /^npm:\/?((?:@[^/@]+\/)?[^/@]+@[^/]+)/.exec(spec)?.[1] ?? servedPackage(spec)
    if (target !== undefined) entries.push(wanted("", `npm:${target}`))
  }
  return entries
}

/** True for the package.json of an installed package, not for files deeper inside it. */
export const isInstalledPackage = (path: string): boolean =>
  /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@][^/]*\/package\.json$/.test(path)
