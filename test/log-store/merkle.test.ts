/** The Merkle tree against RFC 6962 written down plainly, and against published vectors. */
import { assert, describe, it } from "@effect/vitest"
import { hash } from "node:crypto"
import * as fc from "fast-check"
import { emptyRoot, nodeHash, type Subtree } from "../../log-store/merkle/hashes.ts"
import {
  consistencyPath,
  inclusionPath,
  provesConsistency,
  rootOfInclusion,
  treeRoot,
} from "../../log-store/merkle/proofs.ts"
import { RunningRoot } from "../../log-store/merkle/RunningRoot.ts"

const sha = (...parts: ReadonlyArray<Uint8Array>): Buffer => hash("sha256", Buffer.concat(parts), "buffer")
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

/** RFC 6962, section 2.1, word for word: slow, over arrays of leaf hashes. */
const largestPowerBelow = (n: number): number => {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}
const mth = (leaves: ReadonlyArray<Buffer>): Buffer => {
  if (leaves.length === 0) return sha()
  if (leaves.length === 1) return leaves[0]!
  const k = largestPowerBelow(leaves.length)
  return sha(Buffer.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}
const pathOf = (m: number, leaves: ReadonlyArray<Buffer>): ReadonlyArray<Buffer> => {
  if (leaves.length === 1) return []
  const k = largestPowerBelow(leaves.length)
  return m < k
    ? [...pathOf(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...pathOf(m - k, leaves.slice(k)), mth(leaves.slice(0, k))]
}
const subproof = (m: number, leaves: ReadonlyArray<Buffer>, whole: boolean): ReadonlyArray<Buffer> => {
  if (m === leaves.length) return whole ? [] : [mth(leaves)]
  const k = largestPowerBelow(leaves.length)
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), whole), mth(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), mth(leaves.slice(0, k))]
}

const leavesOf = (count: number, seed = 0): ReadonlyArray<Buffer> =>
  Array.from({ length: count }, (_, n) => sha(Buffer.of(0), Buffer.from(`${seed}/${n}`)))

const subtreesOf =
  (leaves: ReadonlyArray<Buffer>): Subtree =>
  (level, index) => {
    if (level === 0) return leaves[index]!
    const read = subtreesOf(leaves)
    return nodeHash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1))
  }

/** The eight entries and their roots of the test data that Certificate Transparency's first implementations share. */
const published = {
  entries: [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ],
  roots: [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ],
}

describe("the Merkle tree", () => {
  it("has the published roots", () => {
    const leaves = published.entries.map((entry) => sha(Buffer.of(0), Buffer.from(entry, "hex")))
    assert.strictEqual(hex(emptyRoot), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    published.roots.forEach((root, n) => {
      assert.strictEqual(hex(treeRoot(subtreesOf(leaves), n + 1)), root)
      const running = new RunningRoot()
      for (const leaf of leaves.slice(0, n + 1)) running.push(leaf)
      assert.strictEqual(hex(running.root), root)
    })
    // the inclusion and consistency examples of the same data
    assert.deepStrictEqual(inclusionPath(subtreesOf(leaves), 0, 8).map(hex), [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ])
    assert.deepStrictEqual(consistencyPath(subtreesOf(leaves), 6, 8).map(hex), [
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ])
  })

  it("has the root, paths and consistency of RFC 6962 at every size, and proves them", () => {
    const all = leavesOf(70)
    const read = subtreesOf(all)
    const running = new RunningRoot()
    for (let size = 1; size <= all.length; size++) {
      const leaves = all.slice(0, size)
      const root = mth(leaves)
      running.push(all[size - 1]!)
      assert.strictEqual(hex(treeRoot(read, size)), hex(root))
      assert.strictEqual(hex(running.root), hex(root))
      for (let m = 0; m < size; m++) {
        const path = inclusionPath(read, m, size)
        assert.deepStrictEqual(path.map(hex), pathOf(m, leaves).map(hex), `${m} in ${size}`)
        assert.strictEqual(hex(rootOfInclusion(all[m]!, m, size, path)!), hex(root))
      }
      for (let m = 1; m <= size; m++) {
        const path = consistencyPath(read, m, size)
        assert.deepStrictEqual(path.map(hex), subproof(m, leaves, true).map(hex), `${m} to ${size}`)
        assert.isTrue(provesConsistency(m, mth(all.slice(0, m)), size, root, path))
      }
    }
  })

  it("accepts no proof that is not the one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 0, max: 1e9 }),
        fc.nat(7),
        (size, a, b, how) => {
          const leaves = leavesOf(size, a % 5)
          const read = subtreesOf(leaves)
          const root = treeRoot(read, size)
          const index = a % size
          const path = [...inclusionPath(read, index, size)]
          const older = 1 + (b % size)
          const olderRoot = treeRoot(read, older)
          const proof = [...consistencyPath(read, older, size)]
          const flip = (bytes: Uint8Array): Uint8Array => {
            const copy = Buffer.from(bytes)
            copy[b % 32]! ^= 1 << how
            return copy
          }
          const proves = (leaf: Uint8Array, at: number, of: number, with_: ReadonlyArray<Uint8Array>) => {
            const found = rootOfInclusion(leaf, at, of, with_)
            return found !== null && Buffer.compare(found, root) === 0
          }
          const leaf = leaves[index]!
          assert.isTrue(proves(leaf, index, size, path))
          assert.isFalse(proves(flip(leaf), index, size, path))
          if (size > 1) assert.isFalse(proves(leaf, (index + 1) % size, size, path))
          assert.isFalse(proves(leaf, index, size, [...path, leaf]))
          if (path.length > 0) {
            assert.isFalse(proves(leaf, index, size, path.slice(1)))
            assert.isFalse(
              proves(leaf, index, size, path.with(b % path.length, flip(path[b % path.length]!))),
            )
          }
          const follows = (
            from: number,
            fromRoot: Uint8Array,
            toRoot: Uint8Array,
            with_: ReadonlyArray<Uint8Array>,
          ) => provesConsistency(from, fromRoot, size, toRoot, with_)
          assert.isTrue(follows(older, olderRoot, root, proof))
          assert.isFalse(follows(older, flip(olderRoot), root, proof))
          assert.isFalse(follows(older, olderRoot, flip(root), proof))
          assert.isFalse(follows(older, olderRoot, root, [...proof, leaf]))
          assert.isFalse(provesConsistency(size + 1, root, size, root, []))
          if (proof.length > 0) {
            assert.isFalse(follows(older, olderRoot, root, proof.slice(0, -1)))
            const n = b % proof.length
            assert.isFalse(follows(older, olderRoot, root, proof.with(n, flip(proof[n]!))))
          }
        },
      ),
      { numRuns: 120 },
    )
  })

  it("tells of every perfect subtree once, when it is whole", () => {
    const leaves = leavesOf(37)
    const seen = new Map<string, string>()
    const running = new RunningRoot((level, index, found) => {
      assert.isFalse(seen.has(`${level}/${index}`))
      assert.strictEqual(running.size, (index + 1) * 2 ** level)
      seen.set(`${level}/${index}`, hex(found))
    })
    for (const leaf of leaves) running.push(leaf)
    assert.strictEqual(seen.size, 18 + 9 + 4 + 2 + 1)
    for (const [key, found] of seen) {
      const [level, index] = key.split("/").map(Number) as [number, number]
      assert.strictEqual(hex(mth(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))), found)
    }
  })
})
