/** A client below the RPC library: writes bytes to the daemon's socket and reads lines, for what no client would send. */
import { Effect, type Scope } from "effect"
import { readFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { dirname, join } from "node:path"
import { protocol } from "../../src/rpc/ClawRpcs.ts"
import { makeProof } from "../../src/rpc/proof.ts"

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
  /** A proof for the next answer; a new one each time. Made for no session where no hand was shaken. */
  readonly proof: () => string
  /** Resolves when the other side has closed. */
  readonly closed: Effect.Effect<void>
  readonly answers: ReadonlyArray<Answer>
}

export const request = (id: string, tag: string, payload: unknown = null): string =>
  `${JSON.stringify({ _tag: "Request", id, tag, payload, headers: [] })}\n`

/** Where too many wait to be let in, it is tried again. */
const open = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true }, () => resolve(socket))
    socket.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EAGAIN" ? setTimeout(() => open(path).then(resolve, reject), 5) : reject(error),
    )
  })

const secretOf = (socket: string): string => {
  try {
    return readFileSync(join(dirname(socket), "token"), "utf8")
  } catch {
    return ""
  }
}

/** What a client says first. */
export const hello = (socket: string) => ({ version: "test", protocol, token: secretOf(socket) })

/** One that shook hands. */
export const rawClient = (path: string): Effect.Effect<RawClient, never, Scope.Scope> =>
  Effect.gen(function* () {
    const client = yield* bareClient(path)
    const answer = yield* client.ask("Hello", hello(path))
    const session = (answer?.exit?.value as { readonly session?: string } | undefined)?.session ?? ""
    const secret = secretOf(path)
    let answers = 0
    return { ...client, proof: () => makeProof(secret, session, ++answers) }
  })

/** One that said nothing yet. */
export const bareClient = (path: string): Effect.Effect<RawClient, never, Scope.Scope> =>
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
        proof: () => makeProof(secretOf(path), "0".repeat(32), 1),
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
