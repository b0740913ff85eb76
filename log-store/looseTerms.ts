/**
 * Index keys of the newest chunks that are not in the index's own table yet: one small record beside the head, so that a
 * commit of one event touches no page of the index. They move to the table together when the record is full.
 * Invariant: the index is the table and these; a key may be in both, which says no more than being in one. Pure.
 */
import { keyBytes, termBytes } from "./terms.ts"

export const looseRecord = "loose-terms"
/** Fits a page of LMDB beside the head. */
const maxLoose = 70

export const keysOf = (record: Buffer | undefined): ReadonlyArray<Buffer> =>
  record === undefined
    ? []
    : Array.from({ length: Math.floor(record.length / keyBytes) }, (_, n) =>
        Buffer.from(record.subarray(n * keyBytes, (n + 1) * keyBytes)),
      )
const textOf = (key: Buffer): string => key.toString("latin1")

export interface Settled {
  /** The record from now on; undefined: as it is. */
  readonly loose: Buffer | undefined
  /** What goes to the table, and what is taken from it. */
  readonly put: ReadonlyArray<Buffer>
  readonly remove: ReadonlyArray<Buffer>
}

/** What a commit's new keys, and those it removes, do to the record and the table. */
export const settle = (
  record: Buffer | undefined,
  added: ReadonlyArray<Buffer>,
  removed: ReadonlyArray<Buffer>,
): Settled => {
  if (removed.length === 0) {
    const fresh = added.filter((key) => !isLoose(record, key))
    if (fresh.length === 0) return { loose: undefined, put: [], remove: [] }
    const length = (record?.length ?? 0) + fresh.length * keyBytes
    if (length <= maxLoose * keyBytes)
      return { loose: Buffer.concat(record === undefined ? fresh : [record, ...fresh]), put: [], remove: [] }
  }
  const keys = new Map(keysOf(record).map((key) => [textOf(key), key]))
  const remove = removed.filter((key) => !keys.delete(textOf(key)))
  for (const key of added) keys.set(textOf(key), key)
  if (keys.size > maxLoose) return { loose: Buffer.alloc(0), put: [...keys.values()], remove }
  const loose = Buffer.concat([...keys.values()])
  return { loose: record !== undefined && record.equals(loose) ? undefined : loose, put: [], remove }
}

export const isLoose = (record: Buffer | undefined, key: Buffer): boolean => {
  if (record === undefined) return false
  let at = record.indexOf(key)
  while (at >= 0 && at % keyBytes !== 0) at = record.indexOf(key, at + 1)
  return at >= 0
}

/** `found` of the table, in the order asked for, with what the record has of the same term. */
export const withLoose = (
  found: ReadonlyArray<number>,
  record: Buffer | undefined,
  term: Buffer,
  from: number,
  to: number,
  limit: number,
  reverse: boolean,
): ReadonlyArray<number> => {
  const more = keysOf(record)
    .filter((key) => key.subarray(0, termBytes).equals(term))
    .map((key) => key.readUInt32BE(termBytes))
    .filter((seq) => seq >= from && seq <= to)
  if (more.length === 0) return found
  return [...new Set([...found, ...more])].sort((a, b) => (reverse ? b - a : a - b)).slice(0, limit)
}
