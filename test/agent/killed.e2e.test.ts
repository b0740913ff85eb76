/**
 * The real daemon, killed outright at random moments of a conversation with tools, over a server that speaks a vendor's
 * protocol: it takes the work up, does nothing twice and loses no answer. Then what `claw session` says of it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Claws, clawWorld, gone, ndjson, until } from "../cli/claws.ts"
import { rawClient } from "../daemon/rawClient.ts"
import { modelServer } from "../fixtures/models/server.ts"
import type { Asked, Turn } from "../fixtures/models/turns.ts"
import { randomFrom } from "./session/generatedSession.ts"

const policy = `[[rule]]
name = "own-writes"
verdict = "allow"
tool = "write_file"
effect = "write"
class = "workspace"
tainted = true
reason = "for this test"
match = [{ tool = "write_file", path = "a.txt", content = "x" }]
`

/** How many results of tools the request tells. */
const results = ({ body }: Asked): number =>
  (body.messages as ReadonlyArray<{ readonly role: string }>).filter(({ role }) => role === "tool").length

const writing = (...paths: ReadonlyArray<string>): Turn => ({
  calls: paths.map((path) => ({
    id: `call_${path}`,
    name: "write_file",
    input: { path, content: `of ${path}` },
  })),
})
const answer = async (asked: Asked): Promise<Turn> => {
  await new Promise((resume) => setTimeout(resume, 60))
  const told = results(asked)
  if (told === 0) return writing("a.txt", "b.txt")
  if (told === 2) return writing("c.txt")
  return { text: "All three are written." }
}

const configured = (world: Claws, baseUrl: string): void => {
  const { config } = world.directories
  mkdirSync(join(config, "policies"), { recursive: true })
  writeFileSync(join(config, "policies", "own.toml"), policy)
  const settings = {
    models: {
      default: "local/scripted",
      providers: {
        local: {
          kind: "chat",
          baseUrl,
          free: true,
          models: { scripted: { window: 100_000, maxOutput: 4_000 } },
        },
      },
    },
  }
  writeFileSync(join(config, "claw.config.ts"), `export default ${JSON.stringify(settings)}\n`)
}

const up = (world: Claws) =>
  Effect.map(world.claw("up", "--workspace", "."), (ran) => assert.strictEqual(ran.exit, 0, ran.stderr))

const killed = Effect.fnUntraced(function* (world: Claws) {
  const pid = yield* world.daemonPid
  if (pid === null) return
  process.kill(pid, "SIGKILL")
  yield* gone(pid)
})

const events = (world: Claws, type: string) =>
  Effect.map(world.claw("log", "--type", type, "--json"), ({ stdout }) => ndjson(stdout))

const began = Effect.fnUntraced(function* (world: Claws, text: string) {
  const client = yield* rawClient(world.directories.socket)
  const opened = yield* client.ask("OpenSession", {
    token: client.proof(),
    surface: "cli",
    kind: "chat",
    workspace: world.repository,
  })
  const { session } = opened!.exit!.value as { readonly session: string }
  const said = yield* client.ask("Say", { token: client.proof(), surface: "cli", session, text, files: [] })
  assert.strictEqual(said?.exit?._tag, "Success", JSON.stringify(said))
  return session
}, Effect.scoped)

/** What a client that follows is told of a whole piece of work: the first two items, and how it ends. */
const followed = Effect.fnUntraced(function* (world: Claws, text: string) {
  const session = yield* began(world, text)
  const client = yield* rawClient(world.directories.socket)
  const end = yield* client.ask("FollowSession", { session, from: 0, untilRested: true })
  assert.strictEqual(end?.exit?._tag, "Success", JSON.stringify(end))
  const parts = client.answers.flatMap((answer) =>
    answer._tag === "Chunk" ? (answer["values"] as ReadonlyArray<Part>) : [],
  )
  const items = parts.flatMap(({ item }) => item ?? [])
  assert.deepStrictEqual(
    items.map(({ seq }) => seq),
    items.map(({ seq }) => seq).toSorted((a, b) => a - b),
  )
  const names = parts
    .map(({ _tag, item }) => item?._tag ?? _tag)
    .filter((name) => !["open", "live", "spent", "changed"].includes(name))
  const shown = names.filter((name, at) => name !== names[at - 1])
  return [
    items
      .slice(0, 5)
      .map(({ _tag }) => _tag)
      .filter((name) => name === "said" || name === "prepared")
      .toSorted(),
    shown.slice(-3),
  ] as const
}, Effect.scoped)

