/**
 * Turns what a command prints into lines worth an event. Pure but for its own state; the clock is handed in.
 * Invariants: bounded whatever comes (length of a line, lines waiting, lines a minute), and what is left out is counted;
 * secrets are taken out, also such as span lines and bursts.
 */
import { redactFollowing } from "./redactFollowing.ts"

export interface Burst {
  readonly lines: ReadonlyArray<string>
  readonly dropped: number
}

const longestLine = 2000
const mostWaiting = 100
/** Lines kept as what a secret may have begun in. */
const context = 60
/** So many at once, and so many a second for ever. */
const allowance = { most: 200, perSecond: 5 }

/** Is the pattern in the line? `*` stands for anything between its parts. Literal otherwise, and linear. */
export const lineMatches = (pattern: string, line: string): boolean => {
  let at = 0
  for (const part of pattern.split("*")) {
    const found = line.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return true
}

export class LineWatch {
  readonly #match: string | null
  readonly #redact: (text: string) => string
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  #partial = ""
  #cut = 0
  #waiting: Array<string> = []
  #before: Array<string> = []
  #dropped = 0
  #allowed = allowance.most
  #at: number | null = null

  constructor(match: string | null, redact: (text: string) => string) {
    this.#match = match
    this.#redact = redact
  }

  add(chunk: Uint8Array): void {
    this.#take(this.#decoder.decode(chunk, { stream: true }))
  }

  /** A last line without its end. */
  end(): void {
    this.#take(this.#decoder.decode())
    if (this.#partial !== "") this.#line()
  }

  get waiting(): boolean {
    return this.#waiting.length > 0 || this.#dropped > 0
  }

  /** What may be told now. Where nothing may, what waits goes on waiting or is counted as dropped. */
  burst(nowMs: number): Burst | null {
    if (this.#at !== null) {
      const earned = ((nowMs - this.#at) / 1000) * allowance.perSecond
      this.#allowed = Math.min(allowance.most, this.#allowed + Math.max(0, earned))
    }
    this.#at = nowMs
    const count = Math.min(this.#waiting.length, Math.floor(this.#allowed))
    if (!this.waiting || Math.floor(this.#allowed) < 1) return null
    this.#allowed -= Math.max(1, count)
    const fresh = this.#waiting.splice(0, count)
    const dropped = this.#dropped
    this.#dropped = 0
    const before = this.#before.map((line) => `${line}\n`).join("")
    this.#before = [...this.#before, ...fresh].slice(-context)
    if (fresh.length === 0) return { lines: [], dropped }
    return { lines: redactFollowing(before, fresh.join("\n"), this.#redact).split("\n"), dropped }
  }

  #take(text: string): void {
    let at = 0
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", at)) {
      this.#grow(text.slice(at, end))
      this.#line()
      at = end + 1
    }
    this.#grow(text.slice(at))
  }

  #grow(text: string): void {
    const room = longestLine - this.#partial.length
    this.#partial += text.slice(0, room)
    this.#cut += Math.max(0, text.length - room)
  }

  #line(): void {
    const text = this.#partial.replace(/\r$/, "")
    const line = this.#cut === 0 ? text : `${text} [${this.#cut} more characters]`
    this.#partial = ""
    this.#cut = 0
    if (this.#match !== null && !lineMatches(this.#match, text)) return
    if (this.#waiting.length < mostWaiting) this.#waiting.push(line)
    else this.#dropped++
  }
}
