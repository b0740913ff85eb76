/**
 * Ids and times between their 16 stored bytes and their texts, many at a time: byte by byte in one buffer, and one
 * string for all, of which the texts are slices. A row is an id (36) and the ISO form of a time (24).
 * Invariant: `writeIds` takes only what `rowsOf` gives back.
 */
import { ChunkError, idBytes } from "./chunkLayout.ts"

export const idChars = 36
export const rowChars = 60
const dash = 45
const notHex = 0xff

const digits = Buffer.from("0123456789abcdef")
const nibbles = Uint8Array.from({ length: 256 }, (_, code) => {
  const at = digits.indexOf(code)
  return at < 0 ? notHex : at
})
/** Place of each of the 32 digits in an id's text. */
const digitAt = Uint8Array.from(
  { length: 32 },
  (_, n) => n + (n < 8 ? 0 : n < 12 ? 1 : n < 16 ? 2 : n < 20 ? 3 : 4),
)
const dashAt = [8, 13, 18, 23]

const growing = (size: number) => {
  let buffer = Buffer.allocUnsafeSlow(size)
  return (wanted: number): Buffer => {
    if (wanted > buffer.length) buffer = Buffer.allocUnsafeSlow(wanted)
    return buffer
  }
}
// Never held across a call.
const scratch = growing(32 * 1024)

/** True for the text of a UUID in its one canonical form. */
export const isIdText = (text: string): boolean =>
  text.length === idChars && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)

/** Writes `count` ids, given as one text without anything between them. */
export const writeIds = (out: Buffer, at: number, texts: string, count: number): void => {
  const from = scratch(texts.length)
  if (from.write(texts, 0, "latin1") !== idChars * count) throw new ChunkError("an id is no UUID")
  let wrong = 0
  for (let n = 0; n < count; n++) {
    const base = idChars * n
    const to = at + idBytes * n
    for (let m = 0; m < 16; m++) {
      const high = nibbles[from[base + digitAt[2 * m]!]!]!
      const low = nibbles[from[base + digitAt[2 * m + 1]!]!]!
      wrong |= (high | low) & 0x10
      out[to + m] = (high << 4) | low
    }
    for (const place of dashAt) wrong |= from[base + place]! ^ dash
  }
  if (wrong !== 0) throw new ChunkError("an id is no UUID")
}

/** Both digits of a byte, to be looked up at once. */
const highs = Uint8Array.from({ length: 256 }, (_, byte) => digits[byte >>> 4]!)
const lows = Uint8Array.from({ length: 256 }, (_, byte) => digits[byte & 15]!)

const writeDigits = (to: Buffer, base: number, bytes: Buffer, at: number, count: number): void => {
  for (let m = 0; m < count; m++) {
    const byte = bytes[at + m]!
    to[base + 2 * m] = highs[byte]!
    to[base + 2 * m + 1] = lows[byte]!
  }
}

const writeId = (to: Buffer, base: number, bytes: Buffer, at: number): void => {
  writeDigits(to, base, bytes, at, 4)
  writeDigits(to, base + 9, bytes, at + 4, 2)
  writeDigits(to, base + 14, bytes, at + 6, 2)
  writeDigits(to, base + 19, bytes, at + 8, 2)
  writeDigits(to, base + 24, bytes, at + 10, 6)
  to[base + 8] = dash
  to[base + 13] = dash
  to[base + 18] = dash
  to[base + 23] = dash
}

/** Texts of the ids at `at`, one behind the other. */
export const idsText = (bytes: Buffer, at: number, count: number): string => {
  const to = scratch(idChars * count)
  for (let n = 0; n < count; n++) writeId(to, idChars * n, bytes, at + idBytes * n)
  return to.toString("latin1", 0, idChars * count)
}

const dayMs = 86_400_000
let day = Number.NaN
let dayText: Uint8Array = new Uint8Array(11)

const writeTime = (to: Buffer, base: number, ms: number): void => {
  const today = Math.floor(ms / dayMs)
  if (today !== day) {
    dayText = Buffer.from(new Date(today * dayMs).toISOString().slice(0, 11))
    day = today
  }
  for (let n = 0; n < 11; n++) to[base + n] = dayText[n]!
  let rest = ms - today * dayMs
  const hour = (rest / 3_600_000) | 0
  rest -= hour * 3_600_000
  const minute = (rest / 60_000) | 0
  rest -= minute * 60_000
  const second = (rest / 1000) | 0
  const milli = rest - second * 1000
  to[base + 11] = 48 + ((hour / 10) | 0)
  to[base + 12] = 48 + (hour % 10)
  to[base + 13] = 58
  to[base + 14] = 48 + ((minute / 10) | 0)
  to[base + 15] = 48 + (minute % 10)
  to[base + 16] = 58
  to[base + 17] = 48 + ((second / 10) | 0)
  to[base + 18] = 48 + (second % 10)
  to[base + 19] = 46
  to[base + 20] = 48 + ((milli / 100) | 0)
  to[base + 21] = 48 + (((milli / 10) | 0) % 10)
  to[base + 22] = 48 + (milli % 10)
  to[base + 23] = 90
}

export const msOfId = (bytes: Buffer, at: number): number =>
  ((bytes[at]! << 8) | bytes[at + 1]!) * 2 ** 32 +
  (((bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!) >>> 0)

/** Ids and times of the events whose ids lie at `at`; `steps` are added to the ids' times. */
export const rowsText = (
  bytes: Buffer,
  at: number,
  count: number,
  steps: ReadonlyArray<number> | undefined,
): string => {
  const to = scratch(rowChars * count)
  let lastMs = -1
  for (let n = 0; n < count; n++) {
    const base = rowChars * n
    const from = at + idBytes * n
    writeId(to, base, bytes, from)
    const ms = msOfId(bytes, from) + (steps === undefined ? 0 : steps[n]!)
    if (ms === lastMs) to.copyWithin(base + idChars, base + idChars - rowChars, base)
    else writeTime(to, base + idChars, ms)
    lastMs = ms
  }
  return to.toString("latin1", 0, rowChars * count)
}
