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
  /** `hits`: what stands in the part that could be read. None there says nothing of the rest. */
  | {
      readonly _tag: "CannotCheck"
      readonly reason: string
      readonly hits: ReadonlyArray<CompromisedHit>
    }
  | { readonly _tag: "NotALockfile" }

const hitOf = (entry: LockEntry): CompromisedHit | null => {
  const { ecosystem, name, version } = entry
  if (entry.own === true || (!entry.pinned && !isWhollyCompromised(ecosystem, name))) return null
  const found = isCompromised(ecosystem, name, version)
  if (found === null) return null
  const { advisories, campaign } = found
  return { ecosystem, name: found.name, version: found.version ?? version, campaign, advisories }
}

/** The entries that are listed, each package version once. */
export const hitsAmong = (entries: ReadonlyArray<LockEntry>): ReadonlyArray<CompromisedHit> => {
  const hits = new Map<string, CompromisedHit>()
  for (const entry of entries) {
    const hit = hitOf(entry)
    if (hit !== null) hits.set(`${hit.ecosystem}:${packageKey(hit.ecosystem, hit.name)}@${hit.version}`, hit)
  }
  return [...hits.values()]
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
  const hits = hitsAmong(reading.entries)
  return reading._tag === "Unreadable"
    ? { _tag: "CannotCheck", reason: reading.reason, hits }
    : { _tag: "Checked", entries: reading.entries.length, hits }
}

/** What was found, whether or not all of it could be read. */
export const hitsOf = (report: CompromisedReport): ReadonlyArray<CompromisedHit> =>
  report._tag === "NotALockfile" ? [] : report.hits
