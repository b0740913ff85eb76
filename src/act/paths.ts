/**
 * Paths as tools see them: absolute, real, and inside the workspace at the moment of use.
 * Invariants: after `inFolder` opened a folder, every name in it is reached through the open descriptor, and the folder
 * that was opened is the one that was named, so one swapped for a symbolic link between check and use leads nowhere,
 * neither outside nor to another folder inside.
 */
import { closeSync, constants, openSync, readlinkSync, realpathSync } from "node:fs"
import { lstat, open, realpath } from "node:fs/promises"
import { basename, dirname, isAbsolute, join, normalize, relative, resolve } from "node:path"
import { neutralise } from "../domain/neutralise.ts"
import { codeOf, refused, wrongInput } from "./attempt.ts"
import { nameOf, nativeName } from "./pathNames.ts"

/** Is `path` the folder itself or below it? Both absolute and normalised. */
export const inside = (folder: string, path: string): boolean =>
  folder === "/" || path === folder || path.startsWith(`${folder}/`)

export const shown = (workspace: string, path: string): string =>
  neutralise(inside(workspace, path) ? relative(workspace, path) || "." : path)

/** The real path of the deepest part that exists, with the rest as it stands. A dangling link is refused. */
export const realPath = async (path: string): Promise<string> => {
  const missing: Array<string> = []
  let current = normalize(path)
  for (;;) {
    try {
      return join(await realpath(current), ...missing)
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error
      if (await lstat(current).catch(() => null)) {
        throw refused(`${neutralise(current)} is a symbolic link to nothing`)
      }
      missing.unshift(basename(current))
      current = dirname(current)
    }
  }
}

/** An input path as a real one inside the workspace. */
export const resolveInside = async (input: string, cwd: string, workspace: string): Promise<string> => {
  if (input.includes("\0")) throw wrongInput("a path cannot hold a zero byte")
  const path = isAbsolute(input) ? input : resolve(cwd, input)
  const [real, root] = await Promise.all([realPath(path), realpath(workspace)])
  if (!inside(root, real)) throw refused(`${neutralise(input)} is outside the workspace ${neutralise(root)}`)
  return real
}

/** A name for an open folder that no swap can lead elsewhere; without /proc (not Linux) its own. */
export const prefixOf = (fd: number, folder: string): string => {
  const pinned = `/proc/self/fd/${fd}`
  try {
    readlinkSync(pinned, { encoding: "buffer" })
    return pinned
  } catch {
    return folder
  }
}

/** Which folder is really open; without /proc (not Linux) it is asked by name, as near to the use as can be. */
export const openedFolder = (fd: number, folder: string, roots: ReadonlyArray<string>): string => {
  const pinned = `/proc/self/fd/${fd}`
  let prefix = pinned
  let opened: string
  try {
    opened = nameOf(readlinkSync(pinned, { encoding: "buffer" }))
  } catch {
    prefix = opened = nameOf(realpathSync(nativeName(folder), { encoding: "buffer" }))
  }
  if (!roots.some((root) => inside(root, opened))) {
    throw refused(`${neutralise(folder)} leads outside ${neutralise(roots[0] ?? "the workspace")}`)
  }
  if (opened !== folder) throw refused(`${neutralise(folder)} was replaced by something that leads elsewhere`)
  return prefix
}

/**
 * Opens the folder of `path` and hands on a prefix under which the folder cannot be swapped any more.
 * `roots` are real folders (the workspace, git's own): the folder that was really opened must lie in one.
 */
export const inFolder = async <A>(
  path: string,
  roots: ReadonlyArray<string>,
  use: (entry: string, folder: string) => Promise<A>,
): Promise<A> => {
  const folder = dirname(path)
  const handle = await open(nativeName(folder), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    const prefix = openedFolder(handle.fd, folder, roots)
    return await use(`${prefix}/${basename(path)}`, prefix)
  } finally {
    await handle.close()
  }
}

/** The same for reading thousands of small files, where a thread pool's hand-overs would cost most. */
export const inFolderSync = <A>(path: string, roots: ReadonlyArray<string>, use: (entry: string) => A): A => {
  const folder = dirname(path)
  const fd = openSync(nativeName(folder), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    return use(`${openedFolder(fd, folder, roots)}/${basename(path)}`)
  } finally {
    closeSync(fd)
  }
}
