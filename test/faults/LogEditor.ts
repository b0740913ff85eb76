/**
 * Somebody with the log's files and all of our knowledge of them, and the daemon down: changes chunks, blobs, records, index
 * and segments in place, or writes the whole log anew with every hash made to fit. What it cannot do is sign.
 */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { Effect, Stream } from "effect"
import { emptyCommit } from "../../log-store/Backend.ts"
import { chainHash, sha256 } from "../../log-store/canonical.ts"
import { Chunk, encodeChunk, type Entry, inline } from "../../log-store/chunk.ts"
import { lmdbBackend, type LmdbBackend } from "../../log-store/LmdbBackend.ts"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { encodeHead, headRecord, decodeHead } from "../../log-store/records.ts"
import { chunkTerms } from "../../log-store/terms.ts"
import { exportJsonl, importJsonl } from "../../log-store/transfer.ts"
import { removeTree } from "../removeTree.ts"

const mapSize = 2 ** 30

/** An event as a line of an export has it. */
export interface Line {
  seq: number
  payload: unknown
  hash: string
  prevHash: string
  readonly blob?: string
  [field: string]: unknown
}

const hashOf = (line: Line): string =>
  chainHash({
    blobs: [],
    ...line,
    payloadHash: line["erased"] === true ? line["payloadHash"] : sha256(JSON.stringify(line.payload)),
  } as never)

export class LogEditor {
  readonly dir: string
  constructor(dir: string) {
    this.dir = dir
  }

  async #with<A>(body: (backend: LmdbBackend) => A | Promise<A>): Promise<A> {
    const backend = lmdbBackend({ dir: this.dir, mapSize })
    try {
      return await body(backend)
    } finally {
      await backend.close()
    }
  }

  /** Chunks of the log, copied out. */
  chunks(): Promise<ReadonlyArray<Chunk>> {
    return this.#with((backend) =>
      backend.chunksFrom(1, Number.POSITIVE_INFINITY).map(({ bytes }) => new Chunk(Buffer.from(bytes))),
    )
  }
  async chunkOf(seq: number): Promise<Chunk> {
    return (await this.chunks()).find(({ first, last }) => first <= seq && seq <= last)!
  }

  /** Puts other entries into the place of a chunk, and the index keys that they need. */
  async replace(chunk: Chunk, entries: ReadonlyArray<Entry>, key = chunk.first): Promise<void> {
    await this.#with((backend) =>
      backend.commit({
        ...emptyCommit,
        chunks: [{ first: key, bytes: encodeChunk(chunk.prevHash, entries) }],
        terms: chunkTerms(chunk.first, entries),
      }),
    )
  }
  /** Changes one event, and nothing besides. */
  async change(seq: number, how: (entry: Entry) => Entry): Promise<void> {
    const chunk = await this.chunkOf(seq)
    await this.replace(
      chunk,
      chunk.entries().map((entry) => (entry.seq === seq ? how(entry) : entry)),
    )
  }
  /** The same with a hash of its own that fits. */
  async changeWithHash(seq: number, how: (entry: Entry) => Entry): Promise<void> {
    const chunk = await this.chunkOf(seq)
    const prevHash = seq === chunk.first ? chunk.prevHash : chunk.hash(seq - chunk.first - 1)
    await this.change(seq, (entry) => {
      const changed = how(entry)
      const payloadHash = changed.place === inline ? sha256(changed.payload) : changed.payload
      return { ...changed, hash: chainHash({ ...changed, payloadHash, prevHash }) }
    })
  }
  /** Takes chunks, index keys, blobs or records out, or puts others in. */
  async commit(what: Partial<typeof emptyCommit>): Promise<void> {
    await this.#with((backend) => backend.commit({ ...emptyCommit, ...what }))
  }
  blob(hash: string): Promise<Buffer> {
    return this.#with((backend) => Buffer.from(backend.blob(hash)!))
  }
  /** Makes the log end before `seq`, its head and index with it. */
  async cutTail(seq: number): Promise<void> {
    const chunks = await this.chunks()
    const gone = chunks.filter(({ last }) => last >= seq)
    const kept = gone[0]!.entries().filter((entry) => entry.seq < seq)
    const entry = kept.at(-1)!
    await this.#with((backend) =>
      backend.commit({
        ...emptyCommit,
        mergedChunks: gone.map(({ first }) => first),
        mergedTerms: gone.flatMap((chunk) => chunkTerms(chunk.first, chunk.entries())),
        chunks: [{ first: gone[0]!.first, bytes: encodeChunk(gone[0]!.prevHash, kept) }],
        terms: chunkTerms(gone[0]!.first, kept),
        records: [
          {
            key: headRecord,
            value: encodeHead({
              ...decodeHead(backend.record(headRecord)!)!,
              seq: entry.seq,
              hash: entry.hash,
              at: entry.at,
              id: entry.id,
            }),
          },
        ],
      }),
    )
  }

  get segments(): ReadonlyArray<string> {
    const folder = join(this.dir, "segments")
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name))
  }
  removeSegments(): void {
    removeTree(join(this.dir, "segments"))
  }
  /** Writes the lines of a segment anew, its header and checksum made to fit. */
  changeSegment(path: string, how: (lines: Array<Line>) => void): void {
    const bytes = readFileSync(path)
    const end = bytes.indexOf(10)
    const header = JSON.parse(bytes.toString("utf8", 0, end)) as Record<string, unknown>
    const lines = zstdDecompressSync(bytes.subarray(end + 1))
      .toString()
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text) as Line)
    how(lines)
    const body = zstdCompressSync(`${lines.map((line) => JSON.stringify(line)).join("\n")}\n`)
    const fitting = { ...header, lastHash: lines.at(-1)!.hash, bytes: body.length, sha256: sha256(body) }
    writeFileSync(path, Buffer.concat([Buffer.from(`${JSON.stringify(fitting)}\n`), body]))
  }

  /** Writes the whole log anew with other events, each hash made to fit; the segments stay as they are. */
  async forge(how: (events: Array<Line>) => Array<Line> | void): Promise<void> {
    const lines = await Effect.runPromise(
      LogStore.use((log) => exportJsonl(log).pipe(Stream.runCollect)).pipe(
        Effect.provide(LmdbLogStore.layer({ dir: this.dir, mapSize })),
      ),
    )
    const parsed = [...lines].slice(1).map((text) => JSON.parse(text) as Line)
    const events = how(parsed) ?? parsed
    let prevHash = "0".repeat(64)
    let seq = 0
    for (const event of events) {
      if (event.blob !== undefined) continue
      event.seq = ++seq
      event.prevHash = prevHash
      prevHash = event.hash = hashOf(event)
    }
    const header = { export: "claw.log/1", events: seq, hash: prevHash }
    const aside = `${this.dir}-forged`
    await Effect.runPromise(
      importJsonl(
        { dir: aside, mapSize },
        Stream.fromIterable([header, ...events].map((line) => JSON.stringify(line))),
      ),
    )
    for (const name of ["log.mdb", "log.mdb-lock"]) {
      rmSync(join(this.dir, name), { force: true })
      renameSync(join(aside, name), join(this.dir, name))
    }
    rmSync(aside, { recursive: true })
  }
}
