/**
 * The stash is its reflog: a line more was pushed, a line gone was dropped (or popped). The mark is the list of the
 * lines' hashes, oldest first, so a comparison tells both, also after a restart. Newest 64 entries; older ones
 * are not followed.
 */
import { parseLines, type Position } from "./reflog.ts"
import { readFrom } from "./files.ts"

export interface StashChange {
  readonly action: "pushed" | "dropped"
  readonly count: number
  readonly subject: string
  readonly position: Position
}
export interface StashState {
  readonly position: Position
  readonly changes: ReadonlyArray<StashChange>
}

const followed = 64

/** `subjects` remembers hash -> subject, so that a dropped entry can still be named; it is filled here. */
export const readStash = (
  file: string,
  known: Position | undefined,
  subjects: Map<string, string>,
): StashState => {
  const read = readFrom(file, 0, 1 << 20)
  const lines = read === null ? [] : parseLines(read.bytes, read.start)
  const offset = lines.at(-1)?.end ?? 0
  for (const line of lines.slice(-followed)) subjects.set(line.hash, line.message.slice(0, 500))
  const positionOf = (hashes: ReadonlyArray<string>): Position => ({
    offset,
    mark: hashes.slice(-followed).join(","),
  })
  if (known === undefined) return { position: positionOf(lines.map((line) => line.hash)), changes: [] }

  const before = known.mark === "" ? [] : known.mark.split(",")
  const present = new Set(lines.map((line) => line.hash))
  const dropped = before.filter((hash) => !present.has(hash))
  // git only ever appends a stash, so what stands behind the last known line is new.
  const pushed = lines
    .slice(lines.findLastIndex((line) => before.includes(line.hash)) + 1)
    .map((line) => line.hash)
  const changes: Array<StashChange> = []
  let state = before
  let count = lines.length - pushed.length + dropped.length
  for (const hash of dropped) {
    state = state.filter((other) => other !== hash)
    changes.push({
      action: "dropped",
      count: --count,
      subject: subjects.get(hash) ?? "",
      position: positionOf(state),
    })
    subjects.delete(hash)
  }
  for (const hash of pushed) {
    state = [...state, hash]
    changes.push({
      action: "pushed",
      count: ++count,
      subject: subjects.get(hash) ?? "",
      position: positionOf(state),
    })
  }
  return { position: positionOf(state), changes }
}
