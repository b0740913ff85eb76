/** Why an authorization server gave no tokens: typed, and without any of what was sent to it. */
import { Schema } from "effect"

export class OAuthError extends Schema.TaggedError<OAuthError>()("OAuthError", {
  /**
   * `pending`, `slow`: a device code nobody answered yet; `denied`: the user said no; `expired`: the code is too old;
   * `refused`: the code or token is not taken; `settings`: what the settings say does not fit the server.
   */
  reason: Schema.Literals([
    "pending",
    "slow",
    "denied",
    "expired",
    "refused",
    "settings",
    "network",
    "timeout",
    "server",
    "malformed",
  ]),
  message: Schema.String,
}) {}

/** Worth asking again later, with the same. */
export const isPassing = ({ reason }: OAuthError): boolean =>
  reason === "network" || reason === "timeout" || reason === "server"
