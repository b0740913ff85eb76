/**
 * Objects by name, loose or packed, with alternates. Own reader: it needs no process, so no configuration of the
 * repository can run anything, and a partial clone's missing objects are simply missing.
 * Opened for one look and closed after it; every read is bounded and damaged data reads as null.
 */
import * as path from "node:path"
import { inflateSync } from "node:zlib"
import { readStart, readWhole } from "./files.ts"
import { openPacks, type GitObject, type ObjectSize, type ObjectType } from "./pack.ts"

export interface Objects {
  readonly hashBytes: 20 | 32
  readonly read: (name: string, type: ObjectType, maxBytes?: number) => Buffer | null
  readonly size: (name: string) => ObjectSize | null
  readonly close: () => void
}

const objectName = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const usualMax = 16 << 20
const syncFlush = 2

const folders = (commonDir: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const pending = [path.join(commonDir, "objects")]
  while (pending.length > 0 && found.length < 16) {
    const folder = pending.shift()!
    if (found.includes(folder)) continue
    found.push(folder)
    let text: string
    try {
      text = readWhole(path.join(folder, "info", "alternates"), 65_536)?.toString("utf8") ?? ""
    } catch {
      continue
    }
    for (const line of text.split("\n"))
      if (line !== "" && !line.startsWith("#")) pending.push(path.resolve(folder, line))
  }
  return found
}

const parseHeader = (bytes: Buffer): { readonly size: ObjectSize; readonly body: number } | null => {
  const end = bytes.indexOf(0)
  const match = /^(commit|tree|blob|tag) (\d{1,15})$/.exec(bytes.toString("latin1", 0, Math.min(end, 32)))
  return end < 0 || match === null
    ? null
    : { size: { type: match[1] as ObjectType, size: Number(match[2]) }, body: end + 1 }
}

export const openObjects = (commonDir: string, hashBytes: 20 | 32): Objects => {
  const all = folders(commonDir)
  const fileIn = (folder: string, name: string): string => path.join(folder, name.slice(0, 2), name.slice(2))

  const loose = (name: string, maxBytes: number): GitObject | null => {
    for (const folder of all) {
      try {
        const bytes = readWhole(fileIn(folder, name), maxBytes + (maxBytes >> 8) + 1024)
        if (bytes === null) continue
        const data = inflateSync(bytes, { maxOutputLength: maxBytes + 64 })
        const header = parseHeader(data)
        if (header === null || header.size.size !== data.length - header.body) return null
        return { type: header.size.type, data: data.subarray(header.body) }
      } catch {
        continue
      }
    }
    return null
  }
  const packs = openPacks(all, hashBytes, loose)

  return {
    hashBytes,
    read: (name, type, maxBytes = usualMax) => {
      if (!objectName.test(name)) return null
      const object = loose(name, maxBytes) ?? packs.read(name, maxBytes)
      return object === null || object.type !== type || object.data.length > maxBytes ? null : object.data
    },
    size: (name) => {
      if (!objectName.test(name)) return null
      for (const folder of all) {
        try {
          const start = readStart(fileIn(folder, name), 512)
          if (start === null) continue
          return parseHeader(inflateSync(start, { finishFlush: syncFlush }))?.size ?? null
        } catch {
          continue
        }
      }
      return packs.size(name)
    },
    close: packs.close,
  }
}
