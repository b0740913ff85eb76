/** The tree over a real store: with tiles, without, with damaged and foreign ones, the answers are the same. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Backend, Commit } from "../../log-store/Backend.ts"
import { emptyCommit } from "../../log-store/Backend.ts"
import { makeStore } from "../../log-store/makeStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { encodeState, encodeTile, stateRecord, tileKey, tilePrefix } from "../../log-store/merkle/tiles.ts"
import { RunningRoot } from "../../log-store/merkle/RunningRoot.ts"
import { upcaster } from "../../log-store/upcasts.ts"
import { note } from "../conformance/logStore/suite.ts"

/** A backend that counts what it is asked, and can refuse commits. */
const watched = () => {
  const inner = memoryBackend()
  const seen = { chunks: 0, commits: [] as Array<Commit>, refuses: false }
  const backend: Backend = {
    ...inner,
    chunkAt: (seq) => {
      seen.chunks++
      return inner.chunkAt(seq)
    },
    commit: async (commit) => {
      if (seen.refuses) throw new Error("no space left on device")
      seen.commits.push(commit)
      return inner.commit(commit)
    },
  }
  return { backend, seen }
}

const open = (backend: Backend) => makeStore({ backend, upcast: upcaster({}), place: "memory" })

const grow = Effect.fnUntraced(function* (store: Effect.Success<ReturnType<typeof open>>, count: number) {
  const leaves: Array<Buffer> = []
  for (let left = count; left > 0; left -= 1000)
    for (const event of yield* store.append(
      Array.from({ length: Math.min(left, 1000) }, (_, n) => note(`${left}.${n}`)),
    ))
      leaves.push(Buffer.from(event.hash, "hex"))
  return leaves
})

const rootOf = (leaves: ReadonlyArray<Buffer>): string => {
  const running = new RunningRoot()
  for (const leaf of leaves) running.push(leaf)
  return Buffer.from(running.root).toString("hex")
}

const total = 140_000
const sizes = [1, 255, 256, 257, 4095, 4096, 65_535, 65_536, 65_537, 131_072, 139_999, total]

describe("the tree of a store", () => {
  it.effect(
    "answers alike with tiles, without them, and with some damaged",
    () =>
      Effect.gen(function* () {
        const { backend, seen } = watched()
        const store = yield* open(backend)
        const leaves = yield* grow(store, total)
        const roots = sizes.map((size) => rootOf(leaves.slice(0, size)))
        assert.deepStrictEqual(backend.recordKeys(tilePrefix), [], "appending makes no tiles")

        assert.strictEqual(yield* store.tree.catchUp, total - (total % 256))
        const levelOne = Math.floor(total / 256)
        assert.deepStrictEqual(
          backend.recordKeys(tilePrefix).length,
          Math.ceil(levelOne / 256) + Math.ceil(Math.floor(levelOne / 256) / 256) + 1,
        )
        assert.deepStrictEqual(yield* Effect.forEach(sizes, store.tree.root), roots)

        // with its tiles, an answer looks at a handful of chunks, whatever the size
        seen.chunks = 0
        yield* store.tree.inclusion(70_001, total)
        assert.isBelow(seen.chunks, 40)
        seen.commits = []
        yield* store.tree.root(total)
        assert.lengthOf(seen.commits, 0, "nothing is written where nothing came")

        const key = tileKey(1, 0)
        const tile = Buffer.from(backend.record(key)!)
        tile[77]! ^= 8
        yield* Effect.promise(() =>
          backend.commit({
            ...emptyCommit,
            records: [
              { key, value: tile },
              { key: tileKey(2, 0), value: null },
            ],
          }),
        )
        const again = yield* open(backend)
        assert.deepStrictEqual(yield* Effect.forEach(sizes, again.tree.root), roots)
        // what was damaged was noticed and made anew
        yield* again.tree.catchUp
        assert.notDeepEqual(backend.record(key), tile)
        assert.isDefined(backend.record(tileKey(2, 0)))
      }),
    60_000,
  )

  it.effect("uses no tiles of another log, and makes its own", () =>
    Effect.gen(function* () {
      const { backend } = watched()
      const store = yield* open(backend)
      const leaves = yield* grow(store, 1500)
      yield* Effect.promise(() =>
        backend.commit({
          ...emptyCommit,
          records: [
            { key: stateRecord, value: encodeState({ covered: 1280, hash: "0".repeat(64) }) },
            { key: tileKey(1, 0), value: encodeTile(Buffer.alloc(5 * 32, 7)) },
          ],
        }),
      )
      const again = yield* open(backend)
      assert.strictEqual(yield* again.tree.root(1500), rootOf(leaves))
      assert.strictEqual(yield* again.tree.rebuild, 1280)
      assert.strictEqual(yield* again.tree.root(1400), rootOf(leaves.slice(0, 1400)))
    }),
  )

  it.effect("names the events that a tile was forged for, and answers without it once it is made anew", () =>
    Effect.gen(function* () {
      const { backend } = watched()
      const store = yield* open(backend)
      const leaves = yield* grow(store, 1000)
      yield* store.tree.catchUp
      const none = { publicKey: null, anchors: [] }
      assert.isNull((yield* store.tree.audit(none)).failure)
      const hashes = Buffer.from(backend.record(tileKey(1, 0))!.subarray(32))
      hashes[32 * 2 + 5]! ^= 1
      yield* Effect.promise(() =>
        backend.commit({ ...emptyCommit, records: [{ key: tileKey(1, 0), value: encodeTile(hashes) }] }),
      )
      const again = yield* open(backend)
      assert.strictEqual((yield* again.tree.audit(none)).failure?.seq, 513)
      assert.notStrictEqual(yield* again.tree.root(1000), rootOf(leaves))
      yield* again.tree.rebuild
      assert.strictEqual(yield* again.tree.root(1000), rootOf(leaves))
      assert.isNull((yield* again.tree.audit(none)).failure)
    }),
  )

  it.effect("answers while the disk takes nothing, and writes its tiles when it does again", () =>
    Effect.gen(function* () {
      const { backend, seen } = watched()
      const store = yield* open(backend)
      const leaves = yield* grow(store, 1000)
      seen.refuses = true
      assert.strictEqual(yield* store.tree.root(1000), rootOf(leaves))
      assert.strictEqual((yield* store.tree.inclusion(3, 900)).root, rootOf(leaves.slice(0, 900)))
      assert.strictEqual((yield* Effect.flip(store.tree.catchUp)).reason._tag, "Unwritable")
      assert.deepStrictEqual(backend.recordKeys(tilePrefix), [])
      seen.refuses = false
      assert.strictEqual(yield* store.tree.catchUp, 768)
      assert.deepStrictEqual(backend.recordKeys(tilePrefix), [tileKey(1, 0), stateRecord])
      assert.strictEqual(yield* store.tree.root(1000), rootOf(leaves))
    }),
  )
})
