/**
 * One running language server and the conversation with it: started in the sandbox with the workspace read-only and no
 * network, spoken to in the protocol, ended with its scope.
 * Invariants: what it asks of us changes nothing; every question has an end (an answer, a time-out, its death); after its
 * death every question fails at once with how it died.
 */
import type { Readable, Writable } from "node:stream"
import { pathToFileURL } from "node:url"
import { Deferred, Effect, Exit, Fiber, type Scope } from "effect"
import type { CancellationToken, MessageConnection } from "vscode-languageserver-protocol/node"
import type { ServerSpec } from "../../../policies/tools/languageServers.ts"
import { neutralise } from "../../domain/neutralise.ts"
import { messageOf } from "../attempt.ts"
import type { Sandbox } from "../Sandbox.ts"
import { ToolError } from "../Tool.ts"
import { publishedOf, type Finding, type Some } from "./answers.ts"
import { Framing } from "./framing.ts"

export interface ServerPlace {
  readonly spec: ServerSpec
  readonly argv: ReadonlyArray<string>
  /** Real folders. */
  readonly root: string
  readonly workspace: string
}

/** The newest word on one document. */
export interface Publication {
  readonly count: number
  readonly version: number | null
  readonly findings: Some<Finding>
}

export interface LanguageServer {
  readonly place: ServerPlace
  readonly capabilities: Readonly<Record<string, unknown>>
  readonly request: (
    method: string,
    params: object | null,
    timeoutMs: number,
  ) => Effect.Effect<unknown, ToolError>
  readonly notify: (method: string, params: object | null) => Effect.Effect<void, ToolError>
  /** Only of documents in `watched`. */
  readonly published: Map<string, Publication>
  readonly watched: Set<string>
  /** The next publication for any watched document after this call. */
  readonly nextPublication: () => Effect.Effect<void, ToolError>
  /** How it died, once it did. */
  readonly death: Effect.Effect<never, ToolError>
  readonly isDead: () => boolean
}

/** It lives as long as it is used; this only bounds what nobody ends. */
const longestLifeMs = 24 * 3_600_000

export const failed = (message: string): ToolError => new ToolError({ reason: "failed", message })

/** What a server may be told of us: nothing that lets it act. */
const capabilities = {
  general: { positionEncodings: ["utf-16"] },
  workspace: {
    configuration: true,
    workspaceFolders: true,
    workspaceEdit: { documentChanges: true, resourceOperations: ["create", "rename", "delete"] },
    didChangeWatchedFiles: { dynamicRegistration: false },
  },
  textDocument: {
    synchronization: { dynamicRegistration: false },
    publishDiagnostics: { versionSupport: true, relatedInformation: false },
    diagnostic: { dynamicRegistration: false },
    definition: { linkSupport: true },
    references: {},
    hover: { contentFormat: ["plaintext", "markdown"] },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    rename: { prepareSupport: false },
  },
}

/** For servers that would fetch, install or report something. */
const initializationOptions: Readonly<Record<string, object>> = {
  typescript: { disableAutomaticTypingAcquisition: true, tsserver: { useSyntaxServer: "never" } },
}

/** Answers to what it asks: nothing is configured, shown, applied or registered. */
const answerTo = (method: string, params: unknown, place: ServerPlace): unknown => {
  switch (method) {
    case "workspace/configuration": {
      const items = (params as { readonly items?: unknown } | null)?.items
      return Array.isArray(items) ? items.slice(0, 100).map(() => null) : []
    }
    case "workspace/workspaceFolders":
      return [folderOf(place)]
    case "workspace/applyEdit":
      return { applied: false, failureReason: "nothing is changed here" }
    case "window/showDocument":
      return { success: false }
    default:
      return null
  }
}

const folderOf = ({ root }: ServerPlace) => ({ uri: pathToFileURL(root).href, name: "workspace" })

