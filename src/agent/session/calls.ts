/**
 * The tool calls of an answer, each with an id of its own, whatever the server sent. Pure.
 * Invariant: the request of a call has an id that is derived from the model's call and the place in its answer, so the same
 * answer asks for the same things once, over crashes too.
 */
import { createHash } from "node:crypto"
import type { AnswerPart } from "../../domain/modelRequest.ts"

export interface AnswerCall {
  /** As the prompt names it: the model's own id, made unique. */
  readonly id: string
  readonly index: number
  readonly name: string
  /** Null: what the model wrote is no JSON object. */
  readonly input: Readonly<Record<string, unknown>> | null
  /** What it wrote, whatever it is. */
  readonly params: unknown
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const callsOf = (parts: ReadonlyArray<AnswerPart>): ReadonlyArray<AnswerCall> => {
  const taken = new Set<string>()
  const calls: Array<AnswerCall> = []
  for (const part of parts) {
    if (part.type !== "tool-call") continue
    const index = calls.length
    const wanted = part.id === "" ? `call_${index}` : part.id
    let id = wanted
    while (taken.has(id)) id = `${id}_${index}`
    taken.add(id)
    calls.push({
      id,
      index,
      name: part.name,
      input: isObject(part.params) ? part.params : null,
      params: part.params,
    })
  }
  return calls
}

/** Of the request that a call becomes. */
export const requestId = (call: string, index: number): string =>
  `s_${createHash("sha256").update(`${call}#${index}`).digest("hex").slice(0, 16)}`
