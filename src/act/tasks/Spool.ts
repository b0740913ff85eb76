/**
 * The newest output of a running command, in memory and bounded, with a cursor that counts every byte ever printed.
 * Invariants: never more than its bound and one chunk is held; what is handed out is redacted together with all that is
 * still held before it, cut at lines while the command runs, and the same cursor never gives the same line twice.
 */
import { redactFollowing } from "./redactFollowing.ts"

const bound = 256 * 1024
/** A line without end is handed on after this. */
const longestWait = 4096

export interface SpoolPart {
  readonly text: string
  /** Where it begins: later than asked for, where older output is no longer held. */
  readonly from: number
  readonly next: number
  /** Bytes that were asked for and are no longer held. */
  readonly missed: number
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
const newline = 10

/** Moves a cut forward out of the middle of a character. */
const whole = (bytes: Uint8Array, at: number): number => {
  let to = at
  while (to < bytes.length && to - at < 3 && (bytes[to]! & 0xc0) === 0x80) to++
  return to
}

export class Spool {
  #chunks: Array<Uint8Array> = []
  #held = 0
  #total = 0

  add(chunk: Uint8Array): void {
    this.#total += chunk.length
    // a copy: a small piece must not keep the whole buffer it came in
    this.#chunks.push(chunk.length > bound ? chunk.slice(-bound) : chunk.slice())
    this.#held += Math.min(chunk.length, bound)
    while (this.#held - (this.#chunks[0]?.length ?? 0) >= bound) this.#held -= this.#chunks.shift()!.length
  }

  /** All bytes ever printed. */
  get bytes(): number {
    return this.#total
  }

  /** What came since `from`, at most `limit` bytes of it; to the last whole line unless it `ended`. */
  read(options: {
    readonly from: number
    readonly limit: number
    readonly ended: boolean
    readonly redact: (text: string) => string
  }): SpoolPart {
    const kept = Buffer.concat(this.#chunks)
    const start = this.#total - kept.length
    // where older output is gone, the first line held may be the rest of a cut secret
    const first = start === 0 ? 0 : Math.max(0, kept.subarray(0, longestWait).indexOf(newline) + 1)
    const begin = whole(kept, Math.min(kept.length, Math.max(options.from - start, first)))
    const last = kept.lastIndexOf(newline) + 1
    const ready = options.ended || kept.length - last > longestWait ? kept.length : last
    const most = Math.max(begin, Math.min(ready, begin + options.limit))
    const line = most < ready ? kept.subarray(begin, most).lastIndexOf(newline) + 1 : 0
    const end = whole(kept, line > 0 ? begin + line : most)
    return {
      text: redactFollowing(
        decoder.decode(kept.subarray(0, begin)),
        decoder.decode(kept.subarray(begin, end)),
        options.redact,
      ),
      from: start + begin,
      next: start + end,
      missed: Math.max(0, start + begin - options.from),
    }
  }
}
