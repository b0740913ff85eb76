/**
 * What may hold an erased text besides the log's own tables: segments, archives, files set aside after damage, spools of
 * shells, the daemon's output. Each is cleaned without reading what it says.
 * Invariants: of a spool only bytes that were logged already are blanked, in place, so that no offset moves;
 * everything here may be done twice.
 */
import { closeSync, existsSync, fstatSync, openSync, readdirSync, truncateSync, writeSync } from "node:fs"
import { rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { DirectoriesShape } from "../config/Directories.ts"

const blank = 0x20
const blockBytes = 64 * 1024

/** Overwrites the first bytes of a file; whoever appends to it goes on behind them. */
const blankStart = (path: string, bytes: number): void => {
  const fd = openSync(path, "r+")
  try {
    const end = Math.min(bytes, fstatSync(fd).size)
    const spaces = Buffer.alloc(Math.min(blockBytes, end), blank)
    for (let at = 0; at < end;) at += writeSync(fd, spaces, 0, Math.min(spaces.length, end - at), at)
  } finally {
    closeSync(fd)
  }
}

/** `logged`: spool -> offset behind the last record that is in the log. */
export const blankSpools = (spoolDir: string, logged: Readonly<Record<string, number>>): void => {
  for (const [path, offset] of Object.entries(logged))
    if (dirname(path) === spoolDir && existsSync(path)) blankStart(path, offset)
  // where bash puts its newest line of history for a moment
  for (const name of existsSync(spoolDir) ? readdirSync(spoolDir) : [])
    if (/^\.bash-\d+$/.test(name)) truncateSync(join(spoolDir, name))
}

/** Folders in which a recovery put damaged files aside. */
export const damagedFolders = (logDir: string): ReadonlyArray<string> =>
  existsSync(logDir)
    ? readdirSync(logDir)
        .filter((name) => name.startsWith("damaged-") || name === "recovering")
        .map((name) => join(logDir, name))
    : []

/** Whole logs that were moved away: by `claw log restore --force`, or half restored. */
export const movedLogs = ({ data }: DirectoriesShape): ReadonlyArray<string> =>
  existsSync(data)
    ? readdirSync(data)
        .filter((name) => /^log\.(replaced|restoring)-/.test(name))
        .map((name) => join(data, name))
    : []

export const removeDamaged = async (logDir: string): Promise<void> => {
  for (const folder of damagedFolders(logDir)) await rm(folder, { recursive: true, force: true })
}

/** The daemon goes on writing behind its end, which is then its beginning. */
export const emptyOutput = ({ daemonOutput }: DirectoriesShape): void => {
  if (existsSync(daemonOutput)) truncateSync(daemonOutput)
}
