/** A client below the RPC library: writes bytes to the daemon's socket and reads lines, for what no client would send. */
import { Effect, type Scope } from "effect"
import { connect, type Socket } from "node:net"

export interface Answer {
  readonly _tag: string
  readonly requestId?: string
  readonly exit?: { readonly _tag: string; readonly value?: unknown; readonly cause?: unknown }
  readonly [key: string]: unknown
}

export interface RawClient {
  readonly socket: Socket
  readonly send: (bytes: string | Uint8Array) => Effect.Effect<void>
  /** Sends a request and waits for its end; null where the connection ended instead. */
  readonly ask: (tag: string, payload?: unknown) => Effect.Effect<Answer | null>
  /** Resolves when the other side has closed. */
  readonly closed: Effect.Effect<void>
  readonly answers: ReadonlyArray<Answer>
}

export const request = (id: string, tag: string, payload: unknown = null): string =>
  `${JSON.stringify({ _tag: "Request", id, tag, payload, headers: [] })}\n`

const open = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true }, () => resolve(socket))
    socket.once("error", reject)
  })

export const rawClient = (path: string): Effect.Effect<RawClient, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(() => open(path)),
      (socket) => Effect.sync(() => socket.destroy()),
    ),
    (socket) => {
      const answers: Array<Answer> = []
      const waiting = new Map<string, (answer: Answer | null) => void>()
      let ended = false
      let text = ""
      let number = 0
      const closed = new Promise<void>((resolve) => {
        const end = () => {
          ended = true
          for (const resume of waiting.values()) resume(null)
          resolve()
        }
        socket.on("end", end)
        socket.on("close", end)
      })
      socket.on("error", () => undefined)
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8")
        const lines = text.split("\n")
        text = lines.pop() ?? ""
        for (const line of lines) {
          const answer = JSON.parse(line) as Answer
          answers.push(answer)
          // a stream goes on only when what came of it was taken
          if (answer._tag === "Chunk") {
            socket.write(`${JSON.stringify({ _tag: "Ack", requestId: answer.requestId })}\n`)
          }
          if (answer._tag === "Exit") waiting.get(String(answer.requestId))?.(answer)
        }
      })
      const send: RawClient["send"] = (bytes) =>
        Effect.promise(
          () =>
            new Promise<void>((resolve) => {
              if (ended || socket.destroyed) return resolve()
              socket.write(bytes, () => resolve())
            }),
        )
      return {
        socket,
        send,
        answers,
        closed: Effect.promise(() => closed),
        ask: (tag, payload) =>
          Effect.callback<Answer | null>((resume) => {
            const id = String(++number)
            if (ended) return resume(Effect.succeed(null))
            waiting.set(id, (answer) => resume(Effect.succeed(answer)))
            socket.write(request(id, tag, payload))
          }),
      }
    },
  )
