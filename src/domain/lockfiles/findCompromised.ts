/**
 * The compromised packages a lockfile or manifest holds. Exact versions match exactly; a range is a hit
 * only where every version of the package is listed. Invariant: what could not be read is `CannotCheck`,
 * so that "no hits" always means that the whole file was understood.
 */
import { type Ecosystem, isCompromised, isWhollyCompromised, packageKey } from "../compromised/compromised.ts"
import type { LockEntry } from "./lockEntry.ts"
import { readLockfile } from "./readLockfile.ts"

export interface CompromisedHit {
  readonly ecosystem: Ecosystem
  readonly name: string
  readonly version: string
  readonly campaign: string
  readonly advisories: ReadonlyArray<string>
}

export type CompromisedReport =
  | { readonly _tag: "Checked"; readonly entries: number; readonly hits: ReadonlyArray<CompromisedHit> }
  | { readonly _tag: "CannotCheck"; readonly reason: string }
  | { readonly _tag: "NotALockfile" }

const hitOf = (entry: LockEntry): CompromisedHit | null => {
  const { ecosystem, name, version } = entry
  if (!entry.pinned && !isWhollyCompromised(ecosystem, name)) return null
  const found = isCompromised(ecosystem, name, version)
  if (found === null) return null
  return { ecosystem, name, version, campaign: found.campaign, advisories: found.advisories }
}

/** `name@version` as people write it: npm plain, every other registry named in front. */
export const labelOf = (hit: {
  readonly ecosystem: Ecosystem
  readonly name: string
  readonly version: string
}): string => `${hit.ecosystem === "npm" ? "" : `${hit.ecosystem}:`}${hit.name}@${hit.version}`

export const findCompromised = (path: string, text: string): CompromisedReport => {
  const reading = readLockfile(path, text)
  if (reading._tag === "NotALockfile") return reading
  if (reading._tag === "Unreadable") return { _tag: "CannotCheck", reason: reading.reason }
  const hits = new Map<string, CompromisedHit>()
  for (const entry of reading.entries) {
    const hit = hitOf(entry)
    if (hit !== null) hits.set(`${hit.ecosystem}:${packageKey(hit.ecosystem, hit.name)}@${hit.version}`, hit)
  }
  return { _tag: "Checked", entries: reading.entries.length, hits: [...hits.values()] }
}
