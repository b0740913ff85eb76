/**
 * A write that is given up: LMDB takes new pages from its list of free ones, which no reading ever looks at, so that a
 * damaged list would first be met by the daemon's own write, and could kill it. Only for the child that looks first.
 * Invariant: nothing reaches the file; a log that may not be written here is passed over.
 */
import { accessSync, constants, statSync } from "node:fs"
import { dirname } from "node:path"
import { ABORT, open } from "lmdb"

const mapSize = 64 * 2 ** 30
const value = Buffer.alloc(4000)
/** Of 4 KiB; more than a log has free in the ordinary course. */
const mostPages = 2000

const isWritable = (path: string): boolean => {
  try {
    for (const each of [path, dirname(path)]) accessSync(each, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Throws, or dies, where a write would. */
export const rehearseWrite = (path: string): void => {
  if (!isWritable(path)) return
  const pages = Math.min(Math.ceil(statSync(path).size / 4096), mostPages)
  const root = open({
    path,
    noSubdir: true,
    mapSize,
    maxDbs: 8,
    maxReaders: 64,
    overlappingSync: false,
    eventTurnBatching: false,
  })
  try {
    const records = root.openDB<Buffer, Uint8Array>({
      name: "records",
      keyEncoding: "binary",
      encoding: "binary",
    })
    root.transactionSync(() => {
      for (let n = 0; n < pages; n++) void records.put(Buffer.from(`rehearsal ${n}`), value)
      return ABORT
    })
  } finally {
    void root.close()
  }
}
