/**
 * A sketch of a block of the log: for each of its runs of events (a chunk, as it was then) a Bloom filter of the words in
 * it, turned on its side: row by row of bits, one bit for each run, so that a query reads the few rows its words
 * have and learns of all runs at once. Rows lie in slices, each a record with a checksum. Pure.
 * Invariant: a run that has a word is never left out; one that a payload may hide from, being elsewhere or shown otherwise
 * than stored, has every bit.
 */
import { crc32 } from "node:zlib"

/** Events a block is made of. */
export const blockEvents = 32_768
const bitsOfWord = 4
const sliceRows = 256
const slices = 32
const rows = slices * sliceRows

/** Calls `take` with the rows of a word, one by one; all in one slice, so that a word costs one read. */
const eachRow = (word: number, take: (row: number) => void): void => {
  let h = Math.imul(word ^ (word >>> 15), 0x85ebca6b)
  h ^= h >>> 13
  const step = (Math.imul(h, 0xc2b2ae35) >>> 24) | 1
  const slice = h >>> 27
  let row = h >>> 8
  for (let n = 0; n < bitsOfWord; n++) {
    take(slice * sliceRows + (row % sliceRows))
    row += step
  }
}

/** First seq of each run, and the last of the last one. */
export interface Runs {
  readonly starts: ReadonlyArray<number>
  readonly end: number
}

const withChecksum = (bytes: Buffer): Buffer => {
  bytes.writeUInt32LE(crc32(bytes.subarray(4)))
  return bytes
}
const checked = (bytes: Buffer | undefined): Buffer | undefined =>
  bytes === undefined || bytes.length < 4 || bytes.readUInt32LE() !== crc32(bytes.subarray(4))
    ? undefined
    : bytes

/** Grows run by run. */
export class Sketch {
  readonly #starts: Array<number> = []
  /** Each run's rows; null: all. */
  readonly #runs: Array<Uint16Array | null> = []
  readonly #bits = new Uint8Array(rows)
  #end = 0

  /** `words` gives each word to its argument; false where it is not known which ones are there. */
  add(first: number, last: number, words: (take: (word: number) => void) => boolean): void {
    const bits = this.#bits.fill(0)
    const mark = (row: number) => {
      bits[row] = 1
    }
    const isKnown = words((word) => eachRow(word, mark))
    const set: Array<number> = []
    if (isKnown) for (let row = 0; row < rows; row++) if (bits[row] !== 0) set.push(row)
    this.#starts.push(first)
    this.#runs.push(isKnown ? Uint16Array.from(set) : null)
    this.#end = last
  }

  /** The record of the runs, and the slices. */
  encode(): { readonly runs: Buffer; readonly slices: ReadonlyArray<Buffer> } {
    const count = this.#starts.length
    const runs = Buffer.alloc(4 + 4 * (count + 1))
    for (const [n, start] of this.#starts.entries()) runs.writeUInt32LE(start, 4 + 4 * n)
    runs.writeUInt32LE(this.#end, 4 + 4 * count)
    const width = Math.ceil(count / 8)
    const out = Array.from({ length: slices }, () => Buffer.alloc(4 + sliceRows * width))
    for (const [run, set] of this.#runs.entries()) {
      const mask = 1 << (run & 7)
      const byte = run >>> 3
      for (const row of set ?? Array.from({ length: rows }, (_, n) => n)) {
        const slice = out[(row / sliceRows) | 0]!
        slice[4 + (row % sliceRows) * width + byte]! |= mask
      }
    }
    return { runs: withChecksum(runs), slices: out.map(withChecksum) }
  }
}

/** Undefined where the record is not whole. */
export const decodeRuns = (record: Buffer | undefined): Runs | undefined => {
  const bytes = checked(record)
  if (bytes === undefined || bytes.length < 12 || bytes.length % 4 !== 0) return undefined
  const count = bytes.length / 4 - 2
  return {
    starts: Array.from({ length: count }, (_, n) => bytes.readUInt32LE(4 + 4 * n)),
    end: bytes.readUInt32LE(4 + 4 * count),
  }
}

/** For each of `count` runs a bit, whether it may have the word; undefined where a slice is not whole. */
export const runsWith = (
  word: number,
  count: number,
  slice: (n: number) => Buffer | undefined,
): Uint8Array | undefined => {
  const width = Math.ceil(count / 8)
  const out = new Uint8Array(width).fill(0xff)
  let isWhole = true
  eachRow(word, (row) => {
    const bytes = checked(slice((row / sliceRows) | 0))
    if (bytes === undefined || bytes.length !== 4 + sliceRows * width) isWhole = false
    else for (let n = 0, at = 4 + (row % sliceRows) * width; n < width; n++) out[n]! &= bytes[at + n]!
  })
  return isWhole ? out : undefined
}
