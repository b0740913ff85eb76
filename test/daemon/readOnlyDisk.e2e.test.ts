/** A log on a file system that takes no writes: the daemon says so and touches nothing, and what only reads goes on. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { clawWorld, ndjson } from "../cli/claws.ts"

/** Makes a folder read-only by mounting it over itself; false where this process may not. */
const frozen = (dir: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      try {
        execFileSync("mount", ["--bind", dir, dir], { stdio: "ignore" })
        execFileSync("mount", ["-o", "remount,bind,ro", dir], { stdio: "ignore" })
        return true
      } catch {
        return false
      }
    }),
    () =>
      Effect.sync(() => {
        try {
          execFileSync("umount", ["-l", dir], { stdio: "ignore" })
        } catch {
          // it was not mounted
        }
      }),
  )

const contents = (dir: string): ReadonlyArray<readonly [string, string]> =>
  readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => [name, readFileSync(join(dir, name), "latin1")])

it.live(
  "refuses to start with the reason, changes nothing, and still verifies",
  (context) =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      for (const command of [["up"], ["pause"], ["audit", "checkpoint"], ["down"]])
        assert.strictEqual((yield* world.claw(...command)).exit, 0)
      const { log, data } = world.directories
      const before = contents(log)
      yield* Effect.gen(function* () {
        if (!(yield* frozen(data))) return context.skip("mounting needs root")
        const up = yield* world.claw("up")
        assert.strictEqual(up.exit, 1)
        assert.match(up.stderr, /read-only file system/i)
        assert.notMatch(up.stderr, /\n\s+at |damaged|recover/)
        const verified = yield* world.claw("audit", "verify", "--json")
        assert.strictEqual(verified.exit, 0, verified.stderr)
        assert.strictEqual((ndjson(verified.stdout)[0] as { readonly ok: boolean }).ok, true)
        const replayed = yield* world.claw("log", "--json", "--at", "2")
        assert.include([0, 3], replayed.exit, replayed.stderr)
        const doctor = yield* world.claw("doctor", "--json")
        assert.strictEqual(doctor.exit, 1)
        const check = ndjson(doctor.stdout).find((row) => row["name"] === "log")!
        assert.strictEqual(check["ok"], false)
        assert.match(`${String(check["detail"])} ${String(check["cure"])}`, /EROFS|read-only|writable/i)
        assert.deepStrictEqual(contents(log), before)
        assert.isNull(yield* world.daemonPid)
      }).pipe(Effect.scoped)
      // With the disk writable again it goes on.
      assert.strictEqual((yield* world.claw("up")).exit, 0)
      const all = ndjson((yield* world.claw("log", "--json", "-n", "1000")).stdout)
      assert.deepStrictEqual(
        all.map(({ seq }) => seq),
        all.map((_, n) => n + 1),
      )
    }).pipe(Effect.scoped),
  60_000,
)
