/**
 * Cuts a piece of a spool into records and into stretches that are none. Pure.
 * Invariant: `used` bytes are accounted for, each in exactly one item; neighbouring lost stretches are one item;
 * what follows `used` is an unfinished record, which is never longer than a record may be.
 */
import type { Buffer } from "node:buffer"
import { maximumRecord, parseRecord, type Shell, type SpoolRecord, terminator } from "./spoolFormat.ts"

export type SpoolItem =
  | { readonly kind: "record"; readonly record: SpoolRecord; readonly end: number }
  | { readonly kind: "lost"; readonly bytes: number; readonly end: number }

export interface SplitResult {
  readonly items: ReadonlyArray<SpoolItem>
  readonly used: number
  /** The last bytes used were a record that has not ended yet: the next terminator ends it, not a record. */
  readonly insideLost: boolean
}

export const splitRecords = (bytes: Buffer, shell: Shell, insideLost: boolean): SplitResult => {
  const items: Array<SpoolItem> = []
  let used = 0
  let inside = insideLost
  const lose = (end: number): void => {
    const last = items.at(-1)
    if (last?.kind === "lost") items[items.length - 1] = { kind: "lost", bytes: last.bytes + end - used, end }
    else if (end > used) items.push({ kind: "lost", bytes: end - used, end })
    used = end
  }
  for (;;) {
    const at = bytes.indexOf(terminator, used)
    if (at < 0) break
    const end = at + terminator.length
    const record = inside ? null : parseRecord(bytes.subarray(used, at), shell)
    inside = false
    if (record === null) lose(end)
    else {
      items.push({ kind: "record", record, end })
      used = end
    }
  }
  if (inside || bytes.length - used > maximumRecord) {
    // Its RS may be here and its LF not yet.
    const end = bytes.at(-1) === terminator[0] ? bytes.length - 1 : bytes.length
    if (end > used) {
      lose(end)
      inside = true
    }
  }
  return { items, used, insideLost: inside }
}
