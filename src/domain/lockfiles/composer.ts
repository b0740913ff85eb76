/** composer.lock, composer.json and what is installed (`vendor/composer/installed.json`). Platform packages (`php`, `ext-*`) are not packages of a registry. */
import { isRecord, type LockEntry, listOf, locked, Malformed, type Parsed, recordOf } from "./lockEntry.ts"

export const parseComposerLock = (text: string): Parsed => {
  const root: unknown = JSON.parse(text)
  if (!isRecord(root) || !Array.isArray(root["packages"])) return new Malformed("no `packages` list")
  const entries: Array<LockEntry> = []
  for (const each of [...listOf(root["packages"]), ...listOf(root["packages-dev"])]) {
    const { name, version, dist } = recordOf(each)
    if (typeof name !== "string" || typeof version !== "string")
      return new Malformed("a package without name and version")
    entries.push(locked("packagist", name, version, undefined, recordOf(dist)["url"]))
  }
  return entries
}

/** Composer 1 writes the list alone. */
export const parseComposerInstalled = (text: string): Parsed => {
  const root: unknown = JSON.parse(text)
  return parseComposerLock(Array.isArray(root) ? JSON.stringify({ packages: root }) : text)
}

export const parseComposerJson = (text: string): Parsed => {
  const root: unknown = JSON.parse(text)
  if (!isRecord(root)) return new Malformed("not a JSON object")
  const entries: Array<LockEntry> = []
  for (const section of ["require", "require-dev"]) {
    for (const [name, spec] of Object.entries(recordOf(root[section]))) {
      if (typeof spec !== "string" || !name.includes("/")) continue
      const version = spec.trim()
      entries.push({
        ecosystem: "packagist",
        name,
        version,
        pinned: /^[=v]*\d+\.\d+\.\d+(?:\.\d+)?(?:-[\w.]+)?$/.test(version),
      })
    }
  }
  return entries
}
