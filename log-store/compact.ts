/**
 * A data file written anew without the pages that nothing uses any more: they keep what was erased until they happen to
 * be used again. Every table is copied entry by entry into a new file, not page by page, because the unused end of a page
 * in use may hold old bytes too.
 * Invariants: the old file is only read; the new one holds all of it before its name changes, which is one step, so
 * that after any crash there is the old file or the new one; what a crash left beside is removed (`leftovers`).
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs"
import { dirname } from "node:path"
import type { Database } from "lmdb"

export type Table = Database<Buffer, number | Uint8Array>

const batchBytes = 8 * 2 ** 20
const batchEntries = 20_000

/** Where the new file grows. */
export const asideOf = (path: string): string => `${path}.compact`

/** What a compaction that was cut off left. Only for who may write the log. */
export const removeLeftovers = (path: string): void => {
  for (const file of [asideOf(path), `${asideOf(path)}-lock`])
    if (existsSync(file)) rmSync(file, { force: true })
}

/** More pages than these entries can touch: twice their bytes, a run of pages for each large one, the way down to them. */
const pagesFor = (count: number, bytes: number): number => 64 + count / 8 + (bytes / 4096) * 2

/**
 * In key order, which packs the pages full. Gives way to others between batches. `room` is asked for the disk blocks of
 * each batch, since LMDB must not meet a full disk itself (see `DiskReserve`).
 */
export const copyTable = async (from: Table, to: Table, room: (pages: number) => void): Promise<void> => {
  let after: number | Uint8Array | undefined
  for (;;) {
    const entries: Array<{ readonly key: number | Uint8Array; readonly value: Buffer }> = []
    let bytes = 0
    const range = after === undefined ? {} : { start: after, exclusiveStart: true }
    for (const { key, value } of from.getRange(range)) {
      // both lie in memory of LMDB's own, which the next read may overwrite
      entries.push({ key: typeof key === "number" ? key : Buffer.from(key), value: Buffer.from(value) })
      bytes += value.length
      if (bytes >= batchBytes || entries.length >= batchEntries) break
    }
    const last = entries.at(-1)
    if (last === undefined) return
    room(Math.ceil(pagesFor(entries.length, bytes)))
    await to.batch(() => {
      for (const { key, value } of entries) to.put(key, value, { append: true } as never)
    })
    after = last.key
  }
}

const syncDirectory = (path: string): void => {
  const fd = openSync(dirname(path), "r")
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Gives the new file, and the lock file of who has it open, the names of the old ones. */
export const takeName = (path: string): void => {
  const aside = asideOf(path)
  renameSync(aside, path)
  renameSync(`${aside}-lock`, `${path}-lock`)
  syncDirectory(path)
}
