/**
 * The files of a folder as git would see them: every `.gitignore` on the way, `info/exclude` and the user's global
 * ignores honoured, git's own folder never entered, links not followed.
 * Invariants: names are bytes inside, text only outside; at most `maxEntries` are looked at, and the end is said; each
 * folder is opened in the open one above it, so that none swapped for a link on the way leads outside.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs"
import { readFile, readdir } from "node:fs/promises"
import { join, relative } from "node:path"
import { isIgnored, noRules, withPatterns, type IgnoreRules } from "../domain/ignore.ts"
import { nativeName } from "./pathNames.ts"
import { inFolderSync, openedFolder, prefixOf } from "./paths.ts"

const maxEntries = 200_000

/** Deeper ones are left out: each open folder takes a descriptor. */
const deepest = 128
const maxPatterns = 1024 * 1024

export interface WalkedFile {
  /** Relative to the workspace, `/`-separated; bytes that are not UTF-8 appear as U+FFFD. */
  readonly path: string
}

const bytesOf = (text: string): string => Buffer.from(text, "utf8").toString("latin1")
const textOf = (bytes: string): string => Buffer.from(bytes, "latin1").toString("utf8")

/** Patterns of a regular file of this name; a link or a pipe has none, as git sees it. */
const patternsIn = (entry: string): string | null => {
  let fd: number
  try {
    fd = openSync(entry, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return null
  }
  try {
    const found = fstatSync(fd)
    return found.isFile() && found.size <= maxPatterns ? readFileSync(fd, "latin1") : null
  } catch {
    return null
  } finally {
    closeSync(fd)
  }
}

/** The same by a real path in the workspace. */
const patternsAt = (workspace: string, path: string): string | null => {
  try {
    return inFolderSync(path, [workspace], patternsIn)
  } catch {
    return null
  }
}

const add = (rules: IgnoreRules, folder: string, text: string | null): IgnoreRules =>
  text === null ? rules : withPatterns(rules, folder, text)

const asFolder = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** A folder in an open one; null where it is none, or none any more. */
const openIn = (above: string, name: Buffer): number | null => {
  try {
    return openSync(Buffer.concat([Buffer.from(`${above}/`), name]), asFolder)
  } catch {
    return null
  }
}

/** Yields depth-first in byte order. `folder` is a real path inside the workspace. */
export async function* walkFiles(
  workspace: string,
  folder: string,
  home: string,
  signal: AbortSignal,
): AsyncGenerator<WalkedFile, { readonly complete: boolean }> {
  let entries = 0
  let complete = true
  const global = await readFile(join(home, ".config", "git", "ignore"), "latin1").catch(() => null)
  let rules = add(noRules, "", global)
  rules = add(rules, "", patternsAt(workspace, join(workspace, ".git", "info", "exclude")))
  const start = bytesOf(relative(workspace, folder))
  const above = start === "" ? [] : start.split("/")
  for (let depth = 0; depth < above.length; depth++) {
    const parent = above.slice(0, depth).join("/")
    const file = join(workspace, textOf(parent), ".gitignore")
    rules = add(rules, parent, patternsAt(workspace, file))
  }

  async function* visit(
    path: string,
    pinned: string,
    inherited: IgnoreRules,
    depth: number,
  ): AsyncGenerator<WalkedFile, boolean> {
    const found = await readdir(pinned, { withFileTypes: true, encoding: "buffer" }).catch(() => [])
    const prefix = path === "" ? "" : `${path}/`
    const own = found.some((entry) => entry.name.toString("latin1") === ".gitignore")
      ? add(inherited, path, patternsIn(`${pinned}/.gitignore`))
      : inherited
    for (const entry of found.sort((a, b) => Buffer.compare(a.name, b.name))) {
      signal.throwIfAborted()
      if (entries++ >= maxEntries) return false
      const name = entry.name.toString("latin1")
      const child = prefix + name
      if (name === ".git" || isIgnored(own, child, entry.isDirectory())) continue
      if (entry.isFile()) yield { path: textOf(child) }
      if (!entry.isDirectory()) continue
      if (depth >= deepest) {
        complete = false
        continue
      }
      const opened = openIn(pinned, entry.name)
      if (opened === null) continue
      try {
        const inner = prefixOf(opened, join(workspace, textOf(child)))
        if (!(yield* visit(child, inner, own, depth + 1))) return false
      } finally {
        closeSync(opened)
      }
    }
    return true
  }

  const fd = openSync(nativeName(folder), asFolder)
  try {
    const pinned = openedFolder(fd, folder, [workspace])
    complete = (yield* visit(start, pinned, rules, 0)) && complete
  } finally {
    closeSync(fd)
  }
  return { complete }
}
