/** The three protocols as providers of a server of this machine, and what a server says word by word. */
import { Effect, Redacted, Stream } from "effect"
import { answerOf } from "../../src/model/answer.ts"
import { anthropicProvider } from "../../src/model/anthropic/anthropicProvider.ts"
import { chatProvider } from "../../src/model/openai/chatProvider.ts"
import { openaiProvider } from "../../src/model/openai/openaiProvider.ts"
import type { Provider } from "../../src/model/Provider.ts"
import type { ModelServer } from "../fixtures/models/server.ts"
import type { Fault } from "../fixtures/models/turns.ts"
import { request } from "./requests.ts"

export const anthropic = (server: Pick<ModelServer, "baseUrl">) =>
  anthropicProvider({ name: "anthropic", baseUrl: server.baseUrl })
export const openai = (server: Pick<ModelServer, "openaiUrl">) =>
  openaiProvider({ name: "openai", baseUrl: server.openaiUrl })
export const local = (server: Pick<ModelServer, "openaiUrl">) =>
  chatProvider({ name: "local", baseUrl: server.openaiUrl })
export const all = { anthropic, openai, local }

export const ask = (
  provider: Provider,
  over: Parameters<typeof request>[0] = {},
  key: string | null = null,
) =>
  Effect.map(
    Stream.runCollect(provider.stream(request(over), key === null ? null : Redacted.make(key))),
    answerOf,
  )

/** A stream of events as the server would send them; a string is sent as it is. */
export const events = (...chunks: ReadonlyArray<unknown>): Fault => ({
  kind: "status",
  status: 200,
  headers: { "content-type": "text/event-stream" },
  body: chunks
    .map((one) =>
      typeof one === "string"
        ? `data: ${one}\n\n`
        : `event: ${String((one as { type?: string }).type ?? "message")}\ndata: ${JSON.stringify(one)}\n\n`,
    )
    .join(""),
})
