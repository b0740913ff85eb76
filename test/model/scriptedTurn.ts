/** A turn of a model server as the scripted provider says it, so that both are tried by the same turns. */
import type { AnswerPart } from "../../src/domain/modelRequest.ts"
import { rawOf, type Turn } from "../fixtures/models/turns.ts"
import type { ScriptedTurn } from "./scriptedProvider.ts"

const paramsOf = (raw: string): unknown => {
  try {
    return JSON.parse(raw)
  } catch {
    return raw
  }
}

export const scriptedTurn = (turn: Turn): ScriptedTurn => {
  const { calls = [], fault, reasoning, redacted, text, usage } = turn
  const seen = new Set<string>()
  const content: ReadonlyArray<AnswerPart> = [
    ...(redacted === undefined
      ? []
      : [{ type: "reasoning" as const, text: "", options: { scripted: { redacted } } }]),
    ...(reasoning === undefined ? [] : [{ type: "reasoning" as const, text: reasoning }]),
    ...(text === undefined ? [] : [{ type: "text" as const, text }]),
    ...calls.map((call, n) => {
      const id = call.id === undefined || seen.has(call.id) ? `call_${n}` : call.id
      seen.add(id)
      return { type: "tool-call" as const, id, name: call.name, params: paramsOf(rawOf(call)) as null }
    }),
  ]
  return {
    content: fault === undefined || fault.kind === "stall" ? content : [],
    ...(usage === undefined
      ? {}
      : { usage: usage === null ? null : { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, ...usage } }),
    ...(fault?.kind === "stall" ? { hangs: true } : {}),
    ...(fault === undefined || fault.kind === "stall"
      ? {}
      : {
          failure: {
            reason: fault.kind === "auth" ? "credentials" : (fault.kind as "server"),
            ...(fault.kind === "rate-limit" ? { retryAfterMs: Number(fault.after) * 1000 } : {}),
          },
        }),
  }
}
