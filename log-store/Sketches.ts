/**
 * The sketches of a log: which runs of events a query has to look at, and the making of the next one. They are beside
 * the log, made of what is stored when there is time, and may be missing: what has none is looked at all over.
 * Invariants: blocks have sketches in order, from the first on; one that is not whole is as good as none.
 */
import type { Backend } from "./Backend.ts"
import { type Chunk, erased, side } from "./chunk.ts"
import type { Need } from "./Filter.ts"
import { blockEvents, decodeRuns, type Runs, runsWith, Sketch } from "./sketch.ts"
import { certainWords, eachWord } from "./words.ts"

/** Raised when words are told otherwise (see `words.ts`): then they are made anew. */
const version = 1
export const sketchPrefix = `sketch.${version}/`
const runsKey = (block: number): string => `${sketchPrefix}${block}`
const sliceKey = (block: number, slice: number): string => `${sketchPrefix}${block}/${slice}`

/** Words of which one of these lists has to be in a run as a whole. */
export type WordNeed = ReadonlyArray<ReadonlyArray<number>>

/** What of the needs a sketch can tell; empty: nothing. */
export const wordNeeds = (needs: ReadonlyArray<Need>): ReadonlyArray<WordNeed> =>
  needs
    .map((need) => need.map((literals) => [...new Set(literals.flatMap((literal) => certainWords(literal)))]))
    .filter((need) => need.every((words) => words.length > 0))

export interface Run {
  readonly from: number
  readonly to: number
}

/** What a sketch is made of. */
interface Stored {
  readonly chunkOf: (seq: number) => Chunk
  readonly guard: <A>(seq: number, read: () => A) => A
  /** An event of this type is read in another shape than it was written in. */
  readonly isOld: (type: string, v: number) => boolean
  readonly sideText: (hash: string) => string | null
}

export class Sketches {
  readonly #backend: Backend
  readonly #size: number

  /** `size`: events in a block. */
  constructor(backend: Backend, size = blockEvents) {
    this.#backend = backend
    this.#size = size
  }

  /** So many chunks are rather looked at than a sketch. */
  get fewChunks(): number {
    return Math.floor(this.#size / 512)
  }

  blockOf(seq: number): number {
    return Math.floor((seq - 1) / this.#size)
  }
  lastOf(block: number): number {
    return (block + 1) * this.#size
  }

  runs(block: number): Runs | undefined {
    return block < 0 ? undefined : decodeRuns(this.#backend.record(runsKey(block)))
  }

  /** The sketched block whose runs hold `seq`; a run may reach into the next block's events. */
  at(seq: number): { readonly block: number; readonly runs: Runs } | undefined {
    const block = this.blockOf(seq)
    for (const one of [block, block - 1]) {
      const runs = this.runs(one)
      if (runs !== undefined && runs.starts.length > 0 && runs.starts[0]! <= seq && seq <= runs.end)
        return { block: one, runs }
    }
    return undefined
  }

  /** Runs that may answer all needs, in order; undefined where the sketch is not whole. */
  candidates(block: number, runs: Runs, needs: ReadonlyArray<WordNeed>): ReadonlyArray<Run> | undefined {
    const count = runs.starts.length
    const slices = new Map<number, Buffer | undefined>()
    const slice = (n: number): Buffer | undefined => {
      if (!slices.has(n)) slices.set(n, this.#backend.record(sliceKey(block, n)))
      return slices.get(n)
    }
    const all = new Uint8Array(Math.ceil(count / 8)).fill(0xff)
    for (const need of needs) {
      const any = new Uint8Array(all.length)
      for (const words of need) {
        const both = new Uint8Array(all.length).fill(0xff)
        // The last ones say the most, and most often that it is nowhere.
        for (const word of words.toReversed()) {
          const found = runsWith(word, count, slice)
          if (found === undefined) return undefined
          for (let n = 0; n < both.length; n++) both[n]! &= found[n]!
          if (both.every((bits) => bits === 0)) break
        }
        for (let n = 0; n < any.length; n++) any[n]! |= both[n]!
      }
      for (let n = 0; n < all.length; n++) all[n]! &= any[n]!
    }
    return runs.starts.flatMap((from, n) =>
      (all[n >>> 3]! & (1 << (n & 7))) === 0 ? [] : [{ from, to: (runs.starts[n + 1] ?? runs.end + 1) - 1 }],
    )
  }

  /** The first block without a sketch. */
  next(head: number): number {
    let low = 0
    let high = this.blockOf(Math.max(head, 1)) + 1
    while (low < high) {
      const mid = (low + high) >>> 1
      if (this.#backend.record(runsKey(mid)) === undefined) high = mid
      else low = mid + 1
    }
    return low
  }

  /** Makes a block's sketch a run at a time: gives `null` until the last one is in, then the records. */
  make(
    stored: Stored,
    block: number,
  ): () => ReadonlyArray<{ readonly key: string; readonly value: Buffer }> | null {
    const sketch = new Sketch()
    const last = this.lastOf(block)
    let at = this.#firstOf(stored, block)
    return () => {
      if (at <= last) {
        const chunk = stored.chunkOf(at)
        sketch.add(chunk.first, chunk.last, (take) => giveWords(stored, chunk, take))
        at = chunk.last + 1
        return null
      }
      const { runs, slices } = sketch.encode()
      return [
        ...slices.map((value, n) => ({ key: sliceKey(block, n), value })),
        { key: runsKey(block), value: runs },
      ]
    }
  }

  /** Where the first chunk begins that the block before does not hold. */
  #firstOf(stored: Stored, block: number): number {
    if (block === 0) return 1
    const chunk = stored.chunkOf(this.lastOf(block - 1))
    return chunk.last + 1
  }
}

/** False where what is stored does not tell. */
const giveWords = (stored: Stored, chunk: Chunk, take: (word: number) => void): boolean =>
  stored.guard(chunk.first, () => {
    const { h, p } = chunk.kinds()
    if (h.some(([type, v]) => stored.isOld(type, v))) return false
    eachWord(chunk.payloadBytes, take)
    for (const [n, place] of Object.entries(p ?? {})) {
      if (place === erased) return false
      const text = place === side ? stored.sideText(chunk.payloadText(Number(n)).slice(1, -1)) : null
      if (text !== null) eachWord(Buffer.from(text), take)
    }
    return true
  })
