/**
 * Calls of a draft's conversation that would change something: kept for the developer instead of being run. Pure.
 * Invariant: the mark stands in the result itself, so what was kept is told from the log alone.
 */
import type { SessionResult } from "../../domain/events/sessions.ts"
import type { SessionKind } from "../../domain/events/sessions.ts"
import type { AnswerCall } from "../session/calls.ts"
import { unasked } from "../session/results.ts"

const mark = "Kept for the developer, not run:"

/** In such a conversation nothing runs but what only looks. */
export const holdsCalls = (kind: SessionKind): boolean => kind === "draft"

export const held = (call: AnswerCall, verdict: string): SessionResult => ({
  ...unasked(
    call,
    `${mark} it is part of what the developer is asked to approve (${verdict}). Go on as if it had been done, and do not make it again.`,
  ),
  ok: true,
})

/** `suggestion` null: it never became a request, so no tool's own words are taken for the mark. */
export const isHeld = ({ ok, suggestion, text }: SessionResult): boolean =>
  ok && suggestion === null && text.startsWith(mark)
