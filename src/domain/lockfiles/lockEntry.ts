/**
 * What a lockfile or manifest says is installed: the entry, and how the reading of a file ended.
 * Invariant: a text that could not be understood as a whole is `Unreadable`, whatever was read of it.
 */
import type { Ecosystem } from "../compromised/compromised.ts"

export interface LockEntry {
  readonly ecosystem: Ecosystem
  /** The real package's name: aliases are resolved. */
  readonly name: string
  /** The version as written; a range where the file states one. */
  readonly version: string
  /** `version` names exactly one release. */
  readonly pinned: boolean
  /** A folder of the user's own by that name: no release of a registry. */
  readonly own?: true
  readonly integrity?: string
  readonly resolvedFrom?: string
}

export type LockReading =
  | { readonly _tag: "Read"; readonly kind: string; readonly entries: ReadonlyArray<LockEntry> }
  /** `entries`: what could be read of it all the same. It is not the whole. */
  | {
      readonly _tag: "Unreadable"
      readonly kind: string
      readonly reason: string
      readonly entries: ReadonlyArray<LockEntry>
    }
  | { readonly _tag: "NotALockfile" }

/** A parser's way to say that a text is not what its name promises. */
export class Malformed {
  readonly reason: string
  /** What was read before and beside the part that is not understood. */
  readonly entries: ReadonlyArray<LockEntry>
  constructor(reason: string, entries: ReadonlyArray<LockEntry> = []) {
    this.reason = reason
    this.entries = entries
  }
}

export type Parsed = ReadonlyArray<LockEntry> | Malformed

export const locked = (
  ecosystem: Ecosystem,
  name: string,
  version: string,
  integrity?: unknown,
  resolvedFrom?: unknown,
): LockEntry => ({
  ecosystem,
  name,
  version,
  pinned: true,
  ...(typeof integrity === "string" ? { integrity } : {}),
  ...(typeof resolvedFrom === "string" ? { resolvedFrom } : {}),
})

export type Json = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const recordOf = (value: unknown): Json => (isRecord(value) ? value : {})
export const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])
