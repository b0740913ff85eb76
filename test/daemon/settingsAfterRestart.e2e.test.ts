/** What a restarted daemon has in force is what the log says is in force: after a file went, and after it broke. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Invocation } from "../../src/cli/Invocation.ts"
import { makeWorld, worldSession } from "../../src/cli/ThrowAway.ts"
import { follow } from "../e2e/Followed.ts"
import { asUser } from "../e2e/Scene.ts"

const perHour = (settings: unknown): unknown =>
  (settings as { readonly attention?: { readonly perHour?: unknown } } | undefined)?.attention?.perHour

it.live(
  "a broken file keeps the last good settings over a restart; one that is gone is said, and the defaults hold",
  () =>
    Effect.gen(function* () {
      const world = yield* makeWorld(process.env)
      mkdirSync(world.directories.config, { recursive: true, mode: 0o700 })
      const file = join(world.directories.config, "claw.config.ts")
      /** A daemon's whole life; answers what it said of the configuration, and what it had in force. */
      const life = Effect.scoped(
        Effect.gen(function* () {
          const { client } = yield* worldSession(world).pipe(Effect.provideService(Invocation, asUser(world)))
          const log = yield* follow(client)
          const { pid } = yield* client.Status()
          const started = yield* log.untilType("daemon.started", 0, ({ payload }) => payload.pid === pid)
          const said = yield* log.untilType("daemon.config", started.seq)
          const view = yield* client.Config({ workspace: null })
          return { said: said.payload, inForce: perHour(view.settings) }
        }),
      )
      writeFileSync(file, "export default { attention: { perHour: 7 } }\n")
      assert.deepInclude(yield* life, { inForce: 7 })

      writeFileSync(file, "export default {{\n")
      const broken = yield* life
      assert.isFalse(broken.said.accepted)
      assert.match(broken.said.message, /last good settings/)
      assert.strictEqual(broken.inForce, 7)

      rmSync(file)
      const gone = yield* life
      assert.isTrue(gone.said.accepted)
      assert.strictEqual(perHour(gone.said.settings), 1)
      assert.strictEqual(gone.inForce, 1)
    }).pipe(Effect.scoped),
  60_000,
)
