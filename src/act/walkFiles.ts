/**
 * The files of a folder as git would see them: every `.gitignore` on the way, `info/exclude` and the user's global
 * ignores honoured, git's own folder never entered, links not followed.
 * Invariants: names are bytes inside, text only outside; at most `maxEntries` are looked at, and the end is said.
 */
import { readFile, readdir } from "node:fs/promises"
import { join, relative } from "node:path"
import { isIgnored, noRules, withPatterns, type IgnoreRules } from "../domain/ignore.ts"

const maxEntries = 200_000

export interface WalkedFile {
  /** Relative to the workspace, `/`-separated; bytes that are not UTF-8 appear as U+FFFD. */
  readonly path: string
  /** The exact name for system calls. */
  readonly real: Buffer
}

const bytesOf = (text: string): string => Buffer.from(text, "utf8").toString("latin1")
const textOf = (bytes: string): string => Buffer.from(bytes, "latin1").toString("utf8")
const onDisk = (workspace: string, path: string): Buffer =>
  Buffer.concat([Buffer.from(`${workspace}/`), Buffer.from(path, "latin1")])

const patternsAt = (file: string | Buffer): Promise<string | null> =>
  readFile(file, "latin1").then(
    (text) => (text.length > 1024 * 1024 ? null : text),
    () => null,
  )

const add = (rules: IgnoreRules, folder: string, text: string | null): IgnoreRules =>
  text === null ? rules : withPatterns(rules, folder, text)

/** Yields depth-first in byte order. `folder` is a real path inside the workspace. */
export async function* walkFiles(
  workspace: string,
  folder: string,
  home: string,
  signal: AbortSignal,
): AsyncGenerator<WalkedFile, { readonly complete: boolean }> {
  let entries = 0
  let rules = add(noRules, "", await patternsAt(join(home, ".config", "git", "ignore")))
  rules = add(rules, "", await patternsAt(join(workspace, ".git", "info", "exclude")))
  const start = bytesOf(relative(workspace, folder))
  const above = start === "" ? [] : start.split("/")
  for (let depth = 0; depth < above.length; depth++) {
    const parent = above.slice(0, depth).join("/")
    rules = add(
      rules,
      parent,
      await patternsAt(onDisk(workspace, parent === "" ? ".gitignore" : `${parent}/.gitignore`)),
    )
  }

  async function* visit(path: string, inherited: IgnoreRules): AsyncGenerator<WalkedFile, boolean> {
    const here = onDisk(workspace, path === "" ? "." : path)
    const found = await readdir(here, { withFileTypes: true, encoding: "buffer" }).catch(() => [])
    const prefix = path === "" ? "" : `${path}/`
    const own = found.some((entry) => entry.name.toString("latin1") === ".gitignore")
      ? add(inherited, path, await patternsAt(onDisk(workspace, `${prefix}.gitignore`)))
      : inherited
    for (const entry of found.sort((a, b) => Buffer.compare(a.name, b.name))) {
      signal.throwIfAborted()
      if (entries++ >= maxEntries) return false
      const name = entry.name.toString("latin1")
      const child = prefix + name
      if (name === ".git" || isIgnored(own, child, entry.isDirectory())) continue
      if (entry.isDirectory()) {
        if (!(yield* visit(child, own))) return false
      } else if (entry.isFile()) yield { path: textOf(child), real: onDisk(workspace, child) }
    }
    return true
  }
  return { complete: yield* visit(start, rules) }
}
