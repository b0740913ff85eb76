/** Rules proposed from a real past, and put in force on a person's word only. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { atTerminal, wiredTo } from "./atTerminal.ts"
import { clawWorld } from "./claws.ts"

it.live(
  "proposes rules from what was approved, and puts them in force on a yes",
  () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      writeFileSync(join(world.repository, "Makefile"), "check:\n\ttrue\ndrop:\n\ttrue\n")
      assert.strictEqual((yield* world.claw("up", "--workspace", ".")).exit, 0)
      const { request } = yield* wiredTo(world)
      for (const words of ["make check", "make check -s"]) {
        const { suggestion } = yield* request(words)
        assert.strictEqual((yield* atTerminal(world, `approve ${suggestion}`, "y\r")).exit, 0)
      }
      yield* world.claw("reject", (yield* request("make drop")).suggestion)

      const found = JSON.parse((yield* world.claw("policy", "suggest", "--json")).stdout)
      assert.deepInclude(found, { v: 1, approvals: 2, spared: 2, forbidden: 1 })
      assert.deepInclude(found.rules[0], { name: "suggested-make-check", spared: 2 })
      assert.strictEqual(found.rules[0].nearest.input.command, "make drop")
      assert.strictEqual((yield* world.claw("policy", "suggest", "--write")).exit, 6)
      const file = join(world.directories.config, "policies", "suggested.toml")
      yield* atTerminal(world, "policy suggest --write", "n\r")
      assert.isFalse(existsSync(file))
      const written = yield* atTerminal(world, "policy suggest --write", "y\r")
      assert.strictEqual(written.exit, 0, written.shown)
      assert.include(readFileSync(file, "utf8"), 'argv = ["make", "check"]')
      assert.strictEqual((yield* request("make check -k")).state, "running")
      assert.strictEqual((yield* request("make drop -k")).state, "asking")
    }).pipe(Effect.scoped),
  60_000,
)
