/** What speaks for a log besides its chain: each way of lying about it is found, and said with where. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { generateKeyPairSync, sign } from "node:crypto"
import type { Backend, Commit } from "../../log-store/Backend.ts"
import { originOf, type Signer, signCheckpoint, verifierKey } from "../../log-store/checkpointNote.ts"
import type { LogStore } from "../../log-store/LogStore.ts"
import type { AnchorEvidence, Evidence } from "../../log-store/merkle/evidence.ts"
import { makeStore } from "../../log-store/makeStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { upcaster } from "../../log-store/upcasts.ts"
import { draft } from "../../src/domain/event.ts"
import { note } from "../conformance/logStore/suite.ts"

type Store = LogStore["Service"]

const openOn = (backend: Backend) => makeStore({ backend, upcast: upcaster({}), place: "memory" })
const open = Effect.suspend(() => openOn(memoryBackend()))

const makeKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519")
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url")
  return {
    publicKey: raw.toString("base64"),
    signer: (name: string): Signer => ({
      name,
      publicKey: raw,
      sign: (text) => sign(null, text, privateKey),
    }),
  }
}
type Key = ReturnType<typeof makeKey>

/** Signs the log as it is, says so in it, and answers the note. */
const checkpoint = Effect.fnUntraced(function* (store: Store, key: Key, change: object = {}) {
  const { seq: size } = yield* store.head
  const origin = originOf((yield* store.get(1))!.hash)
  const root = yield* store.tree.root(size)
  const signer = key.signer(origin)
  const text = signCheckpoint({ origin, size, root }, signer)
  const payload = { size, root, origin, note: text, key: verifierKey(origin, signer.publicKey), ...change }
  yield* store.append([draft("log.checkpoint", payload, { actor: "daemon" })])
  return text
})
const notes = (label: string, count: number) => Array.from({ length: count }, (_, n) => note(`${label} ${n}`))
const anchored = (to: string, size: number) => draft("log.anchored", { to, size }, { actor: "daemon" })

const to = "file:/mnt/notes"
const anchorOf = (texts: ReadonlyArray<string>, more: Partial<AnchorEvidence> = {}): AnchorEvidence => ({
  to,
  notes: texts.map((text, n) => ({ where: `/mnt/notes:${1 + 5 * n}`, text })),
  problem: null,
  isAsked: false,
  ...more,
})

/** A log with three checkpoints, of 10, 21 and 1022 events, all in one anchor. */
const logOf = Effect.fnUntraced(function* (key: Key, label = "a") {
  const store = yield* open
  const texts: Array<string> = []
  for (const count of [10, 10, 1000]) {
    yield* store.append(notes(label, count))
    texts.push(yield* checkpoint(store, key))
    yield* store.append([])
  }
  return { store, texts }
})
const auditOf = (store: Store, evidence: Partial<Evidence>) =>
  store.tree.audit({ publicKey: null, anchors: [], ...evidence })

