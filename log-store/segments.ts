/**
 * Sealed segments: the log once more, in compressed, checksummed files that do not depend on LMDB's page tree. Archives
 * are the same, of events whose payloads have left the log.
 * A file `<first>-<last>.segment` has one line of JSON (first, last, prevHash, lastHash, SHA-256 of the rest), a
 * newline, and the zstd of the events' lines (`jsonl.ts`). Invariants: a file is complete or absent (written aside, flushed,
 * renamed); full ones are never touched again but for an erasure; a short last one is replaced by a longer one.
 */
import { mkdir, open, readdir, readFile, rename, unlink } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { constants, zstdCompress, zstdDecompress, zstdDecompressSync } from "node:zlib"
import { Effect, Schema, Semaphore, Stream } from "effect"
import { sha256 } from "./canonical.ts"
import { LogError, type LogStore, Unwritable } from "./LogStore.ts"

export const segmentsDir = "segments"
export const archiveDir = "archive"
export const segmentEvents = 10_000
const largest = 2 ** 31

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

const SegmentHeader = Schema.fromJsonString(
  Schema.Struct({
    segment: Schema.Literal(1),
    first: Schema.Natural,
    last: Schema.Natural,
    prevHash: Schema.String,
    lastHash: Schema.String,
    bytes: Schema.Natural,
    sha256: Schema.String,
  }),
)
export type SegmentHeader = typeof SegmentHeader.Type
const decodeHeader = Schema.decodeUnknownOption(SegmentHeader)

export interface SegmentFile {
  readonly first: number
  readonly last: number
  readonly path: string
}

export const rangeOf = (name: string): { readonly first: number; readonly last: number } | null => {
  const found = /^(\d{12})-(\d{12})\.segment$/.exec(name)
  return found === null ? null : { first: Number(found[1]), last: Number(found[2]) }
}

/** Segments of a log, or its archives, in order; longer ones first where two begin alike. */
export const listSegments = async (
  dir: string,
  folder: string = segmentsDir,
): Promise<ReadonlyArray<SegmentFile>> => {
  const names = await readdir(join(dir, folder)).catch(() => [] as Array<string>)
  return names
    .flatMap((name) => {
      const range = rangeOf(name)
      return range === null ? [] : [{ ...range, path: join(dir, folder, name) }]
    })
    .sort((a, b) => a.first - b.first || b.last - a.last)
}

export const segmentName = (first: number, last: number): string =>
  `${String(first).padStart(12, "0")}-${String(last).padStart(12, "0")}.segment`

/** Header of a segment; null where it is not readable. */
export const readHeader = async (path: string): Promise<SegmentHeader | null> => {
  const file = await open(path, "r")
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0)
    return headerIn(buffer.subarray(0, bytesRead))?.header ?? null
  } finally {
    await file.close()
  }
}
const headerIn = (bytes: Buffer): { readonly header: SegmentHeader; readonly end: number } | null => {
  const end = bytes.indexOf(10)
  const header = end < 0 ? undefined : decodeHeader(bytes.toString("utf8", 0, end))
  return header?._tag === "Some" ? { header: header.value, end: end + 1 } : null
}

/** The packed lines of a segment; null where its checksum does not fit. */
const bodyOf = (bytes: Buffer): Buffer | null => {
  const found = headerIn(bytes)
  if (found === null) return null
  const body = bytes.subarray(found.end)
  return body.length === found.header.bytes && sha256(body) === found.header.sha256 ? body : null
}
const splitLines = (text: string): ReadonlyArray<string> => (text === "" ? [] : text.slice(0, -1).split("\n"))

/** Lines of a segment; null where its checksum does not fit. */
export const readSegment = async (path: string): Promise<ReadonlyArray<string> | null> => {
  const body = bodyOf(await readFile(path))
  try {
    return body === null
      ? null
      : splitLines((await decompress(body, { maxOutputLength: largest })).toString())
  } catch {
    return null
  }
}

/** The same of a file that was read, at once. */
export const linesOfSync = (bytes: Buffer): ReadonlyArray<string> | null => {
  const body = bodyOf(bytes)
  try {
    return body === null
      ? null
      : splitLines(zstdDecompressSync(body, { maxOutputLength: largest }).toString())
  } catch {
    return null
  }
}

