/**
 * What one command printed, in bounded memory: its beginning and its end; what lies between goes.
 * Invariant: never more than `limit` bytes are held, however much is written.
 */
import { Buffer } from "node:buffer"

export interface HeldOutput {
  readonly bytes: Buffer
  /** Of `bytes`, those before the gap; all of them where there is none. */
  readonly head: number
  /** Bytes that are gone. */
  readonly left: number
}

const firstSize = 4_096

export class OutputHold {
  readonly #limit: number
  readonly #head: number
  #buffer = Buffer.allocUnsafe(firstSize)
  #length = 0
  /** Where the next byte goes once the buffer is full: round and round behind the head. */
  #at = 0
  #left = 0

  constructor(limit: number) {
    this.#limit = limit
    this.#head = Math.floor(limit / 4)
    this.#at = this.#head
  }

  write(chunk: Uint8Array): void {
    const room = this.#limit - this.#length
    const plain = Math.min(room, chunk.length)
    if (plain > 0) {
      this.#reserve(this.#length + plain)
      this.#buffer.set(chunk.subarray(0, plain), this.#length)
      this.#length += plain
    }
    if (plain < chunk.length) this.#wrap(chunk.subarray(plain))
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return
    const grown = Buffer.allocUnsafe(Math.min(this.#limit, Math.max(length, this.#buffer.length * 2)))
    this.#buffer.copy(grown, 0, 0, this.#length)
    this.#buffer = grown
  }

  #wrap(chunk: Uint8Array): void {
    this.#left += chunk.length
    const ring = this.#limit - this.#head
    let rest = chunk.length > ring ? chunk.subarray(chunk.length - ring) : chunk
    while (rest.length > 0) {
      const part = rest.subarray(0, this.#limit - this.#at)
      this.#buffer.set(part, this.#at)
      this.#at += part.length
      if (this.#at === this.#limit) this.#at = this.#head
      rest = rest.subarray(part.length)
    }
  }

  /** A copy, no larger than what it holds. */
  held(): HeldOutput {
    if (this.#left === 0) {
      return { bytes: Buffer.from(this.#buffer.subarray(0, this.#length)), head: this.#length, left: 0 }
    }
    const bytes = Buffer.concat([
      this.#buffer.subarray(0, this.#head),
      this.#buffer.subarray(this.#at, this.#limit),
      this.#buffer.subarray(this.#head, this.#at),
    ])
    return { bytes, head: this.#head, left: this.#left }
  }
}
