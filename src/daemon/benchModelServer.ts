/** A server that answers every request to a model with the same words, one every few milliseconds, as a real one streams. */
import { Effect, type Scope } from "effect"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export interface BenchAnswer {
  /** Pieces of text. */
  readonly pieces: number
  readonly everyMs: number
}

const frame = (type: string, data: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`

const begin =
  frame("message_start", {
    message: {
      id: "msg_bench",
      type: "message",
      role: "assistant",
      model: "claude-opus-5-5",
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 100, output_tokens: 1 },
    },
  }) + frame("content_block_start", { index: 0, content_block: { type: "text", text: "" } })
const piece = frame("content_block_delta", {
  index: 0,
  delta: { type: "text_delta", text: "a word or two " },
})
const end =
  frame("content_block_stop", { index: 0 }) +
  frame("message_delta", {
    delta: { stop_reason: "end_turn", stop_sequence: null },
    usage: { output_tokens: 400 },
  }) +
  frame("message_stop", {})

const answer = (response: ServerResponse, { everyMs, pieces }: BenchAnswer): void => {
  response.writeHead(200, { "content-type": "text/event-stream", "request-id": "req_bench" })
  response.write(begin + piece)
  let left = pieces - 1
  const next = (): void => {
    if (left-- <= 0) return void response.end(end)
    response.write(piece)
    setTimeout(next, everyMs)
  }
  setTimeout(next, everyMs)
}

/** Its base URL. */
export const benchModelServer = (options: BenchAnswer): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>>((resume) => {
      const server = createServer((request, response) => {
        request.resume()
        request.on("end", () =>
          request.method === "POST" && request.url === "/v1/messages"
            ? answer(response, options)
            : response.writeHead(404).end("{}"),
        )
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      }),
  ).pipe(Effect.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`))
