/**
 * Embeddings as OpenAI has them and the local servers took them over (Ollama, LM Studio, llama.cpp, vLLM): texts in one
 * request, of each a vector with its place.
 */
import { Stream } from "effect"
import type { Provider } from "../Provider.ts"
import { textsOf, vectorsOf, vectorsPart } from "../vectors.ts"
import { type Endpoint, idOf } from "../wire/endpoint.ts"
import { oneShot } from "../wire/eventStream.ts"
import { fieldsOf, finishPart, metadataPart, natural } from "../wire/parts.ts"
import { malformed, notThisProtocol } from "../wire/protocolBreak.ts"
import { requestOptions } from "../wire/sharedClient.ts"
import type { OpenClient } from "./client.ts"

/** They may come in any order. */
const inOrder = (data: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const vectors: Array<unknown> = []
  for (const one of data) {
    const { embedding, index } = fieldsOf(one)
    const at = natural(index)
    if (at === null || at >= data.length || vectors[at] !== undefined)
      throw malformed("sent vectors that fit no text")
    vectors[at] = embedding
  }
  return vectors
}

export const openaiEmbed =
  (endpoint: Endpoint, client: OpenClient): Provider["embed"] & {} =>
  (request, credential) =>
    Stream.fromIterableEffect(
      oneShot(endpoint, credential, async (wire) => {
        const { embeddings } = await client()
        const texts = textsOf(request)
        const { data: answer, request_id: requestId } = await embeddings
          .create(
            { model: idOf(request.model), input: [...texts], encoding_format: "float" },
            requestOptions(wire),
          )
          .withResponse()
        const { data, model, usage } = fieldsOf(answer)
        if (!Array.isArray(data)) throw notThisProtocol()
        const vectors = vectorsOf(inOrder(data), texts.length)
        const input = natural(fieldsOf(usage)["prompt_tokens"])
        return [
          metadataPart(null, model, requestId),
          vectorsPart(vectors),
          finishPart("stop", input === null ? null : { input, output: 0, cacheRead: 0, cacheWrite: 0 }, null),
        ]
      }),
    )
