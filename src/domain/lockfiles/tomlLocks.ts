/**
 * Lockfiles and manifests written in TOML: Cargo.lock, poetry.lock, uv.lock, pdm.lock and pylock.toml
 * (a list of packages with name and version), and the manifests Cargo.toml, pyproject.toml, pixi.toml, Pipfile.
 */
import { Result } from "effect"
import type { Ecosystem } from "../compromised/compromised.ts"
import { parseToml } from "../toml.ts"
import {
  isRecord,
  type Json,
  type LockEntry,
  listOf,
  locked,
  Malformed,
  type Parsed,
  recordOf,
} from "./lockEntry.ts"
import { pythonRequirement } from "./requirements.ts"

type Table = Readonly<Record<string, unknown>>

/** A parser of a whole file out of one of its root table. */
const fromToml =
  (read: (root: Table) => Parsed) =>
  (text: string): Parsed => {
    const parsed = parseToml(text)
    if (Result.isSuccess(parsed)) return read(parsed.success.value)
    const { message, line, column } = parsed.failure
    return new Malformed(`${message} (${line}:${column})`)
  }

const ownSources = ["virtual", "editable", "directory", "path"]

/**
 * uv names the kind of its source by the key, poetry by `type`, pylock.toml beside name and version; Cargo
 * names none for what it finds in a folder.
 */
const isOwn = (ecosystem: Ecosystem, entry: Table): boolean => {
  if (ecosystem === "crates.io") return entry["source"] === undefined
  const source = recordOf(entry["source"])
  return (
    ownSources.some((own) => source[own] !== undefined) ||
    source["type"] === "directory" ||
    isRecord(entry["directory"])
  )
}

export const parsePackageList = (ecosystem: Ecosystem, key: string): ((text: string) => Parsed) =>
  fromToml((root) => {
    const list = root[key]
    if (list === undefined) {
      const known = ["version", "metadata", "lock-version"].some((each) => root[each] !== undefined)
      return known ? [] : new Malformed(`no [[${key}]]`)
    }
    const entries: Array<LockEntry> = []
    for (const each of listOf(list)) {
      const entry = recordOf(each)
      const { name, version, source, checksum } = entry
      if (typeof name !== "string") return new Malformed("a package without a name")
      const own = isOwn(ecosystem, entry)
      if (own) entries.push({ ecosystem, name, version: "*", pinned: false, own })
      else if (typeof version === "string") entries.push(locked(ecosystem, name, version, checksum, source))
    }
    return entries
  })

const versionOf = (value: unknown): string | null => {
  if (typeof value === "string") return value.trim()
  const version = recordOf(value)["version"]
  return typeof version === "string" ? version.trim() : null
}

/** `name = "spec"` tables: `exact` tells which spec means one version, and which one. */
const readTable = (
  ecosystem: Ecosystem,
  table: unknown,
  exact: (spec: string) => string | undefined,
  entries: Array<LockEntry>,
): void => {
  for (const [alias, value] of Object.entries(recordOf(table))) {
    const spec = versionOf(value)
    if (spec === null || alias === "python") continue
    const real = recordOf(value)["package"]
    const version = exact(spec)
    entries.push({
      ecosystem,
      name: typeof real === "string" ? real : alias,
      version: version ?? (spec || "*"),
      pinned: version !== undefined,
    })
  }
}

const readStrings = (list: unknown, entries: Array<LockEntry>): void => {
  for (const each of listOf(list)) {
    const entry = typeof each === "string" ? pythonRequirement(each) : null
    if (entry !== null) entries.push(entry)
  }
}

const pythonExact = (spec: string): string | undefined => /^={2,3}\s*([^\s,;*]+)$/.exec(spec)?.[1]
/** In poetry's tables a bare version is exact. */
const poetryExact = (spec: string): string | undefined =>
  /^(?:={1,3}\s*)?(\d[0-9A-Za-z.+!-]*)$/.exec(spec)?.[1]
const cargoExact = (spec: string): string | undefined => /^=\s*(\d+\.\d+\.\d+\S*)$/.exec(spec)?.[1]

const readPixi = (root: Table, entries: Array<LockEntry>): void => {
  for (const part of [root, ...Object.values(recordOf(root["feature"]))])
    readTable("pypi", recordOf(part)["pypi-dependencies"], pythonExact, entries)
}

export const parsePyproject = fromToml((root) => {
  const entries: Array<LockEntry> = []
  const project = recordOf(root["project"])
  const tool = recordOf(root["tool"])
  const poetry = recordOf(tool["poetry"])
  readStrings(project["dependencies"], entries)
  readStrings(recordOf(root["build-system"])["requires"], entries)
  const uv = recordOf(tool["uv"])
  for (const key of ["dev-dependencies", "constraint-dependencies", "override-dependencies"])
    readStrings(uv[key], entries)
  const groups = [
    project["optional-dependencies"],
    root["dependency-groups"],
    recordOf(tool["pdm"])["dev-dependencies"],
  ]
  for (const group of groups) for (const list of Object.values(recordOf(group))) readStrings(list, entries)
  readTable("pypi", poetry["dependencies"], poetryExact, entries)
  readTable("pypi", poetry["dev-dependencies"], poetryExact, entries)
  for (const group of Object.values(recordOf(poetry["group"])))
    readTable("pypi", recordOf(group)["dependencies"], poetryExact, entries)
  readPixi(recordOf(tool["pixi"]), entries)
  return entries
})

/** pixi.toml: what stands under `pypi-dependencies`; conda's own packages are of another registry. */
export const parsePixi = fromToml((root) => {
  const entries: Array<LockEntry> = []
  readPixi(root, entries)
  return entries
})

export const parsePipfile = fromToml((root) => {
  const entries: Array<LockEntry> = []
  for (const [section, table] of Object.entries(root))
    if (!["source", "requires", "scripts", "pipenv"].includes(section))
      readTable("pypi", table, pythonExact, entries)
  return entries
})

export const parsePipfileLock = (text: string): Parsed => {
  const root: unknown = JSON.parse(text)
  if (!isRecord(root) || !isRecord(root["_meta"])) return new Malformed("no `_meta`")
  const entries: Array<LockEntry> = []
  for (const [section, table] of Object.entries(root))
    if (section !== "_meta") readTable("pypi", table, pythonExact, entries)
  return entries
}

const cargoSections = ["dependencies", "dev-dependencies", "build-dependencies"]

export const parseCargoToml = fromToml((root) => {
  const entries: Array<LockEntry> = []
  const readAll = (from: Json): void => {
    for (const section of cargoSections) readTable("crates.io", from[section], cargoExact, entries)
  }
  readAll(root)
  readAll(recordOf(root["workspace"]))
  for (const target of Object.values(recordOf(root["target"]))) readAll(recordOf(target))
  return entries
})
