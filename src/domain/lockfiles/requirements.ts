/**
 * Python requirement lines (PEP 508 and pip's requirements files). Only `==` and `===` without a
 * wildcard pin a version; everything else is a range. Options, comments, includes and plain
 * addresses are passed over.
 */
import type { LockEntry, Parsed } from "./lockEntry.ts"

const requirement = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/
const pin = /^={2,3}\s*([^\s,;*]+)$/

/** One requirement; null where the text names no package of the index. */
export const pythonRequirement = (text: string): LockEntry | null => {
  const bare = text.split(/;|\s--|\s#/, 1)[0]!.trim()
  const match = requirement.exec(bare)
  if (match === null) return null
  const spec = match[2]!.trim().replace(/^\(\s*(.*?)\s*\)$/, "$1")
  if (spec.startsWith("@") || (spec !== "" && !/^[=<>!~]/.test(spec))) return null
  const exact = pin.exec(spec)?.[1]
  return { ecosystem: "pypi", name: match[1]!, version: exact ?? (spec || "*"), pinned: exact !== undefined }
}

export const parseRequirements = (text: string): Parsed => {
  const entries: Array<LockEntry> = []
  for (const each of text.replace(/\\\r?\n/g, " ").split("\n")) {
    const row = each.trim()
    if (row === "" || row.startsWith("#") || row.startsWith("-")) continue
    const entry = pythonRequirement(row)
    if (entry !== null) entries.push(entry)
  }
  return entries
}
