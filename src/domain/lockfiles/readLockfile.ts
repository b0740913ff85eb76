/**
 * From a file's path and text to what it says is installed. Total: a text that a parser refuses or
 * throws on, that is binary or that holds conflict markers is `Unreadable` with the reason; a file that
 * is no lockfile or manifest is `NotALockfile`. The path decides the format, never the content.
 */
import { parseBunLock, parseDenoLock } from "./bunLock.ts"
import { parseComposerJson, parseComposerLock } from "./composer.ts"
import { parseGoMod, parseGoSum } from "./goModules.ts"
import {
  parseGemfileLock,
  parseGradleLock,
  parseMixLock,
  parseNugetLock,
  parsePubspecLock,
} from "./lineLocks.ts"
import { type LockReading, Malformed, type Parsed } from "./lockEntry.ts"
import { parseNpmLock } from "./npmLock.ts"
import { isInstalledPackage, parseInstalledPackage, parsePackageJson } from "./packageJson.ts"
import { parsePnpmLock } from "./pnpmLock.ts"
import { parseRequirements } from "./requirements.ts"
import {
  parseCargoToml,
  parsePackageList,
  parsePipfile,
  parsePipfileLock,
  parsePyproject,
} from "./tomlLocks.ts"
import { parseYarnLock } from "./yarnLock.ts"

type Parser = (text: string) => Parsed

const byName: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ["package-lock.json", parseNpmLock],
  ["npm-shrinkwrap.json", parseNpmLock],
  [".package-lock.json", parseNpmLock],
  ["package.json", parsePackageJson],
  ["yarn.lock", parseYarnLock],
  ["pnpm-lock.yaml", parsePnpmLock],
  ["bun.lock", parseBunLock],
  ["deno.lock", parseDenoLock],
  ["Cargo.lock", parsePackageList("crates.io", "package")],
  ["Cargo.toml", parseCargoToml],
  ["go.mod", parseGoMod],
  ["go.sum", parseGoSum],
  ["poetry.lock", parsePackageList("pypi", "package")],
  ["uv.lock", parsePackageList("pypi", "package")],
  ["pdm.lock", parsePackageList("pypi", "package")],
  ["pylock.toml", parsePackageList("pypi", "packages")],
  ["pyproject.toml", parsePyproject],
  ["Pipfile", parsePipfile],
  ["Pipfile.lock", parsePipfileLock],
  ["composer.lock", parseComposerLock],
  ["composer.json", parseComposerJson],
  ["Gemfile.lock", parseGemfileLock],
  ["gems.locked", parseGemfileLock],
  ["mix.lock", parseMixLock],
  ["pubspec.lock", parsePubspecLock],
  ["gradle.lockfile", parseGradleLock],
  ["packages.lock.json", parseNugetLock],
])

const byPattern: ReadonlyArray<readonly [RegExp, Parser]> = [
  [/^(?:.*[-_.])?(?:requirements|constraints)(?:[-_.].*)?\.(?:txt|in)$/i, parseRequirements],
  [/^pylock\.[^/]+\.toml$/, parsePackageList("pypi", "packages")],
  [/^pnpm-lock\.[^/]+\.yaml$/, parsePnpmLock],
]

const requirementsFolder = /(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/i
const conflict = /^(?:<{7} |>{7} |={7}$)/m

const parserOf = (path: string, name: string): Parser | undefined => {
  if (name === "package.json" && path.includes("node_modules/"))
    return isInstalledPackage(path) ? parseInstalledPackage : undefined
  return (
    byName.get(name) ??
    byPattern.find(([pattern]) => pattern.test(name))?.[1] ??
    (requirementsFolder.test(path) ? parseRequirements : undefined)
  )
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

/** True for every path that `readLockfile` has an answer for, "binary, cannot check" included. */
export const isLockfile = (path: string): boolean => {
  const posix = path.replaceAll("\\", "/")
  const name = nameOf(posix)
  return name === "bun.lockb" || parserOf(posix, name) !== undefined
}

export const readLockfile = (path: string, text: string): LockReading => {
  const posix = path.replaceAll("\\", "/")
  const kind = nameOf(posix)
  if (kind === "bun.lockb") return { _tag: "Unreadable", kind, reason: "binary, cannot check" }
  const parse = parserOf(posix, kind)
  if (parse === undefined) return { _tag: "NotALockfile" }
  if (text.includes("\0")) return { _tag: "Unreadable", kind, reason: "binary, cannot check" }
  const body = text.startsWith("\ufeff") ? text.slice(1) : text
  if (conflict.test(body)) return { _tag: "Unreadable", kind, reason: "holds conflict markers" }
  try {
    const parsed = parse(body)
    return parsed instanceof Malformed
      ? { _tag: "Unreadable", kind, reason: parsed.reason }
      : { _tag: "Read", kind, entries: parsed }
  } catch (error) {
    const said = error instanceof Error ? error.message.split("\n", 1)[0]! : String(error)
    return { _tag: "Unreadable", kind, reason: said.slice(0, 200) }
  }
}
