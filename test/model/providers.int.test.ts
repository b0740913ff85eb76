/** The conformance suite over each provider: scripted, and each protocol against a server of this machine. */
import { Effect, Redacted } from "effect"
import { anthropicProvider } from "../../src/model/anthropic/anthropicProvider.ts"
import { chatProvider } from "../../src/model/openai/chatProvider.ts"
import { openaiProvider } from "../../src/model/openai/openaiProvider.ts"
import type { Provider } from "../../src/model/Provider.ts"
import { scriptedProvider } from "./scriptedProvider.ts"
import { providerConformance } from "../conformance/provider.ts"
import type { ProviderHarness } from "../conformance/provider/subject.ts"
import { type ModelServer, modelServer } from "../fixtures/models/server.ts"
import type { Turn } from "../fixtures/models/turns.ts"
import { scriptedTurn } from "./scriptedTurn.ts"

const key = "sk-conformance-0123456789abcdef"

const planted = (turn: Turn): Turn => {
  const text = JSON.stringify(turn)
  return text.includes("KEY") ? (JSON.parse(text.replaceAll("KEY", key)) as Turn) : turn
}

const overHttp = (
  make: (server: ModelServer) => Provider,
  traits: Omit<ProviderHarness, "make" | "http">,
): ProviderHarness => ({
  ...traits,
  http: true,
  make: (turns) =>
    Effect.map(modelServer({ turns: turns.map(planted), key }), (server) => ({
      provider: make(server),
      credential: Redacted.make(key),
      journal: server.journal,
    })),
})

providerConformance("scripted", {
  http: false,
  carriesReasoning: true,
  ordered: true,
  counts: true,
  make: (turns) =>
    Effect.succeed({ provider: scriptedProvider(turns.map(scriptedTurn)), credential: null, journal: null }),
})

providerConformance(
  "Anthropic Messages over HTTP",
  overHttp((server) => anthropicProvider({ name: "anthropic", baseUrl: server.baseUrl }), {
    carriesReasoning: true,
    ordered: true,
    counts: true,
  }),
)

providerConformance(
  "OpenAI Responses over HTTP",
  overHttp((server) => openaiProvider({ name: "openai", baseUrl: server.openaiUrl }), {
    carriesReasoning: true,
    ordered: true,
    counts: true,
  }),
)

providerConformance(
  "OpenAI Responses over HTTP, taken up where they break",
  overHttp(
    (server) => openaiProvider({ name: "openai", baseUrl: server.openaiUrl }, { times: 2, waitMs: 1 }),
    {
      carriesReasoning: true,
      ordered: true,
      counts: true,
      resumes: true,
    },
  ),
)

providerConformance(
  "Chat Completions over HTTP",
  overHttp((server) => chatProvider({ name: "local", baseUrl: server.openaiUrl }), {
    carriesReasoning: false,
    ordered: false,
    counts: false,
  }),
)
