/**
 * The vendor's SDK for transport and types, loaded at the first call. It gets nothing from the environment: no key, no base
 * URL, no organization, no retries of its own.
 */
import type OpenAI from "openai"
import type { Endpoint } from "../wire/endpoint.ts"
import type { Wire } from "../wire/eventStream.ts"

export const openaiBaseUrl = "https://api.openai.com/v1"

export const clientOf = async (endpoint: Endpoint, { fetch, key, timeoutMs }: Wire): Promise<OpenAI> => {
  const { OpenAI: Client } = await import("openai")
  return new Client({
    baseURL: endpoint.baseUrl,
    // The SDK wants some key; without ours the header is taken out again.
    apiKey: key ?? "none",
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: timeoutMs,
    fetch,
    logLevel: "off",
    defaultHeaders: key === null ? { authorization: null } : {},
  })
}
