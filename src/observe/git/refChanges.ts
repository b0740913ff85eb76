/**
 * What changed between the refs last stated and the refs now: branches created, deleted, moved; remote-tracking refs
 * fetched or pushed. Pure but for one look at a remote ref's own reflog, which tells a push from a fetch.
 */
import * as path from "node:path"
import { readFrom } from "./files.ts"
import type { Place } from "./locate.ts"
import { parseLines } from "./reflog.ts"

export interface RefChange {
  readonly ref: string
  readonly from: string | null
  readonly to: string | null
}

export const refChanges = (
  known: (ref: string) => string | null,
  knownRefs: Iterable<string>,
  now: ReadonlyMap<string, string>,
): ReadonlyArray<RefChange> => {
  const changes: Array<RefChange> = []
  for (const [ref, to] of now) {
    const from = known(ref)
    if (from !== to) changes.push({ ref, from, to })
  }
  for (const ref of knownRefs) {
    const from = known(ref)
    if (from !== null && !now.has(ref)) changes.push({ ref, from, to: null })
  }
  return changes
}

/** The newest line of the ref's reflog says "update by push". */
export const wasPushed = (place: Place, change: RefChange): boolean => {
  if (change.to === null) return false
  try {
    const tail = readFrom(path.join(place.commonDir, "logs", change.ref), 0, 4096)
    const line = tail === null ? undefined : parseLines(tail.bytes, tail.start).at(-1)
    return line !== undefined && line.new === change.to && line.message.startsWith("update by push")
  } catch {
    return false
  }
}

export const shortRemote = (ref: string): string => ref.slice("refs/remotes/".length)
export const isRemote = (ref: string): boolean => ref.startsWith("refs/remotes/")
export const branchAction = (change: RefChange): "created" | "deleted" | "moved" =>
  change.from === null ? "created" : change.to === null ? "deleted" : "moved"
