/**
 * Compares what a directory's manifest and lockfile want with what is installed. Pure, by package manager:
 * JavaScript by version, Python requirements by pinned version, Cargo and Go only by "wanted but not locked",
 * because their builds fetch by themselves.
 */
import { readLockfile } from "../../domain/lockfiles/readLockfile.ts"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { baseName, isManifest } from "../paths.ts"

export interface OutOfStep {
  readonly command: string
  /** What is wrong, one line each: `axios 1.6.0, locked 1.7.2`. */
  readonly differences: ReadonlyArray<string>
  /** Nothing of what is wanted is there: it was never installed here. */
  readonly bare: boolean
}
/** A string says why nothing can be said. */
export type Comparison = OutOfStep | string

type Manifest = ProbeAnswer<"manifest">
type Installed = ProbeAnswer<"installed">

const javascript: Readonly<Record<string, { readonly locked: string; readonly free: string }>> = {
  npm: { locked: "npm ci", free: "npm install" },
  pnpm: { locked: "pnpm install --frozen-lockfile", free: "pnpm install" },
  yarn: { locked: "yarn install", free: "yarn install" },
  bun: { locked: "bun install --frozen-lockfile", free: "bun install" },
}
const others: Readonly<Record<string, { readonly command: string; readonly installs: boolean }>> = {
  cargo: { command: "cargo fetch", installs: false },
  go: { command: "go mod download", installs: false },
  pip: { command: "pip install -r requirements.txt", installs: true },
  uv: { command: "uv sync", installs: true },
  poetry: { command: "poetry install", installs: true },
  pipenv: { command: "pipenv sync", installs: true },
  composer: { command: "composer install", installs: true },
  bundler: { command: "bundle install", installs: true },
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Registry dependencies a package.json asks for itself; links, files and workspaces are not compared. */
const declaredIn = (text: string): ReadonlyMap<string, string> | null => {
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch {
    return null
  }
  if (!isRecord(root)) return null
  const declared = new Map<string, string>()
  for (const section of ["dependencies", "devDependencies"]) {
    const map = root[section]
    if (!isRecord(map)) continue
    for (const [name, spec] of Object.entries(map)) {
      if (typeof spec === "string" && !spec.includes(":") && !spec.includes("/")) declared.set(name, spec)
    }
  }
  return declared
}

const lockedIn = (manifest: Manifest): ReadonlyMap<string, ReadonlySet<string>> | string | null => {
  const file = manifest.files.find((each) => !isManifest(each.path))
  if (file === undefined) return null
  const read = readLockfile(file.path, file.text)
  if (read._tag !== "Read") return `${baseName(file.path)} could not be read`
  const versions = new Map<string, Set<string>>()
  for (const entry of read.entries) {
    const known = versions.get(entry.name)
    if (known === undefined) versions.set(entry.name, new Set([entry.version]))
    else known.add(entry.version)
  }
  return versions
}

const compare = (
  wanted: Iterable<string>,
  locked: ReadonlyMap<string, ReadonlySet<string>> | null,
  installed: Installed | null,
) => {
  const unlocked: Array<string> = []
  const wrong: Array<string> = []
  let absent = 0
  let total = 0
  for (const name of wanted) {
    total += 1
    const versions = locked?.get(name)
    if (locked !== null && versions === undefined) unlocked.push(name)
    if (installed === null || !Object.hasOwn(installed, name)) continue
    const has = installed[name] ?? null
    if (has === null) {
      absent += 1
      wrong.push(`${name} is not installed`)
    } else if (versions !== undefined && !versions.has(has)) {
      wrong.push(`${name} ${has}, locked ${[...versions].join(" or ")}`)
    }
  }
  return { unlocked, wrong, bare: total > 0 && absent === total }
}

const compareJavascript = (manager: string, manifest: Manifest, installed: Installed): Comparison => {
  const file = manifest.files.find((each) => baseName(each.path) === "package.json")
  const declared = file === undefined ? null : declaredIn(file.text)
  if (declared === null) return "package.json could not be read"
  const locked = lockedIn(manifest)
  if (typeof locked === "string") return locked
  const { unlocked, wrong, bare } = compare(declared.keys(), locked, installed)
  const commands = javascript[manager]!
  const missing = unlocked.map((name) => `${name} is not in the lockfile`)
  return {
    command: locked === null || unlocked.length > 0 ? commands.free : commands.locked,
    differences: [
      ...missing,
      ...wrong.filter((line) => !unlocked.some((name) => line.startsWith(`${name} `))),
    ],
    bare,
  }
}

const compareOther = (manager: string, manifest: Manifest, installed: Installed | null): Comparison => {
  const known = others[manager]!
  const file = manifest.files.find((each) => isManifest(each.path))
  if (file === undefined) return "there is no manifest"
  const wanted = readLockfile(file.path, file.text)
  if (wanted._tag !== "Read") return `${baseName(file.path)} could not be read`
  const names = new Set(wanted.entries.map((entry) => entry.name))
  const pinned = new Map(
    wanted.entries.flatMap((entry) =>
      entry.pinned ? [[entry.name, new Set([entry.version])] as const] : [],
    ),
  )
  const locked = lockedIn(manifest)
  if (typeof locked === "string") return locked
  if (!known.installs) {
    const { unlocked } = compare(names, locked, null)
    return {
      command: known.command,
      differences: unlocked.map((name) => `${name} is not in the lockfile`),
      bare: false,
    }
  }
  const { unlocked, wrong, bare } = compare(names, locked, installed)
  const against = locked === null ? compare(pinned.keys(), pinned, installed).wrong : wrong
  const missing = locked === null ? [] : unlocked.map((name) => `${name} is not in the lockfile`)
  return { command: known.command, differences: [...new Set([...missing, ...against, ...wrong])], bare }
}

export const outOfStep = (manifest: Manifest, installed: Installed): Comparison => {
  const { manager } = manifest
  if (manager === null) return "no package manager is known here"
  if (Object.hasOwn(javascript, manager)) return compareJavascript(manager, manifest, installed)
  if (Object.hasOwn(others, manager)) return compareOther(manager, manifest, installed)
  return `nothing is known about ${manager}`
}
