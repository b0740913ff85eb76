/**
 * Pieces of the stream protocol that all translators make: usage in four buckets, the finish, a tool call from the text of
 * its parameters.
 * Invariants: a number that is not a natural one was not said; the canonical usage goes in the finish's metadata under
 * `claw`, because `effect/ai`'s has no place for the hour-long cache.
 */
import { createHash } from "node:crypto"
import type { Response } from "effect/ai"
import type { FinishReason, Usage } from "../../domain/modelRequest.ts"

export const natural = (value: unknown): number | null =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null

export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {}

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

/** `stopped` is the server's own word for why. */
export const finishPart = (
  reason: FinishReason,
  usage: Usage | null,
  stopped: string | null,
): Response.FinishPartEncoded => ({
  type: "finish",
  reason,
  usage:
    usage === null
      ? { inputTokens: {}, outputTokens: {} }
      : {
          inputTokens: {
            uncached: usage.input,
            total: usage.input + usage.cacheRead + usage.cacheWrite,
            cacheRead: usage.cacheRead,
            cacheWrite: usage.cacheWrite,
          },
          outputTokens: {
            total: usage.output,
            ...(usage.reasoning === undefined
              ? {}
              : { reasoning: usage.reasoning, text: Math.max(0, usage.output - usage.reasoning) }),
          },
        },
  metadata: { claw: { usage: usage === null ? null : { ...usage }, stopped } },
})

/**
 * Says of a text whether it is still as the server sent it: the log takes secrets out of what was thought, and thinking that
 * was changed is not taken back.
 */
export const sealOf = (text: string): string =>
  createHash("sha256").update(text).digest("base64url").slice(0, 16)

/** What a server has counted of an answer. */
export interface Counted {
  readonly usage: Usage
  /** No more comes: the output is all there is, and not only what there was by then. */
  readonly whole: boolean
}

/**
 * Counted before the end, for an answer that does not get there. A prompt of no tokens is one that was not counted: some
 * servers say so until the end.
 */
export const countedPart = (
  usage: Usage | null,
  whole: boolean,
): ReadonlyArray<Response.ResponseMetadataPartEncoded> =>
  usage === null || usage.input + usage.cacheRead + usage.cacheWrite === 0
    ? []
    : [{ type: "response-metadata", metadata: { claw: { counted: { ...usage }, whole } } }]

/** What the server is called and which id it gave the request. */
export const metadataPart = (
  id: unknown,
  served: unknown,
  requestId: string | null,
): Response.ResponseMetadataPartEncoded => ({
  type: "response-metadata",
  ...(typeof id === "string" && id !== "" ? { id: id.slice(0, 200) } : {}),
  ...(typeof served === "string" && served !== "" ? { modelId: served.slice(0, 200) } : {}),
  metadata: { claw: { requestId } },
})

/** How often the connection broke and the answer was taken up where it was. */
export const resumedPart = (times: number): ReadonlyArray<Response.ResponseMetadataPartEncoded> =>
  times === 0 ? [] : [{ type: "response-metadata", metadata: { claw: { resumed: times } } }]

/** Parameters as the model wrote them: JSON, or the text itself where it is none. Nothing written is an empty object. */
export const paramsOf = (text: string): unknown => {
  if (text.trim() === "") return {}
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Ids of the calls of one answer: those that are missing are made up, those given twice are told apart. */
export const callIds = (): ((given: string, fallback: string) => string) => {
  const seen = new Set<string>()
  return (given, fallback) => {
    const wanted = given === "" ? fallback : given
    let id = wanted
    for (let n = 2; seen.has(id); n++) id = `${wanted}_${n}`
    seen.add(id)
    return id
  }
}
