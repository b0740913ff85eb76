/** Chat Completions as a `Provider`: what local servers have in common. They count no tokens. */
import { Effect } from "effect"
import type { Provider } from "../Provider.ts"
import type { Endpoint } from "../wire/endpoint.ts"
import { eventStream } from "../wire/eventStream.ts"
import { chatParams } from "./chatParams.ts"
import { chatTranslator } from "./chatTranslate.ts"
import { clientOf } from "./client.ts"
import { listModels } from "./openaiProvider.ts"

export const chatProvider = (endpoint: Endpoint): Provider => {
  const streamAfter: Provider["streamAfter"] & {} = (request, credential, may, halted) =>
    eventStream(
      endpoint,
      credential,
      async (wire) => {
        const client = await clientOf(endpoint, wire)
        const { data, request_id: requestId } = await client.chat.completions
          .create(chatParams(request), { signal: wire.signal })
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
    models: (credential) => listModels(endpoint, credential, true),
    count: () => Effect.succeed(null),
  }
}
