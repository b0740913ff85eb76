/**
 * The backend on disk: one LMDB environment, `log.mdb`, with the databases events, terms, blobs and records.
 * Invariants: a commit's promise settles after its own flush, and a failed one (a full disk) rejects here and nowhere
 * else: `eventTurnBatching` off, so that all of a batch hangs on one promise, and `commitError` caught, which LMDB
 * would else reject unhandled, ending the process; after one the environment is opened anew if it is dead. Disk space
 * is reserved before each commit (`DiskReserve`). No `useWritemap` (a full disk would be SIGBUS); the map's size is set up
 * front, so that it never moves. Range reads are drained before they return: no snapshot outlives a call.
 */
import { chmodSync, closeSync, existsSync, openSync, statSync } from "node:fs"
import { join } from "node:path"
import { type Database, open, type RootDatabase } from "lmdb"
import type { Backend, Commit, Compaction, StoredChunk } from "./Backend.ts"
import { asideOf, copyTable, removeLeftovers, type Table, takeName } from "./compact.ts"
import { DiskReserve } from "./DiskReserve.ts"
import { isLoose, keysOf, looseRecord, settle, withLoose } from "./looseTerms.ts"
import { defaultMapSize, mapSizeFor } from "./mapSize.ts"
import { headRecord } from "./records.ts"
import { termBytes, termKey } from "./terms.ts"

export const dataFile = "log.mdb"
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
const headKey = Buffer.from(headRecord)
const looseKey = Buffer.from(looseRecord)

/** More pages than the commit can touch: its values, a leaf for each small key, the way down to them, the free list. */
const pagesOf = (commit: Commit, keys: number): number => {
  const values = [...commit.chunks, ...commit.blobs].map(({ bytes }) => bytes.length)
  for (const { value } of commit.records) values.push(value?.length ?? 0)
  const small = keys + commit.mergedChunks.length
  return values.reduce((sum, length) => sum + 2 + Math.ceil(length / 4000), small + 64)
}

const openEnvironment = (path: string, mapSize: number, readOnly: boolean) => {
  const root: RootDatabase = open({
    path,
    noSubdir: true,
    mapSize: mapSizeFor(path, mapSize),
    maxDbs: 8,
    maxReaders: 64,
    overlappingSync: false,
    eventTurnBatching: false,
    readOnly,
  })
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
    root,
    events: database<number>("events", "uint32"),
    terms: database<Uint8Array>("terms", "binary"),
    blobs: database<Uint8Array>("blobs", "binary"),
    records: database<Uint8Array>("records", "binary"),
  })
  try {
    return readOnly ? make() : root.transactionSync(make)
  } catch (error) {
    void root.close()
    throw error
  }
}

const usageOf = ({ root }: { readonly root: RootDatabase }) => {
  const { pageSize, lastPageNumber, mapSize } = root.getStats() as {
    readonly pageSize: number
    readonly lastPageNumber: number
    readonly mapSize: number
  }
  return { pageSize, used: (lastPageNumber + 1) * pageSize, mapSize }
}
const reserveOf = (path: string, env: { readonly root: RootDatabase }): DiskReserve =>
  new DiskReserve(path, usageOf(env).mapSize)

const openTries = 100
const isLockGone = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith("Invalid argument")

/**
 * Whoever closes the log last takes the mutexes of LMDB's lock file away, and a process that opens it at that very moment
 * is left with dead ones: every transaction fails with EINVAL. It helps to close and open again; the wait differs
 * from one process to the next, so that two do not go on in step.
 */
const openPatiently = (path: string, mapSize: number, readOnly: boolean) => {
  for (let tries = 1; ; tries++)
    try {
      return openEnvironment(path, mapSize, readOnly)
    } catch (error) {
      if (tries === openTries || !isLockGone(error)) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1 + ((process.pid * tries) % 10))
    }
}

