/**
 * The vendor's SDK for transport and types, loaded at the first call. It gets nothing from the environment: no key, no base
 * URL, no organization, no retries of its own.
 */
import type OpenAI from "openai"
import type { Endpoint } from "../wire/endpoint.ts"
import { requestFetch, sharedClient } from "../wire/sharedClient.ts"

const makeClient = async (endpoint: Endpoint): Promise<OpenAI> => {
  const { OpenAI: Client } = await import("openai")
  return new Client({
    baseURL: endpoint.baseUrl,
    // The SDK wants some key, or looks for one; ours is set by the fetch it is given.
    apiKey: "none",
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    fetch: requestFetch,
    logLevel: "off",
  })
}

export type OpenClient = () => Promise<OpenAI>

export const clientOf = (endpoint: Endpoint): OpenClient => sharedClient(() => makeClient(endpoint))
