/**
 * A throw-away world whose daemon thinks with a model server on this machine, in any of the three protocols, and a person
 * who answers what it asks. The daemon may be killed and found again; the log is read from its first event.
 */
import { Effect, Layer, Schedule, type Scope, Stream } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Invocation } from "../../src/cli/Invocation.ts"
import { type Client, Session } from "../../src/cli/Session.ts"
import type { Event } from "../../src/domain/event.ts"
import { shownIn } from "../../src/rpc/shown.ts"
import { type Claws, clawWorld, gone } from "../cli/claws.ts"
import { modelServer, type ModelServer, type Script } from "../fixtures/models/server.ts"
import { asUser } from "./Scene.ts"

/** One name for each protocol. */
export const speakers = {
  anthropic: "anthropic/claude-opus-5-5",
  responses: "openai/gpt-6.1-terra",
  chat: "local/qwen3",
} as const
export type Speaker = keyof typeof speakers

const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75, cacheWriteHour: 6 }

export const mindSettings = (server: ModelServer, more: Readonly<Record<string, unknown>> = {}) => ({
  models: {
    default: speakers.anthropic,
    providers: {
      anthropic: { kind: "anthropic", baseUrl: server.baseUrl, models: { "claude-opus-5-5": { price } } },
      openai: { kind: "openai", baseUrl: server.openaiUrl, models: { "gpt-6.1-terra": { price } } },
      local: { kind: "chat", baseUrl: server.openaiUrl, models: { qwen3: { price, window: 200_000 } } },
    },
  },
  budgets: { sessionUsd: null, dayUsd: null, callUsd: null },
  ...more,
})

export interface Mind extends Claws {
  readonly server: ModelServer
  readonly configure: (settings: object) => Effect.Effect<void>
  /** A repository of its own with these files in its first commit. */
  readonly repositoryOf: (name: string, files: Readonly<Record<string, string>>) => Effect.Effect<string>
  readonly git: (dir: string, ...args: ReadonlyArray<string>) => string
}

export const mindWorld = Effect.fn("Mind.world")(function* (
  script: Script,
  more: Readonly<Record<string, unknown>> = {},
) {
  const server = yield* modelServer(script)
  const world = yield* clawWorld
  mkdirSync(world.directories.config, { recursive: true, mode: 0o700 })
  const configure = (settings: object) =>
    Effect.sync(() =>
      writeFileSync(
        join(world.directories.config, "claw.config.ts"),
        `export default ${JSON.stringify(settings)}\n`,
      ),
    )
  yield* configure(mindSettings(server, more))
  const git: Mind["git"] = (dir, ...args) =>
    execFileSync("git", [...args], { cwd: dir, env: world.env as NodeJS.ProcessEnv, encoding: "utf8" })
  const repositoryOf: Mind["repositoryOf"] = (name, files) =>
    Effect.sync(() => {
      const dir = join(dirname(world.repository), name)
      mkdirSync(dir, { recursive: true })
      git(dir, "init", "-q")
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true })
        writeFileSync(join(dir, path), text)
      }
      git(dir, "add", "--all")
      git(dir, "commit", "-qm", "Begin")
      return dir
    })
  const mind: Mind = { ...world, server, configure, repositoryOf, git }
  return mind
})

export interface Attached {
  readonly client: Client
  readonly pid: number
  readonly person: Effect.Effect<{ readonly token: string; readonly surface: "cli" }>
}

/** A connection to the daemon, which is started where none runs. */
export const attach = Effect.fn("Mind.attach")(function* (mind: Mind) {
  const context = yield* Layer.build(
    Layer.fresh(Session.layer).pipe(Layer.provide(Layer.succeed(Invocation, asUser(mind)))),
  )
  const session = yield* Effect.provideContext(Session, context)
  // the threads of one that was just killed may hold its socket a moment longer than it is listed
  const client = yield* session.ensure.pipe(
    Effect.retry({ times: 20, schedule: Schedule.spaced("100 millis") }),
    Effect.orDie,
  )
  const { pid } = yield* Effect.orDie(client.Status())
  const attached: Attached = {
    client,
    pid,
    person: Effect.map(Effect.orDie(session.token), (token) => ({ token, surface: "cli" as const })),
  }
  return attached
})

export const killed = (pid: number) =>
  Effect.andThen(
    Effect.sync(() => process.kill(pid, "SIGKILL")),
    gone(pid),
  )

export interface Answering {
  readonly always?: { readonly scope: "exact" | "prefix" | "workspace"; readonly untilMs: number | null }
  /** Those it says no to. */
  readonly refuses?: (title: string) => boolean
}

/** Says yes to every call that waits, as a person would at another terminal, until interrupted. Answers what was asked. */
export const approving = (
  { client, person }: Attached,
  options: Answering = {},
): Effect.Effect<ReadonlyArray<string>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const seen = new Set<string>()
    yield* client.QueueChanges().pipe(
      Stream.runForEach(
        Effect.fnUntraced(function* (rows) {
          for (const row of rows) {
            if (row.state !== "pending" || seen.has(row.id) || row.actions.length === 0) continue
            const detail = yield* Effect.option(client.Show({ id: row.id }))
            // it is still being judged
            if (detail._tag === "None" || detail.value.plans.length === 0) continue
            const from = { ...(yield* person), id: row.id }
            if (options.refuses?.(row.title) === true) {
              yield* Effect.ignore(client.Reject({ ...from, reason: "no" }))
              seen.add(row.id)
              continue
            }
            const shown = shownIn(detail.value)
            const said = { ...from, ...shown, unsandboxed: false }
            const always = options.always === undefined ? {} : { always: options.always }
            const done = yield* Effect.exit(
              Effect.catch(client.Approve({ ...said, ...always }), () =>
                Effect.flatMap(person, (fresh) => client.Approve({ ...said, ...fresh })),
              ),
            )
            if (done._tag === "Success") {
              seen.add(row.id)
              asked.push(row.title)
            }
          }
        }),
      ),
      Effect.ignore,
      Effect.forkScoped,
    )
    return asked
  })

/** Every event there is. */
export const wholeLog = ({ client }: Attached): Effect.Effect<ReadonlyArray<Event>> =>
  client.Log({ query: { from: 1 }, follow: false }).pipe(
    Stream.runCollect,
    Effect.map((chunks) => chunks.flat() as unknown as ReadonlyArray<Event>),
    Effect.orDie,
  )

export const ofType = <T extends Event["type"]>(
  events: ReadonlyArray<Event>,
  type: T,
): ReadonlyArray<Extract<Event, { readonly type: T }>> =>
  events.filter((event): event is Extract<Event, { readonly type: T }> => event.type === type)
