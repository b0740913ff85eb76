/**
 * A large repository to measure watchers on: source files, ignored ones beside them, and two branches that differ in
 * many files: most changed, some added in new folders, some removed.
 */
import { execFile, execFileSync } from "node:child_process"
import { linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"

export interface TreeSizes {
  readonly files: number
  readonly ignored: number
  /** Files in which the branches differ. */
  readonly differing: number
}

/** Fewer than any file system allows a file. */
const mostLinks = 10_000

const fill = (top: string, count: number, perFolder: number, make: (file: string) => void): void => {
  for (let index = 0; index < count; index++) {
    const number = Math.floor(index / perFolder)
    const folder = join(top, `part${Math.floor(number / 100)}`, `m${number}`)
    if (index % perFolder === 0) mkdirSync(folder, { recursive: true })
    make(join(folder, `component-${index % perFolder}.ts`))
  }
}

const own = ["-c", "gc.auto=0", "-c", "user.name=bench", "-c", "user.email=bench@localhost"]

const git = (root: string, ...words: ReadonlyArray<string>): string =>
  execFileSync("git", [...own, ...words], {
    cwd: root,
    encoding: "latin1",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "ignore"],
  })

export interface Switch {
  readonly differ: ReadonlyMap<string, boolean>
  /** Goes, with this thread blocked until git is done. */
  readonly blocking: () => void
  /** Goes beside this thread. */
  readonly beside: () => Promise<unknown>
}

export interface BenchTree {
  readonly root: string
  /** Files in which the branches do not differ, from all over the tree. */
  readonly some: ReadonlyArray<string>
  /** Makes ready to go to the other branch: each path that differs, and whether it will be there. */
  readonly other: () => Switch
}

export const makeTree = (root: string, { files, ignored, differing }: TreeSizes): BenchTree => {
  mkdirSync(root)
  git(root, "init", "-q", "-b", "main")
  writeFileSync(join(root, ".gitignore"), "node_modules/\n")
  const all: Array<string> = []
  fill(join(root, "src"), files, 20, (file) => {
    writeFileSync(file, "export const n = 1\n")
    all.push(file)
  })
  // Links where nobody looks: the figures are about names, and the disk is everybody's.
  let linked = ""
  let links = 0
  fill(join(root, "node_modules"), ignored, 10, (file) => {
    if (links++ % mostLinks === 0) writeFileSync((linked = file), "export const n = 1\n")
    else linkSync(linked, file)
  })
  git(root, "add", ".")
  git(root, "commit", "-q", "-m", "main")
  git(root, "checkout", "-q", "-b", "other")
  const same = new Set(all)
  const touched = Math.floor(differing * 0.9)
  for (let index = 0; index < touched; index++) {
    const file = all[Math.floor((index * files) / touched)]!
    same.delete(file)
    if (index % 9 === 0) rmSync(file)
    else writeFileSync(file, `export const n = ${index}\n`)
  }
  fill(join(root, "added"), differing - touched, 10, (file) => writeFileSync(file, "export const n = 2\n"))
  git(root, "add", ".")
  git(root, "commit", "-q", "-m", "other")
  git(root, "checkout", "-q", "main", "--")
  let [at, to] = ["main", "other"]
  return {
    root,
    some: [...same].filter((_, index) => index % Math.ceil(same.size / 50) === 0),
    other: () => {
      const words = git(root, "diff", "--no-renames", "--name-status", "-z", at, to, "--").split("\0")
      const checkout = [...own, "checkout", "-q", to, "--"]
      ;[at, to] = [to, at]
      const differ = new Map<string, boolean>()
      for (let index = 0; index + 1 < words.length; index += 2)
        differ.set(words[index + 1]!, words[index] !== "D")
      return {
        differ,
        blocking: () => execFileSync("git", checkout, { cwd: root, stdio: "ignore" }),
        beside: () => promisify(execFile)("git", checkout, { cwd: root }),
      }
    },
  }
}
