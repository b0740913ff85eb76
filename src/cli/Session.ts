/**
 * The connection to the daemon: connect, shake hands, start one if the command wants that.
 * Invariants: a client never replaces a healthy daemon; a daemon of another protocol is named, not used.
 */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import { Context, Effect, Layer, type Scope } from "effect"
import { RpcClient, RpcSerialization } from "effect/rpc"
import { spawn } from "node:child_process"
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from "node:fs"
import { daemonFlags, hidden } from "../daemon/entry.ts"
import { ClawRpcs, protocol } from "../rpc/ClawRpcs.ts"
import { Exit, fail, notRunning, OtherProtocol } from "./Exit.ts"
import { Invocation } from "./Invocation.ts"
import { withProgress } from "./progress.ts"
import { answers, lastWords, untilAnswers } from "./starting.ts"

const makeClient = RpcClient.make(ClawRpcs, { disableTracing: true })
export type Client = Effect.Success<typeof makeClient>

/** How long a daemon may take to shake hands. */
const answerLimitMs = 10_000

export class Session extends Context.Service<
  Session,
  {
    /** Connects to the daemon that runs; fails with exit 3 where none does. */
    readonly attach: Effect.Effect<Client, Exit, Scope.Scope>
    /** Connects, starting the daemon first if none runs. */
    readonly ensure: Effect.Effect<Client, Exit, Scope.Scope>
    readonly isRunning: Effect.Effect<boolean>
    /** A proof for the next answer, of the newest connection; good once. */
    readonly token: Effect.Effect<string, Exit>
  }
>()("claw/cli/Session") {
  static readonly layer = Layer.effect(
    Session,
    Effect.gen(function* () {
      const { directories, entry, env } = yield* Invocation
      const { socket } = directories

      const protocolLayer = RpcClient.layerProtocolSocket({ retryTransientErrors: false }).pipe(
        // a message of our own daemon may be large: an exported blob, a chunk of events with long payloads
        Layer.provide([
          NodeSocket.layerNet({ path: socket }),
          RpcSerialization.layerNdjsonWith({ maxBufferSize: "unbounded" }),
        ]),
      )
      const secret = Effect.try({
        try: () => readFileSync(directories.token, "utf8"),
        catch: () => fail(`${directories.token} cannot be read: is the daemon of another user?`),
      })
      /** The newest connection: what answers are proved for, and how many there were. */
      let connected: { readonly session: string; answers: number } | null = null

      const open = Effect.gen(function* () {
        // built into the caller's scope: the connection lives as long as the command
        const connection = yield* Layer.build(protocolLayer)
        const client = yield* Effect.provideContext(makeClient, connection)
        // without the secret the daemon still says what is wrong
        const offered = yield* Effect.match(secret, {
          onSuccess: (text) => ({ token: text }),
          onFailure: () => ({}),
        })
        const hello = yield* client.Hello({ version: entry.version, protocol, ...offered }).pipe(
          Effect.mapError((error) =>
            error._tag === "BadInput"
              ? new OtherProtocol({ reason: "failed", message: error.message })
              : error._tag === "NeedsPerson"
                ? fail(error.message)
                : fail(`the daemon does not answer: ${error.message}`),
          ),
          // what does not speak our language at the socket is none of ours
          Effect.catchDefect(() => Effect.fail(fail(`what listens at ${socket} is no daemon of claw`))),
          Effect.timeoutOrElse({
            duration: answerLimitMs,
            orElse: () =>
              Effect.fail(
                new Exit({
                  reason: "temporary",
                  message: `the daemon did not answer within ${answerLimitMs / 1000} s: try again; claw doctor looks for the cause`,
                }),
              ),
          }),
        )
        connected = { session: hello.session, answers: 0 }
        return client
      }).pipe(Effect.mapError((error) => (error._tag === "Exit" ? error : notRunning)))

      const isRunning = Effect.promise(() => answers(socket))
      const attach = Effect.flatMap(isRunning, (up) => (up ? open : Effect.fail(notRunning)))

      const start = Effect.fn("Session.start")(function* () {
        const output = yield* Effect.try({
          try: () => {
            mkdirSync(directories.runtime, { recursive: true, mode: 0o700 })
            mkdirSync(directories.state, { recursive: true, mode: 0o700 })
            return openSync(directories.daemonOutput, "a", 0o600)
          },
          catch: (error) =>
            fail(
              `the daemon cannot be started: ${(error as Error).message} (claw doctor looks for the cause)`,
            ),
        })
        const said = fstatSync(output).size
        const child = spawn(entry.node, [...daemonFlags, ...entry.args, entry.daemon ?? hidden.daemon], {
          detached: true,
          stdio: ["ignore", output, output],
          cwd: "/",
          env,
        })
        closeSync(output)
        const ended = new Promise<void>((resolve) => {
          child.once("exit", () => resolve())
          child.once("error", () => resolve())
        })
        child.unref()
        const up = yield* withProgress("reading the log", (progress) =>
          Effect.promise(() => untilAnswers(directories, { ended, said, moved: progress.at })),
        )
        if (!up) {
          const why = lastWords(readFileSync(directories.daemonOutput).subarray(said).toString("utf8"))
          return yield* fail(
            `the daemon did not start: ${why} (its output is in ${directories.daemonOutput}; claw doctor looks for the cause)`,
          )
        }
      })

      const ensure = Effect.gen(function* () {
        if (!(yield* isRunning)) yield* start()
        return yield* open
      })

      const token = Effect.flatMap(secret, (text) => {
        if (connected === null) return Effect.fail(notRunning)
        const { session } = connected
        const number = ++connected.answers
        // cryptography is loaded by who answers only: it is a good part of a quick command's time
        return Effect.map(
          Effect.promise(() => import("../rpc/proof.ts")),
          ({ makeProof }) => makeProof(text, session, number),
        )
      })

      return Session.of({ attach, ensure, isRunning, token })
    }),
  )
}
