/**
 * Vectors of texts on their way from a server to the log and back: made small, and as a part of an answer like any other, so
 * that they are recorded, paid for and replayed like any other. Pure.
 * Invariants: what is kept are whole numbers, so the same vectors compare the same on every machine; vectors that cannot be
 * compared (of no length, of different sizes) are never kept.
 */
import { Option, Schema, Stream } from "effect"
import type { Response } from "effect/ai"
import type { ModelRequest, Vectors } from "../domain/modelRequest.ts"
import { ModelError } from "./ModelError.ts"
import type { Provider } from "./Provider.ts"
import { malformed } from "./wire/protocolBreak.ts"

const mediaType = "application/x-claw-vectors"
/** More than any model has. */
const mostDimensions = 16_384

const Dimensions = Schema.Struct({ dimensions: Schema.Natural })
const decodeDimensions = Schema.decodeUnknownOption(Dimensions)

export const vectorsPart = ({ data, dimensions }: Vectors): Response.FilePartEncoded => ({
  type: "file",
  mediaType,
  data,
  metadata: { claw: { dimensions } },
})

/** Null on another file. */
export const vectorsIn = (part: Response.FilePartEncoded): Vectors | null =>
  part.mediaType === mediaType
    ? Option.getOrNull(
        Option.map(decodeDimensions(part.metadata?.["claw"]), ({ dimensions }) => ({
          dimensions,
          data: part.data,
        })),
      )
    : null

const isVector = (value: unknown): value is ReadonlyArray<number> =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= mostDimensions &&
  value.every((member) => typeof member === "number" && Number.isFinite(member))

/** As many as were asked for, in the order of the texts. Throws `ProtocolBreak`. */
export const vectorsOf = (given: ReadonlyArray<unknown>, texts: number): Vectors => {
  if (given.length !== texts) throw malformed(`sent ${given.length} vectors for ${texts} texts`)
  const first = given[0]
  if (!isVector(first)) throw malformed("sent a vector that is none")
  const dimensions = first.length
  const bytes = new Int8Array(texts * dimensions)
  for (const [at, vector] of given.entries()) {
    if (!isVector(vector)) throw malformed("sent a vector that is none")
    if (vector.length !== dimensions)
      throw malformed(`sent vectors of ${dimensions} and of ${vector.length} members`)
    const largest = vector.reduce((most, member) => Math.max(most, Math.abs(member)), 0)
    if (largest === 0) throw malformed("sent a vector of no length")
    for (let n = 0; n < dimensions; n++) bytes[at * dimensions + n] = Math.round((vector[n]! / largest) * 127)
  }
  return { dimensions, data: Buffer.from(bytes.buffer).toString("base64") }
}

/** Back to numbers; null where the log holds something else. */
export const readVectors = (
  { data, dimensions }: Vectors,
  texts: number,
): ReadonlyArray<Int8Array> | null => {
  const bytes = Buffer.from(data, "base64")
  if (dimensions === 0 || bytes.length !== texts * dimensions) return null
  const all = new Int8Array(bytes)
  return Array.from({ length: texts }, (_, at) => all.subarray(at * dimensions, (at + 1) * dimensions))
}

/** One message a text. */
export const embeddingRequest = (model: string, texts: ReadonlyArray<string>): ModelRequest => ({
  model,
  messages: texts.map((text) => ({ role: "user", content: [{ type: "text", text }] })),
  tools: [],
  toolChoice: "none",
  format: null,
  effort: null,
  maxOutput: 0,
  stable: 0,
})

export const textsOf = ({ messages }: ModelRequest): ReadonlyArray<string> =>
  messages.map(({ content }) =>
    typeof content === "string"
      ? content
      : content.map((part) => (part.type === "text" ? part.text : "")).join(""),
  )

const none = (name: string): ModelError =>
  new ModelError({
    reason: "not-found",
    provider: name,
    status: null,
    requestId: null,
    message: `${name} has no embeddings`,
    cure: "name a model of another provider, such as local/nomic-embed-text or openai/text-embedding-3-small",
    retryAfterMs: null,
    begun: false,
  })

/** What answers with vectors where the provider answers with words. */
export const embedding = (provider: Provider): Provider => {
  const { streamAfter: _, ...others } = provider
  return { ...others, stream: provider.embed ?? (() => Stream.fail(none(provider.name))) }
}
