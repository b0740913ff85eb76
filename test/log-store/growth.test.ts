/** The model of growth against a tree that LMDB really made, and its ends. */
import { assert, describe, it } from "@effect/vitest"
import { growthAt, maxEventsOfLog, type Measured } from "../../log-store/growth.ts"

const measured: Measured = { events: 100_000, chunks: 1100, chunkPages: 6.8, terms: 55_000, termKeyBytes: 21 }

describe("growth", () => {
  it("says of a short log about what LMDB counts in it", () => {
    // 50,000 events of the mix: 550 chunks in 6 leaves, 27,402 keys in 359 leaves below 5 branches.
    const { chunkDepth, termDepth, fileBytes } = growthAt(50_000, measured)
    assert.deepStrictEqual([chunkDepth, termDepth], [2, 3])
    const expected = (550 * 6.8 + 7 + 365) * 4096
    assert.isAbove(fileBytes, expected * 0.97)
    assert.isBelow(fileBytes, expected * 1.03)
  })

  it("grows in bytes as the events do, and in depth by their logarithm", () => {
    const [a, b, c] = [1e6, 1e9, maxEventsOfLog].map((events) => growthAt(events, measured))
    assert.closeTo(b!.fileBytes / a!.fileBytes, 1000, 5)
    assert.isAtMost(b!.termDepth - a!.termDepth, 2)
    assert.isAtMost(c!.termDepth, 6)
    assert.isBelow(c!.fileBytes, 2 * 2 ** 40)
    assert.isAtMost(c!.commitPages - a!.commitPages, (measured.terms / measured.chunks) * 3 + 3)
  })
})
