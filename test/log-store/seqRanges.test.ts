/** Ranges of seqs behave as the set of the seqs, and sums of index keys as the set of the keys. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { addSums, KeySums, noSums, sameSums, type Sums } from "../../log-store/IndexCheck.ts"
import { SeqRanges } from "../../log-store/SeqRanges.ts"
import { keyBytes } from "../../log-store/terms.ts"

const step = fc.record({ add: fc.boolean(), from: fc.nat(40), length: fc.integer({ min: -1, max: 9 }) })

describe("ranges of seqs", () => {
  it("hold what was added and not removed since, each range apart from the next", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const ranges = new SeqRanges()
        const set = new Set<number>()
        for (const { add, from, length } of steps) {
          const to = from + length
          if (add) ranges.add(from, to)
          else ranges.remove(from, to)
          for (let seq = from; seq <= to; seq++)
            if (add) set.add(seq)
            else set.delete(seq)
        }
        const seqs = ranges.ranges.flatMap(({ from, to }) =>
          Array.from({ length: to - from + 1 }, (_, n) => from + n),
        )
        assert.deepStrictEqual(
          seqs,
          [...set].sort((a, b) => a - b),
        )
        assert.strictEqual(ranges.first, seqs[0] ?? null)
        for (const [n, { from }] of ranges.ranges.entries())
          if (n > 0) assert.isAbove(from, ranges.ranges[n - 1]!.to + 1)
      }),
      { numRuns: 2000 },
    )
  })
})

describe("sums of index keys", () => {
  const key = fc.uint8Array({ minLength: keyBytes, maxLength: keyBytes }).map((bytes) => {
    bytes[17] = 0
    return bytes
  })
  const sumsOf = (keys: ReadonlyArray<Uint8Array>): Sums => {
    const sums = new KeySums([0x12345678, 0x9abcdef0], 2 ** 24, { take: () => assert.fail("not its key") })
    for (const one of keys) sums.take(one)
    return sums.sums
  }

  it("are the same in any order and however they are divided, and another of other keys", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(key, { minLength: 1, maxLength: 20, selector: (bytes) => bytes.toString() }),
        fc.nat(),
        fc.nat(7),
        (keys, at, bit) => {
          const n = at % keys.length
          const sums = sumsOf(keys)
          assert.isTrue(sameSums(sums, sumsOf(keys.toReversed())))
          assert.isTrue(sameSums(sums, addSums(sumsOf(keys.slice(0, n)), sumsOf(keys.slice(n)))))
          assert.isFalse(sameSums(sums, sumsOf(keys.toSpliced(n, 1))))
          const changed = Uint8Array.from(keys[n]!)
          changed[at % 17]! ^= 1 << bit
          assert.isFalse(sameSums(sums, sumsOf(keys.with(n, changed))))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it("leave the keys of the log's end to be looked up", () => {
    const asked: Array<number> = []
    const sums = new KeySums([1, 2], 500, { take: (one) => asked.push(one[20]!) > 1 })
    const of = (seq: number) => {
      const bytes = Buffer.alloc(keyBytes)
      bytes.writeUInt32BE(seq, 17)
      return bytes
    }
    assert.isTrue(sums.take(of(499)))
    assert.isFalse(sums.take(of(500)))
    assert.isTrue(sums.take(of(501)))
    assert.deepStrictEqual([asked.length, sums.sums[2]], [2, 1])
    assert.isTrue(sameSums(noSums, [0, 0, 0]))
  })
})
