/**
 * The workspace as an undo finds it: states and contents of paths, names in folders. Either as it is on disk, or as it
 * will be once newer calls were taken back, so that a row of undos can be looked at before the first is done.
 */
import { readdirSync } from "node:fs"
import { codeOf, refused } from "./attempt.ts"
import type { Refs } from "./gitState.ts"
import { nameOf, nativeName } from "./pathNames.ts"
import { captureSync, TooLarge, type Captured } from "./pathState.ts"
import { shown } from "./paths.ts"

export interface World {
  readonly capture: (path: string) => Captured
  /** Paths of what a folder holds. */
  readonly held: (folder: string) => ReadonlyArray<string>
  /** Refs that are not as the disk has them. */
  readonly refs: Refs
}

/** A bound on what one undo holds in memory of a single file. */
const maxBytes = 256 * 1024 * 1024

export const onDisk = (workspace: string, roots: ReadonlyArray<string>): World => ({
  capture: (path) => {
    try {
      return captureSync(path, roots, maxBytes)
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error
      throw refused(`${shown(workspace, path)} is too large to be taken back`)
    }
  },
  held: (folder) => {
    try {
      return readdirSync(nativeName(folder), { encoding: "buffer" }).map(
        (name) => `${folder}/${nameOf(name)}`,
      )
    } catch (error) {
      if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return []
      throw error
    }
  },
  refs: {},
})

/** The same once these states, and these refs, are there. */
export const afterwards = (world: World, states: ReadonlyArray<Captured>, refs: Refs): World => {
  const changed = new Map(states.map((one) => [one.state.path, one]))
  const isIn = (folder: string, path: string): boolean => path.slice(0, path.lastIndexOf("/")) === folder
  return {
    capture: (path) => changed.get(path) ?? world.capture(path),
    held: (folder) => {
      const added = [...changed.values()].filter(({ state }) => isIn(folder, state.path))
      const there = new Set([...world.held(folder), ...added.map(({ state }) => state.path)])
      return [...there].filter((path) => changed.get(path)?.state.kind !== "absent")
    },
    refs: { ...world.refs, ...refs },
  }
}
