/** OpenAI's Responses API as a `Provider`: for OpenAI itself and servers that speak it. */
import { Effect } from "effect"
import type { ModelInfo, Provider } from "../Provider.ts"
import type { Endpoint } from "../wire/endpoint.ts"
import { eventStream, oneShot } from "../wire/eventStream.ts"
import { fieldsOf, natural } from "../wire/parts.ts"
import { requestOptions } from "../wire/sharedClient.ts"
import { clientOf, type OpenClient } from "./client.ts"
import { openaiEmbed } from "./embeddings.ts"
import { chatModel, openaiModel } from "./modelList.ts"
import { responsesParams } from "./responsesParams.ts"
import { responsesTranslator } from "./responsesTranslate.ts"
import { openResumable, type ResumeLimits } from "./resume.ts"

/** What a server lists; `asLocal`: it is not OpenAI's own list, so nothing is taken for granted. */
export const listModels = (
  endpoint: Endpoint,
  client: OpenClient,
  credential: Parameters<Provider["models"]>[0],
  asLocal: boolean,
): ReturnType<Provider["models"]> =>
  oneShot(endpoint, credential, async (wire) => {
    const { models } = await client()
    const found: Array<ModelInfo> = []
    for await (const model of models.list(requestOptions(wire))) {
      const info = (asLocal ? chatModel : openaiModel)(endpoint.name, fieldsOf(model))
      if (info !== null) found.push(info)
      if (found.length === 5000) break
    }
    return found
  })

/** `resume`: an answer whose connection breaks is taken up again; null: the server keeps none, and it is asked anew. */
export const openaiProvider = (endpoint: Endpoint, resume: ResumeLimits | null = null): Provider => {
  const { name } = endpoint
  const client = clientOf(endpoint)
  const streamAfter: Provider["streamAfter"] & {} = (request, credential, may, halted) => {
    let resumed = () => 0
    return eventStream(
      endpoint,
      credential,
      async (wire) => {
        const { responses } = await client()
        if (resume !== null) {
          const opened = await openResumable(responses, responsesParams(request, name, true), wire, resume)
          resumed = opened.resumed
          return opened
        }
        const { data, request_id: requestId } = await responses
          .create(responsesParams(request, name), requestOptions(wire))
          .withResponse()
        return { events: data, requestId }
      },
      responsesTranslator(name, () => resumed()),
      may,
      halted,
    )
  }
  return {
    name,
    stream: (request, credential) => streamAfter(request, credential, Effect.void),
    streamAfter,
    embed: openaiEmbed(endpoint, client),
    models: (credential) => listModels(endpoint, client, credential, false),
    count: (request, credential) =>
      oneShot(endpoint, credential, async (wire) => {
        const { responses } = await client()
        const { input, model, reasoning, text, tool_choice, tools } = responsesParams(request, name)
        const counted = await responses.inputTokens.count(
          {
            model: model ?? null,
            input: (input ?? []) as Array<never>,
            ...(tools === undefined ? {} : { tools }),
            ...(tool_choice === undefined ? {} : { tool_choice: tool_choice as "auto" }),
            ...(reasoning === undefined ? {} : { reasoning }),
            ...(text === undefined ? {} : { text: text as object }),
          },
          requestOptions(wire),
        )
        return natural(counted.input_tokens)
      }).pipe(
        // A server that has no counting does not have its address.
        Effect.catchTag("ModelError", (error) =>
          error.status === 404 ? Effect.succeed(null) : Effect.fail(error),
        ),
      ),
  }
}
