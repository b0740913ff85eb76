/**
 * Takes the hook's marks out of a terminal's stream; every other byte goes on as it came and in its order.
 * Invariant: what may turn out to be a mark is held, at most `maximumMark` bytes of it; `flush` lets it go, so that no
 * program waits for an answer to what it wrote.
 */
import { Buffer } from "node:buffer"
import { introducer, type Mark, maximumMark, parseMark } from "../../domain/shellMarks.ts"

const introduction = Buffer.from(introducer, "latin1")
const bell = 0x07
const escape = 0x1b
const nothing = Buffer.alloc(0)

export type Piece = Buffer | Mark
export const isMark = (piece: Piece): piece is Mark => !Buffer.isBuffer(piece)

/** How many of the last bytes could begin an introduction. */
const begun = (data: Buffer, from: number): number => {
  for (let length = Math.min(introduction.length - 1, data.length - from); length > 0; length--)
    if (data.subarray(data.length - length).equals(introduction.subarray(0, length))) return length
  return 0
}

export class MarkFilter {
  readonly #nonce: string
  #held = nothing

  constructor(nonce: string) {
    this.#nonce = nonce
  }

  get holds(): boolean {
    return this.#held.length > 0
  }

  push(chunk: Buffer): ReadonlyArray<Piece> {
    const data = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = nothing
    const pieces: Array<Piece> = []
    let sent = 0
    let from = 0
    const hold = (at: number): void => {
      this.#held = Buffer.from(data.subarray(at))
      if (at > sent) pieces.push(data.subarray(sent, at))
      sent = data.length
    }
    for (;;) {
      const at = data.indexOf(introduction, from)
      if (at < 0) {
        const length = begun(data, from)
        if (length > 0) hold(data.length - length)
        break
      }
      from = at + introduction.length
      const behind = data.subarray(from, at + maximumMark)
      const end = behind.findIndex((byte) => byte === bell || byte === escape)
      if (end < 0) {
        if (data.length - at >= maximumMark) continue
        hold(at)
        break
      }
      const mark = behind[end] === bell ? parseMark(behind.toString("latin1", 0, end), this.#nonce) : null
      if (mark === null) continue
      if (at > sent) pieces.push(data.subarray(sent, at))
      pieces.push(mark)
      from += end + 1
      sent = from
    }
    if (sent < data.length) pieces.push(data.subarray(sent))
    return pieces
  }

  /** What was held, and is no mark after all. */
  flush(): Buffer {
    const held = this.#held
    this.#held = nothing
    return held
  }
}
