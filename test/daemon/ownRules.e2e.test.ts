/** Rule files of a user's configuration and of a workspace, read by the real daemon into the log. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Invocation } from "../../src/cli/Invocation.ts"
import { makeWorld, worldSession } from "../../src/cli/ThrowAway.ts"
import { follow } from "../e2e/Followed.ts"
import { asUser } from "../e2e/Scene.ts"

const rule = (name: string): string =>
  `[[correction]]\nname = "${name}"\nprogram = "deploy"\nsays = "missing --env"\nanswer = { add = "--env x" }\n`

it.live(
  "the user's own count from the start, a workspace's once they are trusted; what is wrong is said with its place",
  () =>
    Effect.gen(function* () {
      const world = yield* makeWorld(process.env)
      const dir = world.repository
      yield* world.write(".claw/reflexes/team.toml", rule("team-deploy"))
      const { client, session } = yield* worldSession(world).pipe(
        Effect.provideService(Invocation, asUser(world)),
      )
      const { directories } = asUser(world)
      const own = join(directories.config, "reflexes")
      mkdirSync(own, { recursive: true })
      const log = yield* follow(client)
      writeFileSync(join(own, "mine.toml"), `${rule("my-deploy")}colour = "red"\n`)
      yield* client.Config({ workspace: null })
      const wrong = yield* log.untilType("daemon.reflexes", 0)
      assert.deepStrictEqual(wrong.payload.problems, [
        `${join(own, "mine.toml")}:6: correction[0].colour: unknown key`,
      ])
      writeFileSync(join(own, "mine.toml"), rule("my-deploy"))
      yield* client.Config({ workspace: null })
      const mended = yield* log.untilType("daemon.reflexes", wrong.seq)
      assert.deepStrictEqual(mended.payload.problems, [])
      assert.strictEqual(mended.payload.files[0]?.text, rule("my-deploy"))

      const config = join(directories.config, "claw.config.ts")
      const inCode = `{ name: "coded", program: "x", says: "y", answer: "z" }`
      writeFileSync(config, `export default { corrections: [${inCode}] }\n`)
      yield* client.Config({ workspace: null })
      const coded = yield* log.untilType("daemon.reflexes", mended.seq)
      assert.deepStrictEqual(
        coded.payload.files.map((each) => each.file),
        [config, join(own, "mine.toml")],
      )
      assert.deepStrictEqual(coded.payload.problems, [])

      yield* client.Watch({ dir })
      const files = yield* client.TrustFiles({ dir })
      const digests = Object.fromEntries(files.map(({ path, digest }) => [path, digest]))
      assert.property(digests, ".claw/reflexes/team.toml")
      yield* client.Trust({ dir, digests, token: yield* session.token, surface: "cli" })
      const team = yield* log.untilType(
        "daemon.reflexes",
        coded.seq,
        ({ payload }) => payload.files.length > 0,
      )
      assert.strictEqual(team.workspace, dir)
      assert.strictEqual(team.payload.files[0]?.text, rule("team-deploy"))
    }).pipe(Effect.scoped),
  60_000,
)
