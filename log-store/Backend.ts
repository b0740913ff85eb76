/**
 * What the log needs of a key-value store: one atomic, durable commit, and synchronous reads of chunks, index
 * terms, side blobs and named records. LMDB and memory implement it; writer, reader and verifier work on either.
 * Invariants: a commit is all or nothing; a read never holds a snapshot after it returned.
 */

export interface Commit {
  /** Keyed by the first seq, in order. */
  readonly chunks: ReadonlyArray<{ readonly first: number; readonly bytes: Buffer }>
  /** Keys of the index, see `terms.ts`. */
  readonly terms: ReadonlyArray<Buffer>
  /** Chunks and keys that were merged into others: removed. */
  readonly mergedChunks: ReadonlyArray<number>
  readonly mergedTerms: ReadonlyArray<Buffer>
  readonly blobs: ReadonlyArray<{ readonly hash: string; readonly bytes: Buffer }>
  /** `null` removes. */
  readonly records: ReadonlyArray<{ readonly key: string; readonly value: Buffer | null }>
}

export const emptyCommit: Commit = {
  chunks: [],
  terms: [],
  mergedChunks: [],
  mergedTerms: [],
  blobs: [],
  records: [],
}

export interface StoredChunk {
  readonly key: number
  readonly bytes: Buffer
}

/** Bytes that the log's file took before and after. */
export interface Compaction {
  readonly before: number
  readonly after: number
}

export interface Backend {
  readonly commit: (commit: Commit) => Promise<void>
  readonly record: (key: string) => Buffer | undefined
  readonly recordKeys: (prefix: string) => ReadonlyArray<string>
  /** The last key with this prefix that is not above `upTo`. */
  readonly lastRecordKey: (prefix: string, upTo: string) => string | undefined
  readonly blob: (hash: string) => Buffer | undefined
  /** Hashes above `after` in order, at most `limit`. */
  readonly blobHashes: (after: string | null, limit: number) => ReadonlyArray<string>
  /** The chunk with the largest key not above `seq`. */
  readonly chunkAt: (seq: number) => StoredChunk | undefined
  /** Chunks with keys from `key` on, at most about `maxBytes` of them (at least one if there is any). */
  readonly chunksFrom: (key: number, maxBytes: number) => ReadonlyArray<StoredChunk>
  /** Seqs of the chunks that hold the term, between `from` and `to` inclusive, in the direction asked for. */
  readonly termSeqs: (
    term: Buffer,
    from: number,
    to: number,
    limit: number,
    reverse: boolean,
  ) => ReadonlyArray<number>
  readonly hasTerm: (key: Buffer) => boolean
  /** Writes the file anew without what is in no use any more; commits wait meanwhile, reads go on. */
  readonly compact: () => Promise<Compaction>
  /** Writes all of it, as it is at this moment, to a new file; commits go on. */
  readonly copyTo: (path: string) => Promise<void>
  readonly close: () => Promise<void>
}
