/**
 * How long a person waits for Claw itself in a conversation, by the built program with its daemon: until a word in a large
 * repository is a request on its way, until a long conversation is there again, until the prompt of `claw chat` is.
 * The model is a server on this machine.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { longSession, writeConversation } from "../../daemon/benchConversation.ts"
import { benchModelServer } from "../../daemon/benchModelServer.ts"
import type { Entry } from "../../daemon/entry.ts"
import { type BenchRow, limited, percentile } from "../../domain/bench.ts"
import { orExit } from "../errors.ts"
import { fail } from "../Exit.ts"
import type { World } from "../ThrowAway.ts"
import { type Arrived, hear, type Heard, openBenchWorld, watchFolder } from "./benchWorld.ts"
import { worldPerson } from "./mindPerson.ts"

export const mindRows = ["mind.context", "mind.resume", "mind.repl_start"] as const

const files = 20_000
const turns = 5_000
/** Items of it that a client asks for at first. */
const newest = 60
const goals = { context: 300, resume: 200, repl: 250 } as const

const configure = (world: World, baseUrl: string): void => {
  const { config } = world.directories
  mkdirSync(config, { recursive: true, mode: 0o700 })
  const settings = {
    models: {
      default: "anthropic/claude-opus-5-5",
      providers: { anthropic: { kind: "anthropic", baseUrl, free: true } },
    },
  }
  writeFileSync(join(config, "claw.config.ts"), `export default ${JSON.stringify(settings)}\n`)
}

const sourceAt = (n: number): string =>
  `import { part${n + 1} } from "./part${n + 1}.ts"\n\nexport const part${n} = (count: number): number => part${n + 1}(count) + ${n}\n`

const fill = Effect.fnUntraced(function* ({ exec, repository }: World, count: number) {
  for (let n = 0; n < count; n++) {
    const dir = join(repository, "src", `group${n % 200}`)
    if (n < 200) mkdirSync(dir, { recursive: true })
    writeFileSync(join(dir, `part${n}.ts`), sourceAt(n))
  }
  yield* exec("git", "add", "--all")
  yield* exec("git", "commit", "-qm", "Begin")
})

type Person = Effect.Success<ReturnType<typeof worldPerson>>

/** From the word in the log to the request that is about to be sent. */
const wordToRequest = Effect.fnUntraced(function* (person: Person, heard: Heard, session: string) {
  const said = yield* person.say(session, "What is this about?")
  const isOf = (type: string) => (arrived: Arrived) =>
    arrived.event.type === type && arrived.event.correlationId === session && arrived.event.seq >= said
  const { event: word } = yield* heard.until("the word", isOf("session.said"))
  const { event: request } = yield* heard.until("the request", isOf("model.requested"))
  yield* heard.until("its end", isOf("session.rested"))
  return Date.parse(request.at) - Date.parse(word.at)
})

const benchContext = Effect.fn("bench.context")(function* ({ quick }: { readonly quick: boolean }) {
  const baseUrl = yield* benchModelServer({ pieces: 2, everyMs: 1 })
  const count = quick ? 4_000 : files
  const { client, entry, world } = yield* openBenchWorld((made) =>
    Effect.andThen(
      Effect.sync(() => configure(made, baseUrl)),
      fill(made, count),
    ),
  )
  const heard = yield* hear(client)
  yield* watchFolder(client, heard, world.repository)
  const person = yield* worldPerson(world, entry)
  const times: Array<number> = []
  for (let round = -1; round < (quick ? 5 : 9); round++) {
    const session = yield* person.open(world.repository)
    const ms = yield* wordToRequest(person, heard, session)
    // the first one reads the whole repository
    if (round >= 0) times.push(ms)
  }
  return [limited("mind.context", percentile(times, 0.5), `ms median, ${count} files`, goals.context)]
}, Effect.scoped)

/** The first paint of `claw chat` on a terminal of its own, from the call of the program on. */
const replStart = (entry: Entry, world: World): Effect.Effect<number> =>
  Effect.callback<number>((resume) => {
    const from = performance.now()
    const command = [entry.node, ...entry.args, "chat"].map((word) => `'${word}'`).join(" ")
    const child = spawn("script", ["-qfec", command, "/dev/null"], {
      cwd: world.repository,
      env: { ...world.env, SHELL: "/bin/sh", TERM: "xterm-256color" } as NodeJS.ProcessEnv,
      stdio: ["pipe", "pipe", "ignore"],
    })
    let seen = ""
    let ms = Number.NaN
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      seen += text
      if (!Number.isNaN(ms) || !seen.includes("claude-opus")) return
      ms = performance.now() - from
      // Ctrl-D leaves
      child.stdin.write("\u0004")
    })
    child.on("close", () => resume(Effect.succeed(ms)))
    return Effect.sync(() => child.kill("SIGKILL"))
  }).pipe(Effect.timeoutOrElse({ duration: "20 seconds", orElse: () => Effect.succeed(Number.NaN) }))

const benchResume = Effect.fn("bench.resume")(function* ({ quick }: { readonly quick: boolean }) {
  const baseUrl = yield* benchModelServer({ pieces: 2, everyMs: 1 })
  const { client, entry, world } = yield* openBenchWorld((made) =>
    Effect.andThen(
      Effect.sync(() => configure(made, baseUrl)),
      writeConversation(made.directories.log, made.repository, turns),
    ),
  )
  const heard = yield* hear(client)
  const person = yield* worldPerson(world, entry)
  // what any first conversation pays: the provider's library, the tools
  yield* wordToRequest(person, heard, yield* person.open(world.repository))
  const asked = yield* wordToRequest(person, heard, longSession)
  const shown: Array<number> = []
  for (let round = 0; round < (quick ? 3 : 7); round++) {
    const from = performance.now()
    yield* orExit(client.SessionItems({ session: longSession, before: null, limit: newest }))
    shown.push(performance.now() - from)
  }
  const starts: Array<number> = []
  for (let round = -1; round < (quick ? 4 : 9); round++) {
    const ms = yield* replStart(entry, world)
    if (Number.isNaN(ms)) return yield* fail("claw chat showed no prompt")
    if (round >= 0) starts.push(ms)
  }
  const resume: BenchRow = {
    ...limited("mind.resume", asked, `ms to the request, ${turns} turns`, goals.resume),
    note: `a client has its last ${newest} items in ${Math.round(percentile(shown, 0.5))} ms`,
  }
  return [resume, limited("mind.repl_start", percentile(starts, 0.5), "ms median", goals.repl)]
}, Effect.scoped)

/** Both worlds, or the one whose rows are asked for. */
export const benchMindWorlds = Effect.fnUntraced(function* (choice: {
  readonly quick: boolean
  readonly wanted: (row: string) => boolean
}) {
  const rows: Array<BenchRow> = []
  if (choice.wanted("mind.context")) rows.push(...(yield* benchContext(choice)))
  if (choice.wanted("mind.resume") || choice.wanted("mind.repl_start"))
    rows.push(...(yield* benchResume(choice)))
  return rows
})
