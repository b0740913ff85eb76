/**
 * What a lockfile or manifest says is installed: the entry, and how the reading of a file ended.
 * Invariant: a text that could not be understood is `Unreadable`, never an empty list of entries.
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
  readonly integrity?: string
  readonly resolvedFrom?: string
}

export type LockReading =
  | { readonly _tag: "Read"; readonly kind: string; readonly entries: ReadonlyArray<LockEntry> }
  | { readonly _tag: "Unreadable"; readonly kind: string; readonly reason: string }
  | { readonly _tag: "NotALockfile" }

/** A parser's way to say that a text is not what its name promises. */
export class Malformed {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
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
