/** The daemon under a clock that goes back, jumps years and flaps: order is the seqs', nothing is lost, times are answered. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { clawWorld, ndjson } from "../cli/claws.ts"

const year = 365 * 86_400_000
const shifts = [0, -year, 2 * year, -30_000, -10 * year, 0]

it.live(
  "keeps the order over clock jumps, and finds by time what was said at that time",
  () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      const clock = join(world.root, "clock")
      const preload = pathToFileURL(join(import.meta.dirname, "..", "e2e", "shiftedClock.ts")).href
      const env = { CLAW_TEST_CLOCK: clock, NODE_OPTIONS: `--import=${preload}` }
      const claw = (...args: ReadonlyArray<string>) =>
        Effect.map(world.clawWith({ env }, ...args), (ran) => {
          assert.strictEqual(ran.exit, 0, `${args.join(" ")}: ${ran.stderr}`)
          return ran.stdout
        })
      const events = (...args: ReadonlyArray<string>) =>
        Effect.map(claw("log", "--json", "-n", "10000", ...args), ndjson)
      writeFileSync(clock, "0")
      yield* claw("up", "--workspace", ".")
      const told: Array<Record<string, unknown>> = []
      for (const [n, shift] of shifts.entries()) {
        writeFileSync(clock, String(shift))
        yield* claw(n % 2 === 0 ? "pause" : "resume")
        // Also a start under the new time.
        if (n % 3 === 1) {
          yield* claw("down")
          yield* claw("up")
        }
        const newest = yield* events()
        for (const event of told) assert.deepStrictEqual(newest[(event["seq"] as number) - 1], event)
        told.splice(0, told.length, ...newest)
      }
      assert.deepStrictEqual(
        told.map(({ seq }) => seq),
        told.map((_, n) => n + 1),
      )
      const ids = told.map(({ id }) => String(id))
      assert.deepStrictEqual(ids, ids.toSorted())
      const at = (event: Record<string, unknown>) => Date.parse(String(event["at"]))
      const switches = told.filter(({ type }) => type === "daemon.paused" || type === "daemon.resumed")
      assert.lengthOf(switches, shifts.length)
      for (const [n, event] of switches.entries())
        assert.isBelow(Math.abs(at(event) - Date.now() - shifts[n]!), 3_600_000, `the time of switch ${n}`)
      // By time: what was said at that time, wherever it lies.
      for (const [since, until] of [
        [Date.now() - 1.5 * year, Date.now() - 0.5 * year],
        [Date.now() + year, Date.now() + 3 * year],
        [Date.now() - 11 * year, Date.now() - 9 * year],
      ] as const) {
        const found = yield* events(
          "--since",
          new Date(since).toISOString(),
          "--until",
          new Date(until).toISOString(),
        )
        assert.deepStrictEqual(
          found.map(({ seq }) => seq),
          told.filter((event) => at(event) >= since && at(event) <= until).map(({ seq }) => seq),
        )
        assert.isNotEmpty(found)
      }
      assert.strictEqual(JSON.parse(yield* claw("status", "--json")).paused, false)
      yield* claw("replay")
      yield* claw("down")
      yield* claw("audit", "verify")
    }).pipe(Effect.scoped),
  120_000,
)
