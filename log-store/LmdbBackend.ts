/**
 * The backend on disk: one LMDB environment, `log.mdb`, with the databases events, terms, blobs and records.
 * Invariants: a commit's promise settles after its own flush, and a failed one (a full disk) rejects here and nowhere
 * else: `eventTurnBatching` off, so that all of a batch hangs on one promise, and `commitError` caught, which LMDB
 * would else reject unhandled, ending the process. No `useWritemap` (a full disk would be SIGBUS) and the map's size
 * is set up front, so that it never moves. Range reads are drained before they return: no snapshot outlives a call.
 */
import { chmodSync, closeSync, openSync } from "node:fs"
import { join } from "node:path"
import { type Database, open, type RootDatabase } from "lmdb"
import type { Backend, StoredChunk } from "./Backend.ts"
import { termBytes, termKey } from "./terms.ts"

export const dataFile = "log.mdb"
/** Address space, not memory: 64 GiB of log. */
export const defaultMapSize = 64 * 2 ** 30

export interface LmdbBackendOptions {
  readonly dir: string
  readonly mapSize?: number | undefined
  readonly readOnly?: boolean | undefined
}

/** What a rejected commit says of its cause, waiting for it where LMDB hands it over in a second promise. */
const causeOf = async (error: unknown): Promise<Error> => {
  const cause = (error as { readonly commitError?: Promise<never> } | null)?.commitError
  if (cause === undefined) return error instanceof Error ? error : new Error(String(error))
  return cause.then(
    () => new Error("the commit failed"),
    (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason))),
  )
}

/** A read-only open met a database without our tables. */
export class MissingTable extends Error {
  /** It has no tables at all: a new one whose first transaction did not happen. */
  readonly isNew: boolean
  constructor(name: string, isNew: boolean) {
    super(`the log has no table "${name}"`)
    this.isNew = isNew
  }
}

const empty = Buffer.alloc(0)

export interface LmdbBackend extends Backend {
  /** Runs `body` while no other process can write; writes nothing itself. */
  readonly exclusively: <A>(body: () => A) => A
  /** Goes over every key of every table; how many there are. */
  readonly walk: () => number
}

export const lmdbBackend = (options: LmdbBackendOptions): LmdbBackend => {
  const path = join(options.dir, dataFile)
  const readOnly = options.readOnly === true
  if (!readOnly) closeSync(openSync(path, "a", 0o600))
  const root: RootDatabase = open({
    path,
    noSubdir: true,
    mapSize: options.mapSize ?? defaultMapSize,
    maxDbs: 8,
    maxReaders: 64,
    overlappingSync: false,
    eventTurnBatching: false,
    readOnly,
  })
  if (!readOnly) for (const file of [path, `${path}-lock`]) chmodSync(file, 0o600)
  const database = <K extends number | Uint8Array>(
    name: string,
    keyEncoding: "uint32" | "binary",
  ): Database<Buffer, K> => {
    const db: Database<Buffer, K> | undefined = root.openDB<Buffer, K>({
      name,
      keyEncoding,
      encoding: "binary",
    })
    if (db === undefined) throw new MissingTable(name, root.getKeysCount() === 0)
    return db
  }
  // One transaction for all: a crash leaves every table, or none.
  const make = () => ({
    events: database<number>("events", "uint32"),
    terms: database<Uint8Array>("terms", "binary"),
    blobs: database<Uint8Array>("blobs", "binary"),
    records: database<Uint8Array>("records", "binary"),
  })
  const { events, terms, blobs, records } = readOnly ? make() : root.transactionSync(make)

  let closing: Promise<void> | undefined
  return {
    exclusively: (body) => {
      let out: { readonly value: ReturnType<typeof body> } | undefined
      root.transactionSync(() => {
        out = { value: body() }
      })
      return out!.value
    },
    commit: async (commit) => {
      try {
        await events.batch(() => {
          for (const first of commit.mergedChunks) events.remove(first)
          for (const key of commit.mergedTerms) terms.remove(key)
          for (const { first, bytes } of commit.chunks) events.put(first, bytes)
          for (const key of commit.terms) terms.put(key, empty)
          for (const { hash, bytes } of commit.blobs) blobs.put(Buffer.from(hash, "hex"), bytes)
          for (const { key, value } of commit.records)
            if (value === null) records.remove(Buffer.from(key))
            else records.put(Buffer.from(key), value)
        })
      } catch (error) {
        throw await causeOf(error)
      }
    },
    record: (key) => records.getBinary(Buffer.from(key)),
    recordKeys: (prefix) => {
      const out: Array<string> = []
      for (const key of records.getKeys({ start: Buffer.from(prefix) })) {
        const text = Buffer.from(key).toString()
        if (!text.startsWith(prefix)) break
        out.push(text)
      }
      return out
    },
    blob: (hash) => blobs.getBinary(Buffer.from(hash, "hex")),
    blobHashes: (after, limit) => {
      const start = after === null ? {} : { start: Buffer.from(after, "hex"), exclusiveStart: true }
      const out: Array<string> = []
      for (const key of blobs.getKeys({ ...start, limit })) out.push(Buffer.from(key).toString("hex"))
      return out
    },
    chunkAt: (seq) => {
      let found: StoredChunk | undefined
      for (const { key, value } of events.getRange({ start: seq, end: 0, reverse: true, limit: 1 }))
        found = { key, bytes: value }
      return found
    },
    chunksFrom: (key, maxBytes) => {
      const out: Array<StoredChunk> = []
      let bytes = 0
      for (const entry of events.getRange({ start: key })) {
        out.push({ key: entry.key, bytes: entry.value })
        bytes += entry.value.length
        if (bytes >= maxBytes) break
      }
      return out
    },
    termSeqs: (term, from, to, limit, reverse) => {
      const low = termKey(term, from)
      const high = termKey(term, to)
      const range = reverse
        ? { start: high, end: low, reverse: true, inclusiveEnd: true, limit }
        : { start: low, end: high, inclusiveEnd: true, limit }
      const out: Array<number> = []
      for (const key of terms.getKeys(range)) out.push(Buffer.from(key).readUInt32BE(termBytes))
      return out
    },
    hasTerm: (key) => terms.doesExist(key),
    walk: () => [events, terms, blobs, records].reduce((sum, db) => sum + db.getKeysCount(), 0),
    close: () => (closing ??= root.close()),
  }
}
