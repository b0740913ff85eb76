/** The checksum of a chunk: what a disk does to bytes changes it, wherever they lie in memory. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { checksum } from "../../log-store/checksum.ts"

const skipped = 52
const bytes = fc.uint8Array({ minLength: 56, maxLength: 300 })

describe("checksum", () => {
  it("changes with any bit but those of the word it is kept in", () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(7), (content, at, bit) => {
        const before = checksum(content, skipped)
        const position = at % content.length
        content[position]! ^= 1 << bit
        const isSkipped = position >= skipped && position < skipped + 4
        assert.strictEqual(checksum(content, skipped) === before, isSkipped)
      }),
      { numRuns: 500 },
    )
  })

  it("changes where words were exchanged, zeroed, cut off or added", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 120, maxLength: 300 }), fc.nat(14), (content, word) => {
        const at = 56 + 4 * word
        const before = checksum(content, skipped)
        const changed = (change: (copy: Uint8Array) => Uint8Array): void => {
          const copy = change(Uint8Array.from(content))
          const isSame = Buffer.compare(copy, content) === 0
          assert.strictEqual(checksum(copy, skipped) === before, isSame)
        }
        changed((copy) => {
          copy.set(content.subarray(at, at + 4), at + 4)
          copy.set(content.subarray(at + 4, at + 8), at)
          return copy
        })
        changed((copy) => copy.fill(0, at, at + 32))
        changed((copy) => copy.subarray(0, copy.length - 1))
        changed((copy) => Uint8Array.from([...copy, 0]))
      }),
      { numRuns: 200 },
    )
  })

  it("is the same wherever the bytes begin", () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 7 }), (content, offset) => {
        const moved = new Uint8Array(content.length + 8)
        moved.set(content, offset)
        assert.strictEqual(
          checksum(moved.subarray(offset, offset + content.length), skipped),
          checksum(content, skipped),
        )
      }),
    )
  })
})
