/**
 * The quick way of checking a chunk never says yes where the slow one would find something: a yes means the very bytes that
 * the entries encode to, hashes that fit, and the index keys that the entries have.
 */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { chainHash, sha256, zeroHash } from "../../log-store/canonical.ts"
import { Chunk, encodeChunk, type Entry } from "../../log-store/chunk.ts"
import { isExact } from "../../log-store/chunkExact.ts"
import { readLayout } from "../../log-store/chunkLayout.ts"
import { linksHold } from "../../log-store/chunkLinks.ts"
import { parseTables, type Tables } from "../../log-store/chunkTables.ts"
import { chunkTerms, keyBytes, KnownTerms } from "../../log-store/terms.ts"

const idOf = (n: number) => `0198a000-0000-7000-8000-${String(n).padStart(12, "0")}`
const event = fc.record({
  type: fc.constantFrom("a.b", "c.d", "é.f"),
  v: fc.constantFrom(1, 2),
  workspace: fc.constantFrom(null, "/a", "/ü\n"),
  actor: fc.constantFrom("x", 'y"'),
  trust: fc.constantFrom("trusted", "untrusted"),
  /** An event of the chunk, one before it, another text, or none. */
  causation: fc.oneof(fc.nat(30), fc.constantFrom("s_1", "é", null, null)),
  correlationId: fc.constantFrom(null, null, "s_1", "s_2"),
  late: fc.constantFrom(0, 0, 0, 1500),
  value: fc.constantFrom({ a: 1 }, { text: "é" }, "plain", [1, 2, 3]),
  place: fc.constantFrom(0, 0, 0, 1, 2),
  blobs: fc.constantFrom([], [], [sha256("blob")]),
})
const chunks = fc
  .tuple(
    fc.integer({ min: 20, max: 4_000_000 }),
    fc.array(event, { minLength: 1, maxLength: 24 }),
    fc.boolean(),
  )
  .map(([first, list, ascii]): ReadonlyArray<Entry> => {
    let prevHash = zeroHash
    const at = Date.parse("2025-08-15T00:00:00.000Z")
    return list.map(({ causation, late, value, place, ...rest }, n) => {
      const seq = first + n
      const id = idOf(100 + n)
      const payload = JSON.stringify(ascii ? "plain" : value)
      const base = {
        ...rest,
        seq,
        id,
        at: new Date(parseInt(id.slice(0, 8) + id.slice(9, 13), 16) + late * (at > 0 ? 1 : 0)).toISOString(),
        causationId: typeof causation === "number" ? idOf(95 + causation) : causation,
      }
      const hash = chainHash({ ...base, payloadHash: sha256(payload), prevHash })
      prevHash = hash
      return { ...base, place: place as 0 | 1 | 2, payload: place === 0 ? payload : sha256(payload), hash }
    })
  })

const tablesOf = (bytes: Buffer) => {
  const layout = readLayout(bytes)!
  const text = bytes.toString("utf8", layout.tables, layout.payloads)
  return { layout, text, tables: parseTables(text, layout.count) }
}
/** What the quick way says; what it throws is a no. */
const isQuick = (bytes: Buffer): boolean => {
  try {
    new Chunk(bytes)
    const { layout, text, tables } = tablesOf(bytes)
    return isExact(bytes, layout, text, tables) && linksHold(bytes, layout, tables)
  } catch {
    return false
  }
}
/** What the slow way says. */
const isSlow = (bytes: Buffer): boolean => {
  const chunk = new Chunk(bytes)
  let prevHash = chunk.prevHash
  const entries = chunk.entries()
  for (const entry of entries) {
    const payloadHash = entry.place === 0 ? sha256(entry.payload) : entry.payload
    if (chainHash({ ...entry, payloadHash, prevHash }) !== entry.hash) return false
    prevHash = entry.hash
  }
  return encodeChunk(chunk.prevHash, entries).equals(bytes)
}

