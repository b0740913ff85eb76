/**
 * The server name in the first bytes of a TLS connection. A host rule means the machine that answers; behind many
 * front servers another name in the greeting reaches another machine, so the proxy compares the two. Pure.
 */
export type Greeting =
  | { readonly _tag: "more" }
  | { readonly _tag: "not-tls" }
  | { readonly _tag: "name"; readonly name: string | null }

const more: Greeting = { _tag: "more" }
const nameless: Greeting = { _tag: "name", name: null }
const handshake = 22
const clientHello = 1
const longest = 64 * 1024

/** The handshake message, joined from its records; null where more is to come. */
const message = (bytes: Buffer): Buffer | null => {
  const parts: Array<Buffer> = []
  let held = 0
  for (let at = 0; ;) {
    if (at + 5 > bytes.length) return null
    const length = bytes.readUInt16BE(at + 3)
    if (bytes[at] !== handshake) return Buffer.concat(parts)
    if (at + 5 + length > bytes.length) return null
    parts.push(bytes.subarray(at + 5, at + 5 + length))
    held += length
    at += 5 + length
    const joined = held >= 4 ? Buffer.concat(parts) : null
    if (joined !== null && held >= 4 + joined.readUIntBE(1, 3)) return joined
  }
}

export const greetingOf = (bytes: Buffer): Greeting => {
  if (bytes.length === 0) return more
  if (bytes[0] !== handshake || (bytes.length > 1 && bytes[1] !== 3)) return { _tag: "not-tls" }
  if (bytes.length < 6) return more
  if (bytes.length > longest) return nameless
  const hello = message(bytes)
  if (hello === null) return more
  if (hello[0] !== clientHello) return { _tag: "not-tls" }
  try {
    return { _tag: "name", name: serverName(hello) }
  } catch {
    // a length that points past the end: no server would take it either
    return nameless
  }
}

const serverName = (hello: Buffer): string | null => {
  // type and length, version, random
  let at = 4 + 2 + 32
  at += 1 + hello.readUInt8(at)
  at += 2 + hello.readUInt16BE(at)
  at += 1 + hello.readUInt8(at)
  if (at + 2 > hello.length) return null
  const end = at + 2 + hello.readUInt16BE(at)
  for (at += 2; at + 4 <= end;) {
    const kind = hello.readUInt16BE(at)
    const length = hello.readUInt16BE(at + 2)
    if (kind === 0) {
      const nameLength = hello.readUInt16BE(at + 7)
      return hello.subarray(at + 9, at + 9 + nameLength).toString("latin1")
    }
    at += 4 + length
  }
  return null
}
