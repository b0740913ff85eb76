/**
 * The protocol behind the daemon's socket: lines of JSON, from callers who shook hands first.
 * Invariants: no call reaches the daemon before the handshake of its own connection succeeded, whatever was sent on
 * another one; how many connections there are, how long one may stay silent or leave a message unfinished, and what all of
 * them may hold in unfinished messages is bounded; who crosses a bound loses the connection, nobody else notices.
 */
import { Deferred, Effect, Fiber, Queue, type Scope } from "effect"
import { type RpcMessage, RpcSerialization, RpcServer } from "effect/rpc"
import { Socket, SocketServer } from "effect/socket"
import { handshake } from "../rpc/ClawRpcs.ts"

export const limits = {
  /** Connections at once. */
  connections: 512,
  /** Until the handshake is done, and what may be sent until then. */
  helloMs: 10_000,
  helloBytes: 64 * 1024,
  /** Longest message, in bytes: an edited action with a file in it still fits. */
  message: 4 * 1024 * 1024,
  /** A message that began is whole after this long. */
  messageMs: 30_000,
  /** Bytes of unfinished messages, of all callers together. */
  held: 64 * 1024 * 1024,
}

type FromClient = RpcMessage.FromClientEncoded
type FromServer = RpcMessage.FromServerEncoded

interface Caller {
  readonly id: number
  readonly write: (message: FromServer) => Effect.Effect<void>
  readonly end: (reason: string) => Effect.Effect<void>
  /** The same, with a word to the caller. */
  readonly refuse: (reason: string) => Effect.Effect<void>
  greeted: boolean
  /** The handshake under way. */
  hello: string | null
  /** Bytes of the message that has not ended, and who watches that it does. */
  partial: number
  watch: Fiber.Fiber<void> | null
}

const isMessage = (value: unknown): value is FromClient =>
  typeof value === "object" && value !== null && "_tag" in value && typeof value._tag === "string"

/** What stands behind the last end of a message in these bytes; null where none ends in them. */
const behindLast = (data: Uint8Array | string): number | null => {
  const at = typeof data === "string" ? data.lastIndexOf("\n") : data.lastIndexOf(0x0a)
  return at < 0 ? null : data.length - at - 1
}

export const door: Effect.Effect<
  RpcServer.Protocol["Service"],
  never,
  SocketServer.SocketServer | RpcSerialization.RpcSerialization | Scope.Scope
> = Effect.gen(function* () {
  const server = yield* SocketServer.SocketServer
  const serialization = yield* RpcSerialization.RpcSerialization
  const disconnects = yield* Queue.make<number>()
  const callers = new Map<number, Caller>()
  let next = 0
  let held = 0
  let forward!: (id: number, message: FromClient) => Effect.Effect<void>

  const take = (caller: Caller, message: unknown): Effect.Effect<void> => {
    if (!isMessage(message)) return caller.refuse("this is no message")
    if (caller.greeted || message._tag === "Ping") return forward(caller.id, message)
    if (message._tag !== "Request" || message.tag !== handshake || caller.hello !== null) {
      return caller.refuse(
        "shake hands first: send Hello and wait for its answer (an older client? claw restart)",
      )
    }
    caller.hello = String(message.id)
    return forward(caller.id, message)
  }

  const holds = (caller: Caller, bytes: number): void => {
    held += bytes - caller.partial
    caller.partial = bytes
  }

  const serve = Effect.fnUntraced(function* (socket: Socket.Socket) {
    const id = next++
    const parser = serialization.makeUnsafe()
    const writer = yield* socket.writer
    const ended = yield* Deferred.make<void>()
    const end = (reason: string) =>
      writer
        .write(new Socket.CloseEvent(1008, reason))
        .pipe(Effect.ignore, Effect.andThen(Deferred.succeed(ended, undefined)), Effect.asVoid)
    if (callers.size >= limits.connections) return yield* end("too many connections")

    const write = (message: FromServer): Effect.Effect<void> => {
      const encoded = parser.encode(message)
      return encoded === undefined ? Effect.void : Effect.orDie(writer.write(encoded))
    }
    const caller: Caller = {
      id,
      write,
      end,
      refuse: (reason) =>
        Effect.ignoreCause(write({ _tag: "Defect", defect: reason })).pipe(Effect.andThen(end(reason))),
      greeted: false,
      hello: null,
      partial: 0,
      watch: null,
    }
    callers.set(id, caller)
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        holds(caller, 0)
        callers.delete(id)
        return Queue.offer(disconnects, id)
      }),
    )
    yield* Effect.forkScoped(
      Effect.sleep(limits.helloMs).pipe(
        Effect.andThen(Effect.suspend(() => (caller.greeted ? Effect.void : end("no handshake came")))),
      ),
    )

    /** After each piece: whether what began still has time, and room. */
    const watched = Effect.fnUntraced(function* (data: Uint8Array | string) {
      const rest = behindLast(data)
      holds(caller, rest ?? caller.partial + data.length)
      if (held > limits.held) return yield* end("too much is under way")
      if (caller.watch !== null && (rest !== null || caller.partial === 0)) {
        yield* Effect.forkScoped(Fiber.interrupt(caller.watch))
        caller.watch = null
      }
      if (caller.partial > 0 && caller.watch === null) {
        caller.watch = yield* Effect.forkScoped(
          Effect.andThen(Effect.sleep(limits.messageMs), end("a message did not end")),
        )
      }
    })

    let early = 0
    const received = Effect.fnUntraced(function* (data: Uint8Array | string) {
      if (!caller.greeted && (early += data.length) > limits.helloBytes) {
        return yield* caller.refuse("this is no handshake")
      }
      yield* watched(data)
      const messages = yield* Effect.try({
        try: () => parser.decode(data),
        catch: (cause) => String(cause),
      }).pipe(Effect.catch((problem) => Effect.as(caller.refuse(problem), [] as ReadonlyArray<unknown>)))
      for (const message of messages) {
        if (yield* Deferred.isDone(ended)) return
        yield* take(caller, message)
      }
    })
    const reading = Effect.gen(function* () {
      const { pull } = yield* socket.reader
      for (;;) {
        for (const data of yield* pull) {
          if (yield* Deferred.isDone(ended)) return
          yield* received(data)
        }
      }
    })
    yield* Effect.raceFirst(reading, Deferred.await(ended)).pipe(
      Effect.catchReason("SocketError", "SocketCloseError", () => Effect.void),
      Effect.orDie,
    )
  }, Effect.scoped)

  const protocol = yield* RpcServer.Protocol.make((writeRequest) => {
    forward = writeRequest
    return Effect.succeed({
      disconnects,
      send: (id: number, message: FromServer) => {
        const caller = callers.get(id)
        if (caller === undefined) return Effect.void
        if (caller.greeted || message._tag !== "Exit" || String(message.requestId) !== caller.hello) {
          return caller.write(message)
        }
        caller.hello = null
        // before it hears of it: what it sends next is served
        caller.greeted = message.exit._tag === "Success"
        return caller.greeted
          ? caller.write(message)
          : Effect.andThen(caller.write(message), caller.end("the handshake failed"))
      },
      end: () => Effect.void,
      clientIds: Effect.sync(() => new Set(callers.keys())),
      initialMessage: Effect.succeedNone,
      supportsAck: true,
      supportsTransferables: false,
      supportsSpanPropagation: true,
      supportsNotifications: true,
      codecFor: serialization.codecFor,
    })
  })
  yield* Effect.forkScoped(server.run(serve))
  return protocol
})
