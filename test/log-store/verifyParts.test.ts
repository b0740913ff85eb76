/** A log checked in parts: whatever was changed, they name the fault that a check from end to end names. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import type { Backend } from "../../log-store/Backend.ts"
import { sha256 } from "../../log-store/canonical.ts"
import { Chunk, encodeChunk } from "../../log-store/chunk.ts"
import { makeStore } from "../../log-store/makeStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { decodeHead, headRecord } from "../../log-store/records.ts"
import { chunkTerms } from "../../log-store/terms.ts"
import { upcaster } from "../../log-store/upcasts.ts"
import { mayBeShared, Verification } from "../../log-store/verify.ts"
import { checkPart, type IndexedBackend, type Part, planOf, together } from "../../log-store/verifyParts.ts"
import { mixDraft } from "../../log-store/bench/mix.ts"

const small = Effect.scoped(
  Effect.gen(function* () {
    const backend = memoryBackend()
    const store = yield* makeStore({ backend, upcast: upcaster({}), place: "memory" })
    for (let at = 0; at < 900; at += 30)
      yield* store.append(Array.from({ length: 30 }, (_, n) => mixDraft(at + n)))
    yield* store.erase([5, 200, 201, 202, 640], "test", "user:cli")
    for (let at = 0; at < 20; at++) yield* store.append([mixDraft(at)])
    yield* store.erase([901, 903], "test", "user:cli")
    return backend
  }),
).pipe(Effect.orDie)

const chunksOf = (backend: Backend) => backend.chunksFrom(1, Infinity).map(({ bytes }) => new Chunk(bytes))
const keysOf = (backend: Backend) =>
  chunksOf(backend)
    .flatMap((chunk) => chunkTerms(chunk.first, chunk.entries()))
    .sort((a, b) => Buffer.compare(a, b))

interface Stored {
  readonly chunks: ReadonlyMap<number, Buffer>
  readonly keys: ReadonlyArray<Buffer>
}
/** A store that holds just these chunks and index keys. */
const storeOf = (backend: Backend, { chunks, keys }: Stored): IndexedBackend => {
  const sorted = [...chunks].map(([key, bytes]) => ({ key, bytes })).sort((a, b) => a.key - b.key)
  const index = new Set(keys.map((key) => key.toString("hex")))
  return {
    ...backend,
    chunkAt: (seq) => sorted.findLast(({ key }) => key <= seq),
    chunksFrom: (from, maxBytes) => {
      let bytes = 0
      return sorted.filter(
        (one) => one.key >= from && (bytes += one.bytes.length) <= maxBytes + one.bytes.length,
      )
    },
    hasTerm: (key) => index.has(key.toString("hex")),
    termKeys: (from, to, limit) =>
      keys
        .filter((key) => Buffer.compare(key, from) >= 0 && (to === null || Buffer.compare(key, to) < 0))
        .slice(0, limit),
    looseKeys: () => [],
  }
}

const wholly = (backend: Backend) => {
  const verification = new Verification(backend, decodeHead(backend.record(headRecord)!)!)
  while (!verification.done) verification.step()
  return verification.report
}
const inParts = async (backend: IndexedBackend, parts: number) => {
  const head = decodeHead(backend.record(headRecord)!)!
  const check = (plan: ReadonlyArray<Part>) =>
    Promise.all(plan.map((part) => checkPart(backend, part, "/nowhere", [], () => undefined)))
  const plan = planOf(backend, head, parts, [7, 11])
  assert.isAtLeast(plan.length, Math.min(2, parts))
  // The end, where keys are looked up one by one, would be all of so small a log.
  const settled = plan.map((part) => ({ ...part, sums: { ...part.sums!, below: head.seq - 100 } }))
  const found = together(head, await check(settled))
  // Another event with the same content may explain it, which no part can know.
  if (found !== "index" && mayBeShared(found.failure)) return wholly(backend)
  return found === "index"
    ? together(head, await check(plan.map((part) => ({ ...part, sums: null }))))
    : found
}

