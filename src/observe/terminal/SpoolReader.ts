/**
 * Reads the spools of one directory, each from where it stands, and removes those of shells that are gone.
 * Invariants: a byte is handed out once; a spool is removed only when its shell is gone, all of it was read and
 * every item handed out was settled (is durable); an unfinished record waits, unless nobody is left to finish it.
 * Synchronous: a record is a few microseconds from the page cache, and eight turns of the event loop otherwise.
 */
import { Buffer } from "node:buffer"
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  unlinkSync,
} from "node:fs"
import { join } from "node:path"
import { isShellGone } from "./shellProcess.ts"
import { parseSpoolName, type SpoolName } from "./spoolFormat.ts"
import { type SpoolItem, splitRecords } from "./splitRecords.ts"

const chunkBytes = 131_072
const chunksAtOnce = 128
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
  readonly settle: () => void
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
  list(): ReadonlyArray<string> {
    const names = attempt(() => readdirSync(this.directory)) ?? []
    return names
      .flatMap((name) => parseSpoolName(name) ?? [])
      .toSorted((a, b) => a.startedMs - b.startedMs)
      .map((name) => name.session)
  }

  /** The next items of a spool; null where there is nothing to say, or it cannot be read for now. */
  read(session: string): SpoolPart | null {
    const name = parseSpoolName(session)
    if (name === null) return null
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    const file = attempt(() => openSync(join(this.directory, session), flags))
    if (file === null) return null
    try {
      return attempt(() => {
        const stat = fstatSync(file, { bigint: true })
        return stat.isFile()
          ? this.#drain(file, this.#spool(session, name, stat.ino), stat.ino, Number(stat.size))
          : null
      })
    } finally {
      closeSync(file)
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

  #drain(file: number, spool: Spool, inode: bigint, size: number): SpoolPart {
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
      const bytesRead = readSync(file, buffer, 0, Math.min(buffer.length, size - offset), offset)
      if (bytesRead === 0) break
      const split = splitRecords(buffer.subarray(0, bytesRead), spool.name.shell, inside)
      const nowMs = Date.now()
      for (const item of split.items) push(items, { ...endedBy(item, nowMs), end: offset + item.end })
      offset += split.used
      inside = split.insideLost
      if (split.used === 0) break
    }
    if (!more && offset < size && isShellGone(spool.name.pid, spool.name.startedMs)) {
      if (fstatSync(file).size === size) {
        push(items, { kind: "lost", bytes: size - offset, end: size })
        offset = size
      } else more = true
    }
    spool.offset = offset
    spool.insideLost = inside
    spool.unsettled += 1
    let settled = false
    const settle = (): void => {
      if (!settled) spool.unsettled -= 1
      settled = true
      this.#retire(spool)
    }
    return { file: spool.file, name: spool.name, items, replaced, more, settle }
  }

  #retire(spool: Spool): void {
    if (spool.unsettled > 0 || !isShellGone(spool.name.pid, spool.name.startedMs)) return
    const stat = attempt(() => lstatSync(spool.file))
    if (stat === null || stat.size !== spool.offset) return
    this.#spools.delete(spool.name.session)
    attempt(() => unlinkSync(spool.file))
    if (spool.name.shell === "bash")
      attempt(() => unlinkSync(join(this.directory, `.bash-${spool.name.pid}`)))
  }
}

/** Nothing that is read ends later than now. */
const endedBy = (item: SpoolItem, nowMs: number): SpoolItem =>
  item.kind === "record" && item.record.endedMs > nowMs
    ? { ...item, record: { ...item.record, endedMs: nowMs } }
    : item

/** Files here come and go with the shells: what fails now is looked at again at the next signal or sweep. */
const attempt = <A>(action: () => A): A | null => {
  try {
    return action()
  } catch {
    return null
  }
}

const push = (items: Array<SpoolItem>, item: SpoolItem): void => {
  const last = items.at(-1)
  if (item.kind === "lost" && last?.kind === "lost")
    items[items.length - 1] = { kind: "lost", bytes: last.bytes + item.bytes, end: item.end }
  else items.push(item)
}
