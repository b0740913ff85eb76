/** claw digest and claw why over a made day, with a real daemon: what was kept back, and why nothing was said. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { writeDay } from "../../build/day/writeDay.ts"
import { clawWorld, ndjson } from "./claws.ts"

describe("claw digest and claw why", () => {
  it.live(
    "tell what was kept back, how the rules stand, and why nothing was said",
    () =>
      Effect.gen(function* () {
        const world = yield* clawWorld
        mkdirSync(world.directories.data, { recursive: true, mode: 0o700 })
        const home = join(world.root, "home")
        yield* Effect.orDie(writeDay(world.directories.log, { events: 2_500, seed: 3, home }))
        assert.strictEqual((yield* world.claw("digest")).exit, 3)
        assert.strictEqual((yield* world.claw("up")).exit, 0)

        const asked = Effect.map(
          world.claw("log", "--type", "attention.asked", "--json"),
          (ran) => ndjson(ran.stdout).length,
        )
        const peeked = yield* world.claw("digest", "--all", "--peek", "--json")
        assert.strictEqual(peeked.exit, 0, peeked.stderr)
        const digest = JSON.parse(peeked.stdout) as {
          readonly waiting: ReadonlyArray<{ readonly visibleAt: null; readonly state: string }>
          readonly rules: ReadonlyArray<{
            readonly rule: string
            readonly made: number
            readonly shown: number
            readonly kept: number
          }>
        }
        assert.isTrue(
          digest.waiting.every(({ state, visibleAt }) => state === "pending" && visibleAt === null),
        )
        assert.isAbove(digest.rules.length, 0)
        for (const { kept, made, rule, shown } of digest.rules) {
          assert.isAtMost(kept, shown, rule)
          assert.isAbove(made, 0, rule)
        }
        assert.strictEqual(yield* asked, 0)

        const said = yield* world.claw("digest", "--all")
        assert.strictEqual(said.exit, 0, said.stderr)
        assert.include(said.stdout, digest.rules[0]!.rule)
        assert.strictEqual(yield* asked, 1)

        const commands = ndjson((yield* world.claw("log", "--type", "terminal.command", "--json")).stdout)
        const well = commands.find(
          ({ payload }) =>
            (payload as { exit: number }).exit === 0 &&
            !(payload as { command: string }).command.startsWith("claw"),
        )!
        const why = yield* world.claw("why", String(well["seq"]))
        assert.include(why.stdout, "nothing was said: it ended well")
        const elsewhere = yield* world.clawWith({ cwd: "/" }, "why")
        assert.strictEqual(elsewhere.exit, 4)
        assert.include(elsewhere.stderr, "nothing was seen here yet")
      }).pipe(Effect.scoped),
    60_000,
  )
})
