/**
 * Identifiers and the few scalar schemas every event uses. No IO and no randomness: ids are made by
 * the log (events) or derived from content (suggestions, fingerprints), so a replay gives the same ids.
 */
import { Schema } from "effect"

/** Position in the log: dense, from 1; 0 means "before the first event". */
export const Seq = Schema.Natural
/** UUIDv7 of an event, made by the log on append. */
export const EventId = Schema.String
/** `s_` and 16 hex digits, derived from the deciding event's seq and the fingerprint. */
export const SuggestionId = Schema.String
/** `<suggestion>#<index>`: at most one execution for each, ever. */
export const CallId = Schema.String
/** ISO-8601 UTC with milliseconds. */
export const Timestamp = Schema.String
/** SHA-256 as 64 lower-case hex digits. */
export const Sha256 = Schema.String
/** Absolute path of a workspace, or null where an event belongs to none (the daemon's own). */
export const Workspace = Schema.NullOr(Schema.String)

export const callId = (suggestion: string, index: number): string => `${suggestion}#${index}`
