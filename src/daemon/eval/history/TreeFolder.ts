/**
 * What the probes are asked about one commit, answered from its trees: what is staged by the staged probe's own reading,
 * the rest by the real probes over a throw-away folder into which the files they look at are laid first.
 * Invariants: only plain files below that folder are written, under names that stay below it; the repository is read.
 */
import { mkdir, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { findCompromised } from "../../../domain/lockfiles/findCompromised.ts"
import { isLockfile } from "../../../domain/lockfiles/readLockfile.ts"
import type { ProbeRequest } from "../../../domain/probe.ts"
import type { ProbeAnswer } from "../../../domain/probeAnswers.ts"
import { isManifest } from "../../../decide/paths.ts"
import { textOf, isTree, readTree } from "../../../observe/git/commits.ts"
import type { Objects } from "../../../observe/git/objects.ts"
import { openTrees, type Trees } from "../../../observe/git/treeBlobs.ts"
import type { StagedFile } from "../../../observe/git/staged.ts"
import { comments } from "../../../observe/probes/comments.ts"
import { compromised, pathKinds } from "../../../observe/probes/files.ts"
import { conflictMarkers } from "../../../observe/probes/gitConflictMarkers.ts"
import { stagedRow } from "../../../observe/probes/gitStaged.ts"
import { readManifest } from "../../../observe/probes/manifests.ts"

/** What lies before the user: the tree he began from, the one he has now, and which files differ. */
export interface Change {
  readonly sha: string
  readonly before: string | null
  readonly tree: string
  readonly files: ReadonlyArray<string>
}

const maxFile = 16 << 20

/** A name that a hostile tree could not lead out of the folder with. */
const isBelow = (path: string): boolean =>
  path !== "" &&
  !path.includes("\0") &&
  path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && !/^\.git$/i.test(part))

export class TreeFolder {
  readonly root: string
  readonly #objects: Objects
  #trees: Trees
  #asked = 0
  /** Of which tree each file lies there now; null: it is not there. */
  readonly #laid = new Map<string, string | null>()

  constructor(objects: Objects, root: string) {
    this.#objects = objects
    this.root = root
    this.#trees = openTrees(objects)
  }

  statusOf(change: Change, path: string): StagedFile {
    const before = change.before === null ? null : this.#blob(change.before, path)
    const after = this.#blob(change.tree, path)
    return { path, from: null, before, after, status: after === null ? "D" : before === null ? "A" : "M" }
  }

  /** As the index would state it: the same content under a new name is no new content. */
  staged(change: Change): ReadonlyArray<StagedFile> {
    const files = change.files.map((path) => this.statusOf(change, path))
    const gone = new Map(files.flatMap((file) => (file.status === "D" ? [[file.before, file.path]] : [])))
    return files.flatMap((file) => {
      const from = file.status === "A" ? gone.get(file.after) : undefined
      return from === undefined ? [file] : [{ ...file, status: "R" as const, from, before: file.after }]
    })
  }

  async answer(probe: ProbeRequest, change: Change): Promise<unknown> {
    try {
      return await this.#read(probe, change)
    } catch {
      return undefined
    }
  }

  async #read(probe: ProbeRequest, change: Change): Promise<unknown> {
    switch (probe._tag) {
      case "gitStaged": {
        const budget = { left: probe.maxBytes }
        const files = this.staged(change).map((file) => stagedRow(this.#objects, file, budget))
        return {
          files,
          truncated: files.some(({ truncated }) => truncated),
        } satisfies ProbeAnswer<"gitStaged">
      }
      case "gitDirty":
        return { files: 0, oldestMs: null, paths: [] } satisfies ProbeAnswer<"gitDirty">
      case "conflictMarkers":
        await this.#lay(change, probe.paths)
        return conflictMarkers(this.root, probe.paths)
      case "comments":
        await this.#lay(change, probe.paths)
        return comments(this.root, probe.paths)
      case "pathKinds":
        await this.#lay(change, probe.paths)
        return pathKinds(this.root, probe.paths)
      case "compromised":
        await this.#lay(change, [probe.path])
        return compromised(this.root, probe.path, findCompromised)
      case "manifest":
        await this.#lay(change, this.#dependencyFiles(change, probe.dir))
        return readManifest(this.root, probe.dir)
      case "installed":
        // what lies in node_modules no history tells: manifest and lockfile are held against each other alone
        return {}
      default:
        return undefined
    }
  }

  #blob(tree: string, path: string): string | null {
    this.#asked += 1
    if (this.#asked % 20_000 === 0) this.#trees = openTrees(this.#objects)
    return this.#trees.blobAt(tree, path)
  }

  /** Manifests and lockfiles of a folder and of those above it, and what lies there from other commits. */
  #dependencyFiles(change: Change, dir: string): ReadonlyArray<string> {
    const parts = dir === "." ? [] : dir.split("/")
    const folders = Array.from({ length: parts.length + 1 }, (_, depth) => parts.slice(0, depth).join("/"))
    const here = folders.flatMap((folder) => this.#names(change.tree, folder))
    return [...new Set([...here, ...this.#laid.keys()])].filter(
      (path) => isManifest(path) || isLockfile(path),
    )
  }

  #names(tree: string, folder: string): ReadonlyArray<string> {
    let at = tree
    for (const part of folder === "" ? [] : folder.split("/")) {
      const entries = readTree(this.#objects, at) ?? []
      const below = entries.find((each) => textOf(each.name) === part && isTree(each))
      if (below === undefined) return []
      at = below.sha
    }
    return (readTree(this.#objects, at) ?? []).flatMap((entry) =>
      isTree(entry) ? [] : [folder === "" ? textOf(entry.name) : `${folder}/${textOf(entry.name)}`],
    )
  }

  async #lay(change: Change, paths: ReadonlyArray<string>): Promise<void> {
    for (const path of paths.filter(isBelow)) {
      const blob = this.#blob(change.tree, path)
      if (this.#laid.get(path) === blob && this.#laid.has(path)) continue
      const file = join(this.root, path)
      await rm(file, { recursive: true, force: true })
      const data = blob === null ? null : this.#objects.read(blob, "blob", maxFile)
      if (data !== null) {
        await mkdir(dirname(file), { recursive: true }).catch(() => this.#makeRoom(path))
        await writeFile(file, data)
      }
      this.#laid.set(path, blob)
    }
  }

  /** A file of another commit stands where a folder is wanted now. */
  async #makeRoom(path: string): Promise<void> {
    const parts = path.split("/").slice(0, -1)
    for (const depth of parts.keys()) {
      const folder = parts.slice(0, depth + 1).join("/")
      if (!this.#laid.has(folder)) continue
      await rm(join(this.root, folder), { force: true })
      this.#laid.delete(folder)
    }
    await mkdir(join(this.root, ...parts), { recursive: true })
  }
}
