/**
 * The content of what a command would replace or delete, as one hash: of a file, or of all that a folder holds.
 * Invariants: bounded; links are told by where they point and never followed; equal contents give equal hashes. Beyond the
 * bound a part is told by its size and time.
 */
import { createHash } from "node:crypto"
import { constants } from "node:fs"
import { lstat, open, readdir, readlink } from "node:fs/promises"
import { join } from "node:path"
import type { PlanRead } from "../domain/events/acted.ts"

interface Room {
  entries: number
  bytes: number
}

const told = (text: string): string => createHash("sha256").update(text).digest("hex")

const ofFile = async (path: string, size: number, seen: string, room: Room): Promise<string> => {
  if (size > room.bytes) return told(`large ${seen}`)
  room.bytes -= size
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const handle = await open(path, flags).catch(() => null)
  if (handle === null) return told(`unreadable ${seen}`)
  try {
    return createHash("sha256")
      .update(await handle.readFile())
      .digest("hex")
  } finally {
    await handle.close()
  }
}

const hashOf = async (path: string, room: Room): Promise<string | null> => {
  const found = await lstat(path).catch(() => null)
  if (found === null) return null
  const seen = `${found.mode} ${found.size} ${found.mtimeMs}`
  room.entries -= 1
  if (room.entries < 0) return told(`beyond ${seen}`)
  if (found.isSymbolicLink()) return told(`link ${await readlink(path).catch(() => seen)}`)
  if (found.isFile()) return await ofFile(path, found.size, seen, room)
  if (!found.isDirectory()) return told(`neither ${seen}`)
  const names = await readdir(path, { encoding: "latin1" }).catch(() => [] as Array<string>)
  const parts: Array<string> = []
  for (const name of names.sort()) {
    parts.push(`${name}\0${await hashOf(join(path, Buffer.from(name, "latin1").toString("utf8")), room)}`)
  }
  return told(`folder ${parts.join("\n")}`)
}

/** These paths as they are now. */
export const targetHashes = async (paths: ReadonlyArray<string>): Promise<ReadonlyArray<PlanRead>> => {
  const room: Room = { entries: 2_000, bytes: 32 * 1024 * 1024 }
  const reads: Array<PlanRead> = []
  for (const path of [...new Set(paths)].sort()) reads.push({ path, hash: await hashOf(path, room) })
  return reads
}
