/**
 * Archives: what they hold, and taking erased payloads out of them. An archive is a sealed segment whose events' payloads
 * have left the log.
 * Invariants: one archive in memory at a time; a changed archive is written aside and put in place whole, and goes on
 * verifying, because an erased line keeps the hash of its payload.
 */
import { readFile } from "node:fs/promises"
import { basename, join } from "node:path"
import type { Event } from "../src/domain/event.ts"
import { sha256 } from "./canonical.ts"
import { inline } from "./chunk.ts"
import { parseLine } from "./jsonl.ts"
import {
  archiveDir,
  listSegments,
  putSegment,
  readHeader,
  readSegment,
  type SegmentFile,
} from "./segments.ts"

export const listArchives = (dir: string): Promise<ReadonlyArray<SegmentFile>> =>
  listSegments(dir, archiveDir)

/** SHA-256 of an archive's file, as `log.archived` names it. */
export const archiveSha256 = async (path: string): Promise<string> => sha256(await readFile(path))

/** The event of a line that has its payload; null for blobs and what was erased. */
const eventOf = (text: string, file: string): Event | null => {
  const line = parseLine(text)
  if (line._tag === "blob" || line.entry.place !== inline) return null
  const { place: _, blobs: __, payload, ...header } = line.entry
  return {
    ...header,
    payload: JSON.parse(payload) as unknown,
    prevHash: line.prevHash,
    archived: file,
  } as Event
}

/** Events of an archive whose payload is still in it, and for each whether one of its own blobs answers `inBlob`. */
export const archivedEvents = async (
  path: string,
  inBlob: (content: Buffer) => boolean = () => false,
): Promise<ReadonlyArray<{ readonly event: Event; readonly blobMatches: boolean }>> => {
  const out: Array<{ readonly event: Event; readonly blobMatches: boolean }> = []
  let blobMatches = false
  for (const text of (await readSegment(path)) ?? []) {
    const line = parseLine(text)
    if (line._tag === "blob") {
      blobMatches ||= line.content !== null && inBlob(line.content)
      continue
    }
    const event = eventOf(text, basename(path))
    if (event !== null) out.push({ event, blobMatches })
    blobMatches = false
  }
  return out
}

const withoutPayload = (text: string, seqs: ReadonlySet<number>, blobs: ReadonlySet<string>): string => {
  const line = parseLine(text)
  if (line._tag === "blob") return blobs.has(line.hash) ? `{"blob":"${line.hash}","erased":true}` : text
  if (!seqs.has(line.entry.seq) || line.entry.place !== inline) return text
  const { place: _, payload, hash, blobs: brought, ...header } = line.entry
  const head = JSON.stringify(header).slice(0, -1)
  const extra = brought.length === 0 ? "" : `,"blobs":${JSON.stringify(brought)}`
  return `${head},"payload":null,"prevHash":"${line.prevHash}","hash":"${hash}"${extra},"erased":true,"payloadHash":"${sha256(payload)}"}`
}

/** Takes these payloads, and the blobs they brought, out of an archive. True where it held any. */
const eraseInArchive = async (path: string, seqs: ReadonlySet<number>): Promise<boolean> => {
  const header = await readHeader(path)
  const lines = await readSegment(path)
  if (header === null || lines === null) return false
  const blobs = new Set<string>()
  for (const text of lines) {
    const line = parseLine(text)
    if (line._tag === "event" && seqs.has(line.entry.seq))
      for (const blob of line.entry.blobs) blobs.add(blob)
  }
  const after = lines.map((text) => withoutPayload(text, seqs, blobs))
  if (after.every((text, n) => text === lines[n])) return false
  const { first, last, prevHash, lastHash } = header
  await putSegment(join(path, ".."), { first, last, prevHash, lastHash, lines: after })
  return true
}

/** The archives that hold any of these seqs, rid of their payloads. */
export const eraseInArchives = async (
  dir: string,
  seqs: ReadonlyArray<number>,
): Promise<ReadonlyArray<SegmentFile>> => {
  const wanted = new Set(seqs)
  const concerned: Array<SegmentFile> = []
  for (const archive of await listArchives(dir)) {
    if (!seqs.some((seq) => seq >= archive.first && seq <= archive.last)) continue
    await eraseInArchive(archive.path, wanted)
    concerned.push(archive)
  }
  return concerned
}
