/**
 * Collects what a command prints without ever holding more than a bound: head and tail for people, the first
 * 8 MiB whole for the log, the rest only counted.
 * Invariant: `bytes` is exact; head and tail are cut at character boundaries; up to 16 KiB nothing is cut.
 */
import { createHash } from "node:crypto"
import type { ToolOutput } from "../domain/events/acted.ts"

const edge = 8 * 1024
const defaultKept = 8 * 1024 * 1024

export interface Collected {
  readonly output: ToolOutput
  readonly blobs: ReadonlyArray<Uint8Array>
}

/** Length without a character that is cut at the end. */
const wholeEnd = (bytes: Uint8Array): number => {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if ((byte & 0xc0) === 0x80) continue
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return needs > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}
const wholeStart = (bytes: Uint8Array): number => {
  let start = 0
  while (start < Math.min(3, bytes.length) && (bytes[start]! & 0xc0) === 0x80) start++
  return start
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")

/** The bounded form of bytes that are already here. `redact` sees whole text, so that a cut hides nothing. */
export const collect = (bytes: Uint8Array, total: number, redact: (text: string) => string): Collected => {
  const text = decoder.decode(bytes)
  const clean = redact(text)
  const content = clean === text ? bytes : new TextEncoder().encode(clean)
  if (total <= 2 * edge && content.length <= 2 * edge) {
    return { output: { head: clean, tail: "", bytes: total, blob: null }, blobs: [] }
  }
  const head = content.subarray(0, edge)
  const tail = content.subarray(Math.max(edge, content.length - edge))
  return {
    output: {
      head: decoder.decode(head.subarray(0, wholeEnd(head))),
      tail: decoder.decode(tail.subarray(wholeStart(tail))),
      bytes: total,
      blob: sha256(content),
    },
    blobs: [content],
  }
}

export class OutputCollector {
  #chunks: Array<Uint8Array> = []
  #held = 0
  #tail: Array<Uint8Array> = []
  #tailHeld = 0
  #total = 0
  readonly #kept: number

  constructor(kept: number = defaultKept) {
    this.#kept = kept
  }

  add(chunk: Uint8Array): void {
    this.#total += chunk.length
    const room = this.#kept - this.#held
    const taken = chunk.length > room ? chunk.subarray(0, room) : chunk
    if (taken.length > 0) {
      this.#chunks.push(taken)
      this.#held += taken.length
    }
    if (taken.length === chunk.length) return
    this.#tail.push(chunk.subarray(taken.length))
    this.#tailHeld += chunk.length - taken.length
    while (this.#tailHeld - (this.#tail[0]?.length ?? 0) >= edge) {
      this.#tailHeld -= this.#tail.shift()!.length
    }
  }

  get bytes(): number {
    return this.#total
  }

  /** Everything was kept. */
  get whole(): boolean {
    return this.#total === this.#held
  }

  /** The first 8 MiB (or what the maker said). */
  first(): Uint8Array {
    return Buffer.concat(this.#chunks)
  }

  finish(redact: (text: string) => string): Collected {
    const collected = collect(this.first(), this.#total, redact)
    if (this.#tailHeld === 0) return collected
    const rest = Buffer.concat(this.#tail).subarray(-edge)
    const tail = redact(decoder.decode(rest.subarray(wholeStart(rest))))
    return { ...collected, output: { ...collected.output, tail } }
  }
}
