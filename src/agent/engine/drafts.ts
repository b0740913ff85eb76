/** Events of a conversation, as the engine appends them: all correlate with it and say what they follow from. Pure. */
import { draft, type EventDraft, type PayloadOf } from "../../domain/event.ts"
import type { RestReason, SessionResult } from "../../domain/events/sessions.ts"
import { resultTrust, trustOf } from "../../domain/taint.ts"
import type { Trust } from "../../domain/action.ts"
import type { Turn } from "../session/blocks.ts"
import type { Transcript } from "../session/transcript.ts"

interface From {
  readonly actor?: string
  readonly trust?: Trust
  readonly causationId?: string
}

/** Trust: of the text it holds, not of the conversation. */
export const header = (
  { session, workspace }: Pick<Transcript, "session" | "workspace">,
  from: From = {},
) => ({
  actor: from.actor ?? "claw",
  workspace,
  trust: from.trust ?? ("trusted" as const),
  causationId: from.causationId ?? null,
  correlationId: session,
})

export const restedDraft = (transcript: Transcript, reason: RestReason, message: string): EventDraft =>
  draft("session.rested", { session: transcript.session, reason, message }, header(transcript))

export const notedDraft = (transcript: Transcript, kind: string, text: string): EventDraft =>
  draft("session.noted", { session: transcript.session, kind, text }, header(transcript))

export const resultsDraft = (
  transcript: Transcript,
  turn: Turn,
  results: ReadonlyArray<SessionResult>,
  trust?: Trust,
): EventDraft =>
  draft(
    "session.results",
    { session: transcript.session, call: turn.answer.call, results: [...results] },
    header(transcript, {
      causationId: turn.answer.id,
      trust:
        trust ??
        trustOf(
          results.map(({ ms, tool }) => (ms === null ? "trusted" : resultTrust(tool, transcript.trust))),
        ),
    }),
  )

export const preparedDraft = (
  transcript: Transcript,
  payload: Omit<PayloadOf<"session.prepared">, "session">,
  blobs: ReadonlyArray<Uint8Array>,
): EventDraft =>
  draft(
    "session.prepared",
    { session: transcript.session, ...payload },
    {
      ...header(transcript, { trust: trustOf(payload.sections.map(({ trust }) => trust)) }),
      blobs,
    },
  )
