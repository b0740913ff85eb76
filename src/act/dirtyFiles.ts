/**
 * The tracked files that may differ from HEAD, without running anything of the repository's: git compares contents
 * through its filters, so the comparison here is by size and time against what the index remembers.
 * Invariant: the answer may hold a clean file (touched, or too young to be told), never misses a changed one.
 */
import { lstat } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { attempt, refused } from "./attempt.ts"
import { gitFoldersOf, plumbing, textOf } from "./gitState.ts"
import { nativeName } from "./pathNames.ts"

interface Remembered {
  readonly path: string
  /** Git writes a file anew that only looks changed: it counts as changed too. */
  readonly ctimeNs: bigint
  readonly inode: bigint
  readonly mtimeNs: bigint
  readonly size: bigint
}

/** `ls-files --debug -z`: a name, a zero byte, then indented lines of numbers. */
const parseDebug = (text: string): ReadonlyArray<Remembered> => {
  const found: Array<Remembered> = []
  const entry =
    /([^\0]+)\0  ctime: (\d+):(\d+)\n  mtime: (\d+):(\d+)\n  dev: \d+\tino: (\d+)\n  uid: \d+\tgid: \d+\n  size: (\d+)\tflags: [0-9a-f]+\n/gy
  for (let match = entry.exec(text); match !== null; match = entry.exec(text)) {
    const [, path, ctime, ctimeRest, seconds, rest, inode, size] = match
    found.push({
      path: path!,
      ctimeNs: BigInt(ctime!) * 1_000_000_000n + BigInt(ctimeRest!),
      inode: BigInt(inode!),
      mtimeNs: BigInt(seconds!) * 1_000_000_000n + BigInt(rest!),
      size: BigInt(size!),
    })
  }
  return found
}

export const dirtyFiles = Effect.fnUntraced(function* (workspace: string) {
  const folders = yield* attempt("read .git", () => gitFoldersOf(workspace))
  if (folders === null) return []
  const remembered = yield* plumbing(workspace, ["ls-files", "--debug", "-z"])
  const staged = yield* plumbing(workspace, [
    "diff-index",
    "--cached",
    "--name-only",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "-z",
    "HEAD",
  ])
  if (remembered.exit !== 0) return yield* refused("git could not read the index")
  const changed = yield* attempt("compare files with the index", async () => {
    // nothing was ever staged
    const index = await lstat(join(folders.own, "index"), { bigint: true }).catch(() => null)
    if (index === null) return []
    const found: Array<string> = []
    for (const { ctimeNs, inode, mtimeNs, path, size } of parseDebug(textOf(remembered))) {
      const now = await lstat(nativeName(join(workspace, path)), { bigint: true }).catch(() => null)
      const young = now !== null && now.mtimeNs >= index.mtimeNs
      const same =
        now !== null &&
        now.size === size &&
        now.mtimeNs === mtimeNs &&
        now.ctimeNs === ctimeNs &&
        // git keeps the lower half
        BigInt.asUintN(32, now.ino) === inode
      if (!same || young) found.push(path)
    }
    return found
  })
  const ofIndex =
    staged.exit === 0
      ? textOf(staged)
          .split("\0")
          .filter((name) => name !== "")
      : []
  return [...new Set([...changed, ...ofIndex])].map((path) => join(workspace, path))
})
