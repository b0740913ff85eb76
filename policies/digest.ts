/** Canonical JSON (sorted keys, no blanks) and its SHA-256: what an approval is bound to. */
import { createHash } from "node:crypto"

const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(",")}}`
  }
  return JSON.stringify(value) ?? "null"
}

export const digestOf = (value: unknown): string =>
  createHash("sha256").update(canonicalJson(value)).digest("hex")
