/**
 * Reads the spools of one directory, each from where it stands, and removes those of shells that are gone.
 * Invariants: a byte is handed out once; a spool is removed only when its shell is gone, all of it was read and
 * every item handed out was settled (is durable); an unfinished record waits, unless nobody is left to finish it.
 */
import { Buffer } from "node:buffer"
import { constants } from "node:fs"
import { type FileHandle, lstat, open, readdir, unlink } from "node:fs/promises"
import { join } from "node:path"
import { isShellGone } from "./shellProcess.ts"
import { parseSpoolName, type SpoolName } from "./spoolFormat.ts"
import { type SpoolItem, splitRecords } from "./splitRecords.ts"

const chunkBytes = 131_072
const chunksAtOnce = 256
const itemsAtOnce = 256

interface Spool {
  readonly file: string
  readonly name: SpoolName
  inode: bigint
  /** Behind the last byte handed out. */
  offset: number
  insideLost: boolean
  /** Handed out and not yet settled. */
  unsettled: number
}

export interface SpoolPart {
  readonly file: string
  readonly name: SpoolName
  readonly items: ReadonlyArray<SpoolItem>
  /** The file is shorter than what was read of it, or another one: reading began anew. */
  readonly replaced: boolean
  /** There may be more to read at once. */
  readonly more: boolean
  /** Call once the items are durable, or at once where none was kept; removes the spool if nothing holds it. */
  readonly settle: () => Promise<void>
}

export class SpoolReader {
  readonly directory: string
  readonly #positions: Readonly<Record<string, number>>
  readonly #spools = new Map<string, Spool>()

  constructor(directory: string, positions: Readonly<Record<string, number>>) {
    this.directory = directory
    this.#positions = positions
  }

  /** Names of all spools there are, oldest shell first. */
  async list(): Promise<ReadonlyArray<string>> {
    const names = await readdir(this.directory).catch(() => [])
    return names
      .flatMap((name) => parseSpoolName(name) ?? [])
      .toSorted((a, b) => a.startedMs - b.startedMs)
      .map((name) => name.session)
  }

  /** The next items of a spool; null where there is nothing to say. */
  async read(session: string): Promise<SpoolPart | null> {
    const name = parseSpoolName(session)
    if (name === null) return null
    const file = join(this.directory, session)
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
      () => null,
    )
    // What is known of it stays: it may only be unreadable for now.
    if (handle === null) return null
    try {
      const stat = await handle.stat({ bigint: true })
      if (!stat.isFile()) return null
      return await this.#drain(handle, this.#spool(session, name, stat.ino), stat.ino, Number(stat.size))
    } catch {
      return null // unreadable now; the next sweep tries again
    } finally {
      await handle.close()
    }
  }

  #spool(session: string, name: SpoolName, inode: bigint): Spool {
    const known = this.#spools.get(session)
    if (known !== undefined) return known
    const file = join(this.directory, session)
    const spool = { file, name, inode, offset: this.#positions[file] ?? 0, insideLost: false, unsettled: 0 }
    this.#spools.set(session, spool)
    return spool
  }

  async #drain(handle: FileHandle, spool: Spool, inode: bigint, size: number): Promise<SpoolPart | null> {
    const another = size < spool.offset || inode !== spool.inode
    const replaced = another && spool.offset > 0
    if (another) {
      spool.inode = inode
      spool.offset = 0
      spool.insideLost = false
    }
    const items: Array<SpoolItem> = []
    let offset = spool.offset
    let inside = spool.insideLost
    let more = false
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(1, size - offset)))
    for (let chunk = 0; offset < size; chunk++) {
      if (chunk === chunksAtOnce || items.length >= itemsAtOnce) {
        more = true
        break
      }
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - offset), offset)
      if (bytesRead === 0) break
      const split = splitRecords(buffer.subarray(0, bytesRead), spool.name.shell, inside)
      for (const item of split.items) push(items, { ...item, end: offset + item.end })
      offset += split.used
      inside = split.insideLost
      if (split.used === 0) break
    }
    if (!more && offset < size && (await isShellGone(spool.name.pid, spool.name.startedMs))) {
      const now = await handle.stat()
      if (now.size === size) {
        push(items, { kind: "lost", bytes: size - offset, end: size })
        offset = size
      } else more = true
    }
    spool.offset = offset
    spool.insideLost = inside
    spool.unsettled += 1
    let settled = false
    const settle = async (): Promise<void> => {
      if (!settled) spool.unsettled -= 1
      settled = true
      await this.#retire(spool)
    }
    return { file: spool.file, name: spool.name, items, replaced, more, settle }
  }

  async #retire(spool: Spool): Promise<void> {
    const free = (): boolean => spool.unsettled === 0
    if (!free() || !(await isShellGone(spool.name.pid, spool.name.startedMs))) return
    const stat = await lstat(spool.file).catch(() => null)
    if (stat === null || !free() || stat.size !== spool.offset) return
    this.#spools.delete(spool.name.session)
    await unlink(spool.file).catch(() => undefined)
    if (spool.name.shell === "bash")
      await unlink(join(this.directory, `.bash-${spool.name.pid}`)).catch(() => undefined)
  }
}

const push = (items: Array<SpoolItem>, item: SpoolItem): void => {
  const last = items.at(-1)
  if (item.kind === "lost" && last?.kind === "lost")
    items[items.length - 1] = { kind: "lost", bytes: last.bytes + item.bytes, end: item.end }
  else items.push(item)
}