type Change = (stored: Stored, pick: (length: number) => number) => Stored
const replaced = (stored: Stored, key: number, bytes: Buffer): Stored => ({
  ...stored,
  chunks: new Map(stored.chunks).set(key, bytes),
})
const pickChunk = ({ chunks }: Stored, pick: (length: number) => number): readonly [number, Buffer] =>
  [...chunks][pick(chunks.size)]!
const without = ({ chunks, keys }: Stored, key: number): Stored => ({
  chunks: new Map([...chunks].filter(([one]) => one !== key)),
  keys,
})
const changes: Readonly<Record<string, Change>> = {
  "a byte": (stored, pick) => {
    const [key, bytes] = pickChunk(stored, pick)
    const changed = Buffer.from(bytes)
    changed[pick(changed.length)]! ^= 1 << pick(8)
    return replaced(stored, key, changed)
  },
  "a chunk gone": (stored, pick) => without(stored, pickChunk(stored, pick)[0]),
  "a chunk in another's place": (stored, pick) =>
    replaced(stored, pickChunk(stored, pick)[0], pickChunk(stored, pick)[1]),
  "a second record inside a chunk": (stored, pick) => {
    const [key, bytes] = pickChunk(stored, pick)
    return replaced(stored, key + 1 + pick(Math.max(new Chunk(bytes).count - 1, 1)), bytes)
  },
  "a payload gone": (stored, pick) => {
    const [key, bytes] = pickChunk(stored, pick)
    const chunk = new Chunk(bytes)
    const entries = chunk.entries()
    const n = pick(entries.length)
    const { payload, place } = entries[n]!
    entries[n] = { ...entries[n]!, place: 2, payload: place === 0 ? sha256(payload) : payload }
    return replaced(stored, key, encodeChunk(chunk.prevHash, entries))
  },
  "an event written anew": (stored, pick) => {
    const [key, bytes] = pickChunk(stored, pick)
    const chunk = new Chunk(bytes)
    const entries = chunk.entries()
    const n = pick(entries.length)
    entries[n] = { ...entries[n]!, actor: "somebody else" }
    return replaced(stored, key, encodeChunk(chunk.prevHash, entries))
  },
  "an index key gone": (stored, pick) => ({
    ...stored,
    keys: stored.keys.toSpliced(pick(stored.keys.length), 1),
  }),
  "an index key exchanged": (stored, pick) => {
    const keys = [...stored.keys]
    const at = pick(keys.length)
    keys[at] = Buffer.from(keys[at]!)
    keys[at][5]! ^= 1
    return { ...stored, keys: keys.sort((a, b) => Buffer.compare(a, b)) }
  },
  nothing: (stored) => stored,
}

describe("a log checked in parts", () => {
  it.effect(
    "names what a check from end to end names",
    () =>
      Effect.gen(function* () {
        const backend = yield* small
        const stored: Stored = {
          chunks: new Map(backend.chunksFrom(1, Infinity).map(({ key, bytes }) => [key, bytes])),
          keys: keysOf(backend),
        }
        assert.isAbove(stored.chunks.size, 8)
        assert.isTrue(wholly(storeOf(backend, stored)).ok)
        let faults = 0
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(
              fc.constantFrom(...Object.keys(changes)),
              fc.integer({ min: 1, max: 5 }),
              fc.infiniteStream(fc.nat()),
              async (name, parts, numbers) => {
                const pick = (length: number) => numbers.next().value % length
                const changed = storeOf(backend, changes[name]!(stored, pick))
                const expected = wholly(changed)
                if (!expected.ok) faults++
                assert.deepStrictEqual(await inParts(changed, parts), expected, name)
              },
            ),
            { numRuns: 120 },
          ),
        )
        assert.isAbove(faults, 60)
      }),
    60_000,
  )
})
