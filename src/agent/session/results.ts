/**
 * What a model is told of a call's end: bounded, with where the rest is. Pure.
 * Bounds: 30,000 characters, as Crush's; two thirds of them from the beginning.
 */
import type { CallResult } from "../../domain/callResult.ts"
import type { SessionResult } from "../../domain/events/sessions.ts"
import { resultText } from "../../domain/resultText.ts"
import type { AnswerCall } from "./calls.ts"

const most = 30_000
const headShare = 2 / 3

/** Cut between characters. */
const whole = (text: string): string => text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "")

export const bounded = (text: string, limit = most): string => {
  if (text.length <= limit) return text
  const head = Math.floor(limit * headShare)
  const tail = limit - head
  return `${whole(text.slice(0, head))}\n... (${text.length - limit} characters left out)\n${whole(text.slice(-tail))}`
}

/** As one entry of a listing: what follows its first line is set in, so that no text begins an entry of its own. */
export const asEntry = (text: string, limit: number): string =>
  bounded(text, limit).replaceAll(/\r\n?|[\n\u0085\u2028\u2029]/g, "\n    ")

/** A call that never became a request: what is wrong with it, so that it can be mended. */
export const unasked = (call: AnswerCall, text: string): SessionResult => ({
  id: call.id,
  tool: call.name,
  suggestion: null,
  ok: false,
  text: bounded(text),
  ms: null,
})

export const noInput = (call: AnswerCall): SessionResult =>
  unasked(
    call,
    `the input of ${call.name} is no JSON object: ${bounded(JSON.stringify(call.params) ?? "nothing", 400)}. Call it again with an object that fits its schema`,
  )

const rest = (result: CallResult): string =>
  result.output?.blob == null || result.call === null
    ? ""
    : `\n(all ${result.output.bytes} bytes are kept: call_output {"id": "${result.call}", "offset": 0})`

const edited = (result: CallResult): string =>
  result.edited ? `(the developer changed this call before it ran: ${JSON.stringify(result.input)})\n` : ""

export const resultOf = (call: AnswerCall, result: CallResult): SessionResult => {
  const printed = resultText(result)
  const problem = result.problem?.message ?? ""
  const said =
    printed === null || result.outcome !== "done"
      ? result.text
      : [printed, problem].filter((part) => part !== "").join("\n")
  const body =
    said === "" ? (result.ok ? "(it printed nothing)" : `it failed: ${problem || result.outcome}`) : said
  const exit = result.exit !== null && result.exit !== 0 ? `\n(exit ${result.exit})` : ""
  return {
    id: call.id,
    tool: call.name,
    suggestion: result.suggestion,
    ok: result.ok,
    text: `${edited(result)}${bounded(body)}${exit}${rest(result)}`,
    ms: result.durationMs,
  }
}
