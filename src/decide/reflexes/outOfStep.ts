/**
 * Compares what a directory's manifest and lockfile want with what is installed. Pure, by package manager:
 * JavaScript by version and by the spec that was locked, Python requirements by pinned version, Cargo, Go and Bundler
 * only by "wanted but not locked", because Cargo and Go fetch as they build and gems are kept outside.
 */
import { readLockfile } from "../../domain/lockfiles/readLockfile.ts"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { baseName, dirName, isManifest } from "../paths.ts"
import { lockedSpecs } from "./lockedSpecs.ts"

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
  yarn: { locked: "yarn install --immutable", free: "yarn install" },
  bun: { locked: "bun install --frozen-lockfile", free: "bun install" },
}
interface Ways {
  /** Installs what is locked, and changes no lockfile. */
  readonly locked: string
  /** Also locks what is wanted and not locked yet. */
  readonly free: string
  readonly installs: boolean
}
const others: Readonly<Record<string, Ways>> = {
  cargo: { locked: "cargo fetch --locked", free: "cargo fetch", installs: false },
  go: { locked: "go mod download", free: "go mod tidy", installs: false },
  pip: {
    locked: "pip install -r requirements.txt",
    free: "pip install -r requirements.txt",
    installs: true,
  },
  uv: { locked: "uv sync --frozen", free: "uv sync", installs: true },
  poetry: { locked: "poetry install", free: "poetry lock && poetry install", installs: true },
  pdm: { locked: "pdm sync", free: "pdm install", installs: true },
  pipenv: { locked: "pipenv sync", free: "pipenv install", installs: true },
  composer: { locked: "composer install", free: "composer update", installs: true },
  bundler: { locked: "bundle install", free: "bundle install", installs: false },
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The first yarn knows another word for it. */
const wayOf = (manager: string, lockfile: string | undefined) =>
  manager === "yarn" && lockfile !== undefined && !/^__metadata:/m.test(lockfile)
    ? { locked: "yarn install --frozen-lockfile", free: "yarn install" }
    : javascript[manager]!

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

/** The versions of each name; none for what stands in a folder of the user's own, which any version may. */
type Locked = ReadonlyMap<string, ReadonlySet<string> | null>

const lockedIn = (manifest: Manifest): Locked | string | null => {
  const file = manifest.files.find((each) => !isManifest(each.path))
  if (file === undefined) return null
  const read = readLockfile(file.path, file.text)
  if (read._tag !== "Read") return `${baseName(file.path)} could not be read`
  const versions = new Map<string, Set<string> | null>()
  for (const entry of read.entries) {
    const known = versions.get(entry.name)
    if (entry.own === true || known === null) versions.set(entry.name, null)
    else if (known === undefined) versions.set(entry.name, new Set([entry.version]))
    else known.add(entry.version)
  }
  return versions
}

const compare = (wanted: Iterable<string>, locked: Locked | null, installed: Installed | null) => {
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
    } else if (versions !== undefined && versions !== null && !versions.has(has)) {
      wrong.push(`${name} ${has}, locked ${[...versions].join(" or ")}`)
    }
  }
  return { unlocked, wrong, bare: total > 0 && absent === total }
}

/** `dir` as seen from the folder of `file`. */
const from = (file: string, dir: string): string => {
  const folder = dirName(file)
  if (folder === dir) return "."
  return folder === "." ? dir : dir.startsWith(`${folder}/`) ? dir.slice(folder.length + 1) : dir
}

const compareJavascript = (
  manager: string,
  manifest: Manifest,
  installed: Installed,
  dir: string,
): Comparison => {
  const file = manifest.files.find((each) => baseName(each.path) === "package.json")
  const declared = file === undefined ? null : declaredIn(file.text)
  if (declared === null) return "package.json could not be read"
  const locked = lockedIn(manifest)
  if (typeof locked === "string") return locked
  const { unlocked, wrong, bare } = compare(declared.keys(), locked, installed)
  const lockfile = manifest.files.find((each) => !isManifest(each.path))
  const overridden = /"(?:resolutions|overrides)"\s*:/.test(file!.text)
  const isLockedFor =
    lockfile === undefined ? null : lockedSpecs(manager, lockfile.text, from(lockfile.path, dir), overridden)
  const otherwise = [...declared].filter(
    ([name, spec]) => !unlocked.includes(name) && isLockedFor?.(name, spec) === false,
  )
  const commands = wayOf(manager, lockfile?.text)
  const named = new Set([...unlocked, ...otherwise.map(([name]) => name)])
  return {
    command: locked === null || named.size > 0 ? commands.free : commands.locked,
    differences: [
      ...unlocked.map((name) => `${name} is not in the lockfile`),
      ...otherwise.map(([name, spec]) => `${name} ${spec} is wanted, and the lockfile is of another range`),
      ...wrong.filter((line) => !named.has(line.split(" ", 1)[0]!)),
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
      command: known.free,
      differences: unlocked.map((name) => `${name} is not in the lockfile`),
      bare: false,
    }
  }
  const { unlocked, wrong, bare } = compare(names, locked, installed)
  const against = locked === null ? compare(pinned.keys(), pinned, installed).wrong : wrong
  const missing = locked === null ? [] : unlocked.map((name) => `${name} is not in the lockfile`)
  return {
    command: missing.length > 0 ? known.free : known.locked,
    differences: [...new Set([...missing, ...against, ...wrong])],
    bare,
  }
}

/** Which gems the lockfile was made for: its own list, wherever each comes from. */
const compareBundler = (manifest: Manifest): Comparison => {
  const gemfile = manifest.files.find((each) => baseName(each.path) === "Gemfile")
  const lock = manifest.files.find((each) => baseName(each.path) === "Gemfile.lock")
  if (gemfile === undefined) return "there is no manifest"
  if (lock === undefined) return "there is no lockfile"
  // what stands in a condition may not be wanted here
  if (/^\s*(?:if|unless|case|eval_gemfile|gemspec)\b/m.test(gemfile.text)) return "the Gemfile is a program"
  const wanted = readLockfile("Gemfile", gemfile.text)
  const known = new Set(
    [
      ...(/^DEPENDENCIES\r?\n((?: {2}.*(?:\r?\n|$))*)/m.exec(lock.text)?.[1] ?? "").matchAll(
        /^ {2}([^\s!(]+)/gm,
      ),
    ].map((match) => match[1]!),
  )
  if (wanted._tag !== "Read" || known.size === 0) return "Gemfile.lock could not be read"
  return {
    command: others["bundler"]!.free,
    differences: wanted.entries.flatMap(({ name }) =>
      known.has(name) ? [] : [`${name} is not in the lockfile`],
    ),
    bare: false,
  }
}

/** `dir`: the manifest's folder, relative to the workspace. */
export const outOfStep = (manifest: Manifest, installed: Installed, dir: string): Comparison => {
  const { manager } = manifest
  if (manager === null) return "no package manager is known here"
  if (Object.hasOwn(javascript, manager)) return compareJavascript(manager, manifest, installed, dir)
  if (manager === "bundler") return compareBundler(manifest)
  if (Object.hasOwn(others, manager)) return compareOther(manager, manifest, installed)
  return `nothing is known about ${manager}`
}
