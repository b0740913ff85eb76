/** Names of files as bytes: to and fro, and in a listing. */
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { display, join, parentOf, toBuffer, toBytes } from "../../../src/observe/fs/byteStrings.ts"
import { Listing } from "../../../src/observe/fs/Listing.ts"

describe("byte strings", () => {
  it("show text as it is, and give the bytes where it is not exact", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        assert.deepStrictEqual(display(toBytes(text)), { path: text })
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const shown = display(Buffer.from(bytes).toString("latin1"))
        const back =
          shown.raw === undefined ? Buffer.from(shown.path, "utf8") : Buffer.from(shown.raw, "base64")
        assert.deepStrictEqual([...back], [...bytes])
      }),
    )
  })

  it("are the bytes that go to the file system", () => {
    assert.deepStrictEqual(toBuffer(toBytes("é/日")), Buffer.from("é/日", "utf8"))
    assert.strictEqual(join("", "a"), "a")
    assert.strictEqual(parentOf("a/b/c"), "a/b")
    assert.strictEqual(parentOf("a"), "")
  })
})

describe("a listing", () => {
  it("is a set of names, packed or open", () => {
    const name = fc.constantFrom("a", "b", "ab", "ba", "a b", "é".repeat(2), "\n", "-")
    const step = fc.tuple(fc.constantFrom("add", "delete", "pack"), name)
    fc.assert(
      fc.property(fc.array(name), fc.array(step), (first, steps) => {
        const model = new Set(first)
        const listing = Listing.of(model)
        for (const [what, value] of steps) {
          if (what === "pack") listing.pack()
          else if (what === "add")
            assert.strictEqual(listing.add(value), !model.has(value) && !!model.add(value))
          else assert.strictEqual(listing.delete(value), model.delete(value))
          assert.deepStrictEqual(new Set(listing.names()), model)
          assert.strictEqual(listing.has("a"), model.has("a"))
        }
      }),
    )
  })
})
