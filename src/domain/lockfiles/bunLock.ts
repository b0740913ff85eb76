/**
 * bun.lock (JSON with comments and trailing commas) and deno.lock. In bun's `packages` the first item of
 * each list is the real `name@version`, whatever alias it stands under. bun.lockb is binary: not readable.
 */
import { isRecord, type LockEntry, listOf, locked, Malformed, type Parsed, recordOf } from "./lockEntry.ts"
import { fetchedInstead, isExactVersion, servedPackage, splitSpec } from "./npmNames.ts"

const tokens = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|,(?=\s*[\]}])/g

/** Takes comments and trailing commas out, strings untouched. */
export const plainJson = (text: string): string =>
  text.replace(tokens, (token) => (token.startsWith('"') ? token : ""))

export const parseBunLock = (text: string): Parsed => {
  const root: unknown = JSON.parse(plainJson(text))
  if (!isRecord(root) || root["lockfileVersion"] === undefined) return new Malformed("no lockfileVersion")
  const packages = root["packages"]
  if (packages !== undefined && !isRecord(packages)) return new Malformed("`packages` is not an object")
  const entries: Array<LockEntry> = []
  for (const value of Object.values(recordOf(packages))) {
    const [spec, ...rest] = listOf(value)
    if (typeof spec !== "string") return new Malformed("a package without `name@version`")
    const split = splitSpec(spec)
    if (split === null) return new Malformed("a package without `name@version`")
    if (!isExactVersion(split.rest)) {
      const fetched = fetchedInstead("", "", split.rest)
      if (fetched !== null) entries.push(fetched)
      continue
    }
    const integrity = rest.find((each) => typeof each === "string" && /^sha\d+-/.test(each))
    entries.push(locked("npm", split.name, split.rest, integrity))
  }
  return entries
}

export const parseDenoLock = (text: string): Parsed => {
  const root: unknown = JSON.parse(text)
  if (!isRecord(root) || root["version"] === undefined) return new Malformed("no version")
  const own = recordOf(root["npm"])
  // version 2 keeps them one step deeper, version 3 under `packages`
  const npm = isRecord(own["packages"])
    ? own["packages"]
    : { ...recordOf(recordOf(root["packages"])["npm"]), ...own }
  const entries: Array<LockEntry> = []
  for (const [key, value] of Object.entries(npm)) {
    // `name@1.0.0_peer@2.0.0`: what follows the first underscore of the version is the peers.
    const split = splitSpec(key)
    const version = split?.rest.split("_", 1)[0]
    if (split === null || version === undefined) return new Malformed(`not a package: ${key.slice(0, 80)}`)
    if (isExactVersion(version))
      entries.push(locked("npm", split.name, version, recordOf(value)["integrity"]))
  }
  for (const address of Object.keys(recordOf(root["remote"]))) {
    const split = splitSpec(servedPackage(address) ?? "")
    if (split !== null && isExactVersion(split.rest))
      entries.push(locked("npm", split.name, split.rest, undefined, address))
  }
  return entries
}