export interface LmdbBackend extends Backend {
  /** Runs `body` while no other process can write; writes nothing itself. */
  readonly exclusively: <A>(body: () => A) => A
  /** Goes over every key of every table; how many there are. */
  readonly walk: () => number
  /** Keys of the index's table from `from` on, below `to` (null: to its end), in order, at most `limit`. */
  readonly termKeys: (from: Buffer, to: Buffer | null, limit: number) => ReadonlyArray<Uint8Array>
  /** Keys of the index that are not in its table. */
  readonly looseKeys: () => ReadonlyArray<Buffer>
  /** Bytes of the file's pages up to the last one in use; behind them there is only room kept for the next commits. */
  readonly usedBytes: () => number
}

export const lmdbBackend = (options: LmdbBackendOptions): LmdbBackend => {
  const path = join(options.dir, dataFile)
  const readOnly = options.readOnly === true
  if (!readOnly) closeSync(openSync(path, "a", 0o600))
  let env = openPatiently(path, options.mapSize ?? defaultMapSize, readOnly)
  if (!readOnly) for (const file of [path, `${path}-lock`]) chmodSync(file, 0o600)
  const { pageSize } = usageOf(env)
  let reserve = readOnly ? undefined : reserveOf(path, env)
  /** Two records as the last commit left them: read before the first one, when this process is the one that writes. */
  let written: { readonly head: Buffer | undefined; readonly loose: Buffer | undefined } | undefined
  /** The commit under way, and what holds up the next one. */
  let committing: Promise<void> = Promise.resolve()
  let held: Promise<void> | undefined
  let closing: Promise<void> | undefined
  /** Why nothing can be written until a restart. */
  let broken: Error | undefined

  /**
   * After a failed commit: LMDB's environment may be dead (the meta page could not be written), which shows at the next
   * transaction. Then it is opened again; where it comes back with another head than before, it is left alone.
   */
  const mend = async (head: Buffer | undefined): Promise<void> => {
    try {
      env.root.transactionSync(() => {})
    } catch {
      await env.root.close()
      env = openPatiently(path, options.mapSize ?? defaultMapSize, false)
      const found = env.records.getBinary(headKey)
      if (found === undefined ? head !== undefined : head === undefined || !found.equals(head))
        broken = new Error("after a failed write the disk holds another state than before; restart Claw")
    }
  }

  const usedBytes = (): number => usageOf(env).used

  /** Puts a copy without unused pages in the file's place. The writer must be quiet. */
  const replaceFile = async (): Promise<Compaction> => {
    if (broken !== undefined) throw broken
    const before = statSync(path).size
    removeLeftovers(path)
    closeSync(openSync(asideOf(path), "wx", 0o600))
    const next = openPatiently(asideOf(path), options.mapSize ?? defaultMapSize, false)
    const room = reserveOf(asideOf(path), next)
    try {
      chmodSync(`${asideOf(path)}-lock`, 0o600)
      for (const name of Object.keys(env) as ReadonlyArray<keyof typeof env>)
        if (name !== "root")
          await copyTable(env[name] as Table, next[name] as Table, (pages) => {
            room.ensure(() => usageOf(next).used, pages * pageSize)
          })
      await next.root.flushed
      room.cutTo(usageOf(next).used)
      takeName(path)
    } catch (error) {
      const cause = await causeOf(error)
      if (existsSync(asideOf(path))) {
        room.close()
        await next.root.close()
        removeLeftovers(path)
        throw cause
      }
      broken = new Error(
        `the compacted log is in place, but not for certain (${cause.message}); restart Claw`,
      )
    }
    // in one turn, so that every read finds one of the two
    const old = env
    env = next
    reserve?.close()
    // It has the new file open, whatever that is called: nothing is left here that could fail.
    reserve = room
    await old.root.close()
    return { before, after: statSync(path).size }
  }

  const compact = async (): Promise<Compaction> => {
    while (held !== undefined) await held
    let release = () => {}
    held = new Promise((resolve) => (release = resolve))
    try {
      await committing.catch(() => {})
      return await replaceFile()
    } finally {
      held = undefined
      release()
    }
  }

  const commit = async (commit: Commit): Promise<void> => {
    while (held !== undefined) await held
    const done = write(commit)
    committing = done
    return done
  }

  const write = async (commit: Commit): Promise<void> => {
    if (broken !== undefined) throw broken
    const { events, terms, blobs, records } = env
    const { head, loose } = (written ??= {
      head: records.getBinary(headKey),
      loose: records.getBinary(looseKey),
    })
    const index = settle(loose, commit.terms, commit.mergedTerms)
    reserve?.ensure(usedBytes, pagesOf(commit, index.put.length + index.remove.length) * pageSize)
    try {
      await events.batch(() => {
        for (const first of commit.mergedChunks) events.remove(first)
        for (const { first, bytes } of commit.chunks) events.put(first, bytes)
        for (const key of index.remove) terms.remove(key)
        for (const key of index.put) terms.put(key, empty)
        if (index.loose !== undefined) records.put(looseKey, index.loose)
        for (const { hash, bytes } of commit.blobs) blobs.put(Buffer.from(hash, "hex"), bytes)
        for (const { key, value } of commit.records)
          if (value === null) records.remove(Buffer.from(key))
          else records.put(Buffer.from(key), value)
      })
    } catch (error) {
      const cause = await causeOf(error)
      written = undefined
      await mend(head)
      throw cause
    }
    const moved = commit.records.find(({ key }) => key === headRecord)
    written = {
      head: moved === undefined ? head : (moved.value ?? undefined),
      loose: index.loose ?? loose,
    }
  }

  return {
    exclusively: (body) => {
      let out: { readonly value: ReturnType<typeof body> } | undefined
      env.root.transactionSync(() => {
        out = { value: body() }
      })
      return out!.value
    },
    commit,
    record: (key) => env.records.getBinary(Buffer.from(key)),
    recordKeys: (prefix) => {
      const out: Array<string> = []
      for (const key of env.records.getKeys({ start: Buffer.from(prefix) })) {
        const text = Buffer.from(key).toString()
        if (!text.startsWith(prefix)) break
        out.push(text)
      }
      return out
    },
    lastRecordKey: (prefix, upTo) => {
      const range = { start: Buffer.from(upTo), end: Buffer.from(prefix), reverse: true, limit: 1 }
      for (const key of env.records.getKeys(range)) return Buffer.from(key).toString()
      return undefined
    },
    blob: (hash) => env.blobs.getBinary(Buffer.from(hash, "hex")),
    blobHashes: (after, limit) => {
      const start = after === null ? {} : { start: Buffer.from(after, "hex"), exclusiveStart: true }
      const out: Array<string> = []
      for (const key of env.blobs.getKeys({ ...start, limit })) out.push(Buffer.from(key).toString("hex"))
      return out
    },
    chunkAt: (seq) => {
      let found: StoredChunk | undefined
      for (const { key, value } of env.events.getRange({ start: seq, end: 0, reverse: true, limit: 1 }))
        found = { key, bytes: value }
      return found
    },
    chunksFrom: (key, maxBytes) => {
      const out: Array<StoredChunk> = []
      let bytes = 0
      for (const entry of env.events.getRange({ start: key })) {
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
      for (const key of env.terms.getKeys(range)) out.push(Buffer.from(key).readUInt32BE(termBytes))
      return withLoose(out, env.records.getBinary(looseKey), term, from, to, limit, reverse)
    },
    hasTerm: (key) => env.terms.doesExist(key) || isLoose(env.records.getBinary(looseKey), key),
    compact,
    copyTo: async (to) => {
      await env.root.backup(to, true)
      chmodSync(to, 0o600)
    },
    termKeys: (from, to, limit) => {
      const range = to === null ? { start: from, limit } : { start: from, end: to, limit }
      const out: Array<Uint8Array> = []
      for (const key of env.terms.getKeys(range)) out.push(key)
      return out
    },
    looseKeys: () => keysOf(env.records.getBinary(looseKey)).filter((key) => !env.terms.doesExist(key)),
    walk: () =>
      [env.events, env.terms, env.blobs, env.records].reduce((sum, db) => sum + db.getKeysCount(), 0),
    usedBytes,
    close: () => {
      closing ??= (async () => {
        while (held !== undefined) await held
        reserve?.close()
        await env.root.close()
      })()
      return closing
    },
  }
}
