/**
 * Makes hostile text harmless to show: control characters become visible pictures, bidi and zero-width
 * marks are named, so that nothing outside reaches the terminal raw (design invariant 13).
 * Invariant: the result holds no C0 (but `\n`, `\t` where kept), C1, DEL, bidi, zero-width or tag characters.
 */

const hidden =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f]/g
const lone = /[\ud800-\udfff]/gu

const picture = (c: string): string => {
  const p = c.codePointAt(0)!
  if (p < 0x20) return String.fromCodePoint(0x2400 + p)
  if (p === 0x7f) return "\u2421"
  return `<${p.toString(16)}>`
}
const named = (c: string): string => `<U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}>`

/** One line: newlines and tabs are made visible too. */
export const neutralise = (text: string): string =>
  text.replace(control, picture).replace(hidden, named).replace(lone, "\ufffd")

/** Several lines: `\n` stays, tabs become two spaces, all else as `neutralise`. */
export const neutraliseLines = (text: string): string =>
  text
    .split("\n")
    .map((line) => neutralise(line.replaceAll("\t", "  ")))
    .join("\n")

const escaped = (c: string): string =>
  Array.from({ length: c.length }, (_, n) => `\\u${c.charCodeAt(n).toString(16).padStart(4, "0")}`).join("")

/** JSON text that says the same and is harmless to show: `JSON.stringify` leaves C1, bidi and hidden marks raw. */
export const harmlessJsonText = (json: string): string =>
  json.replace(/[\u007f-\u009f]/g, escaped).replace(hidden, escaped)

/** A value as such JSON. */
export const harmlessJson = (value: unknown): string => harmlessJsonText(JSON.stringify(value) ?? "null")

/** True where the text would have to be changed before it may be shown. */
export const isHarmless = (text: string): boolean => neutralise(text) === text
