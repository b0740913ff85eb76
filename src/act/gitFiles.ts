/**
 * What git keeps in its own folder, read from its files without running git: refs, HEAD, and the index's entries.
 * Invariants: a loose ref wins over a packed one; the index's hash covers what is staged (mode, object, flags, stage,
 * name) and not the times git notes beside it, which it rewrites whenever it looks. Pure but for synchronous reads.
 */
import { createHash } from "node:crypto"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { readFile, realpath } from "node:fs/promises"
import { join, resolve } from "node:path"
import { codeOf } from "./attempt.ts"
import { sha256 } from "./boundedOutput.ts"

export type Refs = Readonly<Record<string, string>>

export interface GitFolders {
  /** The repository's own folder, of this worktree. */
  readonly own: string
  /** The one it shares with its worktrees. */
  readonly common: string
}

/** The repository's own folder and the one it shares with its worktrees; null where there is no repository. */
export const gitFoldersOf = async (workspace: string): Promise<GitFolders | null> => {
  const git = join(workspace, ".git")
  const text = await readFile(git, "utf8").catch(() => null)
  const link = text === null ? undefined : /^gitdir: (.+)$/m.exec(text)?.[1]
  const own = await realpath(link === undefined ? git : resolve(workspace, link.trim())).catch(() => null)
  if (own === null) return null
  const head = await readFile(join(own, "HEAD"), "utf8").catch(() => null)
  if (head === null) return null
  const common = await readFile(join(own, "commondir"), "utf8").catch(() => ".")
  return { own, common: resolve(own, common.trim()) }
}

const maxRefs = 20_000

const orNull = (error: unknown): null => {
  if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR" || codeOf(error) === "EISDIR") return null
  throw error
}
const readOrNull = (path: string): Buffer | null => {
  try {
    return readFileSync(path)
  } catch (error) {
    return orNull(error)
  }
}

/** Refs in tables instead of files can only be asked for through git. */
export const hasRefTables = ({ common }: GitFolders): boolean => {
  try {
    return statSync(join(common, "reftable")).isDirectory()
  } catch (error) {
    return orNull(error) !== null
  }
}

const packedRefs = (common: string): Map<string, string> => {
  const refs = new Map<string, string>()
  const text = readOrNull(join(common, "packed-refs"))?.toString("utf8") ?? ""
  for (const line of text.split("\n")) {
    const found = /^([0-9a-f]{40,64}) (refs\/.+)$/.exec(line)
    if (found !== null) refs.set(found[2]!, found[1]!)
  }
  return refs
}

const looseRefs = (folder: string, name: string, refs: Map<string, string>): void => {
  let entries
  try {
    entries = readdirSync(join(folder, name), { withFileTypes: true })
  } catch (error) {
    orNull(error)
    return
  }
  for (const entry of entries) {
    const ref = `${name}/${entry.name}`
    if (entry.isDirectory()) looseRefs(folder, ref, refs)
    else if (entry.isFile() && !ref.endsWith(".lock") && refs.size < maxRefs) {
      const value = readOrNull(join(folder, ref))?.toString("utf8").trim()
      if (value !== undefined && /^(?:[0-9a-f]{40,64}|ref: refs\/.+)$/.test(value)) refs.set(ref, value)
    }
  }
}

/** Every ref by its full name; `ref: ...` for a symbolic one. */
export const refsIn = ({ common, own }: GitFolders): Map<string, string> => {
  const refs = packedRefs(common)
  looseRefs(common, "refs", refs)
  if (own !== common) looseRefs(own, "refs", refs)
  return refs
}

export const headIn = ({ own }: GitFolders): string | null =>
  readOrNull(join(own, "HEAD"))?.toString("utf8").trim() ?? null

/** Of the index's bytes, null where they are no index this reads: then the bytes themselves must serve. */
const entriesHash = (bytes: Buffer): string | null => {
  if (bytes.length < 32 || bytes.toString("latin1", 0, 4) !== "DIRC") return null
  const version = bytes.readUInt32BE(4)
  const count = bytes.readUInt32BE(8)
  for (const hashBytes of [20, 32]) {
    const hash = entriesWith(bytes, version, count, hashBytes)
    if (hash !== null) return hash
  }
  return null
}

/** Walks the entries as if object names had this length; null where that does not come out even. */
const entriesWith = (bytes: Buffer, version: number, count: number, hashBytes: number): string | null => {
  const end = bytes.length - hashBytes
  const hash = createHash("sha256").update(`${version} ${hashBytes}\n`)
  let at = 12
  for (let n = 0; n < count; n++) {
    const flags = at + 40 + hashBytes
    if (flags + 4 > end) return null
    const extended = version >= 3 && (bytes[flags]! & 0x40) !== 0
    let name = flags + (extended ? 4 : 2)
    if (version === 4) while ((bytes[name++]! & 0x80) !== 0) if (name >= end) return null
    const stop = bytes.indexOf(0, name)
    if (stop < 0 || stop >= end) return null
    const length = bytes.readUInt16BE(flags) & 0xfff
    if (version !== 4 && length < 0xfff && stop - name !== length) return null
    // mode; then object, flags and name: what lies between are times and owners
    hash.update(bytes.subarray(at + 24, at + 28)).update(bytes.subarray(at + 40, stop + 1))
    at = version === 4 ? stop + 1 : at + Math.ceil((stop - at + 1) / 8) * 8
  }
  while (at < end) {
    if (at + 8 > end) return null
    const size = bytes.readUInt32BE(at + 4)
    const name = bytes.toString("latin1", at, at + 4)
    // a split index has most of its entries elsewhere, under this name
    if (name === "link") hash.update(bytes.subarray(at, at + 8 + size))
    at += 8 + size
  }
  return at === end ? hash.digest("hex") : null
}

/** Null where nothing was ever staged. */
export const indexHash = ({ own }: GitFolders): string | null => {
  const bytes = readOrNull(join(own, "index"))
  return bytes === null ? null : (entriesHash(bytes) ?? sha256(bytes))
}
