/**
 * Ids of events: UUIDv7 (RFC 9562), strictly increasing with the seq, whatever the clock does.
 * The first 48 bits are the running maximum of the appends' times, so an id's time never goes back and
 * both an id and a time can be found by bisection over the log, without an index. Within one millisecond
 * a 26-bit counter (random start) grows; the other 48 bits are random.
 */
import { randomFillSync } from "node:crypto"

/** Largest time the ISO form of four-digit years can say. */
export const maxMs = 253_402_300_799_999
const counterBits = 26
const counterLimit = 2 ** counterBits
const poolBytes = 6 * 512
const randomDigits = 12

/** Random hex digits, drawn from the system a few kilobytes at a time. */
export class RandomHex {
  #pool = ""
  #used = 0
  readonly #bytes = Buffer.allocUnsafe(poolBytes)

  take(digits: number): string {
    if (this.#used + digits > this.#pool.length) {
      this.#pool = randomFillSync(this.#bytes).toString("hex")
      this.#used = 0
    }
    return this.#pool.slice(this.#used, (this.#used += digits))
  }
}

export class Uuid7 {
  readonly #random: RandomHex
  #ms: number
  #counter: number
  #prefix = ""

  /** Continues behind `lastId` (null: an empty log). */
  constructor(lastId: string | null, random: RandomHex) {
    this.#random = random
    this.#ms = lastId === null ? -1 : timeOf(lastId)
    this.#counter = lastId === null ? 0 : counterOf(lastId)
    if (lastId !== null) this.#setPrefix()
  }

  next(nowMs: number): string {
    const random = this.#random.take(randomDigits)
    if (nowMs > this.#ms) {
      this.#ms = nowMs
      // Half the range is left free to count in.
      this.#counter = parseInt(random, 16) & (counterLimit / 2 - 1)
      this.#setPrefix()
    } else if (++this.#counter >= counterLimit) {
      this.#ms++
      this.#counter = 0
      this.#setPrefix()
    }
    const high = (this.#counter >>> 14) & 0xfff
    const low = this.#counter & 0x3fff
    return `${this.#prefix}-7${hex(high, 3)}-${(0x8000 | low).toString(16)}-${random}`
  }

  #setPrefix(): void {
    const text = hex(this.#ms, 12)
    this.#prefix = `${text.slice(0, 8)}-${text.slice(8)}`
  }
}

const hex = (value: number, width: number): string => value.toString(16).padStart(width, "0")

/** Milliseconds since the epoch in an id. */
export const timeOf = (id: string): number => parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
const counterOf = (id: string): number =>
  (parseInt(id.slice(15, 18), 16) << 14) | (parseInt(id.slice(19, 23), 16) & 0x3fff)

/** True for the text form that `Uuid7` makes; only such ids sort as the log does. */
export const isUuid7 = (id: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)
