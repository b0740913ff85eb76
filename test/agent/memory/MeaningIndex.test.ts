/** Vectors that point the same way are found, others are not, however many there are and however they came. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { asAsked, asKept } from "../../../src/agent/memory/embeddingForms.ts"
import { fused } from "../../../src/agent/memory/fusion.ts"
import { MeaningIndex } from "../../../src/agent/memory/MeaningIndex.ts"

const dimensions = 96
const randomAt = (seed: number, n: number): number =>
  (Math.imul(Math.imul(seed + 1, 2_654_435_761) ^ Math.imul(n + 1, 1_597_334_677), 3_812_015_801) >> 16) /
  32_768
/** All lean to one side, as those of real texts do; `toward` turns one to a direction of its own. */
const vectorOf = (seed: number, toward: number | null = null): Int8Array =>
  Int8Array.from({ length: dimensions }, (_, n) => {
    const own = toward === null ? 0 : randomAt(-toward - 1, n) * 60
    return (n % 3 === 0 ? 15 : 0) + randomAt(seed, n) * 40 + own
  })
const everywhere = (): boolean => true
const filled = (count: number): MeaningIndex => {
  const index = new MeaningIndex()
  for (let n = 0; n < count; n++) index.put(`k_${n}`, vectorOf(n))
  return index
}
const near = (index: MeaningIndex, vector: Int8Array, here: (id: string) => boolean = everywhere) =>
  index.near(vector, here, 5).map(({ id }) => id)

describe("what is near", () => {
  for (const count of [20, 500, 5_000]) {
    it(`is found among ${count} `, () => {
      const index = filled(count)
      index.put("k_near", vectorOf(900_001, 3))
      index.put("k_nearer", vectorOf(900_003, 3))
      index.put("k_other", vectorOf(900_002, 5))
      assert.sameMembers(near(index, vectorOf(700_000, 3)), ["k_near", "k_nearer"])
      assert.deepStrictEqual(near(index, vectorOf(700_000, 5)), ["k_other"])
    })

    it(`is seldom seen among ${count} where there is nothing to see`, () => {
      const index = filled(count)
      const seen = Array.from({ length: 60 }, (_, n) => near(index, vectorOf(700_000 + n, 7 + n)))
      assert.isBelow(seen.filter((ids) => ids.length > 0).length, 20)
      assert.isTrue(seen.every((ids) => ids.length < 4))
    })
  }

  it("is looked for only where it holds", () => {
    const index = filled(40)
    index.put("k_near", vectorOf(900_001, 3))
    assert.include(near(index, vectorOf(700_000, 3)), "k_near")
    assert.notInclude(
      near(index, vectorOf(700_000, 3), (id) => id !== "k_near"),
      "k_near",
    )
    assert.deepStrictEqual(
      near(index, vectorOf(700_000, 3), () => false),
      [],
    )
  })

  it("is told of few by how alike they are, and of one by nothing", () => {
    const index = new MeaningIndex()
    index.put("k_a", vectorOf(1, 1))
    assert.deepStrictEqual(near(index, vectorOf(2, 1)), [])
    index.put("k_b", vectorOf(3, 4))
    index.put("k_c", vectorOf(4, 5))
    assert.deepStrictEqual(near(index, vectorOf(2, 1)), ["k_a"])
    assert.deepStrictEqual(near(index, vectorOf(2, 6)), [])
  })

  it("is never told across sizes: the newest holds", () => {
    const index = filled(10)
    assert.deepStrictEqual(index.near(new Int8Array(4).fill(1), everywhere, 5), [])
    index.put("k_new", new Int8Array(4).fill(1))
    assert.strictEqual(index.size, 1)
    assert.isFalse(index.has("k_1"))
  })

  it("does not depend on what came and went in between", () => {
    const change = fc.record({ id: fc.integer({ min: 0, max: 30 }), gone: fc.boolean() })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 120 }), (changes) => {
        const followed = new MeaningIndex()
        const left = new Set<number>()
        for (const { gone, id } of changes) {
          if (gone) {
            left.delete(id)
            followed.keep((one) => one !== `k_${id}`)
          } else {
            left.add(id)
            followed.put(`k_${id}`, vectorOf(id, id % 6))
          }
        }
        const anew = new MeaningIndex()
        for (const id of left) anew.put(`k_${id}`, vectorOf(id, id % 6))
        assert.strictEqual(followed.size, left.size)
        for (let toward = 0; toward < 6; toward++)
          assert.deepStrictEqual(near(followed, vectorOf(999, toward)), near(anew, vectorOf(999, toward)))
      }),
    )
  })
})

describe("two rankings made one", () => {
  it("put what stands in both first, and keep what stands in one", () => {
    assert.deepStrictEqual(
      fused([
        ["a", "b", "c"],
        ["c", "d"],
      ]),
      ["c", "a", "b", "d"],
    )
    assert.deepStrictEqual(fused([["a", "b"], []]), ["a", "b"])
  })
})

describe("the form of a text", () => {
  it("is that of the model's card, whoever serves it, and else the bare text", () => {
    assert.strictEqual(asKept("local/nomic-embed-text:v1.5", "x"), "search_document: x")
    assert.strictEqual(asAsked("near/nomic-ai/nomic-embed-text-v1.5", "x"), "search_query: x")
    assert.strictEqual(asKept("local/mxbai-embed-large", "x"), "x")
    assert.strictEqual(asAsked("local/snowflake-arctic-embed2", "x"), "query: x")
    assert.match(asAsked("local/snowflake-arctic-embed:33m", "x"), /^Represent this sentence/)
    assert.strictEqual(asAsked("openai/text-embedding-3-small", "x"), "x")
  })
})
