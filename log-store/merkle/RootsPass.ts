/**
 * One pass over a log's hash column: the roots at the sizes asked for, computed from the leaves alone, and every tile
 * compared with what it stands for. A step at a time, so that it can run beside everything else; constant memory but
 * for what was asked. Trusts nothing that was computed before.
 */
import type { Backend } from "../Backend.ts"
import { Chunk } from "../chunk.ts"
import type { Fault } from "./evidence.ts"
import { RunningRoot } from "./RunningRoot.ts"
import { tileLevels, tileWidth } from "./tiles.ts"
import { Tree } from "./Tree.ts"

/** Small, because whoever else runs in this process waits for the end of a step. */
const stepBytes = 256 * 1024

export class RootsPass {
  readonly roots = new Map<number, string>()
  readonly #backend: Backend
  readonly #sizes: ReadonlyArray<number>
  readonly #tree: Tree
  readonly #running: RunningRoot
  readonly #last: number
  #at = 0
  /** A tile that is not the root of its events; found only where the chain itself holds. */
  fault: Fault | null = null
  done = false

  /** `sizes` ascending, none beyond the head. */
  constructor(backend: Backend, sizes: ReadonlyArray<number>) {
    this.#backend = backend
    this.#sizes = sizes
    this.#tree = new Tree(backend)
    this.#last = Math.max(sizes.at(-1) ?? 0, this.#tree.covered)
    this.#running = new RunningRoot((level, index, hash) => {
      if (level % tileLevels === 0) this.#compare(level / tileLevels, index, hash)
    })
    this.done = this.#last === 0
  }

  #compare(level: number, index: number, hash: Uint8Array): void {
    const stored = this.#tree.entry(level, index)
    if (stored === undefined || this.fault !== null || stored.equals(hash)) return
    this.fault = {
      seq: index * tileWidth ** level + 1,
      message: `a stored tile of the Merkle tree is not the root of the events from here on: it was changed (claw log rebuild makes the tiles anew)`,
    }
  }

  step(): void {
    const running = this.#running
    const next = running.size + 1
    const page = this.#backend.chunksFrom(next, stepBytes)
    // small chunks may have been merged since the last page into one that begins earlier
    const chunks = page[0]?.key === next ? page : [this.#backend.chunkAt(next)]
    for (const stored of chunks) {
      if (running.size >= this.#last) break
      if (stored === undefined) throw new Error(`event ${running.size + 1} is missing`)
      const chunk = new Chunk(stored.bytes)
      if (chunk.first > running.size + 1 || chunk.last <= running.size)
        throw new Error(`event ${running.size + 1} is missing`)
      for (let n = running.size + 1 - chunk.first; n < chunk.count && running.size < this.#last; n++) {
        running.push(chunk.leaf(n))
        if (this.#sizes[this.#at] === running.size) {
          this.roots.set(running.size, Buffer.from(running.root).toString("hex"))
          this.#at++
        }
      }
    }
    this.done = running.size >= this.#last
  }
}
