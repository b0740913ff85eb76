/**
 * One text for one value: JSON with sorted keys, without `undefined`. What decisions are compared by, byte for
 * byte, and what fingerprints are hashed from. Pure; hashing is deterministic.
 */
import { createHash } from "node:crypto"

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null) return value
  const record = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    Object.keys(record)
      .toSorted()
      .flatMap((key) => (record[key] === undefined ? [] : [[key, sorted(record[key])]])),
  )
}

export const canonical = (value: unknown): string => JSON.stringify(sorted(value)) ?? "null"

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
