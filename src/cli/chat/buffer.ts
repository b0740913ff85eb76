/**
 * A text and a place in it: moving by glyphs, words and lines, and taking out. Pure.
 * Invariant: a place is always between two glyphs as a person sees them, never inside one.
 */

export interface Buffer {
  readonly text: string
  /** In UTF-16 units. */
  readonly cursor: number
}

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" })
const ascii = /^[\x0a\x20-\x7e]*$/

const glyphs = (text: string): ReadonlyArray<string> =>
  ascii.test(text) ? [...text] : [...segmenter.segment(text)].map(({ segment }) => segment)

export const lineStart = (text: string, at: number): number =>
  at <= 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1
export const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf("\n", at)
  return end < 0 ? text.length : end
}

/** The glyph before or after; where it stands at an end, that end. */
export const before = (text: string, at: number): number => {
  if (at <= 0) return 0
  if (text[at - 1] === "\n") return at - 1
  const start = lineStart(text, at)
  return at - (glyphs(text.slice(start, at)).at(-1)?.length ?? 0)
}
export const after = (text: string, at: number): number => {
  if (at >= text.length) return text.length
  if (text[at] === "\n") return at + 1
  return at + (glyphs(text.slice(at, lineEnd(text, at)))[0]?.length ?? 0)
}

/** The nearest place between glyphs that is not behind `at`. */
export const between = (text: string, at: number): number => {
  const bounded = Math.max(0, Math.min(at, text.length))
  let place = lineStart(text, bounded)
  for (const glyph of glyphs(text.slice(place, lineEnd(text, bounded)))) {
    if (place + glyph.length > bounded) break
    place += glyph.length
  }
  return place
}

const isWord = (char: string): boolean => /[\p{L}\p{N}_]/u.test(char)

/** Start of the word before. */
export const wordBefore = (text: string, at: number): number => {
  let place = at
  while (place > 0 && !isWord(text.slice(before(text, place), place))) place = before(text, place)
  while (place > 0 && isWord(text.slice(before(text, place), place))) place = before(text, place)
  return place
}
/** End of the word after. */
export const wordAfter = (text: string, at: number): number => {
  let place = at
  while (place < text.length && !isWord(text.slice(place, after(text, place)))) place = after(text, place)
  while (place < text.length && isWord(text.slice(place, after(text, place)))) place = after(text, place)
  return place
}
/** Start of the next word. */
export const wordNext = (text: string, at: number): number => {
  let place = at
  const here = place < text.length && isWord(text.slice(place, after(text, place)))
  while (
    place < text.length &&
    isWord(text.slice(place, after(text, place))) === here &&
    !/\s/.test(text[place]!)
  )
    place = after(text, place)
  while (place < text.length && /\s/.test(text[place]!)) place = after(text, place)
  return place
}
/** Back over what is no space: what a shell's Ctrl-W takes. */
export const spaceBefore = (text: string, at: number): number => {
  let place = at
  while (place > 0 && /\s/.test(text[place - 1]!)) place--
  while (place > 0 && !/\s/.test(text[place - 1]!)) place--
  return between(text, place)
}

export const insert = ({ cursor, text }: Buffer, more: string): Buffer => {
  const whole = text.slice(0, cursor) + more + text.slice(cursor)
  // what was put in may join the glyph that follows it
  const end = cursor + more.length
  const place = between(whole, end)
  return { text: whole, cursor: place < end ? after(whole, place) : place }
}

/** Without what stands from `from` to `to`. */
export const without = ({ text }: Buffer, from: number, to: number): Buffer => {
  const whole = text.slice(0, from) + text.slice(to)
  return { text: whole, cursor: between(whole, from) }
}

/** The same column one line up or down; null: there is none. */
export const vertical = ({ cursor, text }: Buffer, by: -1 | 1): number | null => {
  const start = lineStart(text, cursor)
  const column = glyphs(text.slice(start, cursor)).length
  if (by < 0 ? start === 0 : lineEnd(text, cursor) === text.length) return null
  const other = by < 0 ? lineStart(text, start - 1) : lineEnd(text, cursor) + 1
  const row = glyphs(text.slice(other, lineEnd(text, other)))
  return other + row.slice(0, column).join("").length
}
