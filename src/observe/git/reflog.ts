/**
 * The tail of a reflog: parses lines and finds the place where reading stopped last time.
 * A position is the offset behind the last line stated and a mark: its time and the hashes of the last lines, newest
 * first. Where the file was rewritten (expired, deleted lines, made anew) the mark finds the place again; where none of
 * the marked lines is left, lines younger than the mark's time count as new. So nothing is stated twice or lost.
 * Lines are only read up to the last line end: git may be writing the next one.
 */
import { createHash } from "node:crypto"
import { readFrom, statFile } from "./files.ts"

export interface ReflogLine {
  readonly old: string
  readonly new: string
  readonly atSec: number
  readonly message: string
  /** Offset behind this line. */
  readonly end: number
  readonly hash: string
}
export interface Position {
  readonly offset: number
  readonly mark: string
}
export interface MarkedLine extends ReflogLine {
  readonly position: Position
}
export interface Tail {
  /** Where `lines` begin: what was known, or, at first sight, the end of the history. */
  readonly start: Position
  /** Lines behind the position, oldest first. */
  readonly lines: ReadonlyArray<MarkedLine>
  readonly end: Position
  /** Object name the newest line of all ends at. */
  readonly newest: string | null
}

const marked = 4
const maxBytes = 16 << 20
const lookBack = 4096

const linePattern =
  /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) [^\n]*?> (-?\d{1,15})(?: [+-]\d{1,6})?(?:\t([^\n]*))?$/

/** The old object name is left out: `reflog expire --rewrite` changes it in lines that stay. */
const hashOf = (line: Buffer): string =>
  createHash("sha256")
    .update(line.subarray(line.indexOf(32) + 1))
    .digest("hex")
    .slice(0, 12)

export const parseLines = (bytes: Buffer, start: number): ReadonlyArray<ReflogLine> => {
  const lines: Array<ReflogLine> = []
  let from = 0
  for (;;) {
    const to = bytes.indexOf(10, from)
    if (to < 0) return lines
    const raw = bytes.subarray(from, to)
    const match = linePattern.exec(raw.toString("utf8"))
    if (match !== null)
      lines.push({
        old: match[1]!,
        new: match[2]!,
        atSec: Number(match[3]),
        message: match[4] ?? "",
        end: start + to + 1,
        hash: hashOf(raw),
      })
    from = to + 1
  }
}

const maxPast = 512 << 10

/** The newest part of a reflog, oldest line first; nothing where there is none. */
export const reflogOf = (file: string): ReadonlyArray<ReflogLine> => {
  const read = readFrom(file, 0, maxPast)
  return read === null ? [] : parseLines(read.bytes, read.start)
}

interface Mark {
  readonly atSec: number
  readonly hashes: ReadonlyArray<string>
}
const parseMark = (mark: string): Mark | null => {
  const match = /^(-?\d+):([0-9a-f,]*)$/.exec(mark)
  return match === null ? null : { atSec: Number(match[1]), hashes: match[2]!.split(",").filter(Boolean) }
}
const markOf = (mark: Mark): string => `${mark.atSec}:${mark.hashes.join(",")}`

/** Index behind the line where the mark says reading stopped, or -1 where no marked line is left. */
const find = (lines: ReadonlyArray<ReflogLine>, mark: Mark): number => {
  for (let known = 0; known < mark.hashes.length; known++) {
    let best = -1
    let bestScore = 0
    for (let at = 0; at < lines.length; at++) {
      let score = 0
      while (
        score <= at &&
        known + score < mark.hashes.length &&
        lines[at - score]!.hash === mark.hashes[known + score]
      )
        score++
      if (score > 0 && score >= bestScore) {
        best = at
        bestScore = score
      }
    }
    if (best >= 0) return best + 1
  }
  return -1
}

const marking = (lines: ReadonlyArray<ReflogLine>, start: Mark | null): ReadonlyArray<MarkedLine> => {
  let hashes = start?.hashes ?? []
  return lines.map((line) => {
    hashes = [line.hash, ...hashes].slice(0, marked)
    return { ...line, position: { offset: line.end, mark: markOf({ atSec: line.atSec, hashes }) } }
  })
}

const none = (position: Position | undefined): Tail => ({
  start: position ?? { offset: 0, mark: "" },
  lines: [],
  end: position ?? { offset: 0, mark: "" },
  newest: null,
})

const tailBehind = (
  before: ReadonlyArray<ReflogLine>,
  behind: ReadonlyArray<ReflogLine>,
  mark: Mark | null,
): Tail => {
  const lines = marking(behind, mark)
  const start = { offset: before.at(-1)?.end ?? 0, mark: mark === null ? "" : markOf(mark) }
  return {
    start,
    lines,
    end: lines.at(-1)?.position ?? start,
    newest: (behind.at(-1) ?? before.at(-1))?.new ?? null,
  }
}

/** First sight: everything is history but lines not older than `sinceSec`. */
const firstTail = (file: string, sinceSec: number): Tail => {
  const read = readFrom(file, 0, 1 << 20)
  if (read === null) return none(undefined)
  const all = parseLines(read.bytes, read.start)
  let behind = all.findIndex((line) => line.atSec >= sinceSec)
  if (behind < 0) behind = all.length
  const before = all.slice(0, behind)
  const last = before.at(-1)
  const hashes = before
    .slice(-marked)
    .reverse()
    .map((line) => line.hash)
  return tailBehind(before, all.slice(behind), last === undefined ? null : { atSec: last.atSec, hashes })
}

/** Lines behind `position`, or, without one, those not older than `sinceSec` (Infinity: none). */
export const readTail = (file: string, position: Position | undefined, sinceSec: number): Tail => {
  if (position === undefined) return firstTail(file, sinceSec)
  const stat = statFile(file)
  if (stat === null) return none(position)
  const mark = parseMark(position.mark)
  if (position.offset <= stat.size) {
    const read = readFrom(file, Math.max(0, position.offset - lookBack), maxBytes)
    if (read === null) return none(position)
    // The first line read may be cut in front: it then does not match and drops out.
    const lines = parseLines(read.bytes, read.start)
    const behind = lines.findIndex((line) => line.end > position.offset)
    const before = behind < 0 ? lines : lines.slice(0, behind)
    const last = before.at(-1)
    const inPlace =
      mark === null ? position.offset === 0 : last?.end === position.offset && last.hash === mark.hashes[0]
    if (inPlace) return tailBehind(before, behind < 0 ? [] : lines.slice(behind), mark)
  }
  const read = readFrom(file, 0, maxBytes)
  if (read === null) return none(position)
  const all = parseLines(read.bytes, read.start)
  if (mark === null) return tailBehind([], all, null)
  const found = find(all, mark)
  const behind = found >= 0 ? found : all.findIndex((line) => line.atSec > mark.atSec)
  return behind < 0 ? tailBehind(all, [], mark) : tailBehind(all.slice(0, behind), all.slice(behind), mark)
}
