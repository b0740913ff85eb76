/**
 * The words of a payload's JSON, as numbers: runs of letters, digits, `_` and of bytes beyond ASCII, in lower case. What
 * is escaped in a string stands between words. A number that is no text counts together with the key it belongs to, so
 * that `"exit":137` is told from a 137 elsewhere. Two words with a `/` between them count as one more: many paths have
 * the same names, and few the same two in a row.
 * Invariant: where a text lies in a JSON, its certain words are among the words of the JSON.
 */

const seed = 0x811c9dc5
const quote = 34
const backslash = 92
const escapeU = 117
const slash = 47

/** What a byte is as part of a word; 0: no part of one. */
const letters = Uint8Array.from({ length: 256 }, (_, byte) => {
  const isDigit = byte >= 48 && byte <= 57
  const isLower = byte >= 97 && byte <= 122
  const isUpper = byte >= 65 && byte <= 90
  return isUpper ? byte | 32 : isDigit || isLower || byte === 95 || byte >= 128 ? byte : 0
})
const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57

type Take = (word: number, from: number, to: number) => void

/** `quoted`: the bytes are whole JSON; else they lie inside a string, as far as is known. */
const eachWordOf = (bytes: Uint8Array, quoted: boolean, take: Take): void => {
  let inText = !quoted
  let word = seed
  let from = -1
  let key = seed
  let before = seed
  let beforeFrom = 0
  let beforeTo = -1
  const end = bytes.length
  for (let at = 0; at <= end; at++) {
    const byte = at === end ? 0 : bytes[at]!
    const letter = letters[byte]!
    if (letter !== 0) {
      if (from < 0) {
        from = at
        word = !inText && isDigit(byte) ? key : seed
      }
      word = Math.imul(word ^ letter, 0x01000193)
      continue
    }
    if (from >= 0) {
      take(word, from, at)
      if (inText) {
        // The slash is all that is between them.
        if (beforeTo >= 0 && beforeTo === from - 1 && bytes[beforeTo] === slash)
          take(Math.imul(before, 0x85ebca6b) ^ word, beforeFrom, at)
        key = before = word
        beforeFrom = from
        beforeTo = at
      }
      from = -1
    }
    if (byte === backslash) at += bytes[at + 1] === escapeU ? 5 : 1
    else if (byte === quote && quoted) inText = !inText
  }
}

/** Calls `take` with the number of each word of a JSON, as often as it is there. */
export const eachWord = (json: Uint8Array, take: (word: number) => void): void => {
  eachWordOf(json, true, take)
}

/** A text that a payload's JSON has as it stands here, in any case, and whether a word may go on beyond its ends. */
export interface Literal {
  readonly text: string
  readonly left: boolean
  readonly right: boolean
  /** It begins where a JSON string does: numbers in it are told from texts. */
  readonly quoted: boolean
}

const mayBeNumber = /^\d[\de]*$/i

/** Words of every payload that has the literal. Not those beyond ASCII, whose other case has other bytes. */
export const certainWords = ({ text, left, right, quoted }: Literal): ReadonlyArray<number> => {
  const bytes = Buffer.from(text)
  const words: Array<number> = []
  eachWordOf(bytes, quoted, (word, from, to) => {
    const part = bytes.subarray(from, to)
    if (part.some((byte) => byte >= 128) || (!quoted && mayBeNumber.test(part.toString()))) return
    if ((from > 0 || left) && (to < bytes.length || right)) words.push(word)
  })
  return words
}
