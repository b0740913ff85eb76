/**
 * Holds the sealed segments against the log they were made of. A segment that says otherwise means that one of the two was
 * changed, replaced or put back to an older copy. `quick` looks at the newest segment's header, `full` at every line
 * of every segment. Invariants: only reads; one segment in memory at a time; a segment that still holds a payload
 * which the log has erased since contradicts nothing.
 */
import { basename } from "node:path"
import { setImmediate } from "node:timers/promises"
import type { Backend } from "./Backend.ts"
import { zeroHash } from "./canonical.ts"
import type { Fault } from "./ChainCheck.ts"
import { blobSeq } from "./blob.ts"
import { Chunk, type Entry, erased, side } from "./chunk.ts"
import { entryLines, LineError, parseLine } from "./jsonl.ts"
import { readHeader, readSegment, type SegmentFile } from "./segments.ts"

const chunkOf = (backend: Backend, seq: number): Chunk | undefined => {
  const stored = backend.chunkAt(seq)
  const chunk = stored === undefined ? undefined : new Chunk(stored.bytes)
  return chunk !== undefined && chunk.last >= seq ? chunk : undefined
}
const hashOf = (backend: Backend, seq: number): string | undefined => {
  if (seq === 0) return zeroHash
  const chunk = chunkOf(backend, seq)
  return chunk?.hash(seq - chunk.first)
}

/** The log was checked before, and is whole. */
const cure = "move that file away, and the daemon writes it anew"

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const isGone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT"

/** Its content was erased with another event's, and a later event brought the same content again. */
const cameBack = (backend: Backend, stored: Entry): boolean => {
  const bytes = stored.place === side ? backend.blob(stored.payload) : undefined
  return bytes !== undefined && blobSeq(bytes) > stored.seq
}

/** What a line of a segment says against event `seq` of the log; null: nothing but a payload that was erased since. */
const contradiction = (backend: Backend, text: string, chunk: Chunk, seq: number): string | null => {
  try {
    const line = parseLine(text)
    if (line._tag === "blob") return null
    if (line.entry.seq !== seq) return `event ${line.entry.seq} stands in its place`
    const stored = chunk.entry(seq - chunk.first)
    if (line.entry.hash !== stored.hash) return "it is another event there than in the log"
    return line.entry.place === erased && stored.place !== erased && !cameBack(backend, stored)
      ? "its payload was taken out there"
      : null
  } catch (error) {
    if (!(error instanceof LineError)) throw error
    return error.message
  }
}

const checkLines = async (
  backend: Backend,
  segment: SegmentFile,
  lines: ReadonlyArray<string>,
): Promise<Fault | null> => {
  const name = basename(segment.path)
  let at = 0
  for (let seq = segment.first; seq <= segment.last;) {
    const chunk = chunkOf(backend, seq)
    if (chunk === undefined) return { seq, message: `the segment ${name} holds it, and the log does not` }
    for (; seq <= Math.min(chunk.last, segment.last); seq++) {
      // What the log itself says of the event; the log was checked before.
      const expected = entryLines(chunk, seq - chunk.first, backend)
      if (expected.every((line, n) => line === lines[at + n])) {
        at += expected.length
        continue
      }
      for (let isEvent = false; !isEvent; at++) {
        const text = lines[at]
        const fault = text === undefined ? "it is missing there" : contradiction(backend, text, chunk, seq)
        if (fault !== null) return { seq, message: `the segment ${name} differs: ${fault}` }
        isEvent = !text!.startsWith('{"blob":')
      }
    }
    await setImmediate()
  }
  return at === lines.length
    ? null
    : { seq: segment.last, message: `the segment ${name} differs: it holds more than its name says` }
}

const checkSegment = async (
  backend: Backend,
  segment: SegmentFile,
  head: number,
  isFull: boolean,
): Promise<Fault | null> => {
  const name = basename(segment.path)
  if (segment.last > head)
    return {
      seq: head,
      message: `the log ends at event ${head}, its segments at event ${segment.last}: events were cut off, or an older copy was put in its place`,
    }
  const header = await readHeader(segment.path)
  // Looked at before opening the log, an unreadable segment is no reason to doubt the log itself.
  if (header === null)
    return isFull ? { seq: segment.first, message: `the segment ${name} cannot be read: ${cure}` } : null
  if (header.first !== segment.first || header.last !== segment.last)
    return {
      seq: segment.first,
      message: `the segment ${name} says that it holds events ${header.first} to ${header.last}`,
    }
  const ends = [
    [segment.first - 1, header.prevHash],
    [segment.last, header.lastHash],
  ] as const
  const end = ends.find(([seq, hash]) => hashOf(backend, seq) !== hash)
  const replaced =
    end === undefined
      ? null
      : {
          seq: Math.max(end[0], segment.first),
          message: `event ${end[0]} is another one than the segment ${name} says: the log or the segment was replaced`,
        }
  if (!isFull) return replaced
  const lines = await readSegment(segment.path)
  if (lines === null)
    return {
      seq: segment.first,
      message: `the segment ${name} was changed, its checksum does not fit: ${cure}`,
    }
  // The lines tell more closely where.
  return (await checkLines(backend, segment, lines)) ?? replaced
}

/** Events between segments that are in none: one is gone. */
export const segmentGap = (segments: ReadonlyArray<SegmentFile>): Fault | null => {
  let covered = (segments[0]?.first ?? 1) - 1
  for (const { first, last, path } of segments) {
    if (first > covered + 1)
      return {
        seq: covered + 1,
        message: `the segment of events ${covered + 1} to ${first - 1} is gone, before ${basename(path)}`,
      }
    covered = Math.max(covered, last)
  }
  return null
}

/** `segments` must have been listed before the log's head was read: they never reach beyond it. */
export const checkSegments = async (
  backend: Backend,
  head: number,
  segments: ReadonlyArray<SegmentFile>,
  mode: "quick" | "full",
): Promise<Fault | null> => {
  const newest = segments.reduce<SegmentFile | undefined>(
    (a, b) => (a !== undefined && a.last >= b.last ? a : b),
    undefined,
  )
  for (const segment of mode === "full" ? segments : newest === undefined ? [] : [newest])
    try {
      const fault = await checkSegment(backend, segment, head, mode === "full")
      if (fault !== null) return fault
    } catch (error) {
      // Meanwhile replaced by a longer one, which holds the same.
      if (!isGone(error)) return { seq: segment.first, message: messageOf(error) }
    }
  return null
}
