/**
 * Stands between a language server's output and the protocol's reader, which would wait for, and hold, whatever length a
 * message claims to have.
 * Invariant: no message above the bound, no endless header and no endless talk gets through; each ends the stream.
 */
import { Transform, type TransformCallback } from "node:stream"

const largestMessage = 16 * 1024 * 1024
const largestHeader = 4096

export class Framing extends Transform {
  #header = Buffer.alloc(0)
  #left = 0
  #talked = 0
  readonly #mostTalk: number

  /** `mostTalk`: bytes between two calls of `asked`. */
  constructor(mostTalk: number = 64 * 1024 * 1024) {
    super()
    this.#mostTalk = mostTalk
  }

  /** A question was put: answers to it may come. */
  asked(): void {
    this.#talked = 0
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const problem = this.#check(chunk)
    if (problem === null) done(null, chunk)
    else done(new Error(problem))
  }

  #check(chunk: Buffer): string | null {
    this.#talked += chunk.length
    if (this.#talked > this.#mostTalk) return "it talks without end"
    let at = 0
    while (at < chunk.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at)
        this.#left -= taken
        at += taken
        continue
      }
      const known = this.#header.length
      this.#header = Buffer.concat([this.#header, chunk.subarray(at, at + largestHeader)])
      const end = this.#header.indexOf("\r\n\r\n")
      if (end < 0) {
        if (this.#header.length >= largestHeader) return "what it prints is not the protocol"
        return null
      }
      const length = /^content-length: *(\d{1,10})$/im.exec(this.#header.toString("latin1", 0, end))
      if (length === null) return "what it prints is not the protocol"
      this.#left = Number(length[1])
      if (this.#left > largestMessage) return `it sent a message of ${this.#left} bytes`
      at += end + 4 - known
      this.#header = Buffer.alloc(0)
    }
    return null
  }
}
