/** A workspace's trusted rules bind as they were trusted: in whatever order, after an edit, on a branch without them. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { Invocation } from "../../src/cli/Invocation.ts"
import { makeWorld, worldSession } from "../../src/cli/ThrowAway.ts"
import { follow } from "../e2e/Followed.ts"
import { asUser } from "../e2e/Scene.ts"

const rules =
  '[[rule]]\nname = "team-ask"\nverdict = "ask"\neffect = "exec"\nreason = "ours"\nmatch = ["ls"]\n'
const file = ".claw/policies/team.toml"

it.live(
  "trusted before the folder is watched, changed after, gone after: the trusted rules are in force until trusted anew",
  () =>
    Effect.gen(function* () {
      const world = yield* makeWorld(process.env)
      const dir = world.repository
      yield* world.write(file, rules)
      const { client, session } = yield* worldSession(world).pipe(
        Effect.provideService(Invocation, asUser(world)),
      )
      const log = yield* follow(client)
      const ruleOf = Effect.map(
        client.JudgeCalls({
          calls: [
            { call: { tool: "bash", input: { command: "ls" } }, cwd: dir, actor: "claw", trust: "trusted" },
          ],
        }),
        ([verdict]) => verdict!.rule,
      )
      const reloaded = (after: number, says: RegExp) =>
        log.untilType(
          "daemon.health",
          after,
          ({ payload }) => payload.component === "gate" && says.test(payload.detail),
        )
      const trust = Effect.gen(function* () {
        const files = yield* client.TrustFiles({ dir })
        const digests = Object.fromEntries(files.map(({ path, digest }) => [path, digest]))
        yield* client.Trust({ dir, digests, token: yield* session.token, surface: "cli" })
        return files
      })

      yield* trust
      const trusted = yield* log.untilType("daemon.trusted", 0)
      assert.notStrictEqual(yield* ruleOf, "team-ask")
      yield* client.Watch({ dir })
      yield* reloaded(trusted.seq + 1, /rules in force/)
      assert.strictEqual(yield* ruleOf, "team-ask")

      const before = yield* log.head
      yield* world.write(file, rules.replace("ask", "allow"))
      const said = yield* reloaded(before, /not as it was trusted: the trusted rules stay in force/)
      assert.strictEqual(said.payload.state, "degraded")
      assert.strictEqual(yield* ruleOf, "team-ask")

      rmSync(join(dir, ".claw"), { recursive: true })
      yield* reloaded(said.seq, /stay in force/)
      assert.strictEqual(yield* ruleOf, "team-ask")

      const gone = yield* log.head
      assert.deepInclude((yield* trust)[0]!, { path: file, digest: "", trusted: false })
      yield* reloaded(gone, /rules in force/)
      assert.notStrictEqual(yield* ruleOf, "team-ask")
    }).pipe(Effect.scoped),
  60_000,
)
