/**
 * Lockfiles of one package a line or block in a notation of their own: Gemfile.lock, mix.lock,
 * pubspec.lock, gradle.lockfile, and NuGet's packages.lock.json.
 */
import { mapAt, readBlockYaml, textAt } from "./blockYaml.ts"
import { isRecord, type LockEntry, locked, Malformed, type Parsed, recordOf } from "./lockEntry.ts"

const gem = /^ {4}([A-Za-z0-9._-]+) \(([^()\s]+)\)$/
/** The platform behind a gem's version is not part of it. */
const platform = /-(?:x86|x64|arm|aarch64|java|jruby|universal|mswin|mingw|ruby).*$/

export const parseGemfileLock = (text: string): Parsed => {
  const entries: Array<LockEntry> = []
  let section = ""
  let problem: string | null = null
  for (const each of text.split("\n")) {
    const row = each.trimEnd()
    if (row === "") continue
    if (!row.startsWith(" ")) {
      if (!/^[A-Z][A-Z ]*$/.test(row)) problem ??= `not a section: ${row.slice(0, 80)}`
      section = row
      continue
    }
    const match = section === "GEM" ? gem.exec(row) : null
    if (match !== null) entries.push(locked("rubygems", match[1]!, match[2]!.replace(platform, "")))
  }
  if (section === "") problem ??= "no section"
  return problem === null ? entries : new Malformed(problem, entries)
}

const wantedGem = /^\s*gem[\s(]+["']([A-Za-z0-9._-]+)["']\s*(?:,\s*["']([^"']*)["'])?/

/** Gemfile: a bare version is exact there. */
export const parseGemfile = (text: string): Parsed =>
  text.split("\n").flatMap((row): ReadonlyArray<LockEntry> => {
    const match = wantedGem.exec(row)
    if (match === null) return []
    const spec = match[2]?.trim() ?? ""
    const exact = /^(?:=\s*)?(\d[\w.]*)$/.exec(spec)?.[1]
    return [
      {
        ecosystem: "rubygems",
        name: match[1]!,
        version: exact ?? (spec || "*"),
        pinned: exact !== undefined,
      },
    ]
  })

const hexPackage = /^\s*"([^"]+)":\s*\{:hex,\s*:"?([A-Za-z0-9_]+)"?,\s*"([^"]+)",\s*"([0-9a-f]*)"/
const elixirEntry = /^\s*"[^"]+":\s*\{:(?:hex|git|path)\b/

export const parseMixLock = (text: string): Parsed => {
  const body = text.trim()
  if (!body.startsWith("%{") || !body.endsWith("}")) return new Malformed("not an Elixir map")
  const entries: Array<LockEntry> = []
  for (const row of body.slice(2, -1).split("\n")) {
    if (row.trim() === "") continue
    const match = hexPackage.exec(row)
    if (match !== null) entries.push(locked("hex", match[2]!, match[3]!, match[4]))
    else if (!elixirEntry.test(row)) return new Malformed(`not an entry: ${row.trim().slice(0, 80)}`)
  }
  return entries
}

export const parsePubspecLock = (text: string): Parsed => {
  const root = readBlockYaml(text)
  if (root instanceof Malformed) return root
  const packages = mapAt(root, "packages")
  if (packages === null) return root.has("packages") ? [] : new Malformed("no packages")
  const entries: Array<LockEntry> = []
  for (const name of packages.keys()) {
    const body = mapAt(packages, name)
    const version = body === null ? null : textAt(body, "version")
    if (body === null || version === null) return new Malformed(`no version for ${name.slice(0, 80)}`)
    if (textAt(body, "source") === "hosted" || !body.has("source")) entries.push(locked("pub", name, version))
  }
  return entries
}

export const parseGradleLock = (text: string): Parsed => {
  const entries: Array<LockEntry> = []
  let problem: string | null = null
  for (const each of text.split("\n")) {
    const row = each.trim()
    if (row === "" || row.startsWith("#") || row.startsWith("empty=")) continue
    // older Gradles write one file a configuration, without the list of those
    const match = /^([^:=\s]+:[^:=\s]+):([^:=\s]+)(?:=|$)/.exec(row)
    if (match === null) problem ??= `not a dependency: ${row.slice(0, 80)}`
    else entries.push(locked("maven", match[1]!, match[2]!))
  }
  return problem === null ? entries : new Malformed(problem, entries)
}

export const parseNugetLock = (text: string): Parsed => {
  const root: unknown = JSON.parse(text)
  if (!isRecord(root) || !isRecord(root["dependencies"])) return new Malformed("no `dependencies`")
  const entries: Array<LockEntry> = []
  for (const framework of Object.values(root["dependencies"])) {
    for (const [name, entry] of Object.entries(recordOf(framework))) {
      const { resolved, contentHash } = recordOf(entry)
      if (typeof resolved === "string") entries.push(locked("nuget", name, resolved, contentHash))
    }
  }
  return entries
}