export const startServer = (
  sandbox: Sandbox["Service"],
  place: ServerPlace,
  startMs: number,
): Effect.Effect<LanguageServer, ToolError, Scope.Scope> =>
  Effect.gen(function* () {
    const name = place.spec.program
    // most of its start is spent there, and most daemons never need it
    const protocol = yield* Effect.promise(() => import("vscode-languageserver-protocol/node"))
    const opened = yield* Deferred.make<{ readonly input: Writable; readonly output: Readable }>()
    const dead = yield* Deferred.make<never, ToolError>()
    const program = yield* Effect.forkScoped(
      sandbox.run({
        argv: place.argv,
        cwd: place.root,
        workspace: place.workspace,
        write: [],
        protection: "everything",
        network: false,
        timeoutMs: longestLifeMs,
        keepBytes: 16 * 1024,
        dialogue: (io) => {
          Deferred.doneUnsafe(opened, Exit.succeed(io))
        },
      }),
      { startImmediately: true },
    )
    const dies = (message: string): void => {
      Deferred.doneUnsafe(dead, Exit.fail(failed(`${name} ${message}`)))
      program.interruptUnsafe()
    }
    yield* Effect.forkScoped(
      Effect.map(Fiber.await(program), (exit) => {
        if (Exit.isFailure(exit)) return dies("could not be started, or was stopped")
        const { breach, exit: code, output, signal } = exit.value
        const said = neutralise(Buffer.from(output.first()).toString("utf8").trim().slice(-600))
        const how = breach ?? (code === null ? `by ${signal ?? "a signal"}` : `with exit ${code}`)
        dies(`ended ${how}${said === "" ? "" : `: ${said}`}`)
      }),
      { startImmediately: true },
    )
    const death = Deferred.await(dead)
    // where the sandbox refuses, its own words say why
    const refusal = Effect.flatMap(Fiber.await(program), (exit) =>
      Exit.isFailure(exit) ? Effect.failCause(exit.cause) : Effect.never,
    )
    const io = yield* Effect.raceFirst(Deferred.await(opened), Effect.raceFirst(death, refusal))

    const framing = new Framing()
    framing.on("error", (error) => dies(`was stopped: ${error.message}`))
    io.output.pipe(framing)
    const connection: MessageConnection = protocol.createMessageConnection(
      new protocol.StreamMessageReader(framing),
      new protocol.StreamMessageWriter(io.input),
    )
    let closed = false
    connection.onClose(() => {
      closed = true
    })
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closed = true
        connection.dispose()
      }),
    )
    connection.onError(([error]) => dies(`was stopped: ${neutralise(error.message).slice(0, 200)}`))
    connection.onRequest((method: string, params: unknown) => answerTo(method, params, place))

    const published = new Map<string, Publication>()
    const watched = new Set<string>()
    const waiting = new Set<Deferred.Deferred<void>>()
    connection.onNotification("textDocument/publishDiagnostics", (params: unknown) => {
      const word = publishedOf(params)
      if (word === null || !watched.has(word.uri)) return
      const count = (published.get(word.uri)?.count ?? 0) + 1
      published.set(word.uri, { count, version: word.version, findings: word.findings })
      // who is woken may wait anew at once
      const woken = [...waiting]
      waiting.clear()
      for (const deferred of woken) Deferred.doneUnsafe(deferred, Exit.void)
    })
    connection.listen()

    const request: LanguageServer["request"] = (method, params, timeoutMs) =>
      Effect.tryPromise({
        try: (signal) => {
          framing.asked()
          const source = new protocol.CancellationTokenSource()
          signal.addEventListener("abort", () => {
            if (!closed) source.cancel()
          })
          const token: CancellationToken = source.token
          return params === null
            ? connection.sendRequest(method, token)
            : connection.sendRequest(method, params, token)
        },
        catch: (error) => failed(`${name} refused ${method}: ${messageOf(error)}`),
      }).pipe(
        Effect.timeoutOrElse({
          duration: timeoutMs,
          orElse: () =>
            Effect.fail(
              new ToolError({
                reason: "timeout",
                message: `${name} did not answer ${method} within ${timeoutMs} ms`,
              }),
            ),
        }),
        Effect.raceFirst(death),
      )
    const notify: LanguageServer["notify"] = (method, params) =>
      Effect.tryPromise({
        try: () =>
          params === null ? connection.sendNotification(method) : connection.sendNotification(method, params),
        catch: (error) => failed(`${name} takes no ${method}: ${messageOf(error)}`),
      }).pipe(Effect.raceFirst(death))

    const folder = folderOf(place)
    const answer = yield* request(
      "initialize",
      {
        // its own number means nothing in there: it would look for us, and leave
        processId: null,
        clientInfo: { name: "claw" },
        rootPath: place.root,
        rootUri: folder.uri,
        workspaceFolders: [folder],
        capabilities,
        initializationOptions: initializationOptions[place.spec.name] ?? {},
      },
      startMs,
    )
    yield* notify("initialized", {})
    const offered = (answer as { readonly capabilities?: unknown } | null)?.capabilities
    return {
      place,
      capabilities: typeof offered === "object" && offered !== null ? { ...offered } : {},
      request,
      notify,
      published,
      watched,
      nextPublication: () => {
        const deferred = Deferred.makeUnsafe<void>()
        waiting.add(deferred)
        return Effect.raceFirst(Deferred.await(deferred), death)
      },
      death,
      isDead: () => Deferred.isDoneUnsafe(dead),
    }
  })