/** The same chunk with other tables. */
const withTables = (bytes: Buffer, text: string): Buffer => {
  const { layout } = tablesOf(bytes)
  const out = Buffer.concat([
    bytes.subarray(0, layout.tables),
    Buffer.from(text),
    bytes.subarray(layout.payloads),
  ])
  out.writeUInt32LE(Buffer.byteLength(text), 8)
  return out
}
const swapped = (list: ReadonlyArray<unknown>) => [...list.slice(1), list[0]]
const otherTables: ReadonlyArray<(tables: Tables) => unknown> = [
  (tables) => ({ ...tables, h: [...tables.h, tables.h[0]] }),
  (tables) => ({ ...tables, h: swapped(tables.h) }),
  (tables) => ({ ...tables, w: [...(tables.w ?? []), "/unused"] }),
  (tables) => ({ ...tables, w: swapped(tables.w ?? ["/unused"]) }),
  (tables) => ({ ...tables, k: [...(tables.k ?? []), "s_9"] }),
  (tables) => ({ ...tables, c: [...(tables.c ?? []), idOf(1)] }),
  (tables) => ({ ...tables, t: tables.t ?? [0] }),
  (tables) => ({ ...tables, p: { ...tables.p, 99: 2 } }),
  (tables) => ({ ...tables, b: { ...tables.b, 0: [] } }),
  (tables) => ({ z: 1, ...tables }),
  (tables) => Object.fromEntries(Object.entries(tables).toReversed()),
]

describe("a chunk's quick check", () => {
  it("says yes to what was written", () => {
    fc.assert(
      fc.property(chunks, (entries) => {
        const bytes = encodeChunk(zeroHash, entries)
        assert.isTrue(isSlow(bytes))
        assert.isTrue(isQuick(bytes))
      }),
      { numRuns: 300 },
    )
  })

  it("says no to every changed byte, and yes to nothing that the slow way would not", () => {
    fc.assert(
      fc.property(
        chunks,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 2 }),
        (entries, changes) => {
          const bytes = encodeChunk(zeroHash, entries)
          const changed = Buffer.from(bytes)
          for (const [at, change] of changes) changed[at % changed.length]! ^= change
          // The first event's seq and the previous hash are told by what comes before.
          if (changed.equals(bytes)) return
          assert.isFalse(isQuick(changed))
        },
      ),
      { numRuns: 3000 },
    )
  })

  it("says no to tables that say the same in another way", () => {
    fc.assert(
      fc.property(chunks, fc.constantFrom(...otherTables), fc.boolean(), (entries, change, spaced) => {
        const bytes = encodeChunk(zeroHash, entries)
        const { tables } = tablesOf(bytes)
        const text = spaced ? JSON.stringify(tables, null, 1) : JSON.stringify(change(tables))
        const changed = withTables(bytes, text)
        if (!changed.equals(bytes)) assert.isFalse(isQuick(changed), text)
      }),
      { numRuns: 2000 },
    )
  })

  it("names the index keys that the entries have", () => {
    const known = new KnownTerms()
    fc.assert(
      fc.property(chunks, (entries) => {
        const bytes = encodeChunk(zeroHash, entries)
        const { layout, tables } = tablesOf(bytes)
        const found: Array<string> = []
        const stored = {
          first: entries[0]!.seq,
          types: [...new Set(tables.h.map(([type]) => type))],
          workspaces: tables.w ?? [],
          correlations: tables.k ?? [],
          texts: tables.c ?? [],
          bytes,
          links: layout.ids + layout.count * 16,
          linksEnd: layout.kinds,
        }
        known.each(stored, Buffer.alloc(keyBytes), (key) => found.push(key.toString("hex")) > 0)
        const expected = chunkTerms(entries[0]!.seq, entries).map((key) => key.toString("hex"))
        // A link to an id among the chunk's own that no event has is left to the slow way.
        if (isExact(bytes, layout, bytes.toString("utf8", layout.tables, layout.payloads), tables))
          assert.deepStrictEqual(found.sort(), expected.sort())
      }),
      { numRuns: 300 },
    )
  })
})
