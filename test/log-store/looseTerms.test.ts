/** Index keys that wait beside the head: together with the table they say what one table with all of them would. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { isLoose, settle, withLoose } from "../../log-store/looseTerms.ts"
import { term, termBytes, termKey } from "../../log-store/terms.ts"

const terms = ["a.b", "c.d", "e.f"].map((text) => term("type", text))
const textOf = (key: Buffer): string => key.toString("hex")

/** Commits as the writer makes them: new keys at the end, and some of the newest removed. */
const commits = fc.array(
  fc.record({
    added: fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 4 })), { maxLength: 30 }),
    removed: fc.integer({ min: 0, max: 5 }),
  }),
  { maxLength: 30 },
)

describe("looseTerms", () => {
  it("leads to what an index of one table would lead to", () => {
    fc.assert(
      fc.property(commits, (list) => {
        const all = new Map<string, Buffer>()
        const table = new Map<string, Buffer>()
        let record: Buffer | undefined
        let seq = 0
        for (const { added, removed } of list) {
          const gone = [...all.values()].slice(all.size - removed)
          const keys = added.map(([which, step]) => termKey(terms[which]!, (seq += step)))
          for (const key of gone) all.delete(textOf(key))
          for (const key of keys) all.set(textOf(key), key)
          const { loose, put, remove } = settle(record, keys, gone)
          for (const key of remove) table.delete(textOf(key))
          for (const key of put) table.set(textOf(key), key)
          record = loose ?? record
          assert.isAtMost(record?.length ?? 0, 2000)
          for (const key of all.values()) assert.isTrue(table.has(textOf(key)) || isLoose(record, key))
          for (const key of gone)
            assert.strictEqual(table.has(textOf(key)) || isLoose(record, key), all.has(textOf(key)))
        }
        for (const of of terms)
          for (const reverse of [false, true]) {
            const seqs = (keys: Iterable<Buffer>) =>
              [...keys]
                .filter((key) => key.subarray(0, termBytes).equals(of))
                .map((key) => key.readUInt32BE(termBytes))
                .filter((at) => at >= 3 && at <= seq - 2)
                .sort((a, b) => (reverse ? b - a : a - b))
                .slice(0, 7)
            assert.deepStrictEqual(
              [...withLoose(seqs(table.values()), record, of, 3, seq - 2, 7, reverse)],
              seqs(all.values()),
            )
          }
      }),
      { numRuns: 200 },
    )
  })

  it("keeps the keys of a small commit out of the table, and moves all together when they are many", () => {
    let record: Buffer | undefined
    let moved = 0
    for (let n = 1; n <= 71; n++) {
      const { loose, put } = settle(record, [termKey(terms[n % 3]!, n)], [])
      record = loose ?? record
      moved += put.length
      assert.strictEqual(moved, n === 71 ? 71 : 0)
    }
    assert.strictEqual(record!.length, 0)
  })
})
