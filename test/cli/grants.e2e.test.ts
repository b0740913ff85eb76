/** Standing answers with the real program: given at a terminal only, used, listed, explained, taken back. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { atTerminal, wiredTo } from "./atTerminal.ts"
import { clawWorld, ndjson } from "./claws.ts"

it.live(
  "a person at a terminal allows once for all; everything else asks on",
  () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      writeFileSync(join(world.repository, "check.sh"), "#!/bin/sh\necho checked >> done.txt\n")
      const up = yield* world.claw("up", "--workspace", ".")
      assert.strictEqual(up.exit, 0, up.stderr)
      const { request } = yield* wiredTo(world)
      const { state, suggestion: id } = yield* request("sh ./check.sh one")
      assert.strictEqual(state, "asking")

      // neither a pipe, nor what is too wide, nor a lone --for grants anything
      assert.strictEqual((yield* world.claw("approve", id, "--always", "prefix")).exit, 6)
      assert.strictEqual((yield* world.claw("approve", id, "--for", "1h")).exit, 2)
      const wide = yield* atTerminal(world, `approve ${id} --always workspace`, "y\r")
      assert.strictEqual(wide.exit, 5, wide.shown)
      const yes = yield* atTerminal(world, `approve ${id} --always prefix --for 1h`, "y\r")
      assert.strictEqual(yes.exit, 0, yes.shown)
      assert.include(yes.shown, "anything that begins with sh ./check.sh")
      const [grant] = ndjson((yield* world.claw("policy", "grants", "--json")).stdout)
      assert.deepInclude(grant, {
        v: 1,
        state: "in force",
        actor: "user:cli",
        suggestion: id,
        workspace: world.repository,
        title: "anything that begins with sh ./check.sh",
        scope: { _tag: "prefix", argvs: [["sh", "./check.sh"]], classes: ["runs"] },
      })
      const name = String(grant!["grant"])

      const second = yield* world.claw("tool", "run", "bash", "command=sh ./check.sh two")
      assert.strictEqual(second.exit, 0, second.stderr)
      assert.strictEqual(readFileSync(join(world.repository, "done.txt"), "utf8"), "checked\nchecked\n")

      const explained = JSON.parse(
        (yield* world.claw("policy", "explain", "sh ./check.sh x", "--json")).stdout,
      )
      assert.deepInclude(explained, { v: 1, verdict: "allow", rule: "granted", grants: [name] })
      assert.deepStrictEqual(explained.parse.commands, [{ argv: ["sh", "./check.sh", "x"], column: 1 }])
      assert.deepInclude(explained.grantsTried[0], { grant: name, fault: null })
      const other = (yield* world.claw("policy", "explain", "sh ./other.sh && git status")).stdout
      for (const part of ["no rule matched", "names other effects", "near misses", "allowed if", "col 18"])
        assert.include(other, part)

      assert.strictEqual((yield* world.claw("policy", "revoke", name)).exit, 6)
      const revoked = yield* atTerminal(world, `policy revoke ${name} --reason enough`, "")
      assert.strictEqual(revoked.exit, 0, revoked.shown)
      assert.strictEqual((yield* request("sh ./check.sh three")).state, "asking")
      assert.strictEqual((yield* atTerminal(world, `policy revoke ${name}`, "")).exit, 5)
      const then = ndjson(
        (yield* world.claw("policy", "grants", "--json", "--at", String(grant!["seq"]))).stdout,
      )
      assert.deepInclude(then[0], { grant: name, state: "in force", revoked: null })
      const all = ndjson((yield* world.claw("policy", "grants", "--json", "--all")).stdout)
      assert.deepInclude(all[0], { grant: name, state: "revoked" })
    }).pipe(Effect.scoped),
  60_000,
)
