/** Chat Completions as a `Provider`: what local servers have in common. They count no tokens. */
import { Effect } from "effect"
import type { Provider } from "../Provider.ts"
import type { Endpoint } from "../wire/endpoint.ts"
import { eventStream } from "../wire/eventStream.ts"
import { chatParams } from "./chatParams.ts"
import { chatTranslator } from "./chatTranslate.ts"
import { clientOf } from "./client.ts"
import { openaiEmbed } from "./embeddings.ts"
import { requestOptions } from "../wire/sharedClient.ts"
import { listModels } from "./openaiProvider.ts"

export const chatProvider = (endpoint: Endpoint): Provider => {
  const client = clientOf(endpoint)
  const streamAfter: Provider["streamAfter"] & {} = (request, credential, may, halted) =>
    eventStream(
      endpoint,
      credential,
      async (wire) => {
        const { chat } = await client()
        const { data, request_id: requestId } = await chat.completions
          .create(chatParams(request), requestOptions(wire))
          .withResponse()
        return { events: data, requestId }
      },
      chatTranslator,
      may,
      halted,
    )
  return {
    name: endpoint.name,
    stream: (request, credential) => streamAfter(request, credential, Effect.void),
    streamAfter,
    embed: openaiEmbed(endpoint, client),
    models: (credential) => listModels(endpoint, client, credential, true),
    count: () => Effect.succeed(null),
  }
}
