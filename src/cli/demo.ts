/**
 * `claw demo`: plays the story in a throw-away world with its own daemon. With a terminal the TUI opens on it and
 * the viewer approves; as a script it prints what happened, with the seqs.
 */
import { Clock, Console, Effect, Fiber, Stream } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Suggestion } from "../domain/suggestion.ts"
import { follow } from "./backtests.ts"
import { openShell } from "./DemoShell.ts"
import { orExit } from "./errors.ts"
import { fail } from "./Exit.ts"
import { Invocation } from "./Invocation.ts"
import { painter, safe } from "./output.ts"
import type { Client } from "./Session.ts"
import { beginning, story } from "./story.ts"
import { makeWorld, type World, worldSession } from "./ThrowAway.ts"

/** The demo must not wait an hour between two suggestions. */
const config = `import { defineConfig } from "claw-assistant/config"

export default defineConfig({ attention: { perHour: 60, burst: 10, quietAfterEditMs: 1000 } })
`

/** How long a reader gets for a step, and how long a suggestion may take to come. */
const readerMs = 6_000
/** Some time more than a decision takes. */
const decidedMs = 300
const suggestionLimitMs = 20_000

const prepare = Effect.fnUntraced(function* (world: World) {
  mkdirSync(world.directories.config, { recursive: true, mode: 0o700 })
  writeFileSync(join(world.directories.config, "claw.config.ts"), config)
  for (const [path, text] of Object.entries(beginning)) yield* world.write(path, text)
  yield* world.exec("git", "add", ".")
  yield* world.exec("git", "commit", "-q", "-m", "begin the shop")
  yield* world.exec("git", "init", "-q", "--bare", join(world.root, "origin.git"))
  yield* world.exec("git", "remote", "add", "origin", join(world.root, "origin.git"))
  yield* world.exec("git", "push", "-q", "-u", "origin", "main")
})

/** What follows a save is told from it by when it began: so it begins when the save is known, and decided on. */
const untilSaved = (client: Client, path: string, since: number) =>
  client
    .Log({ query: { from: since + 1, types: ["fs.changed"], paths: [path] }, follow: true })
    .pipe(
      Stream.runHead,
      Effect.timeoutOption(suggestionLimitMs),
      Effect.andThen(Effect.sleep(decidedMs)),
      Effect.ignore,
    )

/** A suggestion that was not to be seen before; it may have been decided earlier, and have waited for its moment. */
const untilSuggested = (client: Client, rule: string, before: ReadonlySet<string>) =>
  client.QueueChanges().pipe(
    Stream.map((rows) => rows.find((row) => row.rule === rule && !before.has(row.id))),
    Stream.filter((row): row is Suggestion => row !== undefined),
    Stream.runHead,
    Effect.timeoutOption(suggestionLimitMs),
    Effect.map((found) => (found._tag === "Some" && found.value._tag === "Some" ? found.value.value : null)),
    Effect.orElseSucceed(() => null),
  )

const play = Effect.fnUntraced(function* (options: {
  readonly world: World
  readonly client: Client
  readonly fast: boolean
  readonly print: (line: string) => Effect.Effect<void>
}) {
  const { world, client, print } = options
  const { colour } = yield* Invocation
  const paint = painter(colour)
  const shell = yield* openShell(world)
  const missing: Array<string> = []
  for (const step of story) {
    if (!options.fast) yield* Effect.sleep(readerMs)
    if (step._tag === "say") {
      yield* print(`\n${paint("bold", step.text)}`)
      continue
    }
    const seen = new Set((yield* Effect.orDie(client.Queue({ all: false }))).map(({ id }) => id))
    const from = yield* Clock.currentTimeMillis
    if (step._tag === "save") {
      const { log } = yield* Effect.orDie(client.Status())
      yield* world.write(step.path, step.text)
      yield* untilSaved(client, step.path, log.seq)
      yield* print(`  ${paint("blue", "save")} ${step.path}`)
    } else {
      const { exit } = yield* shell.type(step.command)
      yield* print(
        `  ${paint("blue", "$")} ${step.command}${exit === 0 ? "" : paint("red", `  (exit ${exit})`)}`,
      )
    }
    if (step.expects === undefined) continue
    const row = yield* untilSuggested(client, step.expects, seen)
    if (row === null) {
      missing.push(step.expects)
      const all = yield* Effect.orDie(client.Queue({ all: true }))
      const held = all.find((one) => one.rule === step.expects && !seen.has(one.id))
      yield* print(
        paint(
          "red",
          `    nothing to see of ${step.expects} within ${suggestionLimitMs / 1000} s${held === undefined ? "" : `: it is ${held.state}, ${safe(held.note ?? "")}`}`,
        ),
      )
      continue
    }
    const after = (yield* Clock.currentTimeMillis) - from
    yield* print(
      `    ${row.urgent ? paint("red", "urgent") : paint("yellow", row.mode)}  ${safe(row.title)}  ${paint("dim", `[seq ${row.decidedSeq}, on ${row.evidence.join(", ")}; ${after} ms]`)}`,
    )
    for (const action of row.actions) {
      yield* print(
        paint(
          "dim",
          `      ${action.verdict} by ${action.rule}: ${action.tool} ${safe(JSON.stringify(action.input))}`,
        ),
      )
    }
  }
  return missing
}, Effect.scoped)

export const runDemo = Effect.fn("demo")(function* (options: {
  readonly script: boolean
  readonly fast: boolean
}) {
  const { env } = yield* Invocation
  const world = yield* makeWorld(env)
  yield* prepare(world)
  const { client, session } = yield* worldSession(world)
  yield* orExit(client.Watch({ dir: world.repository }))

  if (!options.script) {
    const { openTui } = yield* Effect.promise(() => import("./tui.ts"))
    const playing = yield* Effect.forkScoped(
      play({ world, client, fast: options.fast, print: () => Effect.void }),
    )
    yield* openTui(client, session)
    yield* Fiber.interrupt(playing)
    return
  }
  yield* Console.log(`a throw-away repository at ${world.repository}, watched by its own daemon`)
  const missing = yield* play({ world, client, fast: options.fast, print: Console.log })
  const report = yield* follow("replay", client.ReplayPast({ from: null, to: null }))
  const verified = yield* orExit(client.Verify())
  yield* Console.log(
    `\n${verified.events} events, ${verified.ok ? "every link holds" : `BROKEN at ${verified.failure?.seq}`}; replayed ${report.decisions} decisions, ${report.same ? "every one the same" : `seq ${report.difference?.seq} DIFFERS`}`,
  )
  if (missing.length > 0) return yield* fail(`no suggestion came from: ${missing.join(", ")}`)
  if (!report.same || !verified.ok) return yield* fail("the log of the demo does not hold")
}, Effect.scoped)
