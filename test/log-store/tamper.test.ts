/** Whatever is changed in the stored bytes is found, with the seq it concerns. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Backend, StoredChunk } from "../../log-store/Backend.ts"
import { Chunk, encodeChunk } from "../../log-store/chunk.ts"
import { sha256 } from "../../log-store/canonical.ts"
import { decodeHead, encodeHead, headRecord, type StoredHead } from "../../log-store/records.ts"
import { Verification } from "../../log-store/verify.ts"
import { sample } from "./samples.ts"

const headOf = (backend: Backend): StoredHead => decodeHead(backend.record(headRecord)!)!
const faultOf = (
  backend: Backend,
  head: StoredHead = headOf(backend),
  range?: { readonly from: number; readonly to: number },
) => {
  const verification = new Verification(backend, head, range)
  while (!verification.done) verification.step()
  return verification.fault
}
const chunksOf = (backend: Backend) => backend.chunksFrom(1, Infinity).map(({ bytes }) => new Chunk(bytes))

/** The same store with some reads answered otherwise. */
const with_ = (backend: Backend, changes: Partial<Backend>): Backend => ({ ...backend, ...changes })
const withChunk = (backend: Backend, first: number, bytes: Buffer | null): Backend => {
  const instead = (chunks: ReadonlyArray<StoredChunk>): ReadonlyArray<StoredChunk> =>
    chunks
      .filter((chunk) => chunk.key !== first || bytes !== null)
      .map((chunk) => (chunk.key === first ? { key: first, bytes: bytes! } : chunk))
  return with_(backend, {
    chunksFrom: (key, maxBytes) => instead(backend.chunksFrom(key, maxBytes)),
    chunkAt: (seq) => {
      const found = backend.chunkAt(seq)
      if (found?.key !== first) return found
      return bytes === null ? backend.chunkAt(first - 1) : { key: first, bytes }
    },
  })
}

/** Which event a byte belongs to, told by the layout's numbers in the header of `chunkLayout.ts`; null: all of them. */
const ownerOf = (chunk: Chunk, position: number): number | null => {
  const { bytes, count } = chunk
  const links = bytes.readUInt16LE(48)
  let at = 56
  for (const width of [32, 16]) {
    if (position < at) return null
    if (position < at + width * count) return Math.floor((position - at) / width)
    at += width * count
  }
  at += 16 * links
  const columns = [
    1,
    (bytes[1]! & 4) === 0 ? 0 : 2,
    (bytes[1]! & 8) === 0 ? 0 : 1,
    (bytes[1]! & 2) === 0 ? 2 : 4,
  ]
  for (const width of columns) {
    if (position < at) return null
    if (position < at + width * count) return Math.floor((position - at) / width)
    at += width * count
  }
  const payloads = at + bytes.readUInt32LE(8)
  if (position <= payloads || position === bytes.length - 1) return null
  at = payloads + 1
  for (let n = 0; n < count; n++) {
    at += Buffer.byteLength(chunk.payloadText(n))
    if (position < at) return n
    if (position === at) return null
    at++
  }
  return null
}

