/**
 * How a rule makes what it says: fingerprints, proposals with their defaults, reasoned silences.
 * Invariant: titles and reasons are one harmless line each; a fingerprint depends on rule, workspace, subject
 * and normalised evidence only, never on a seq or a clock.
 */
import type { ToolCall } from "../domain/action.ts"
import { neutralise } from "../domain/neutralise.ts"
import type { Situation } from "../domain/situation.ts"
import type { Mode, Proposal, Reason, Risk } from "../domain/suggestion.ts"
import { canonical, sha256 } from "./canonical.ts"
import type { Silence } from "./Decider.ts"

export const fingerprintOf = (rule: string, situation: Situation, evidence: unknown): string =>
  `${rule}:${sha256(canonical([situation.workspace, situation.subject, evidence])).slice(0, 32)}`

export const suggestionId = (fingerprint: string, situation: number): string =>
  `s_${sha256(`${fingerprint}\n${situation}`).slice(0, 16)}`

export const silent = (reason: string): Silence => ({ silent: reason })
/** A fact that the rule needs could not be read. */
export const unknown = (what: string): Silence => ({ silent: `${what} could not be read`, unknown: true })

const line = (text: string, max: number): string => {
  const harmless = neutralise(text)
  return harmless.length > max ? `${harmless.slice(0, max - 1)}…` : harmless
}

export interface Parts {
  readonly title: string
  /** Strings rest on probed facts of the situation; reasons name their event. */
  readonly why: ReadonlyArray<string | Reason>
  /** What makes it "the same" besides rule, workspace and subject. */
  readonly same: unknown
  readonly mode?: Mode
  readonly actions?: ReadonlyArray<ToolCall>
  readonly alternatives?: ReadonlyArray<ReadonlyArray<ToolCall>>
  readonly risk?: Risk
  readonly urgent?: boolean
  readonly expiresWhen?: ReadonlyArray<string>
  readonly ttlMs?: number
}

export const propose = (rule: string, situation: Situation, parts: Parts): Proposal => ({
  rule,
  mode: parts.mode ?? "draft",
  title: line(parts.title, 160),
  why: parts.why.map((why) =>
    typeof why === "string"
      ? { text: line(why, 300), seq: null }
      : { text: line(why.text, 300), seq: why.seq },
  ),
  evidence: situation.evidence,
  actions: parts.actions ?? [],
  risk: parts.risk ?? "low",
  urgent: parts.urgent ?? false,
  fingerprint: fingerprintOf(rule, situation, parts.same),
  expiresWhen: parts.expiresWhen ?? [],
  ttlMs: parts.ttlMs ?? null,
  alternatives: (parts.alternatives ?? []).slice(0, 2),
})

/** Drops the suggestion when the same rule decides otherwise for a situation of this kind and subject. */
export const recheck = (kind: string, subject: string): string => `recheck:${kind}:${subject}`

export const listed = (items: ReadonlyArray<string>, max = 3): string =>
  items.length <= max ? items.join(", ") : `${items.slice(0, max).join(", ")} and ${items.length - max} more`
