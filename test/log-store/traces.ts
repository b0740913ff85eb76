/**
 * Looks for bytes in every file below a directory, as a thief with the disk would: raw, and inside whatever is packed
 * (segments, archives, and every zstd frame that begins anywhere in any file).
 */
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { zstdDecompressSync } from "node:zlib"

const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

const filesBelow = (dir: string): ReadonlyArray<string> =>
  readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)

/** What can be unpacked from a frame that begins here; a frame's end is not known, so all that follows is given. */
const unpacked = (bytes: Buffer, at: number): Buffer | null => {
  try {
    return zstdDecompressSync(bytes.subarray(at), { maxOutputLength: 2 ** 28 })
  } catch {
    return null
  }
}

/** Files with the text in them, with how it was found. */
export const tracesOf = (dir: string, text: string): ReadonlyArray<string> => {
  const needle = Buffer.from(text)
  const found: Array<string> = []
  for (const path of filesBelow(dir)) {
    const bytes = readFileSync(path)
    if (bytes.includes(needle)) found.push(`${path}: raw`)
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 4))
      if (unpacked(bytes, at)?.includes(needle) === true) found.push(`${path}: packed at ${at}`)
  }
  return found
}
