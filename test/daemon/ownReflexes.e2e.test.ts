/** A workspace's own reflexes after real saves and a real `git pull`: silent until they are trusted, then they speak. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { Invocation } from "../../src/cli/Invocation.ts"
import { worldSession } from "../../src/cli/ThrowAway.ts"
import { asUser, openScene } from "../e2e/Scene.ts"

const rules = `[[reflex]]
name = "team-migrate"
when = "head.moved"
how = "pull"
files = "migrations/**"
title = "{count} migrations came in"
run = "npm run migrate"

[[reflex]]
name = "team-prisma"
when = "files.settled"
files = "schema.prisma"
title = "Generate the client of {file}"
run = "npx prisma generate"
`

it.live(
  "an untrusted workspace's do not speak; a trusted one's do, after a pull and after a save",
  () =>
    Effect.gen(function* () {
      const { claw, client, log, world } = yield* openScene("bash", (made) =>
        Effect.gen(function* () {
          yield* made.write(".claw/reflexes/team.toml", rules)
          yield* made.exec("git", "init", "-q")
          yield* made.exec("git", "add", ".")
          yield* made.exec("git", "commit", "-qm", "Began")
          for (const n of [1, 2]) {
            yield* made.exec("git", "switch", "-qc", `topic-${n}`)
            yield* made.write(`migrations/${n}.sql`, "select 1;\n")
            yield* made.exec("git", "add", ".")
            yield* made.exec("git", "commit", "-qm", `Migration ${n}`)
          }
          yield* made.exec("git", "switch", "-q", "main")
        }),
      )
      const dir = world.repository
      const pull = (topic: string) => world.exec("git", "pull", "-q", ".", topic)

      assert.strictEqual((yield* pull("topic-1")).exit, 0)
      const untrusted = yield* log.untilType("git.pull", 0)

      const { session } = yield* worldSession(world).pipe(Effect.provideService(Invocation, asUser(world)))
      const files = yield* client.TrustFiles({ dir })
      const digests = Object.fromEntries(files.map(({ path, digest }) => [path, digest]))
      yield* client.Trust({ dir, digests, token: yield* session.token, surface: "cli" })
      const trusted = yield* log.untilType("daemon.reflexes", untrusted.seq)
      assert.deepStrictEqual(trusted.payload.problems, [])

      assert.strictEqual((yield* pull("topic-2")).exit, 0)
      const migrate = yield* log.untilType("decision.draft", 0)
      assert.isAbove(migrate.seq, trusted.seq)
      assert.strictEqual(migrate.payload.proposal.rule, "team-migrate")
      assert.deepStrictEqual(migrate.payload.proposal.actions, [
        { tool: "bash", input: { command: "npm run migrate" }, cwd: dir },
      ])
      yield* log.untilType("policy.verdict", migrate.seq)

      yield* world.write("schema.prisma", "model A {}\n")
      const prisma = yield* log.untilType(
        "decision.draft",
        migrate.seq,
        ({ payload }) => payload.proposal.rule === "team-prisma",
      )
      assert.strictEqual(prisma.payload.proposal.title, "Generate the client of schema.prisma")
      const rows = claw("reflex", "list", "--json").stdout.trim().split("\n")
      const row = rows
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .find((each) => each["rule"] === "team-migrate")
      assert.deepInclude(row?.["standing"], { state: "speaks", made: 1 })
    }).pipe(Effect.scoped),
  90_000,
)
