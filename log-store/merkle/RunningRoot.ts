/**
 * The tree's root while its leaves go by: keeps only the roots of the perfect subtrees on the right edge, at most one
 * for each bit of the count. Constant memory at any size; nothing is read back.
 */
import { emptyRoot, nodeHash } from "./hashes.ts"

export class RunningRoot {
  readonly #edge: Array<Uint8Array> = []
  readonly #whole: ((level: number, index: number, hash: Uint8Array) => void) | undefined
  #size = 0

  /** `whole` hears of every perfect subtree above the leaves once its last leaf is there. */
  constructor(whole?: (level: number, index: number, hash: Uint8Array) => void) {
    this.#whole = whole
  }

  get size(): number {
    return this.#size
  }

  push(leaf: Uint8Array): void {
    let hash = leaf
    let index = this.#size++
    for (let level = 1; index % 2 === 1; level++) {
      hash = nodeHash(this.#edge.pop()!, hash)
      index = (index - 1) / 2
      this.#whole?.(level, index, hash)
    }
    this.#edge.push(hash)
  }

  get root(): Uint8Array {
    const edge = this.#edge
    let root = edge.at(-1) ?? emptyRoot
    for (let n = edge.length - 2; n >= 0; n--) root = nodeHash(edge[n]!, root)
    return root
  }
}
