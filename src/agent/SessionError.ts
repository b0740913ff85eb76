/** Why a conversation did not do what it was asked. */
import { Schema } from "effect"

export class SessionError extends Schema.TaggedError<SessionError>()("SessionError", {
  /** input: it is wrong, and says how; no-such: nobody knows it; busy: not while it works; unavailable: no model, or not now. */
  reason: Schema.Literals(["input", "no-such", "busy", "unavailable"]),
  message: Schema.String,
}) {}

export const noSession = (session: string): SessionError =>
  new SessionError({ reason: "no-such", message: `no such conversation: ${session}` })
export const wrong = (message: string): SessionError => new SessionError({ reason: "input", message })
export const busy = (message: string): SessionError => new SessionError({ reason: "busy", message })
