/** What every layer of the log must keep and forget: blobs, checkpoints, erasures, proofs. */
import { assert } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { LogStore } from "../../../log-store/LogStore.ts"
import { sha256 } from "../../../log-store/canonical.ts"
import { provesConsistency, rootOfInclusion } from "../../../log-store/merkle/proofs.ts"
import { RunningRoot } from "../../../log-store/merkle/RunningRoot.ts"
import { counter, note, range, seqs, type Suite } from "./suite.ts"

export const keeping = ({ collect, test }: Suite): void => {
  test(
    "keeps blobs under their hash, once",
    Effect.gen(function* () {
      const log = yield* LogStore
      const text = new TextEncoder().encode("content ".repeat(2000))
      const bytes = new Uint8Array([0, 255, 1, 254])
      yield* log.append([
        note("1", { blobs: [text, bytes] }),
        note("2", { blobs: [text] }),
        note("3", { blobs: [] }),
      ])
      yield* log.append([note("4", { blobs: [new Uint8Array()] })])
      assert.deepStrictEqual(new Uint8Array((yield* log.blob(sha256(text)))!), text)
      assert.deepStrictEqual(new Uint8Array((yield* log.blob(sha256(bytes)))!), bytes)
      assert.strictEqual((yield* log.blob(sha256("")))!.length, 0)
      assert.isNull(yield* log.blob(sha256("never stored")))
      assert.isNull(yield* log.blob("../../etc/passwd"))
      assert.isTrue((yield* log.verify()).ok)
    }),
  )

  test(
    "keeps large payloads exactly",
    Effect.gen(function* () {
      const log = yield* LogStore
      const sizes = [4000, 4096, 4097, 50_000, 1_000_000]
      for (const size of sizes) yield* log.append([note("é".repeat(size / 2)), note("z".repeat(size))])
      const all = yield* collect({})
      assert.deepStrictEqual(
        all.map((event) => (event.payload as { readonly detail: string }).detail.length),
        sizes.flatMap((size) => [size / 2, size].map(Math.floor)),
      )
      assert.isTrue((yield* log.verify()).ok)
    }),
  )

  test(
    "keeps checkpoints by name and version",
    Effect.gen(function* () {
      const log = yield* LogStore
      assert.deepStrictEqual(yield* log.loadCheckpoint(counter), { seq: 0, state: { count: 0 } })
      yield* log.append(range(1, 10).map((n) => note(`${n}`)))
      yield* log.saveCheckpoint(counter, 5, { count: 5 })
      yield* log.saveCheckpoint({ ...counter, name: "other" }, 9, { count: 99 })
      assert.deepStrictEqual(yield* log.loadCheckpoint(counter), { seq: 5, state: { count: 5 } })
      yield* log.saveCheckpoint(counter, 10, { count: 10 })
      assert.deepStrictEqual(yield* log.loadCheckpoint(counter), { seq: 10, state: { count: 10 } })
      assert.deepStrictEqual(yield* log.loadCheckpoint({ ...counter, version: 2 }), {
        seq: 0,
        state: { count: 0 },
      })
      assert.deepStrictEqual(yield* log.head.pipe(Effect.map((head) => head.seq)), 10)
    }),
  )

  test(
    "keeps checkpoints of the past, and finds the nearest",
    Effect.gen(function* () {
      const log = yield* LogStore
      yield* log.append(range(1, 100).map((n) => note(`${n}`)))
      const longer = { ...counter, name: "counter-too" }
      for (const seq of [10, 20, 90]) yield* log.saveCheckpoint(counter, seq, { count: seq }, { keep: true })
      yield* log.saveCheckpoint(longer, 50, { count: -50 }, { keep: true })
      yield* log.saveCheckpoint({ ...counter, version: 2 }, 60, { count: -60 }, { keep: true })
      yield* log.saveCheckpoint(counter, 70, { count: 70 })
      const near = (at?: number) => Effect.map(log.loadCheckpoint(counter, at), ({ seq }) => seq)
      const asked = [0, 9, 10, 19, 20, 69, 70, 89, 90, 100, 1_000]
      const found = yield* Effect.forEach(asked, near)
      assert.deepStrictEqual(found, [0, 0, 10, 10, 20, 20, 70, 70, 90, 90, 90])
      assert.strictEqual(yield* near(), 90)
      assert.deepStrictEqual(yield* log.loadCheckpoint(counter, 25), { seq: 20, state: { count: 20 } })
      assert.strictEqual((yield* log.loadCheckpoint(longer, 49)).seq, 0)

      yield* log.dropCheckpoints(70, counter.name)
      assert.deepStrictEqual(yield* Effect.forEach(asked, near), [0, 0, 10, 10, ...Array<number>(7).fill(20)])
      assert.strictEqual((yield* log.loadCheckpoint(longer)).seq, 50)
      yield* log.dropCheckpoints(20)
      assert.strictEqual(yield* near(), 10)
      assert.strictEqual((yield* log.loadCheckpoint(longer)).seq, 0)
      assert.isTrue((yield* log.verify()).ok)
    }),
  )

  test(
    "drops with an erased payload every checkpoint that may hold it, also one on its way",
    Effect.gen(function* () {
      const log = yield* LogStore
      yield* log.append(range(1, 20).map((n) => note(`${n}`)))
      yield* log.saveCheckpoint(counter, 9, { count: 9 }, { keep: true })
      yield* log.saveCheckpoint(counter, 10, { count: 10 }, { keep: true })
      yield* log.saveCheckpoint(counter, 20, { count: 20 })
      yield* Effect.all(
        [
          log.saveCheckpoint({ ...counter, name: "late" }, 15, { count: 15 }),
          log.erase([10, 12], "private", "user:cli"),
        ],
        { concurrency: "unbounded" },
      )
      assert.strictEqual((yield* log.loadCheckpoint(counter)).seq, 9)
      assert.strictEqual((yield* log.loadCheckpoint({ ...counter, name: "late" })).seq, 0)
    }),
  )

  test(
    "erases payloads for good and stays verifiable",
    Effect.gen(function* () {
      const log = yield* LogStore
      const secret = new TextEncoder().encode(`secret file ${"s".repeat(5000)}`)
      yield* log.append(range(1, 200).map((n) => note(`token-${n}`)))
      const [big] = yield* log.append([note(`token-big ${"b".repeat(5000)}`, { blobs: [secret] })])
      const before = yield* collect({})
      const event = yield* log.erase([7, 150, big!.seq, 9999, 7], "a secret slipped through", "user:cli")
      assert.strictEqual(event.type, "log.erased")
      assert.deepStrictEqual(event.payload as unknown, {
        seqs: [7, 150, 201],
        reason: "a secret slipped through",
      })
      const after = yield* collect({ to: 201 })
      for (const gone of [7, 150, 201]) {
        const { payload: _payload, ...header } = before[gone - 1]!
        assert.deepStrictEqual(after[gone - 1] as unknown, { ...header, payload: null, erased: true })
      }
      assert.deepStrictEqual(after[7], before[7])
      assert.isNull(yield* log.blob(sha256(secret)))
      assert.deepStrictEqual(seqs(yield* collect({ grep: 'token-7"' })), [])
      assert.deepStrictEqual(seqs(yield* collect({ grep: "token-big" })), [])
      const lines = yield* log.exportLines().pipe(Stream.runCollect)
      assert.isFalse([...lines].some((line) => line.includes("token-150") || line.includes("token-big")))
      const report = yield* log.verify()
      assert.deepStrictEqual([report.ok, report.events], [true, 202])
      // The same content may come again later; what was erased stays so.
      yield* log.append([note("again", { blobs: [secret] })])
      assert.isNotNull(yield* log.blob(sha256(secret)))
      assert.isNull((yield* log.get(201))!.payload)
      assert.isTrue((yield* log.verify()).ok)
    }),
  )

  test(
    "proves each event and each growth by its Merkle tree, also after an erasure",
    Effect.gen(function* () {
      const log = yield* LogStore
      assert.strictEqual(yield* log.tree.root(0), sha256(""))
      for (const n of range(1, 30)) yield* log.append(range(1, n * 2).map((m) => note(`${n}.${m}`)))
      const leaves = (yield* collect({})).map((event) => Buffer.from(event.hash, "hex"))
      const before = yield* log.tree.root(500)
      yield* log.erase([7, 300], "test", "user:cli")
      const running = new RunningRoot()
      const roots = [
        "",
        ...leaves.map((leaf) => (running.push(leaf), Buffer.from(running.root).toString("hex"))),
      ]
      assert.strictEqual(before, roots[500])
      const bytes = (hex: string) => Buffer.from(hex, "hex")
      for (const [seq, size] of [
        [1, 1],
        [7, 300],
        [300, 300],
        [1, 930],
        [256, 930],
        [513, 930],
        [930, 930],
      ] as const) {
        const proof = yield* log.tree.inclusion(seq, size)
        assert.strictEqual(proof.root, roots[size])
        assert.strictEqual(proof.leaf, leaves[seq - 1]!.toString("hex"))
        const root = rootOfInclusion(bytes(proof.leaf), seq - 1, size, proof.path.map(bytes))
        assert.strictEqual(Buffer.from(root!).toString("hex"), proof.root)
      }
      for (const [from, to] of [
        [1, 930],
        [256, 930],
        [500, 512],
        [929, 930],
        [930, 930],
      ] as const) {
        const { path, ...ends } = yield* log.tree.consistency(from, to)
        assert.deepStrictEqual(ends, { from: roots[from], to: roots[to] })
        assert.isTrue(provesConsistency(from, bytes(ends.from!), to, bytes(ends.to!), path.map(bytes)))
      }
      assert.strictEqual(yield* log.tree.catchUp, 768)
      assert.strictEqual(yield* log.tree.rebuild, 768)
      const report = yield* log.tree.audit({ publicKey: null, anchors: [] })
      assert.deepStrictEqual(report, { checkpoints: 0, newest: null, keys: [], anchors: [], failure: null })
    }),
  )
}
