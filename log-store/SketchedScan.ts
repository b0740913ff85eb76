/**
 * The chunks a query has to look at, as the sketches tell, from a position on in the query's direction.
 * Invariants: no chunk that could answer is passed over; a step looks at a bounded number of blocks, so it may give
 * no chunk although more follows: then only the position has moved.
 */
import type { Chunk } from "./chunk.ts"
import type { Reader } from "./Reader.ts"
import type { Runs } from "./sketch.ts"
import type { Run, WordNeed } from "./Sketches.ts"

const stepBlocks = 64
const stepChunks = 32

export interface Sketched {
  readonly chunks: ReadonlyArray<Chunk>
  readonly at: number
}

export class SketchedScan {
  readonly #reader: Reader
  readonly #needs: ReadonlyArray<WordNeed>
  readonly #reverse: boolean
  /** What the block looked at last said. */
  #block = -1
  #candidates: ReadonlyArray<Run> | undefined

  constructor(reader: Reader, needs: ReadonlyArray<WordNeed>, reverse: boolean) {
    this.#reader = reader
    this.#needs = needs
    this.#reverse = reverse
  }

  /** Undefined where there is no sketch of what lies at the position. */
  next(position: number, low: number, high: number): Sketched | undefined {
    let at = position
    for (let looked = 0; looked < stepBlocks && at >= low && at <= high; looked++) {
      const here = this.#reader.sketches.at(at)
      const candidates = here === undefined ? undefined : this.#in(here.block, here.runs)
      if (here === undefined || candidates === undefined) return looked === 0 ? undefined : { chunks: [], at }
      const chunks = this.#chunks(candidates, at, low, high)
      if (chunks.length > 0) return { chunks, at }
      at = this.#reverse ? here.runs.starts[0]! - 1 : here.runs.end + 1
    }
    return { chunks: [], at }
  }

  #in(block: number, runs: Runs): ReadonlyArray<Run> | undefined {
    if (block !== this.#block) {
      this.#candidates = this.#reader.sketches.candidates(block, runs, this.#needs)
      this.#block = block
    }
    return this.#candidates
  }

  /** A run was a chunk when it was sketched; it need not be any more. */
  #chunks(runs: ReadonlyArray<Run>, at: number, low: number, high: number): Array<Chunk> {
    const chunks: Array<Chunk> = []
    const ahead = this.#reverse
      ? runs.filter(({ from, to }) => from <= at && to >= low).reverse()
      : runs.filter(({ from, to }) => to >= at && from <= high)
    for (const run of ahead) {
      if (chunks.length >= stepChunks) break
      const before = chunks.at(-1)
      if (this.#reverse) {
        for (
          let seq = Math.min(run.to, at, (before?.first ?? Infinity) - 1);
          seq >= run.from && seq >= low;
        ) {
          const chunk = this.#reader.chunkOf(seq)
          chunks.push(chunk)
          seq = chunk.first - 1
        }
      } else
        for (let seq = Math.max(run.from, at, (before?.last ?? 0) + 1); seq <= run.to && seq <= high;) {
          const chunk = this.#reader.chunkOf(seq)
          chunks.push(chunk)
          seq = chunk.last + 1
        }
    }
    return chunks
  }
}