interface Part {
  readonly _tag: string
  readonly item?: { readonly _tag: string; readonly seq: number }
}

describe("a daemon that is killed in mid-conversation", () => {
  it.live(
    "takes it up: each call runs once, every answer is kept, and the work comes to its end",
    () =>
      Effect.gen(function* () {
        const seed = 20_261_122
        const random = randomFrom(seed)
        const world = yield* clawWorld
        const server = yield* modelServer({ answer })
        configured(world, server.openaiUrl)
        yield* up(world)
        const session = yield* began(world, "Write three files")
        for (let kill = 0; kill < 3; kill++) {
          yield* Effect.sleep(random(350))
          yield* killed(world)
          yield* up(world)
        }
        const row = Effect.map(world.claw("session", "list", "--json"), ({ stdout }) => ndjson(stdout)[0])
        yield* until(
          "it rests",
          Effect.map(row, (view) => view?.["state"] === "resting"),
          40_000,
        )
        const shown = yield* world.claw("session", "show", "latest")
        assert.strictEqual((yield* row)?.["rested"], "completed", shown.stdout)
        for (const name of ["a.txt", "b.txt", "c.txt"])
          assert.strictEqual(readFileSync(join(world.repository, name), "utf8"), `of ${name}`)
        const payloads = (rows: ReadonlyArray<Record<string, unknown>>) =>
          rows.map(({ payload }) => payload as Record<string, unknown>)
        const starts = payloads(yield* events(world, "tool.started")).map(({ call }) => call)
        assert.strictEqual(new Set(starts).size, starts.length)
        const answers = payloads(yield* events(world, "model.answered")).map(({ call }) => call)
        assert.strictEqual(new Set(answers).size, answers.length)
        const told = payloads(yield* events(world, "session.results")).flatMap(
          ({ results: all }) => all as ReadonlyArray<{ readonly id: string; readonly ok: boolean }>,
        )
        assert.strictEqual(new Set(told.map(({ id }) => id)).size, told.length)
        assert.includeMembers(
          told.map(({ id }) => id),
          ["call_a.txt", "call_b.txt", "call_c.txt"],
        )

        assert.strictEqual(shown.exit, 0, shown.stderr)
        assert.include(shown.stdout, "All three are written.")
        const found = yield* world.claw("session", "search", "three files", "--json")
        assert.strictEqual(ndjson(found.stdout)[0]?.["session"], session)
        const markdown = yield* world.claw("session", "export", session)
        assert.match(markdown.stdout, /^# Write three files\n[\s\S]*\*\*write_file\*\* \(done\)/)
        const fork = (yield* world.claw("session", "fork", session.slice(0, 8))).stdout.trim()
        assert.match(fork, /^c_[0-9a-f]{16}$/)
        assert.strictEqual((yield* world.claw("session", "rename", fork, "another way")).exit, 0)
        assert.strictEqual((yield* world.claw("session", "archive", fork)).exit, 0)
        assert.lengthOf(ndjson((yield* world.claw("session", "list", "--json")).stdout), 1)
        assert.lengthOf(ndjson((yield* world.claw("session", "list", "--all", "--json")).stdout), 2)
        const absent = yield* world.claw("session", "show", "c_ffffffffffffffff")
        assert.strictEqual(absent.exit, 4)
        const files = yield* world.claw("session", "rewind", session, "1", "--what", "files")
        assert.strictEqual(files.exit, 6)

        const [first, last] = yield* followed(world, "Write three files once more")
        assert.deepStrictEqual(first, ["prepared", "said"])
        assert.deepStrictEqual(last, ["text", "answered", "rested"])
      }).pipe(Effect.scoped),
    120_000,
  )
})