describe("the audit of checkpoints and anchors", () => {
  it.effect("finds nothing where nothing is wrong, with and without this machine's key", () =>
    Effect.gen(function* () {
      const key = makeKey()
      const { store, texts } = yield* logOf(key)
      for (const publicKey of [null, key.publicKey]) {
        const report = yield* auditOf(store, { publicKey, anchors: [anchorOf(texts)] })
        assert.deepStrictEqual(report, {
          checkpoints: 3,
          newest: 1022,
          keys: report.keys,
          anchors: [{ to, checkpoints: 3, newest: 1022, failure: null }],
          failure: null,
        })
        assert.lengthOf(report.keys, 1)
      }
      assert.deepStrictEqual(yield* auditOf(yield* open, {}), {
        checkpoints: 0,
        newest: null,
        keys: [],
        anchors: [],
        failure: null,
      })
      // an anchor that was never written to may be missing, unless somebody asks for it
      const missing = { problem: "no such file" }
      assert.isNull((yield* auditOf(store, { anchors: [anchorOf([], missing)] })).failure)
      const asked = yield* auditOf(store, { anchors: [anchorOf([], { ...missing, isAsked: true })] })
      assert.include(asked.failure?.message, "no such file")
    }),
  )

  it.effect("finds a checkpoint event that lies", () =>
    Effect.gen(function* () {
      const key = makeKey()
      const lies: ReadonlyArray<readonly [object, RegExp]> = [
        [{ size: 11 }, /says another size/],
        [{ root: "00".repeat(32) }, /another size or root/],
        [{ note: "x" }, /cannot be read/],
        [{ key: "nobody" }, /no key/],
        [{ key: verifierKey("claw.local/0", Buffer.alloc(32)) }, /not signed by the key it names/],
      ]
      for (const [lie, message] of lies) {
        const store = yield* open
        yield* store.append(notes("a", 12))
        yield* checkpoint(store, key, lie)
        const { failure } = yield* auditOf(store, {})
        assert.strictEqual(failure?.seq, 13)
        assert.match(failure!.message, message)
      }
      // one of another log, rightly signed
      const { texts } = yield* logOf(key, "other")
      const store = yield* open
      yield* store.append(notes("a", 12))
      const root = Buffer.from(texts[0]!.split("\n")[2]!, "base64").toString("hex")
      yield* checkpoint(store, key, {
        note: texts[0]!,
        size: 10,
        root,
        key: verifierKey(texts[0]!.split("\n")[0]!, key.signer("").publicKey),
      })
      assert.strictEqual((yield* auditOf(store, {})).failure?.seq, 1)
    }),
  )

  it.effect("names the events among which one is not what was signed", () =>
    Effect.gen(function* () {
      const key = makeKey()
      const commits: Array<Commit> = []
      const first = memoryBackend()
      const real = yield* openOn({
        ...first,
        commit: (commit) => {
          commits.push(commit)
          return first.commit(commit)
        },
      })
      yield* real.append(notes("a", 10))
      const a = yield* checkpoint(real, key)
      yield* real.append(notes("a", 4))
      // from here on written anew, with all hashes, and the signed checkpoint put where it was
      const second = memoryBackend()
      for (const commit of commits) yield* Effect.promise(() => second.commit(commit))
      const forged = yield* openOn(second)
      yield* real.append(notes("a", 6))
      const b = yield* checkpoint(real, key)
      yield* forged.append(notes("b", 6))
      yield* forged.append([
        draft("log.checkpoint", (yield* real.get(22))!.payload as never, { actor: "daemon" }),
      ])
      assert.strictEqual((yield* forged.get(15))!.hash, (yield* real.get(15))!.hash)

      assert.isNull((yield* auditOf(real, { anchors: [anchorOf([a, b])] })).failure)
      assert.isTrue((yield* forged.verify()).ok, "the chain itself holds")
      const { anchors, failure } = yield* auditOf(forged, { anchors: [anchorOf([a, b])] })
      for (const fault of [failure, anchors[0]!.failure]) {
        assert.strictEqual(fault?.seq, 11)
        assert.match(fault!.message, /the first 10 events are those .* one of the events 11 to 21 is not/)
      }
      assert.match(anchors[0]!.failure!.message, /^\/mnt\/notes:6 does not fit/)
    }),
  )

  it.effect("finds a tail that was cut off, and a log that was written anew, by the anchor", () =>
    Effect.gen(function* () {
      const key = makeKey()
      const { texts } = yield* logOf(key)
      const short = yield* open
      yield* short.append(notes("x", 5))
      const cut = yield* auditOf(short, { publicKey: key.publicKey, anchors: [anchorOf(texts)] })
      assert.strictEqual(cut.anchors[0]?.failure?.seq, 6)
      assert.match(cut.failure!.message, /\/mnt\/notes:1: the log had 10 events, and has 5/)

      // anew with a key of its own: the anchor's first checkpoint already tells
      const forger = makeKey()
      const forged = yield* logOf(forger, "forged")
      const anew = yield* auditOf(forged.store, { publicKey: key.publicKey, anchors: [anchorOf(texts)] })
      assert.match(anew.failure!.message, /another key than this machine's/)
      assert.strictEqual(anew.anchors[0]?.failure?.seq, 1)
      assert.match(anew.anchors[0]!.failure!.message, /\/mnt\/notes:1 does not fit the log/)
      // and where nobody knows this machine's key any more
      const blind = yield* auditOf(forged.store, { anchors: [anchorOf(texts)] })
      assert.match(blind.failure!.message, /\/mnt\/notes:1: it is not signed by a key of this log/)
    }),
  )

  it.effect("finds an anchor that was edited or cut, with its line", () =>
    Effect.gen(function* () {
      const key = makeKey()
      const { store, texts } = yield* logOf(key)
      const [a, b, c] = texts as [string, string, string]
      const forged = signCheckpoint(
        { origin: a.split("\n")[0]!, size: 21, root: "12".repeat(32) },
        makeKey().signer(a.split("\n")[0]!),
      )
      const cases: ReadonlyArray<readonly [ReadonlyArray<string>, number, RegExp]> = [
        [[a, b.replace("\n21\n", "\n22\n"), c], 11, /:6: it is not signed/],
        [[a, "garbage\n", c], 11, /:6: it is no whole signed note.*edited/],
        [[a, forged, c], 11, /:6: it is not signed/],
        [[b, a, c], 10, /:6: an older checkpoint follows/],
      ]
      for (const [edited, seq, message] of cases) {
        const { failure } = yield* auditOf(store, { anchors: [anchorOf(edited)] })
        assert.strictEqual(failure?.seq, seq, String(message))
        assert.match(failure!.message, message)
      }
      // the log remembers what it gave to whom
      const [event] = yield* store.append([anchored(to, 21)])
      assert.isNull((yield* auditOf(store, { anchors: [anchorOf([a, b])] })).failure)
      const cut = (yield* auditOf(store, { anchors: [anchorOf([a])] })).failure
      assert.strictEqual(cut?.seq, event!.seq)
      assert.match(cut!.message, /was given the checkpoint of 21 events/)
      const gone = yield* auditOf(store, { anchors: [anchorOf([], { problem: "no such file" })] })
      assert.match(gone.failure!.message, /cannot be read \(no such file\)/)
      // another anchor's cut is none of this one's
      assert.isNull((yield* auditOf(store, { anchors: [{ ...anchorOf([a]), to: "file:/other" }] })).failure)
    }),
  )

  it.effect("takes a log from another machine once it was signed here, and none after that", () =>
    Effect.gen(function* () {
      const [theirs, mine] = [makeKey(), makeKey()]
      const { store } = yield* logOf(theirs)
      const before = yield* auditOf(store, { publicKey: mine.publicKey })
      assert.match(before.failure!.message, /another key/)
      yield* checkpoint(store, mine)
      const adopted = yield* auditOf(store, { publicKey: mine.publicKey })
      assert.isNull(adopted.failure)
      assert.lengthOf(adopted.keys, 2)
      yield* store.append(notes("more", 3))
      yield* checkpoint(store, theirs)
      const { failure } = yield* auditOf(store, { publicKey: mine.publicKey })
      assert.strictEqual(failure?.seq, 1028)
    }),
  )

  it.effect("holds after payloads were erased, those of checkpoints too", () =>
    Effect.gen(function* () {
      const key = makeKey()
      const { store, texts } = yield* logOf(key)
      yield* store.erase([3, 11, 500], "test", "user:cli")
      const report = yield* auditOf(store, { publicKey: key.publicKey, anchors: [anchorOf(texts)] })
      assert.isNull(report.failure)
      assert.include([2, 3], report.checkpoints)
    }),
  )
})
