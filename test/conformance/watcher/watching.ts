/**
 * How a watcher is tried on real folders, whichever way it watches. A test that something is *not* said writes a last file
 * behind it and waits for that one.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { FsSourceOptions } from "../../../src/observe/fs/FsSource.ts"
import type { OpenFs } from "../../observe/fs/openFs.ts"

export type Backend = NonNullable<FsSourceOptions["backend"]>

export interface Burst {
  readonly folders: number
  readonly files: number
}

/** One test over a folder that is prepared before it is watched. */
export type Watch = (
  name: string,
  prepare: (root: string) => void,
  test: (fs: OpenFs) => Promise<void>,
  options?: Partial<FsSourceOptions>,
) => void

export const write = (root: string, path: string, text = "x"): void => {
  mkdirSync(join(root, path, ".."), { recursive: true })
  writeFileSync(join(root, path), text)
}

let marks = 0

/** Writes a file of its own and waits until it is said: all that was done before has been said by then. */
export const passed = async (fs: OpenFs): Promise<void> => {
  const name = `mark-${marks++}`
  write(fs.root, name)
  await fs.until(name, () => fs.said().includes(`add ${name}`))
}

/** What was said, but for those files. */
export const about = (fs: OpenFs): ReadonlyArray<string> =>
  fs.said().filter((line) => !/ mark-\d+$/.test(line))
export const heard = (fs: OpenFs, line: string): Promise<void> =>
  fs.until(line, () => fs.said().includes(line))
