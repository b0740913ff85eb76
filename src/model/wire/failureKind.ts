/**
 * Which kind of failure a server's refusal is, and what to do about it: from its status and from the words that the vendors
 * and the local servers use. Pure.
 * Invariant: a spending limit is never taken for a rate limit, although it comes with the same status: the one passes by
 * itself, the other does not.
 */
import type { ModelFailure } from "../../domain/modelRequest.ts"

export interface Refusal {
  /** Null: in mid-stream, or no answer at all. */
  readonly status: number | null
  readonly type: string
  readonly code: string
  readonly message: string
}

const spending =
  /credit balance|insufficient.quota|exceeded your current quota|billing|spend(ing)? (limit|cap)|usage limits?\b|out of credits/i
const tooLong =
  /prompt is too long|context.?(window|length|size)|maximum context|exceed_context|too many (input )?tokens|input is too long|request_too_large/i
const filtered = /content.?(policy|filter)|safety system|flagged|usage policies|bio_policy/i
const noModel = /model.?not.?found|not_found_error|model .{0,120}(not found|does not exist)|no such model/i

const byType: Readonly<Record<string, ModelFailure>> = {
  authentication_error: "credentials",
  permission_error: "credentials",
  invalid_api_key: "credentials",
  billing_error: "spend-limit",
  insufficient_quota: "spend-limit",
  rate_limit_error: "rate-limit",
  rate_limit_exceeded: "rate-limit",
  overloaded_error: "overloaded",
  server_overloaded: "overloaded",
  timeout_error: "timeout",
  request_too_large: "context",
  context_length_exceeded: "context",
  not_found_error: "not-found",
  model_not_found: "not-found",
  api_error: "server",
  server_error: "server",
  invalid_request_error: "bad-request",
  invalid_prompt: "bad-request",
}

const byStatus = (status: number): ModelFailure => {
  if (status === 401 || status === 403) return "credentials"
  if (status === 402) return "spend-limit"
  if (status === 404) return "not-found"
  if (status === 408 || status === 504) return "timeout"
  if (status === 413) return "context"
  if (status === 429) return "rate-limit"
  if (status === 503 || status === 529) return "overloaded"
  return status >= 500 ? "server" : "bad-request"
}

export const failureKind = ({ code, message, status, type }: Refusal): ModelFailure => {
  const words = `${type} ${code} ${message}`
  if (status === null) {
    if (spending.test(words)) return "spend-limit"
    if (tooLong.test(words)) return "context"
    if (filtered.test(words)) return "content-filter"
    return byType[code] ?? byType[type] ?? (/overload/i.test(words) ? "overloaded" : "server")
  }
  if (status >= 400 && status < 500 && status !== 401 && spending.test(words)) return "spend-limit"
  if ((status === 400 || status === 413 || status === 422) && tooLong.test(words)) return "context"
  if (status === 400 && filtered.test(words)) return "content-filter"
  if (status === 400 && noModel.test(words)) return "not-found"
  // llama.cpp and vLLM answer 500 and 503 to what they have no room for.
  if (status >= 500 && tooLong.test(words)) return "context"
  return byStatus(status)
}

const cures: Readonly<Record<ModelFailure, (provider: string) => string>> = {
  credentials: (provider) => `run \`claw login ${provider}\`, or check the key you set`,
  "rate-limit": () => "wait, or use another model meanwhile",
  overloaded: () => "wait, or use another model meanwhile",
  network: (provider) => `check the network and the base URL of ${provider}`,
  timeout: (provider) => `try again, or give ${provider} more time`,
  stalled: (provider) => `try again; if it is often so, look after ${provider}'s server`,
  "bad-request": () => "this is not cured by trying again; please report it with the request id",
  context: () => "shorten the conversation with /compact, or use a model with a larger window",
  "content-filter": () => "say it differently, or use another model",
  "not-found": (provider) => `see what ${provider} has with \`claw model list\``,
  "spend-limit": (provider) => `raise the limit or pay up in your account at ${provider}`,
  paused: () => "answer the question in the queue",
  malformed: (provider) => `check the base URL of ${provider}: it may speak another protocol`,
  server: () => "try again later, or use another model",
  cancelled: () => "",
  interrupted: () => "",
}

/** In the words of Ollama, llama.cpp and vLLM. */
const toolless = /does not support tools|tools? param requires --jinja|enable-auto-tool-choice/i

export const cureOf = (reason: ModelFailure, provider: string, message: string): string =>
  toolless.test(message)
    ? "use a model that can call tools, and start its server with them (llama-server --jinja)"
    : cures[reason](provider)
