/**
 * What the log is held against, each the plain best use of its store for the same events: raw lmdb-js (msgpack with
 * shared structures, dense uint32 keys, no chain, no index), better-sqlite3 (WAL, synchronous=FULL, a SHA-256 chain),
 * classic-level (sync, its own compression). Invariant: an append is durable when it returns.
 * The last two are no dependencies of an installed Claw: where they are missing there is no peer.
 */
import { join } from "node:path"
import { type Database, open, type RootDatabase } from "lmdb"
import type { EventDraft } from "../../src/domain/event.ts"
import { sha256, zeroHash } from "../canonical.ts"

const mapSize = 32 * 2 ** 30

/** A draft as an event: what a log without a chain would keep of it. */
const eventOf = (seq: number, draft: EventDraft) => ({
  seq,
  id: `0198a000-0000-7000-8000-${String(seq).padStart(12, "0")}`,
  at: "2026-01-02T03:04:05.678Z",
  v: 1,
  ...draft,
})

export class LmdbPeer {
  readonly #root: RootDatabase
  readonly #events: Database<unknown, number>
  #next = 1

  constructor(dir: string) {
    this.#root = open({
      path: join(dir, "peer.mdb"),
      noSubdir: true,
      mapSize,
      overlappingSync: false,
      eventTurnBatching: false,
    })
    this.#events = this.#root.openDB({ name: "events", keyEncoding: "uint32", sharedStructuresKey: 0 })
  }

  get count(): number {
    return this.#next - 1
  }

  /** Milliseconds it took. */
  async append(drafts: ReadonlyArray<EventDraft>, batch: number): Promise<number> {
    const start = performance.now()
    for (let at = 0; at < drafts.length; at += batch) {
      const stop = Math.min(at + batch, drafts.length)
      await this.#events.batch(() => {
        for (let n = at; n < stop; n++) {
          const seq = this.#next++
          void this.#events.put(seq, eventOf(seq, drafts[n]!))
        }
      })
    }
    return performance.now() - start
  }

  async appendOne(draft: EventDraft): Promise<void> {
    const seq = this.#next++
    await this.#events.put(seq, eventOf(seq, draft))
  }

  scan(): { readonly count: number; readonly ms: number } {
    const start = performance.now()
    let count = 0
    for (const { value } of this.#events.getRange({ start: 1 })) if (value !== undefined) count++
    return { count, ms: performance.now() - start }
  }

  get(seq: number): unknown {
    return this.#events.get(seq)
  }

  close(): Promise<void> {
    return this.#root.close()
  }
}

export interface SqlitePeer {
  readonly append: (drafts: ReadonlyArray<EventDraft>, batch: number) => number
  readonly close: () => void
}

export const sqlitePeer = async (dir: string): Promise<SqlitePeer | null> => {
  const sqlite = await import("better-sqlite3").catch(() => null)
  if (sqlite === null) return null
  const db = new sqlite.default(join(dir, "peer.sqlite"))
  db.pragma("journal_mode = WAL")
  db.pragma("synchronous = FULL")
  db.exec("CREATE TABLE events (seq INTEGER PRIMARY KEY, hash TEXT NOT NULL, event TEXT NOT NULL)")
  const insert = db.prepare("INSERT INTO events (seq, hash, event) VALUES (?, ?, ?)")
  let next = 1
  let hash = zeroHash
  const commit = db.transaction((drafts: ReadonlyArray<EventDraft>) => {
    for (const draft of drafts) {
      const seq = next++
      const text = JSON.stringify(eventOf(seq, draft))
      hash = sha256(hash + text)
      insert.run(seq, hash, text)
    }
  })
  return {
    append: (drafts, batch) => {
      const start = performance.now()
      for (let at = 0; at < drafts.length; at += batch) commit(drafts.slice(at, at + batch))
      return performance.now() - start
    },
    close: () => {
      db.close()
    },
  }
}

/** Writes these lines into a classic-level store at `path`, in batches of a thousand, and closes it. */
export const levelWrite = async (path: string, lines: Iterable<string>): Promise<boolean> => {
  const level = await import("classic-level").catch(() => null)
  if (level === null) return false
  const db = new level.ClassicLevel<Uint8Array, string>(path, { keyEncoding: "view", valueEncoding: "utf8" })
  await db.open()
  let seq = 0
  let batch: Array<{ readonly type: "put"; readonly key: Uint8Array; readonly value: string }> = []
  const flush = async () => {
    await db.batch(batch, { sync: true })
    batch = []
  }
  for (const line of lines) {
    const key = Buffer.alloc(4)
    key.writeUInt32BE(++seq)
    batch.push({ type: "put", key, value: line })
    if (batch.length === 1000) await flush()
  }
  await flush()
  await db.compactRange(Buffer.alloc(4), Buffer.alloc(4, 255))
  await db.close()
  return true
}