const writeDurably = async (
  folder: string,
  name: string,
  parts: ReadonlyArray<Uint8Array>,
): Promise<void> => {
  const aside = join(folder, `${name}.part`)
  const file = await open(aside, "w", 0o600)
  try {
    for (const part of parts) await file.writeFile(part)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(aside, join(folder, name))
  const parent = await open(folder, "r")
  await parent.sync().finally(() => parent.close())
}

type Store = LogStore["Service"]

export interface SegmentContent {
  readonly first: number
  readonly last: number
  readonly prevHash: string
  readonly lastHash: string
  readonly lines: ReadonlyArray<string>
}

/** Writes a segment into a folder; SHA-256 of the whole file. */
export const putSegment = async (folder: string, content: SegmentContent): Promise<string> => {
  const { first, last, prevHash, lastHash, lines } = content
  const body = await compress(Buffer.from(`${lines.join("\n")}\n`), {
    params: { [constants.ZSTD_c_compressionLevel]: 3 },
  })
  const header: SegmentHeader = {
    segment: 1,
    first,
    last,
    prevHash,
    lastHash,
    bytes: body.length,
    sha256: sha256(body),
  }
  const line = Buffer.from(`${JSON.stringify(header)}\n`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeDurably(folder, segmentName(first, last), [line, body])
  return sha256(Buffer.concat([line, body]))
}

/** What a segment of these events would hold. */
export const segmentContent = Effect.fnUntraced(function* (
  store: Store,
  first: number,
  last: number,
): Effect.fn.Return<SegmentContent, LogError> {
  const lines = yield* store.exportLines({ from: first, to: last }).pipe(Stream.runCollect)
  const start = yield* store.get(first)
  const end = yield* store.get(last)
  return { first, last, prevHash: start!.prevHash, lastHash: end!.hash, lines }
})

const writeSegment = Effect.fnUntraced(function* (store: Store, dir: string, first: number, last: number) {
  const content = yield* segmentContent(store, first, last)
  yield* Effect.tryPromise({
    try: async () => {
      await putSegment(join(dir, segmentsDir), content)
      // A shorter one with the same beginning is contained in this one.
      for (const other of await listSegments(dir))
        if (other.first === first && other.last < last) await unlink(other.path)
    },
    catch: (error) =>
      new LogError({
        reason: new Unwritable({
          message: `A segment of the log in ${dir} cannot be written: ${error instanceof Error ? error.message : String(error)}. The log itself goes on.`,
        }),
      }),
  })
})

export interface SealOptions {
  /** Seal once this many events are in no segment; 0 or 1 seals whatever there is (on shutdown). */
  readonly atLeast?: number
  /** Events in a full segment. */
  readonly size?: number
}

/** One at a time writes the segments of a store: two would write the same file. */
const writing = new WeakMap<Store, Semaphore.Semaphore>()
const alone = <A, E>(store: Store, body: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const permit = writing.get(store) ?? Semaphore.makeUnsafe(1)
    writing.set(store, permit)
    return permit.withPermit(body)
  })

/** Writes what is in no segment yet, in full segments and one short one. Returns the last seq that is sealed. */
export const sealSegments = (
  store: Store,
  dir: string,
  options: SealOptions = {},
): Effect.Effect<number, LogError> => alone(store, seal(store, dir, options))

/** Writes what lies between segments and is in none: one was damaged and moved away. */
const sealGaps = Effect.fnUntraced(function* (
  store: Store,
  dir: string,
  files: ReadonlyArray<SegmentFile>,
  size: number,
) {
  let next = 1
  for (const { first, last } of files) {
    for (; next < first; next = Math.min(next + size, first))
      yield* writeSegment(store, dir, next, Math.min(next + size, first) - 1)
    next = Math.max(next, last + 1)
  }
})

const seal = Effect.fnUntraced(function* (
  store: Store,
  dir: string,
  options: SealOptions,
): Effect.fn.Return<number, LogError> {
  const size = options.size ?? segmentEvents
  const { seq: head } = yield* store.head
  const files = yield* Effect.promise(() => listSegments(dir))
  const newest = files.reduce<SegmentFile | undefined>(
    (a, b) => (a !== undefined && a.last >= b.last ? a : b),
    undefined,
  )
  const sealed = newest?.last ?? 0
  yield* sealGaps(store, dir, files, size)
  if (head - sealed < Math.max(options.atLeast ?? size, 1)) return sealed
  let first = newest === undefined || newest.last - newest.first + 1 >= size ? sealed + 1 : newest.first
  while (first <= head) {
    const last = Math.min(first + size - 1, head)
    yield* writeSegment(store, dir, first, last)
    first = last + 1
  }
  return head
})

/** Writes anew the segments that hold these seqs: after an erasure, so that it holds there too. */
export const resealSegments = (
  store: Store,
  dir: string,
  seqs: ReadonlyArray<number>,
): Effect.Effect<void, LogError> => alone(store, reseal(store, dir, seqs))

const reseal = Effect.fnUntraced(function* (
  store: Store,
  dir: string,
  seqs: ReadonlyArray<number>,
): Effect.fn.Return<void, LogError> {
  yield* Effect.promise(() => removeParts(dir, segmentsDir))
  const files = yield* Effect.promise(() => listSegments(dir))
  for (const { first, last } of files)
    if (seqs.some((seq) => seq >= first && seq <= last)) yield* writeSegment(store, dir, first, last)
})

/** What a write that was cut off left. */
export const removeParts = async (dir: string, folder: string): Promise<void> => {
  for (const name of await readdir(join(dir, folder)).catch(() => [] as Array<string>))
    if (name.endsWith(".part")) await unlink(join(dir, folder, name))
}

/** What the segments say against the log: it was put back to an older copy, or replaced. Null: nothing. */
export const compareWithSegments = Effect.fnUntraced(function* (
  store: Store,
  dir: string,
): Effect.fn.Return<string | null, LogError> {
  const newest = (yield* Effect.promise(() => listSegments(dir))).at(-1)
  if (newest === undefined) return null
  const header = yield* Effect.promise(() => readHeader(newest.path).catch(() => null))
  if (header === null) return null
  const head = yield* store.head
  if (header.last > head.seq)
    return `its segments reach event ${header.last}, but it ends at ${head.seq}: events were cut off, or an older copy was put in its place`
  const event = yield* store.get(header.last)
  return event?.hash === header.lastHash
    ? null
    : `event ${header.last} is another one than its segments hold: the log was replaced`
})
