/**
 * HEAD, loose and packed refs. Loose files are read before `packed-refs`, so that a ref packed in between is never
 * missed. Files whose stat data did not change are not read again (`RefsCache`).
 * Only `refs/heads/` and `refs/remotes/` are kept; symbolic refs under them (`origin/HEAD`) are no branches.
 */
import * as path from "node:path"
import { listFolder, readLine, readWhole, statFile } from "./files.ts"
import type { Place } from "./locate.ts"

export type Head =
  | { readonly _tag: "branch"; readonly ref: string; readonly branch: string; readonly sha: string | null }
  | { readonly _tag: "detached"; readonly sha: string }
  | { readonly _tag: "broken"; readonly reason: string }

const objectName = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const safeRef = /^refs\/(?!.*(?:\.\.|\/\/|\/\.))[^\0-\x20\x7f~^:?*[\\]+$/
/** More loose refs than this are not read: such a repository packs them. */
const maxRefs = 20_000
const maxFolders = 2_000

export interface RefsCache {
  readonly loose: Map<string, { readonly signature: string; readonly sha: string | null }>
  packed: { readonly signature: string; readonly refs: ReadonlyMap<string, string> } | null
}
export const emptyRefsCache = (): RefsCache => ({ loose: new Map(), packed: null })

export interface Refs {
  /** Full name -> object name. */
  readonly refs: ReadonlyMap<string, string>
  /** Folders of loose refs, to be watched. */
  readonly folders: ReadonlyArray<string>
}

/** A change within the clock's grain of the reading may not show in the modification time of the next look. */
const fresh = (mtimeMs: number, nowMs: number): boolean => nowMs - mtimeMs < 50

const readPacked = (place: Place, cache: RefsCache, nowMs: number): ReadonlyMap<string, string> => {
  const file = path.join(place.commonDir, "packed-refs")
  const stat = statFile(file)
  if (stat === null) return new Map()
  if (cache.packed?.signature === stat.signature) return cache.packed.refs
  const refs = new Map<string, string>()
  for (const line of (readWhole(file, 64 << 20) ?? Buffer.alloc(0)).toString("utf8").split("\n")) {
    const space = line.indexOf(" ")
    const name = line.slice(space + 1)
    if (space < 40 || !(name.startsWith("refs/heads/") || name.startsWith("refs/remotes/"))) continue
    const sha = line.slice(0, space)
    if (objectName.test(sha) && safeRef.test(name)) refs.set(name, sha)
  }
  cache.packed = fresh(stat.mtimeMs, nowMs) ? null : { signature: stat.signature, refs }
  return refs
}

const readLoose = (file: string, cache: RefsCache, nowMs: number): string | null => {
  const stat = statFile(file)
  if (stat === null) return null
  const cached = cache.loose.get(file)
  if (cached?.signature === stat.signature) return cached.sha
  const line = readLine(file)
  const sha = line !== null && objectName.test(line) ? line : null
  if (!fresh(stat.mtimeMs, nowMs)) cache.loose.set(file, { signature: stat.signature, sha })
  return sha
}

export const readRefs = (place: Place, cache: RefsCache, nowMs: number): Refs => {
  const loose = new Map<string, string>()
  const folders: Array<string> = []
  const pending = ["refs/heads", "refs/remotes"]
  while (pending.length > 0 && folders.length < maxFolders && loose.size < maxRefs) {
    const name = pending.shift()!
    const folder = path.join(place.commonDir, name)
    const stat = statFile(folder)
    if (stat?.kind !== "dir") continue
    folders.push(folder)
    const entries = listFolder(folder, maxRefs) ?? []
    for (const entry of entries) if (entry.dir) pending.push(`${name}/${entry.name}`)
    for (const entry of entries) {
      const ref = `${name}/${entry.name}`
      if (entry.dir || entry.name.endsWith(".lock") || !safeRef.test(ref)) continue
      const sha = readLoose(path.join(folder, entry.name), cache, nowMs)
      if (sha !== null) loose.set(ref, sha)
    }
  }
  for (const file of cache.loose.keys())
    if (!loose.has(path.relative(place.commonDir, file))) cache.loose.delete(file)
  const all = new Map(readPacked(place, cache, nowMs))
  for (const [ref, sha] of loose) all.set(ref, sha)
  return { refs: all, folders }
}

/** One ref by its full name, loose before packed; null if there is none or it is not an object name. */
const readRef = (place: Place, ref: string): string | null | "garbage" => {
  if (!safeRef.test(ref)) return null
  const folder =
    ref.startsWith("refs/bisect/") || ref.startsWith("refs/worktree/") ? place.gitDir : place.commonDir
  const file = path.join(folder, ref)
  if (statFile(file)?.kind === "file") {
    const line = readLine(file)
    if (line !== null) return objectName.test(line) ? line : "garbage"
  }
  const packed = readWhole(path.join(place.commonDir, "packed-refs"), 64 << 20)
  if (packed === null) return null
  const at = packed.indexOf(` ${ref}\n`, 0, "utf8")
  if (at < 40) return null
  const line = packed.subarray(packed.lastIndexOf(10, at) + 1, at).toString("latin1")
  return objectName.test(line) ? line : null
}

export const readHead = (place: Place): Head => {
  const line = readLine(path.join(place.gitDir, "HEAD"))
  if (line === null) return { _tag: "broken", reason: "HEAD is missing" }
  if (objectName.test(line)) return { _tag: "detached", sha: line }
  const ref = /^ref:\s*(\S.*?)\s*$/.exec(line)?.[1]
  if (ref === undefined || !safeRef.test(ref))
    return { _tag: "broken", reason: "HEAD names neither a ref nor an object" }
  const sha = readRef(place, ref)
  if (sha === "garbage") return { _tag: "broken", reason: "the current branch's ref holds no object name" }
  return { _tag: "branch", ref, branch: ref.replace(/^refs\/heads\//, ""), sha }
}
