/**
 * From whatever an SDK or a translator threw to a `ModelError`. The SDKs' errors are read by their fields, not their classes,
 * so that nothing of them is loaded here.
 * Invariant: no text that leaves here holds the credential, in full or in the shape it was sent, nor anything else that
 * looks like one; all are bounded.
 */
import type { ModelFailure } from "../../domain/modelRequest.ts"
import { redactSecrets } from "../../domain/secrets/findSecrets.ts"
import { ModelError } from "../ModelError.ts"
import { cureOf, failureKind } from "./failureKind.ts"
import { ProtocolBreak } from "./protocolBreak.ts"
import { type HeaderReader, retryAfterMs } from "./retryAfter.ts"

export interface FailureAt {
  readonly provider: string
  /** What must not be said: the credential as it was sent, and the values of headers the user set. */
  readonly secrets: ReadonlyArray<string>
  readonly now: number
  /** Bytes of an answer had come. */
  readonly begun: boolean
  /** Known once the answer has begun. */
  readonly requestId: string | null
}

const most = 600

/** Parts of a key that servers echo ("sk-ab...wxyz") are what `redactSecrets` finds by shape; the key itself goes first. */
export const withoutSecrets = (text: string, secrets: ReadonlyArray<string>): string => {
  const forms = secrets
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64").replace(/=+$/, ""),
    ])
  const bare = forms.reduce((rest, form) => rest.replaceAll(form, "[redacted]"), text)
  return redactSecrets(bare)
}

const bounded = (text: string, secrets: ReadonlyArray<string>): string => {
  const clean = withoutSecrets(text, secrets).replace(/\s+/g, " ").trim()
  return clean.length <= most ? clean : `${clean.slice(0, most)}…`
}

/** A request id as it may be shown: a word, and not the key. */
export const requestIdOf = (id: unknown, secrets: ReadonlyArray<string>): string | null =>
  typeof id === "string" && /^[\w.:-]{1,128}$/.test(id) && withoutSecrets(id, secrets) === id ? id : null

type Fields = Readonly<Record<string, unknown>>
const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {}
const text = (value: unknown): string => (typeof value === "string" ? value : "")

const readerOf = (headers: unknown): HeaderReader =>
  typeof fieldsOf(headers)["get"] === "function" ? (headers as HeaderReader) : { get: () => null }

export const modelError = (
  at: FailureAt,
  reason: ModelFailure,
  message: string,
  more: {
    readonly status?: number | null
    readonly requestId?: string | null
    readonly retryAfterMs?: number | null
  } = {},
): ModelError =>
  new ModelError({
    reason,
    provider: at.provider,
    status: more.status ?? null,
    requestId: more.requestId ?? at.requestId,
    message: bounded(`${at.provider}: ${message}`, at.secrets),
    cure: cureOf(reason, at.provider, message),
    retryAfterMs: more.retryAfterMs ?? null,
    begun: at.begun,
  })

/** The innermost reason, because "Connection error." and "fetch failed" say nothing. */
const reasonBelow = (error: unknown): string => {
  let said = ""
  let at = error
  for (let depth = 0; depth < 6 && at instanceof Error; depth++) {
    const code = text(fieldsOf(at)["code"])
    if (at.message !== "" && !/^(connection error\.|fetch failed|terminated)$/i.test(at.message))
      said = at.message
    if (code !== "" && !said.includes(code)) said = said === "" ? code : `${said} (${code})`
    at = at.cause
  }
  return said === "" ? "the connection broke" : said
}

const refused = (error: Fields, at: FailureAt): ModelError => {
  const status = typeof error["status"] === "number" ? error["status"] : null
  const body = fieldsOf(error["error"])
  // Anthropic's body wraps its error in `error`; the other SDK has unwrapped it already.
  const inner = typeof body["error"] === "object" ? fieldsOf(body["error"]) : body
  const headers = readerOf(error["headers"])
  const said = text(inner["message"]) || text(body["error"]) || text(error["message"])
  const requestId = requestIdOf(error["requestID"], at.secrets) ?? requestIdOf(body["request_id"], at.secrets)
  if (status !== null && status >= 300 && status < 400)
    return modelError(at, "bad-request", `answered ${status}: it is somewhere else; set its base URL`, {
      status,
      requestId,
    })
  const type = text(inner["type"]) || text(error["type"])
  const reason = failureKind({ status, type, code: text(inner["code"]), message: said })
  const what = said === "" ? type || "no reason given" : said.replace(/^\d{3} /, "")
  return modelError(at, reason, status === null ? `broke off: ${what}` : `answered ${status}: ${what}`, {
    status,
    requestId,
    retryAfterMs: retryAfterMs(headers, at.now),
  })
}

export const failureOf = (thrown: unknown, at: FailureAt): ModelError => {
  if (thrown instanceof ModelError) return thrown
  if (thrown instanceof ProtocolBreak) return modelError(at, thrown.reason, thrown.message)
  if (thrown instanceof SyntaxError) return modelError(at, "malformed", "sent something that is not JSON")
  const fields = fieldsOf(thrown)
  const broken = fields["headers"] === undefined && fields["error"] === undefined
  // What came with a status is a refusal, not an answer that broke off.
  if (!broken) return refused(fields, typeof fields["status"] === "number" ? { ...at, begun: false } : at)
  if (/timed? ?out|timeout/i.test(`${text(fields["name"])} ${text(fields["message"])}`))
    return modelError(at, "timeout", "gave no answer in time")
  // A defect of a translator on data nobody thought of is the data's.
  if (thrown instanceof TypeError && !("cause" in thrown) && thrown.message !== "terminated")
    return modelError(at, "malformed", "sent an answer in a shape this API does not have")
  return modelError(at, "network", reasonBelow(thrown))
}
