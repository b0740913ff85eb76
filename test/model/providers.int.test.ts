/** The conformance suite over each provider: scripted, and each protocol against a server of this machine. */
import { Effect, Redacted } from "effect"
import type { AnswerPart } from "../../src/domain/modelRequest.ts"
import { anthropicProvider } from "../../src/model/anthropic/anthropicProvider.ts"
import { chatProvider } from "../../src/model/openai/chatProvider.ts"
import { openaiProvider } from "../../src/model/openai/openaiProvider.ts"
import type { Provider } from "../../src/model/Provider.ts"
import { type ScriptedTurn, scriptedProvider } from "../../src/model/scriptedProvider.ts"
import { type ProviderHarness, providerConformance } from "../conformance/provider.ts"
import { type ModelServer, modelServer } from "../fixtures/models/server.ts"
import { rawOf, type Turn } from "../fixtures/models/turns.ts"

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

const paramsOf = (raw: string): unknown => {
  try {
    return JSON.parse(raw)
  } catch {
    return raw
  }
}

const scriptedTurn = (turn: Turn): ScriptedTurn => {
  const { calls = [], fault, reasoning, redacted, text, usage } = turn
  const seen = new Set<string>()
  const content: ReadonlyArray<AnswerPart> = [
    ...(redacted === undefined
      ? []
      : [{ type: "reasoning" as const, text: "", options: { scripted: { redacted } } }]),
    ...(reasoning === undefined ? [] : [{ type: "reasoning" as const, text: reasoning }]),
    ...(text === undefined ? [] : [{ type: "text" as const, text }]),
    ...calls.map((call, n) => {
      const id = call.id === undefined || seen.has(call.id) ? `call_${n}` : call.id
      seen.add(id)
      return { type: "tool-call" as const, id, name: call.name, params: paramsOf(rawOf(call)) as null }
    }),
  ]
  return {
    content: fault === undefined || fault.kind === "stall" ? content : [],
    ...(usage === undefined
      ? {}
      : { usage: usage === null ? null : { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, ...usage } }),
    ...(fault?.kind === "stall" ? { hangs: true } : {}),
    ...(fault === undefined || fault.kind === "stall"
      ? {}
      : {
          failure: {
            reason: fault.kind === "auth" ? "credentials" : (fault.kind as "server"),
            ...(fault.kind === "rate-limit" ? { retryAfterMs: Number(fault.after) * 1000 } : {}),
          },
        }),
  }
}

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
