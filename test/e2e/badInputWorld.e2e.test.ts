/**
 * A world that changes under what waits: names that are no text in a repository, and its folder moved away. The daemon
 * says what became of each suggestion, refuses an answer to it, and goes on elsewhere.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Invocation } from "../../src/cli/Invocation.ts"
import { worldSession } from "../../src/cli/ThrowAway.ts"
import type { Event } from "../../src/domain/event.ts"
import { isSuggested, type Suggested } from "./Followed.ts"
import { asUser, openScene } from "./Scene.ts"

const line = `aws_access_key_id = "${["AKIA", "QX7HDPZ3LKWV5MTB"].join("")}"\n`
const ofRule =
  (rule: string) =>
  (event: Event): event is Suggested =>
    isSuggested(event) && event.payload.proposal.rule === rule

it.live(
  "keeps to what it can name, and lets go of what is gone",
  () =>
    Effect.gen(function* () {
      const { claw, client, log, world } = yield* openScene("bash", (made) =>
        Effect.gen(function* () {
          yield* made.write("a.txt", "one\n")
          yield* made.exec("git", "add", ".")
          yield* made.exec("git", "commit", "-qm", "Began")
        }),
      )
      // a name whose bytes are no UTF-8: said, but nothing of it can be done by Claw
      const name = Buffer.concat([Buffer.from(`${world.repository}/cr`), Buffer.from([0xff, 0xfe])])
      writeFileSync(name, line)
      yield* world.exec("git", "add", "-A")
      const nameless = yield* log.until("a secret under no name", 0, ofRule("secret-staged"))
      assert.strictEqual(nameless.payload.proposal.mode, "notify")
      assert.deepStrictEqual(nameless.payload.proposal.actions, [])
      yield* log.untilType("decision.shown", nameless.seq)
      yield* world.exec("git", "reset", "-q")

      writeFileSync(join(world.repository, "key.txt"), line)
      yield* world.exec("git", "add", "key.txt")
      const named = yield* log.until(
        "a secret under a name",
        nameless.seq,
        (event): event is Suggested =>
          ofRule("secret-staged")(event) && event.payload.proposal.actions.length > 0,
      )
      yield* log.untilType("decision.shown", named.seq)
      renameSync(world.repository, `${world.repository}-moved`)
      const ended = yield* log.untilType(
        "decision.expired",
        named.seq,
        ({ payload }) => payload.suggestion === named.payload.suggestion,
      )
      assert.strictEqual(ended.payload.reason, "its folder is not there any more")
      assert.deepStrictEqual(yield* client.Queue({ all: false }), [])
      const { session } = yield* worldSession(world).pipe(Effect.provideService(Invocation, asUser(world)))
      const refused = yield* Effect.flip(
        client.Snooze({
          id: named.payload.suggestion,
          token: yield* session.token,
          surface: "cli",
          untilMs: Date.now() + 60_000,
        }),
      )
      assert.include(refused.message, "is expired already: its folder is not there any more")

      // it goes on elsewhere, and here once it is back
      const other = join(world.root, "home", "other")
      mkdirSync(other)
      yield* client.Watch({ dir: other })
      yield* log.untilType(
        "daemon.health",
        ended.seq,
        ({ payload }) => payload.component === "source:fs" && payload.state === "running",
      )
      renameSync(`${world.repository}-moved`, world.repository)
      yield* log.until(
        "the folder is watched again",
        ended.seq,
        (event) =>
          event.type === "daemon.health" &&
          event.workspace === world.repository &&
          event.payload.component === "source:fs" &&
          event.payload.state === "running",
      )
      assert.match(claw("status").stdout, /^daemon .*active$/m)
      assert.strictEqual(claw("replay").exit, 0)
    }).pipe(Effect.scoped),
  90_000,
)
