/**
 * From a file's path and text to what it says is installed. Total: a text that a parser refuses or
 * throws on, that is binary or that holds conflict markers is `Unreadable` with the reason and with what could be
 * read all the same; a file that is no lockfile or manifest is `NotALockfile`. The path decides the format, never
 * the content.
 */
import { parseBunLock, parseDenoLock } from "./bunLock.ts"
import { parseComposerInstalled, parseComposerJson, parseComposerLock } from "./composer.ts"
import { parseGoMod, parseGoSum, parseGoWork, parseVendoredModules } from "./goModules.ts"
import {
  parseGemfile,
  parseGemfileLock,
  parseGradleLock,
  parseMixLock,
  parseNugetLock,
  parsePubspecLock,
} from "./lineLocks.ts"
import { type LockEntry, type LockReading, Malformed, type Parsed } from "./lockEntry.ts"
import { parseNpmLock } from "./npmLock.ts"
import { closedJson, sidesOf, withoutEnd } from "./mended.ts"
import { isInstalledPackage, parseDenoJson, parseInstalledPackage, parsePackageJson } from "./packageJson.ts"
import { parsePnpmLock } from "./pnpmLock.ts"
import { parsePackageYaml, parsePnpmWorkspace } from "./pnpmWorkspace.ts"
import {
  parseCondaEnvironment,
  parseCondaLock,
  parsePinnedStrings,
  parsePythonMetadata,
  parseRequirements,
} from "./requirements.ts"
import {
  parseCargoToml,
  parsePackageList,
  parsePipfile,
  parsePipfileLock,
  parsePixi,
  parsePyproject,
} from "./tomlLocks.ts"
import { parseYarnLock, parseYarnState } from "./yarnLock.ts"

type Parser = (text: string, path: string) => Parsed

const byName: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ["package-lock.json", parseNpmLock],
  ["npm-shrinkwrap.json", parseNpmLock],
  [".package-lock.json", parseNpmLock],
  ["package.json", parsePackageJson],
  ["yarn.lock", parseYarnLock],
  ["pnpm-lock.yaml", parsePnpmLock],
  ["shrinkwrap.yaml", parsePnpmLock],
  ["pnpm-workspace.yaml", parsePnpmWorkspace],
  [".yarnrc.yml", parsePnpmWorkspace],
  ["bun.lock", parseBunLock],
  ["package.yaml", parsePackageYaml],
  [".yarn-state.yml", parseYarnState],
  ["import_map.json", parseDenoJson],
  ["importmap.json", parseDenoJson],
  ["deno.json", parseDenoJson],
  ["deno.jsonc", parseDenoJson],
  ["deno.lock", parseDenoLock],
  ["Cargo.lock", parsePackageList("crates.io", "package")],
  ["Cargo.toml", parseCargoToml],
  ["go.mod", parseGoMod],
  ["go.sum", parseGoSum],
  ["go.work", parseGoWork],
  ["go.work.sum", parseGoSum],
  ["poetry.lock", parsePackageList("pypi", "package")],
  ["uv.lock", parsePackageList("pypi", "package")],
  ["pdm.lock", parsePackageList("pypi", "package")],
  ["pylock.toml", parsePackageList("pypi", "packages")],
  ["pyproject.toml", parsePyproject],
  ["pixi.toml", parsePixi],
  ["Pipfile", parsePipfile],
  ["Pipfile.lock", parsePipfileLock],
  ["setup.py", parsePinnedStrings],
  ["setup.cfg", parsePinnedStrings],
  ["environment.yml", parseCondaEnvironment],
  ["environment.yaml", parseCondaEnvironment],
  ["conda-lock.yml", parseCondaLock],
  ["pixi.lock", parseCondaLock],
  ["composer.lock", parseComposerLock],
  ["composer.json", parseComposerJson],
  ["Gemfile", parseGemfile],
  ["gems.rb", parseGemfile],
  ["Gemfile.lock", parseGemfileLock],
  ["gems.locked", parseGemfileLock],
  ["mix.lock", parseMixLock],
  ["pubspec.lock", parsePubspecLock],
  ["packages.lock.json", parseNugetLock],
])

