/**
 * Bytes of a page as text: by its byte order mark, its header, its own `<meta>`, or as UTF-8 where that is valid. Pure.
 * Invariant: never fails; a name nobody knows falls back to UTF-8 and is said.
 */
export interface Decoded {
  readonly text: string
  /** What was wrong on the way; null: nothing. */
  readonly note: string | null
}

/** How far into a page its own word for its coding may stand. */
const scanned = 1024

const fromHeader = (type: string): string | null =>
  /;\s*charset\s*=\s*"?([A-Za-z0-9_.:-]{1,40})/i.exec(type)?.[1] ?? null

const fromMeta = (bytes: Uint8Array): string | null => {
  const head = Buffer.from(bytes.subarray(0, scanned)).toString("latin1")
  const label = /<meta[^>]{1,200}?charset\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})/i.exec(head)?.[1] ?? null
  // what can be read that far is not UTF-16, whatever it says
  return label !== null && /^utf-16/i.test(label) ? "utf-8" : label
}

const fromMark = (bytes: Uint8Array): string | null => {
  const [a, b, c] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8"
  if (a === 0xfe && b === 0xff) return "utf-16be"
  return a === 0xff && b === 0xfe ? "utf-16le" : null
}

const decoderFor = (label: string): TextDecoder | null => {
  try {
    return new TextDecoder(label)
  } catch {
    return null
  }
}

const isUtf8 = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

export const decodePage = (bytes: Uint8Array, type: string, html: boolean): Decoded => {
  const label = fromMark(bytes) ?? fromHeader(type) ?? (html ? fromMeta(bytes) : null)
  if (label === null) {
    return isUtf8(bytes)
      ? { text: new TextDecoder().decode(bytes), note: null }
      : {
          text: new TextDecoder("windows-1252").decode(bytes),
          note: "no charset given; read as windows-1252",
        }
  }
  const decoder = decoderFor(label)
  return decoder === null
    ? { text: new TextDecoder().decode(bytes), note: `the charset ${label} is not known; read as utf-8` }
    : { text: decoder.decode(bytes), note: null }
}
