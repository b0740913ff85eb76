/**
 * Anthropic's Messages API as a `Provider`, over the vendor's SDK for transport and types. The SDK is loaded at the first
 * call and gets nothing from the environment: no key, no base URL, no profile, no retries of its own.
 */
import type Anthropic from "@anthropic-ai/sdk"
import { Effect } from "effect"
import type { ModelInfo, Provider } from "../Provider.ts"
import { type Endpoint } from "../wire/endpoint.ts"
import { eventStream, oneShot } from "../wire/eventStream.ts"
import { natural } from "../wire/parts.ts"
import { requestFetch, requestOptions, sharedClient } from "../wire/sharedClient.ts"
import { messageParams } from "./params.ts"
import { anthropicTranslator } from "./translate.ts"

export interface AnthropicEndpoint extends Endpoint {
  /** See `CacheTimes`. */
  readonly hourlyCache?: boolean
}

const makeClient = async (endpoint: Endpoint): Promise<Anthropic> => {
  const { Anthropic: Client } = await import("@anthropic-ai/sdk")
  return new Client({
    baseURL: endpoint.baseUrl,
    // A key of some sort keeps the SDK from looking for one on the disk; ours is set by the fetch it is given.
    apiKey: "none",
    webhookKey: null,
    maxRetries: 0,
    fetch: requestFetch,
    logLevel: "off",
    openTelemetry: false,
  })
}

const infoOf = (provider: string, model: Anthropic.ModelInfo): ModelInfo => {
  const can = model.capabilities
  return {
    name: `${provider}/${model.id}`,
    window: natural(model.max_input_tokens),
    maxOutput: natural(model.max_tokens),
    tools: true,
    images: can?.image_input?.supported === true,
    thinking: can?.thinking?.types?.adaptive?.supported === true,
    resumes: false,
    structured: can?.structured_outputs?.supported === true,
    caching: "marks",
    retires: typeof model.retires_at === "string" ? model.retires_at.slice(0, 10) : null,
  }
}

/** A server that speaks Messages and has no counting (a local one) says so by not having the address. */
const uncounted = new Set(["not-found", "bad-request"])

export const anthropicProvider = (endpoint: AnthropicEndpoint): Provider => {
  const { name } = endpoint
  const client = sharedClient(() => makeClient(endpoint))
  const times = { hourly: endpoint.hourlyCache === true }
  const streamAfter: Provider["streamAfter"] & {} = (request, credential, may, halted) =>
    eventStream(
      endpoint,
      credential,
      async (wire) => {
        const { messages } = await client()
        const { data, request_id: requestId } = await messages
          .create(messageParams(request, name, times), requestOptions(wire))
          .withResponse()
        return { events: data, requestId: requestId ?? null }
      },
      anthropicTranslator(name),
      may,
      halted,
    )
  return {
    name,
    stream: (request, credential) => streamAfter(request, credential, Effect.void),
    streamAfter,
    models: (credential) =>
      oneShot(endpoint, credential, async (wire) => {
        const { models } = await client()
        const found: Array<ModelInfo> = []
        for await (const model of models.list({ limit: 1000 }, requestOptions(wire))) {
          if (typeof model?.id === "string" && model.lifecycle !== "retired") found.push(infoOf(name, model))
          if (found.length === 5000) break
        }
        return found
      }),
    count: (request, credential) =>
      oneShot(endpoint, credential, async (wire) => {
        const { messages } = await client()
        const { max_tokens: _, stream: __, ...counted } = messageParams(request, name, times)
        const { input_tokens: tokens } = await messages.countTokens(counted, requestOptions(wire))
        return natural(tokens)
      }).pipe(
        Effect.catchTag("ModelError", (error) =>
          error.status === 404 && uncounted.has(error.reason) ? Effect.succeed(null) : Effect.fail(error),
        ),
      ),
  }
}
