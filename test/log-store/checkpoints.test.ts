/** Stored states: what is not exactly what was written is no checkpoint, and costs nothing but time. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Backend } from "../../log-store/Backend.ts"
import { checkpointKey, encodeCheckpoint, findCheckpoint, keysFrom } from "../../log-store/checkpoints.ts"
import { emptyCommit } from "../../log-store/Backend.ts"
import type { Projection } from "../../log-store/LogStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"

const hashAt = (seq: number): string => `hash of ${seq}`
const words: Projection<{ readonly words: ReadonlyArray<string> }> = {
  name: "words",
  version: 3,
  initial: { words: [] },
  evolve: (state) => state,
}
const stateAt = (seq: number) => ({ words: Array.from({ length: seq * 20 }, (_, n) => `ü${n % 7}`) })

const put = (backend: Backend, key: string, value: Buffer) =>
  backend.commit({ ...emptyCommit, records: [{ key, value }] })
const save = async (backend: Backend, seq: number, keep = true, version = words.version) => {
  const value = await encodeCheckpoint(version, seq, hashAt(seq), stateAt(seq))
  await put(backend, checkpointKey(words, seq, keep), value)
  return value
}
const find = (backend: Backend, at: number, hash = hashAt) => findCheckpoint(backend, words, at, hash)

describe("checkpoints", () => {
  it.effect("come back as they were, packed", () =>
    Effect.promise(async () => {
      const backend = memoryBackend()
      const stored = await save(backend, 100)
      assert.isBelow(stored.length, JSON.stringify(stateAt(100)).length / 5)
      assert.deepStrictEqual(find(backend, 100), { seq: 100, state: stateAt(100) })
      assert.deepStrictEqual(find(backend, 99), { seq: 0, state: { words: [] } })
    }),
  )

  it.effect("with any byte changed are none, and the one before is taken", () =>
    Effect.promise(async () => {
      const backend = memoryBackend()
      await save(backend, 2)
      const stored = await save(backend, 4)
      for (let at = 0; at < stored.length; at++) {
        const bad = Buffer.from(stored)
        bad[at]! ^= 1 << (at % 8)
        await put(backend, checkpointKey(words, 4, true), bad)
        const found = find(backend, 9)
        // a changed bit of the packing may leave what is packed as it was
        assert.deepStrictEqual(found.state, stateAt(found.seq))
        if (found.seq === 4) assert.isAbove(at, bad.indexOf("\n"))
      }
      for (let length = 0; length < stored.length; length++) {
        await put(backend, checkpointKey(words, 4, true), stored.subarray(0, length))
        assert.strictEqual(find(backend, 9).seq, 2)
      }
    }),
  )

  it.effect("of another version or another log are none", () =>
    Effect.promise(async () => {
      const backend = memoryBackend()
      await save(backend, 2)
      await save(backend, 4, true, 2)
      await save(backend, 6, false)
      assert.strictEqual(find(backend, 9).seq, 6)
      assert.strictEqual(find(backend, 9, (seq) => (seq === 6 ? "other" : hashAt(seq))).seq, 2)
      assert.strictEqual(find(backend, 9, () => "other").seq, 0)
    }),
  )

  it.effect("that rest on an event are named, unreadable ones too", () =>
    Effect.promise(async () => {
      const backend = memoryBackend()
      for (const seq of [2, 4, 6]) await save(backend, seq)
      await save(backend, 8, false)
      await put(backend, "checkpoint/broken", Buffer.from("?"))
      await put(backend, "head", Buffer.from("{}"))
      const kept = (seq: number) => checkpointKey(words, seq, true)
      assert.deepStrictEqual(keysFrom(backend, 4), [
        "checkpoint/broken",
        "checkpoint/words",
        kept(4),
        kept(6),
      ])
      assert.deepStrictEqual(keysFrom(backend, 9, "words"), [])
      assert.lengthOf(keysFrom(backend, 0, "words"), 4)
    }),
  )
})
