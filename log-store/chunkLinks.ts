/**
 * Hashes all events of a stored chunk in one go: payloads, headers, each continuing the one before. It costs little more
 * than the hashing itself: no entry is made, texts are slices of a few that the whole chunk shares.
 * Invariant: says yes only where each event's stored hash is that of its header and payload as `canonical.ts` has them;
 * the chunk's parts were found to be exact before.
 */
import { headerJson, kindText, quote, sha256 } from "./canonical.ts"
import {
  asciiFlag,
  causationFlag,
  correlationFlag,
  fixedBytes,
  hashBytes,
  idBytes,
  inline,
  type Layout,
} from "./chunkLayout.ts"
import type { Tables } from "./chunkTables.ts"
import { idChars, idsText, rowChars, rowsText } from "./rowTexts.ts"

const none: ReadonlyArray<string> = []
const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

/** Gives each event's causation, as JSON. */
const causations = (bytes: Buffer, layout: Layout, tables: Tables, rows: string): ((n: number) => string) => {
  if ((bytes[1]! & causationFlag) === 0) return () => "null"
  const { count, ids, kinds } = layout
  const links = (kinds - ids) / idBytes - count
  const linkTexts = idsText(bytes, ids + count * idBytes, links)
  const texts = (tables.c ?? []).map(quote)
  return (n) => {
    const place = bytes[layout.causations + 2 * n]! + bytes[layout.causations + 2 * n + 1]! * 256 - 1
    if (place < 0) return "null"
    if (place < count) return `"${rows.substring(place * rowChars, place * rowChars + idChars)}"`
    const link = place - count
    return link < links
      ? `"${linkTexts.substring(link * idChars, (link + 1) * idChars)}"`
      : texts[link - links]!
  }
}

export const linksHold = (bytes: Buffer, layout: Layout, tables: Tables): boolean => {
  const { count, ends, endWidth, payloads } = layout
  const { p, b } = tables
  const first = bytes.readUInt32LE(4)
  const kinds = tables.h.map(([type, v, where, actor, trust]) =>
    kindText(type, v, where === null ? null : tables.w![where]!, actor, trust),
  )
  const rows = rowsText(bytes, layout.ids, count, tables.t)
  const causation = causations(bytes, layout, tables, rows)
  const correlations = (bytes[1]! & correlationFlag) === 0 ? undefined : ["null", ...tables.k!.map(quote)]
  const text = (bytes[1]! & asciiFlag) === 0 ? undefined : bytes.toString("latin1", payloads)
  let prevHash = bytes.toString("hex", 16, 16 + hashBytes)
  let hashes = ""
  let from = 1
  for (let n = 0; n < count; n++) {
    const end = endWidth === 2 ? bytes.readUInt16LE(ends + 2 * n) : bytes.readUInt32LE(ends + 4 * n)
    let payloadHash: string
    if (p === undefined || (p[n] ?? inline) === inline)
      payloadHash = sha256(
        text === undefined ? bytes.subarray(payloads + from, payloads + end) : text.substring(from, end),
      )
    else {
      payloadHash = bytes.toString("latin1", payloads + from + 1, payloads + end - 1)
      if (!isHash(payloadHash)) return false
    }
    from = end + 1
    const row = n * rowChars
    prevHash = sha256(
      headerJson(
        first + n,
        rows.substring(row, row + idChars),
        rows.substring(row + idChars, row + rowChars),
        kinds[bytes[layout.kinds + n]!]!,
        causation(n),
        correlations === undefined ? "null" : correlations[bytes[layout.correlations + n]!]!,
        payloadHash,
        prevHash,
        b === undefined ? none : (b[n] ?? none),
      ),
    )
    hashes += prevHash
  }
  return hashes === bytes.toString("hex", fixedBytes, fixedBytes + hashBytes * count)
}
