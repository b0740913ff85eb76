/**
 * From what the library throws to why there are no tokens. Pure.
 * Invariants: a server's words are cut, made harmless and cleared of everything that was sent to it; its answer's body is
 * never told.
 */
import { neutralise } from "../../domain/neutralise.ts"
import { OversizedAnswer, UnsafeAddress } from "./boundedFetch.ts"
import { OAuthError } from "./OAuthError.ts"

const reasons: Readonly<Record<string, OAuthError["reason"]>> = {
  authorization_pending: "pending",
  slow_down: "slow",
  access_denied: "denied",
  expired_token: "expired",
  invalid_grant: "refused",
  invalid_client: "settings",
  unauthorized_client: "settings",
  invalid_scope: "settings",
  unsupported_grant_type: "settings",
  unsupported_response_type: "settings",
  invalid_request: "settings",
  server_error: "server",
  temporarily_unavailable: "server",
}

const wordsLimit = 200
const hidden = "[hidden]"

/** A server may repeat what it was sent. */
const scrub = (text: string, secrets: ReadonlyArray<string>): string => {
  let out = text
  for (const secret of secrets) {
    if (secret !== "") out = out.replaceAll(secret, hidden)
  }
  return neutralise(out.length > wordsLimit ? `${out.slice(0, wordsLimit)}…` : out)
}

const fieldsOf = (thrown: unknown): Record<string, unknown> =>
  typeof thrown === "object" && thrown !== null ? (thrown as Record<string, unknown>) : {}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

const byServer = (
  code: string,
  words: string,
  status: number | null,
  secrets: ReadonlyArray<string>,
): OAuthError => {
  const known = Object.hasOwn(reasons, code) ? reasons[code]! : "refused"
  const reason = status !== null && (status >= 500 || status === 429) ? "server" : known
  const said = scrub(words === "" ? code : `${code}: ${words}`, secrets)
  return new OAuthError({ reason, message: `the server says ${said}` })
}

const responseOf = (thrown: Record<string, unknown>): Response | null => {
  const { cause, response } = thrown
  if (response instanceof Response) return response
  return cause instanceof Response ? cause : null
}

const byResponse = (response: Response): OAuthError => {
  const { status } = response
  if (status >= 500 || status === 429)
    return new OAuthError({ reason: "server", message: `the server answered HTTP ${status}` })
  if (status >= 300 && status < 400)
    return new OAuthError({
      reason: "malformed",
      message: `the server answered HTTP ${status} and points elsewhere; that is not followed with a credential`,
    })
  const type = neutralise((response.headers.get("content-type") ?? "no type").split(";")[0]!.slice(0, 60))
  return new OAuthError({
    reason: "malformed",
    message: `the server answered HTTP ${status} with ${type}, which is no answer of OAuth: are the endpoints of the settings right?`,
  })
}

export const oauthFailure = (thrown: unknown, secrets: ReadonlyArray<string>): OAuthError => {
  if (thrown instanceof OAuthError) return thrown
  if (thrown instanceof OversizedAnswer)
    return new OAuthError({ reason: "malformed", message: "the server's answer has no end" })
  if (thrown instanceof UnsafeAddress)
    return new OAuthError({
      reason: "settings",
      message: "the server names an address that is not https: nothing is sent there",
    })
  const fields = fieldsOf(thrown)
  const { code, error, name, status } = fields
  if (code === "OAUTH_RESPONSE_BODY_ERROR" || code === "OAUTH_AUTHORIZATION_RESPONSE_ERROR")
    return byServer(
      textOf(error),
      textOf(fields["error_description"]),
      typeof status === "number" ? status : null,
      secrets,
    )
  if (name === "TimeoutError" || name === "AbortError")
    return new OAuthError({ reason: "timeout", message: "the server did not answer in time" })
  const response = responseOf(fields)
  if (response !== null) return byResponse(response)
  if (typeof code === "string" && code.startsWith("OAUTH_")) {
    const isAddress = code === "OAUTH_HTTP_REQUEST_FORBIDDEN" || code.endsWith("_SERVER_METADATA")
    return new OAuthError({
      reason: isAddress ? "settings" : "malformed",
      message: isAddress
        ? "the server lacks an endpoint that this needs, or one of them is not https"
        : "the server's answer does not keep to OAuth",
    })
  }
  const cause = fieldsOf(fields["cause"])
  const why = textOf(cause["code"])
  return new OAuthError({
    reason: "network",
    message: `the server cannot be reached${why === "" ? "" : ` (${scrub(why, secrets)})`}`,
  })
}
