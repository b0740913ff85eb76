/** claw replay and claw policy over a made day, with a real daemon and without one: what is printed, and the exits. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { writeDay } from "../../build/day/writeDay.ts"
import { clawWorld, ndjson, root } from "./claws.ts"

const fixture = (name: string) => join(root, "test", "fixtures", "policies", name)

const dayWorld = Effect.gen(function* () {
  const world = yield* clawWorld
  mkdirSync(world.directories.data, { recursive: true, mode: 0o700 })
  yield* Effect.orDie(
    writeDay(world.directories.log, { events: 2_500, seed: 3, home: join(world.root, "home") }),
  )
  return world
})

describe("claw over the past", () => {
  it.live(
    "judges by other rules without acting, with a daemon and without one alike",
    () =>
      Effect.gen(function* () {
        const world = yield* dayWorld
        const offline = yield* world.claw("policy", "backtest", fixture("stricter.toml"))
        assert.strictEqual(offline.exit, 0, offline.stderr)
        assert.strictEqual(offline.stderr, "")
        assert.match(offline.stdout, /^\d+ calls judged again, \d+ of them as then$/m)
        assert.match(offline.stdout, /^ {2}no-pushing \(\S+stricter\.toml:12\): \d+; you kept \d+/m)
        assert.match(
          offline.stdout.trimEnd().split("\n").at(-1)!,
          /^This policy would have denied \d+ calls? you wanted/,
        )

        assert.strictEqual((yield* world.claw("up")).exit, 0)
        const online = yield* world.claw("replay", "--policy", fixture("stricter.toml"))
        assert.strictEqual(online.stdout, offline.stdout)

        const rows = ndjson(
          (yield* world.claw("policy", "backtest", fixture("stricter.toml"), "--json")).stdout,
        )
        const summary = rows.at(-1)! as { readonly calls: number; readonly alike: number }
        assert.deepInclude(rows.at(-1), { v: 1, kind: "summary" })
        assert.strictEqual(rows.length - 1, summary.calls - summary.alike)
        assert.isTrue(rows.every((row) => row["v"] === 1))

        const today = yield* world.claw("policy", "backtest")
        assert.include(today.stdout, "This policy would have changed nothing")

        const rules = ndjson((yield* world.claw("policy", "list", "--json")).stdout)
        const unruled = rules.find((row) => row["rule"] === "no-rule")!
        assert.isAbove((unruled["counts"] as { readonly asked: number }).asked, 0)
        assert.match((yield* world.claw("policy", "list")).stdout, /no-rule .* asked \d+, approved \d+/)
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live(
    "decides again by other reflexes and attention, and names what is wrong with what it is given",
    () =>
      Effect.gen(function* () {
        const world = yield* dayWorld
        const same = yield* world.claw("replay")
        assert.match(same.stdout, /^25\d\d events folded, \d+ decisions: every one the same$/m)
        const off = yield* world.claw("replay", "--reflexes", "--disable", "run-again", "--json")
        const last = ndjson(off.stdout).at(-1) as { readonly silenced: { readonly suggestions: number } }
        assert.isAbove(last.silenced.suggestions, 0)
        yield* world.write("calm.toml", "perHour = 0\nquietAfterEditMs = 60000\n")
        const calm = yield* world.claw("replay", "--attention", "calm.toml")
        assert.match(calm.stdout, /These settings would have shown \d+ instead of \d+/)
        yield* world.write("off.toml", 'disabledReflexes = ["run-again"]\n')
        const file = ndjson((yield* world.claw("replay", "--reflexes", "off.toml", "--json")).stdout)
        assert.deepStrictEqual(file.at(-1), ndjson(off.stdout).at(-1))

        yield* world.write("bad.toml", '[[rule]]\nname = "x"\nverdict = "alow"\nefect = "exec"\n')
        yield* world.write("typo.toml", "perhour = 1\n")
        const wrong: ReadonlyArray<readonly [ReadonlyArray<string>, number, RegExp]> = [
          [
            ["policy", "backtest", "bad.toml"],
            1,
            /bad\.toml:4:1: unknown key "efect", did you mean "effect"\?/,
          ],
          [["policy", "backtest", "none.toml"], 1, /none\.toml/],
          [
            ["replay", "--attention", "typo.toml"],
            1,
            /typo\.toml:1: perhour: unknown key \(did you mean "perHour"\?\)/,
          ],
          [["replay", "--reflexes", "--disable", "run-agian"], 2, /did you mean "run-again"\?/],
          [["replay", "--reflexes", "--attention", "calm.toml"], 2, /one at a time/],
          [["replay", "off.toml"], 2, /go with --reflexes/],
        ]
        for (const [args, exit, says] of wrong) {
          const ran = yield* world.claw(...args)
          assert.strictEqual(ran.exit, exit, args.join(" "))
          assert.match(ran.stderr, says)
          assert.strictEqual(ran.stdout, "")
        }
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live("says that there is no log yet", () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      assert.strictEqual((yield* world.claw("replay")).exit, 3)
    }).pipe(Effect.scoped),
  )
})
