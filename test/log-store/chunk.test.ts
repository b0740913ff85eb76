/** The codec, the ids and the globs under generated input. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { chainHash, headerText, kindText, sha256, zeroHash } from "../../log-store/canonical.ts"
import { Chunk, encodeChunk, type Entry } from "../../log-store/chunk.ts"
import { typeMatcher } from "../../log-store/globs.ts"
import { isUuid7, RandomBytes, timeOf, Uuid7 } from "../../log-store/uuid7.ts"

const text = fc.string({ unit: "binary", maxLength: 12 })
const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString("hex"))
const entry = fc
  .record({
    id: fc.constant("0198a000-0000-7000-8000-000000000001"),
    at: fc.constant("2026-01-02T03:04:05.678Z"),
    type: fc.constantFrom("a.b", "c.d", "é.f"),
    v: fc.integer({ min: 1, max: 9 }),
    workspace: fc.option(fc.constantFrom("/a", "/ü\n")),
    actor: fc.constantFrom("x", 'y"'),
    trust: fc.constantFrom("trusted", "untrusted"),
    causationId: fc.option(text),
    correlationId: fc.option(text),
    value: fc.jsonValue(),
    gone: fc.constantFrom(0, 0, 0, 1, 2),
    blobs: fc.array(hash, { maxLength: 2 }),
    hash,
  })
  .map(
    ({ value, gone, ...rest }) =>
      ({
        ...rest,
        place: gone,
        payload: gone === 0 ? JSON.stringify(value) : sha256(JSON.stringify(value)),
      }) as Omit<Entry, "seq">,
  )
const entries = fc
  .tuple(fc.integer({ min: 1, max: 4_000_000_000 }), fc.array(entry, { minLength: 1, maxLength: 20 }))
  .map(([first, list]) => list.map((one, n): Entry => ({ ...one, seq: first + n })))

describe("chunk", () => {
  it("gives back what was put in, and encodes it to the same bytes again", () => {
    fc.assert(
      fc.property(hash, entries, (prevHash, list) => {
        const bytes = encodeChunk(prevHash, list)
        const chunk = new Chunk(bytes)
        assert.deepStrictEqual(chunk.entries(), list)
        assert.deepStrictEqual(
          [chunk.first, chunk.last, chunk.prevHash],
          [list[0]!.seq, list.at(-1)!.seq, prevHash],
        )
        assert.strictEqual(chunk.payloadBytes.toString(), chunk.payloadsText)
        assert.strictEqual(chunk.ascii, chunk.payloadBytes.length === chunk.payloadsText.length)
        assert.isTrue(encodeChunk(chunk.prevHash, chunk.entries()).equals(bytes))
        const events = chunk.events(
          () => "side",
          () => undefined,
        )
        for (const [n, event] of events.entries()) {
          const { place, payload } = list[n]!
          const stored = place === 0 ? JSON.parse(payload) : place === 1 ? "side" : null
          assert.deepStrictEqual(event.payload as unknown, stored)
          assert.strictEqual(event.erased, place === 2 ? true : undefined)
          assert.deepStrictEqual(
            chunk.event(
              n,
              () => "side",
              () => undefined,
            ),
            event,
          )
        }
      }),
      { numRuns: 300 },
    )
  })

  it("fails with an error of its own or of Buffer's bounds on changed bytes", () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.integer({ min: 1, max: 255 }), (list, at, change) => {
        const bytes = Buffer.from(encodeChunk(zeroHash, list))
        bytes[at % bytes.length]! ^= change
        try {
          new Chunk(bytes).entries()
        } catch (error) {
          assert.include(["ChunkError", "RangeError"], (error as Error).constructor.name)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe("canonical", () => {
  it("writes the header as JSON.stringify does, and JSON text survives parsing", () => {
    fc.assert(
      fc.property(entry, hash, fc.jsonValue(), (e, prevHash, value) => {
        const payloadHash = sha256(JSON.stringify(value))
        const header = { ...e, seq: 17, payloadHash, prevHash }
        const kind = kindText(e.type, e.v, e.workspace, e.actor, e.trust)
        const written = headerText(
          17,
          e.id,
          e.at,
          kind,
          e.causationId,
          e.correlationId,
          payloadHash,
          prevHash,
          e.blobs,
        )
        assert.strictEqual(sha256(written), chainHash(header))
        assert.strictEqual(`\0${JSON.stringify(JSON.parse(written.slice(1)))}`, written)
        const json = JSON.stringify(value)
        assert.strictEqual(JSON.stringify(JSON.parse(json)), json)
      }),
      { numRuns: 300 },
    )
  })

  it("matches the form in its description", () => {
    const header = {
      seq: 1,
      id: "0198a000-0000-7000-8000-000000000001",
      at: "2026-01-02T03:04:05.678Z",
      type: "git.commit",
      v: 1,
      workspace: null,
      actor: "source:git",
      trust: "untrusted",
      causationId: null,
      correlationId: null,
      payloadHash: sha256("{}"),
      prevHash: zeroHash,
      blobs: [],
    }
    const written = `\0["claw.event/1",1,"0198a000-0000-7000-8000-000000000001","2026-01-02T03:04:05.678Z","git.commit",1,null,"source:git","untrusted",null,null,"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","${zeroHash}"]`
    assert.strictEqual(chainHash(header), sha256(written))
  })
})

describe("uuid7", () => {
  it("grows whatever the clock does, and continues behind a last id", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 ** 47 }), { minLength: 2, maxLength: 200 }),
        (times) => {
          const random = new RandomBytes()
          let ids = new Uuid7(null, random)
          let last = ""
          let max = 0
          for (const [n, ms] of times.entries()) {
            if (n % 7 === 6) ids = new Uuid7(last, random)
            const id = ids.next(n % 3 === 0 ? ms : (times[0] ?? 0))
            max = Math.max(max, n % 3 === 0 ? ms : (times[0] ?? 0))
            assert.isTrue(isUuid7(id), id)
            assert.isTrue(id > last, `${id} after ${last}`)
            assert.strictEqual(timeOf(id), max)
            last = id
          }
        },
      ),
    )
  })
})

describe("typeMatcher", () => {
  it("takes stars and question marks, and everything else as it stands", () => {
    const matches = (globs: ReadonlyArray<string>, type: string) => typeMatcher(globs)(type)
    assert.isTrue(matches(["git.*"], "git.commit"))
    assert.isFalse(matches(["git.*"], "gitxcommit"))
    assert.isFalse(matches(["git"], "git.commit"))
    assert.isTrue(matches(["fs.*", "git.c?mmit"], "git.commit"))
    assert.isTrue(matches(["*"], "a.b-c"))
    assert.isTrue(matches(["tool.undo-refused"], "tool.undo-refused"))
    assert.isFalse(matches([], "git.commit"))
    assert.isFalse(matches(["(git|fs).*", "[g]it.commit"], "git.commit"))
  })
})
