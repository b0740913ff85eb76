/**
 * From a burst of sightings to the payload of one `fs.changed`: the listed files are looked at once more before
 * they are stated, those with urgent names first. Files are only named and sized here, never read.
 */
import { lstatSync } from "node:fs"
import type { PayloadOf } from "../../domain/event.ts"
import type { FileChange } from "../../domain/events/observed.ts"
import { baseName, display, toBuffer } from "./byteStrings.ts"
import type { Burst } from "./coalesce.ts"
import type { Kind } from "./Watcher.ts"

/** How many changes an event lists; its counts are of all. */
const mostListed = 500

type State = { readonly before: boolean; readonly now: boolean }

const kindOf = ({ before, now }: State): Kind | null =>
  now ? (before ? "change" : "add") : before ? "unlink" : null

/** Size of the file that is there; null where none is; undefined where it cannot be told. */
const sizeOf = (path: Buffer): number | null | undefined => {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    return stat?.isFile() === true || stat?.isSymbolicLink() === true ? stat.size : null
  } catch {
    return undefined
  }
}

/**
 * Null where nothing is left to state. `keep` gets what is not as it was seen: it changed again since, and the
 * watcher will say so.
 */
export const stateFacts = (
  root: string,
  burst: Burst,
  urgentNames: ReadonlySet<string>,
  keep: (path: string, state: State) => void,
): PayloadOf<"fs.changed"> | null => {
  const counts = { add: 0, change: 0, unlink: 0, rename: 0 }
  const urgent: Array<readonly [string, State]> = []
  const others: Array<readonly [string, State]> = []
  for (const [path, state] of burst.paths) {
    const kind = kindOf(state)
    if (kind === null) continue
    counts[kind]++
    if (urgentNames.has(baseName(path))) urgent.push([path, state])
    else if (others.length < mostListed) others.push([path, state])
  }
  const total = counts.add + counts.change + counts.unlink
  const changes: Array<FileChange> = []
  for (const [path, state] of [...urgent, ...others].slice(0, mostListed)) {
    const kind = kindOf(state)!
    const bytes = sizeOf(toBuffer(`${root}/${path}`))
    if (bytes !== undefined && (bytes !== null) !== state.now) {
      counts[kind]--
      keep(path, state)
      continue
    }
    const size = kind === "unlink" || typeof bytes !== "number" ? {} : { bytes }
    changes.push({ ...display(path), kind, ...size })
  }
  if (changes.length === 0 && total <= mostListed) return null
  return { changes, counts, truncated: total > mostListed, cause: burst.cause }
}