const byPattern: ReadonlyArray<readonly [RegExp, Parser]> = [
  [/^(?:.*[-_.])?(?:requirements|constraints)(?:[-_.].*)?\.(?:txt|in|lock)$/i, parseRequirements],
  [/^pylock\.[^/]+\.toml$/, parsePackageList("pypi", "packages")],
  [/^pnpm-lock\.[^/]+\.yaml$/, parsePnpmLock],
  [/\.lockfile$/, parseGradleLock],
]

/** Known by where they stand. */
const byPlace: ReadonlyArray<readonly [RegExp, Parser]> = [
  [/(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/i, parseRequirements],
  [/(?:^|\/)node_modules\/\.pnpm\/lock\.yaml$/, parsePnpmLock],
  [/(?:^|\/)vendor\/composer\/installed\.json$/, parseComposerInstalled],
  [/(?:^|\/)vendor\/modules\.txt$/, parseVendoredModules],
  [/\.dist-info\/METADATA$|\.egg-info\/PKG-INFO$/, parsePythonMetadata],
]
const conflict = /^(?:<{7} |>{7} |={7}\r?$)/m

const parserOf = (path: string, name: string): Parser | undefined => {
  if (name === "package.json" && path.includes("node_modules/"))
    return isInstalledPackage(path) ? parseInstalledPackage : undefined
  return (
    byName.get(name) ??
    byPattern.find(([pattern]) => pattern.test(name))?.[1] ??
    byPlace.find(([pattern]) => pattern.test(path))?.[1]
  )
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

/** True for every path that `readLockfile` has an answer for, "binary, cannot check" included. */
export const isLockfile = (path: string): boolean => {
  const posix = path.replaceAll("\\", "/")
  const name = nameOf(posix)
  return name === "bun.lockb" || parserOf(posix, name) !== undefined
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message.split("\n", 1)[0]! : String(error)).slice(0, 200)

/** Entries and, where it was not understood whole, why. */
const attempt = (
  parse: Parser,
  text: string,
  path: string,
): { entries: ReadonlyArray<LockEntry>; reason: string | null } => {
  try {
    const parsed = parse(text, path)
    return parsed instanceof Malformed
      ? { entries: parsed.entries, reason: parsed.reason }
      : { entries: parsed, reason: null }
  } catch (error) {
    return { entries: [], reason: messageOf(error) }
  }
}

/** What can be read of a text that is broken off, or in conflict, where its parser takes all or nothing. */
const mended = (parse: Parser, text: string, path: string): ReadonlyArray<LockEntry> => {
  const sides = sidesOf(text)
  return (sides.length > 1 ? sides : [text]).flatMap((side) => {
    const whole = attempt(parse, side, path)
    if (whole.reason === null || whole.entries.length > 0) return whole.entries
    const closed = closedJson(side)
    for (const shorter of closed === null ? withoutEnd(side) : [closed]) {
      const { entries } = attempt(parse, shorter, path)
      if (entries.length > 0) return entries
    }
    return []
  })
}

/** PowerShell writes `pip freeze > requirements.txt` in UTF-16; read as UTF-8 every second character is NUL. */
const withoutNul = (text: string): string | null => {
  const head = text.slice(0, 400)
  const nul = head.split("\0").length - 1
  return nul * 2 >= head.length - 4 ? text.replace(/^\ufffd+/, "").replaceAll("\0", "") : null
}

export const readLockfile = (path: string, text: string): LockReading => {
  const posix = path.replaceAll("\\", "/")
  const kind = nameOf(posix)
  if (kind === "bun.lockb") return { _tag: "Unreadable", kind, reason: "binary, cannot check", entries: [] }
  const parse = parserOf(posix, kind)
  if (parse === undefined) return { _tag: "NotALockfile" }
  const plain = text.includes("\0") ? withoutNul(text) : text
  if (plain === null) return { _tag: "Unreadable", kind, reason: "binary, cannot check", entries: [] }
  const body = plain.startsWith("\ufeff") ? plain.slice(1) : plain
  const inConflict = conflict.test(body)
  const read = inConflict ? { entries: [], reason: "holds conflict markers" } : attempt(parse, body, posix)
  if (read.reason === null) return { _tag: "Read", kind, entries: read.entries }
  const entries = read.entries.length > 0 ? read.entries : mended(parse, body, posix)
  return { _tag: "Unreadable", kind, reason: read.reason, entries }
}
