/**
 * File names as text that loses nothing: a byte that is no part of UTF-8 stands as a lone low surrogate (U+DC80 to
 * U+DCFF), which JSON carries and no real name decodes to. Pure.
 * Invariant: `nativeName(nameOf(bytes))` is exactly `bytes`.
 */

const escaped = /[\udc80-\udcff]/u

const lengthOf = (lead: number): number =>
  lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const decoded = (bytes: Uint8Array): string | null => {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

export const nameOf = (bytes: Buffer): string => {
  const whole = decoded(bytes)
  if (whole !== null) return whole
  let text = ""
  for (let at = 0; at < bytes.length;) {
    const length = lengthOf(bytes[at]!)
    const part = length === 0 ? null : decoded(bytes.subarray(at, at + length))
    text += part ?? String.fromCharCode(0xdc00 + bytes[at]!)
    at += part === null ? 1 : length
  }
  return text
}

/** What the system calls take: text where that is exact. */
export const nativeName = (name: string): string | Buffer =>
  escaped.test(name)
    ? Buffer.concat(
        [...name].map((point) => {
          const code = point.codePointAt(0)!
          return code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - 0xdc00) : Buffer.from(point, "utf8")
        }),
      )
    : name
