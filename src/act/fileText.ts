/**
 * Text of files: what counts as text, and exact edits that keep line endings, byte-order mark and everything else.
 * Pure. Invariant: an edit changes nothing but the named text; a file that is not valid UTF-8 is never edited.
 */

export type TextOf = { readonly text: string; readonly valid: boolean } | { readonly binary: string }

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder("utf-8", { ignoreBOM: true })

/** `binary` says why it is not text. */
export const textOf = (bytes: Uint8Array): TextOf => {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { binary: "it is UTF-16" }
  }
  if (bytes.subarray(0, 64 * 1024).includes(0)) return { binary: "it holds zero bytes, so it is not text" }
  try {
    return { text: strict.decode(bytes), valid: true }
  } catch {
    return { text: lenient.decode(bytes), valid: false }
  }
}

export type Edited =
  | { readonly text: string; readonly count: number }
  | { readonly problem: "absent" | "same" }
  | { readonly problem: "ambiguous"; readonly count: number }

const usesCrlf = (text: string): boolean => text.includes("\r\n") && !/(?<!\r)\n/.test(text)
const asCrlf = (text: string): string => text.replace(/\r?\n/g, "\r\n")

/** In a file whose lines all end with CR LF, both strings are meant that way too. */
export const editText = (text: string, oldText: string, newText: string, replaceAll: boolean): Edited => {
  const crlf = usesCrlf(text)
  const from = crlf ? asCrlf(oldText) : oldText
  const to = crlf ? asCrlf(newText) : newText
  if (from === to) return { problem: "same" }
  const parts = text.split(from)
  const count = parts.length - 1
  if (count === 0) return { problem: "absent" }
  if (count > 1 && !replaceAll) return { problem: "ambiguous", count }
  return { text: parts.join(to), count }
}

/** Lines `offset` (from 1) to `offset + limit - 1`, with what was left out. */
export const sliceLines = (
  text: string,
  offset: number,
  limit: number,
): { readonly text: string; readonly lines: number; readonly first: number; readonly last: number } => {
  const lines = text.split("\n")
  const total = text.endsWith("\n") ? lines.length - 1 : lines.length
  const first = Math.min(offset, total + 1)
  const last = Math.min(total, offset + limit - 1)
  return { text: lines.slice(first - 1, last).join("\n"), lines: total, first, last }
}
