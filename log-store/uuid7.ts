/**
 * Ids of events: UUIDv7 (RFC 9562), strictly increasing with the seq, whatever the clock does.
 * The first 48 bits are the running maximum of the appends' times, so an id's time never goes back and
 * both an id and a time can be found by bisection over the log, without an index. Within one millisecond
 * a 26-bit counter (random start) grows; the other 48 bits are random.
 */
import { randomFillSync } from "node:crypto"
import { idBytes } from "./chunkLayout.ts"
import { idChars, idsText } from "./rowTexts.ts"

/** Largest time the ISO form of four-digit years can say. */
export const maxMs = 253_402_300_799_999
const counterBits = 26
const counterLimit = 2 ** counterBits
const randomBytes = 6
const poolBytes = randomBytes * 512
/** Ids that are slices of one string, and keep it alive together. */
const pageIds = 64

/** Random bytes, drawn from the system a few kilobytes at a time. */
export class RandomBytes {
  readonly #pool = Buffer.allocUnsafe(poolBytes)
  #used = poolBytes

  /** Place in `bytes` of so many that were not used before. */
  take(count: number): number {
    if (this.#used + count > poolBytes) {
      randomFillSync(this.#pool)
      this.#used = 0
    }
    this.#used += count
    return this.#used - count
  }
  get bytes(): Buffer {
    return this.#pool
  }
}

export class Uuid7 {
  readonly #random: RandomBytes
  #ms: number
  #counter: number

  /** Continues behind `lastId` (null: an empty log). */
  constructor(lastId: string | null, random: RandomBytes) {
    this.#random = random
    this.#ms = lastId === null ? -1 : timeOf(lastId)
    this.#counter = lastId === null ? 0 : counterOf(lastId)
  }

  next(nowMs: number): string {
    return this.take([nowMs])[0]!
  }

  /** An id for each of the times. Written in one buffer, and sliced from one string for many: that is half the work. */
  take(times: ReadonlyArray<number>): Array<string> {
    const out: Array<string> = []
    for (let at = 0; at < times.length; at += pageIds) {
      const count = Math.min(pageIds, times.length - at)
      const bytes = Buffer.allocUnsafe(count * idBytes)
      for (let n = 0; n < count; n++) this.#write(bytes, n * idBytes, times[at + n]!)
      const texts = idsText(bytes, 0, count)
      for (let n = 0; n < count; n++) out.push(texts.substring(n * idChars, (n + 1) * idChars))
    }
    return out
  }

  #write(out: Buffer, at: number, nowMs: number): void {
    const from = this.#random.take(randomBytes)
    const random = this.#random.bytes
    if (nowMs > this.#ms) {
      this.#ms = nowMs
      // Half the range is left free to count in.
      this.#counter = random.readUInt32BE(from) & (counterLimit / 2 - 1)
    } else if (++this.#counter >= counterLimit) {
      this.#ms++
      this.#counter = 0
    }
    const high = Math.floor(this.#ms / 2 ** 32)
    const low = this.#ms >>> 0
    const counter = this.#counter
    out[at] = high >>> 8
    out[at + 1] = high
    out[at + 2] = low >>> 24
    out[at + 3] = low >>> 16
    out[at + 4] = low >>> 8
    out[at + 5] = low
    out[at + 6] = 0x70 | (counter >>> 22)
    out[at + 7] = counter >>> 14
    out[at + 8] = 0x80 | ((counter >>> 8) & 0x3f)
    out[at + 9] = counter
    for (let n = 0; n < randomBytes; n++) out[at + 10 + n] = random[from + n]!
  }
}

/** Milliseconds since the epoch in an id. */
export const timeOf = (id: string): number => parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
const counterOf = (id: string): number =>
  (parseInt(id.slice(15, 18), 16) << 14) | (parseInt(id.slice(19, 23), 16) & 0x3fff)

/** True for the text form that `Uuid7` makes; only such ids sort as the log does. */
export const isUuid7 = (id: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)
