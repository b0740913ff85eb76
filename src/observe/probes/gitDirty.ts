/**
 * Which tracked files hold work that is in no commit: staged, or different from the index. Compared by stat data, as git
 * does first; where only the time differs, by content (so a touched file is clean), without any filter. Files
 * git does not track are not counted. Yields between parts, so that a large tree does not hold the process.
 */
import { Effect } from "effect"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { readCommit, textOf } from "../git/commits.ts"
import { readWhole, statFile } from "../git/files.ts"
import { readIndex, type GitIndex } from "../git/indexFile.ts"
import type { OpenRepository } from "../git/openRepository.ts"
import { compareStaged } from "../git/staged.ts"

const maxEntries = 100_000
const maxPaths = 100
const part = 1_000
const maxCompared = 1 << 20
const maxComparedFiles = 1_000

const symlinkMode = 0o120000
const gitlinkMode = 0o160000

const blobName = (content: Buffer, hashBytes: number): string =>
  createHash(hashBytes === 32 ? "sha256" : "sha1")
    .update(`blob ${content.length}\0`)
    .update(content)
    .digest("hex")

/** Same content as in the index, also where line ends were converted on checkout. */
export const sameContent = (file: string, mode: number, sha: string, hashBytes: number): boolean => {
  try {
    if ((mode & 0o170000) === symlinkMode)
      return blobName(fs.readlinkSync(file, { encoding: "buffer" }), hashBytes) === sha
    const content = readWhole(file, maxCompared)
    if (content === null) return false
    if (blobName(content, hashBytes) === sha) return true
    const text = content.toString("latin1")
    return (
      text.includes("\r\n") &&
      blobName(Buffer.from(text.replaceAll("\r\n", "\n"), "latin1"), hashBytes) === sha
    )
  } catch {
    return false
  }
}

interface Changed {
  readonly mtimeMs: number | null
}

const changed = (
  open: OpenRepository,
  index: GitIndex,
  at: number,
  indexMtimeMs: number,
  compared: { left: number },
): Changed | null => {
  const mode = index.modeAt(at)
  const type = mode & 0o170000
  if (type === gitlinkMode || type === 0o040000 || index.assumedAt(at)) return null
  const file = `${open.place.workspace}/${textOf(index.pathAt(at))}`
  let stat: fs.Stats | undefined
  try {
    stat = fs.lstatSync(file, { throwIfNoEntry: false })
  } catch {
    return null
  }
  if (stat === undefined) return { mtimeMs: null }
  const { mtimeMs } = stat
  const is = { mtimeMs }
  const link = type === symlinkMode
  if (link ? !stat.isSymbolicLink() : !stat.isFile()) return is
  if (!link && (stat.mode & 0o100) !== (mode & 0o100)) return is
  const known = index.statAt(at)
  // A double holds today's milliseconds to a quarter of a microsecond.
  const knownMs = known.mtimeSec * 1000 + known.mtimeNsec / 1e6
  const sameTime =
    known.mtimeNsec === 0
      ? Math.floor(mtimeMs / 1000) === known.mtimeSec
      : Math.abs(knownMs - mtimeMs) < 0.001
  const sameSize = known.size === stat.size % 2 ** 32
  // Written in the same moment as the index: the stat data proves nothing, and git may have put size 0.
  const racy = mtimeMs >= Math.floor(indexMtimeMs)
  if (sameTime && sameSize && !racy) return null
  if (!sameSize && !(racy && known.size === 0)) return is
  if (compared.left-- <= 0) return null
  return sameContent(file, mode, index.shaAt(at), open.settings.hashBytes) ? null : is
}

export const gitDirty = Effect.fnUntraced(function* (open: OpenRepository) {
  const { place, settings, head, objects } = open
  if (settings.bare) return { files: 0, oldestMs: null, paths: [] } satisfies ProbeAnswer<"gitDirty">
  const file = path.join(place.gitDir, "index")
  const index = readIndex(file, settings.hashBytes)
  const indexMtimeMs = statFile(file)?.mtimeMs ?? 0
  const found = new Map<string, number | null>()

  const tree = head.sha === null ? null : (readCommit(objects, head.sha)?.tree ?? null)
  for (const staged of compareStaged(objects, tree, index, 500).files) {
    const stat = statFile(path.join(place.workspace, staged.path))
    found.set(staged.path, stat?.mtimeMs ?? null)
  }
  const compared = { left: maxComparedFiles }
  for (let at = 0; at < Math.min(index.count, maxEntries); at++) {
    if (at % part === part - 1) yield* Effect.yieldNow
    const is = changed(open, index, at, indexMtimeMs, compared)
    if (is !== null) found.set(textOf(index.pathAt(at)), is.mtimeMs)
  }
  const times = [...found.values()].filter((time) => time !== null)
  return {
    files: found.size,
    oldestMs: times.length === 0 ? null : Math.floor(Math.min(...times)),
    paths: [...found.keys()].sort().slice(0, maxPaths),
  } satisfies ProbeAnswer<"gitDirty">
})
