/**
 * A checksum of 32 bits, made for speed in JavaScript: four lanes over the words of the bytes, each step one that can be
 * undone, so that no change within a single word goes unseen, and any other does once in 2^32. Words are the machine's,
 * as LMDB's files are. Pure.
 */
const prime = 0x9e3779b1
const seeds = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const

const step = (lane: number, word: number): number => {
  const mixed = lane ^ word
  return Math.imul((mixed << 13) | (mixed >>> 19), prime)
}

/** Of all bytes but the word that begins at `skipped`, a multiple of four. */
export const checksum = (bytes: Uint8Array, skipped: number): number => {
  const { length } = bytes
  const aligned = (bytes.byteOffset & 3) === 0 ? bytes : bytes.slice()
  const count = length >>> 2
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, count)
  let [a, b, c, d] = seeds as readonly [number, number, number, number]
  const hole = skipped >>> 2
  for (let n = 0; n < hole && n < count; n++) a = step(a, words[n]!)
  let at = hole + 1
  for (; at + 3 < count; at += 4) {
    a = step(a, words[at]!)
    b = step(b, words[at + 1]!)
    c = step(c, words[at + 2]!)
    d = step(d, words[at + 3]!)
  }
  for (; at < count; at++) a = step(a, words[at]!)
  for (let n = Math.max(4 * count, skipped + 4); n < length; n++) b = step(b, bytes[n]!)
  return step(step(step(step(a, b), c), d), length) >>> 0
}