describe("tampering", () => {
  it.effect(
    "a bit flipped in any byte of any event is found, and its seq named",
    () =>
      Effect.gen(function* () {
        const backend = yield* sample
        const head = headOf(backend)
        assert.isNull(faultOf(backend))
        let flips = 0
        for (const chunk of chunksOf(backend))
          for (let position = 0; position < chunk.bytes.length; position++)
            for (const bit of [position % 8, (position * 3 + 1) % 8]) {
              const bytes = Buffer.from(chunk.bytes)
              bytes[position]! ^= 1 << bit
              const fault = faultOf(withChunk(backend, chunk.first, bytes), head, {
                from: chunk.first,
                to: chunk.last,
              })
              const where = `byte ${position} bit ${bit} of chunk ${chunk.first}`
              assert.isNotNull(fault, where)
              const owner = ownerOf(chunk, position)
              if (owner !== null) assert.strictEqual(fault!.seq, chunk.first + owner, where)
              else assert.isTrue(fault!.seq >= chunk.first && fault!.seq <= chunk.last, where)
              flips++
            }
        assert.isAbove(flips, 5000)
      }),
    60_000,
  )

  it.effect("removed, exchanged, repeated and cut chunks", () =>
    Effect.gen(function* () {
      const backend = yield* sample
      const head = headOf(backend)
      const [a, b, c] = chunksOf(backend) as [Chunk, Chunk, Chunk]
      assert.deepStrictEqual(faultOf(withChunk(backend, b.first, null), head), {
        seq: b.first,
        message: `events ${b.first} to ${c.first - 1} are missing`,
      })
      assert.strictEqual(faultOf(withChunk(backend, a.first, null), head)?.seq, 1)
      assert.strictEqual(faultOf(withChunk(backend, b.first, c.bytes), head)?.seq, b.first)
      assert.strictEqual(faultOf(withChunk(backend, c.first, b.bytes), head)?.seq, c.first)
      const last = chunksOf(backend).at(-1)!
      assert.strictEqual(faultOf(withChunk(backend, last.first, null), head)?.seq, last.first)
    }),
  )

  it.effect("an event removed or two exchanged inside a chunk, with the chunk written anew", () =>
    Effect.gen(function* () {
      const backend = yield* sample
      const head = headOf(backend)
      const chunk = chunksOf(backend).find(({ count }) => count === 4)!
      const entries = chunk.entries()
      const without = entries.toSpliced(1, 1).map((entry, n) => ({ ...entry, seq: chunk.first + n }))
      assert.strictEqual(
        faultOf(withChunk(backend, chunk.first, encodeChunk(chunk.prevHash, without)), head)?.seq,
        chunk.first + 1,
      )
      const exchanged = [entries[0]!, entries[2]!, entries[1]!, entries[3]!].map((entry, n) => ({
        ...entry,
        seq: chunk.first + n,
      }))
      assert.strictEqual(
        faultOf(withChunk(backend, chunk.first, encodeChunk(chunk.prevHash, exchanged)), head)?.seq,
        chunk.first + 1,
      )
    }),
  )

  it.effect("contents of the side table: changed, exchanged, gone", () =>
    Effect.gen(function* () {
      const backend = yield* sample
      const head = headOf(backend)
      const hashes = backend.blobHashes(null, 100)
      assert.isAtLeast(hashes.length, 2)
      for (const hash of hashes) {
        const owner = chunksOf(backend)
          .flatMap((chunk) => chunk.entries())
          .find((entry) => entry.payload === hash || entry.blobs.includes(hash))!
        const flipped = Buffer.from(backend.blob(hash)!)
        flipped[flipped.length - 3]! ^= 4
        const other = hashes.find((h) => h !== hash)!
        for (const content of [flipped, backend.blob(other)!, undefined]) {
          const fault = faultOf(
            with_(backend, { blob: (h) => (h === hash ? content : backend.blob(h)) }),
            head,
          )
          assert.strictEqual(fault?.seq, owner.seq)
        }
      }
    }),
  )

  it.effect("the end: a cut tail, a head that names another event", () =>
    Effect.gen(function* () {
      const backend = yield* sample
      const head = headOf(backend)
      const other = { ...head, hash: sha256("another") }
      assert.strictEqual(faultOf(backend, other)?.seq, head.seq)
      const withHead = (stored: StoredHead) =>
        with_(backend, { record: (key) => (key === headRecord ? encodeHead(stored) : backend.record(key)) })
      assert.strictEqual(faultOf(withHead({ ...head, seq: head.seq - 1 }), head)?.seq, head.seq)
      assert.strictEqual(faultOf(withHead(other), head)?.seq, head.seq)
    }),
  )

  it.effect("a payload removed without an erasure on record, and an index entry removed", () =>
    Effect.gen(function* () {
      const backend = yield* sample
      const head = headOf(backend)
      const chunk = chunksOf(backend)[2]!
      const [first, ...rest] = chunk.entries()
      const erased = { ...first!, payload: sha256(first!.payload), place: 2 as const }
      const bytes = encodeChunk(chunk.prevHash, [erased, ...rest])
      assert.deepStrictEqual(faultOf(withChunk(backend, chunk.first, bytes), head), {
        seq: chunk.first,
        message: "its payload was removed, and no event of the log says that it was erased",
      })
      const fault = faultOf(with_(backend, { hasTerm: (key) => key.readUInt32BE(17) !== chunk.first }), head)
      assert.strictEqual(fault?.seq, chunk.first)
    }),
  )
})
