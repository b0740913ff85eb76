/** `claw reflex`: what there is, whether a file holds, and what would be proposed. No daemon runs. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { clawWorld } from "./claws.ts"

const rule =
  '[[correction]]\nname = "team-deploy"\nreason = "deploy wants to know where"\nprogram = "deploy"\nsays = "missing --env"\nanswer = { add = "--env staging" }\nmatch = [{ command = "deploy web", output = "missing --env", gives = "deploy --env staging web" }]\n'

const rows = (stdout: string): ReadonlyArray<Record<string, unknown>> =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)

it.live(
  "lists, checks and tries rules, a user's own among them",
  () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      const folder = join(world.repository, ".claw", "reflexes")
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, "team.toml"), rule)
      writeFileSync(join(world.repository, "bad.toml"), rule.replace("says =", "sais ="))

      const list = rows((yield* world.claw("reflex", "list", "--json")).stdout)
      assert.deepInclude(list[0]!, { rule: "team-deploy", tier: "workspace", data: true })
      assert.isTrue(
        list.some(
          (row) => row["rule"] === "docker-login" && row["tier"] === "shipped" && row["data"] === true,
        ),
      )
      assert.isTrue(list.some((row) => row["rule"] === "git-push-failed"))

      const good = yield* world.claw("reflex", "check")
      assert.strictEqual(good.exit, 0)
      assert.include(good.stdout, "1 rule, 1 example")
      const bad = yield* world.claw("reflex", "check", "bad.toml")
      assert.strictEqual(bad.exit, 1)
      assert.include(bad.stderr, `bad.toml:5: correction[0].sais: unknown key, did you mean "says"?`)
      assert.strictEqual((yield* world.claw("reflex", "check", "nowhere.toml")).exit, 1)
      const run = yield* world.claw("reflex", "test", join(folder, "team.toml"))
      assert.include(run.stdout, "1 rule, 1 example, 0 problems")

      const cases = [
        { command: "deploy web", exit: 2, output: "error: missing --env" },
        {
          command: "git comit",
          output:
            "git: 'comit' is not a git command. See 'git --help'.\n\nThe most similar command is\n\tcommit\n",
        },
        {
          command: "ls nowhere",
          exit: 2,
          output: "ls: cannot access 'nowhere': No such file or directory\n",
        },
      ]
      const stdin = cases.map((each) => JSON.stringify(each)).join("\n")
      const tried = rows((yield* world.clawWith({ stdin }, "reflex", "test")).stdout)
      assert.deepStrictEqual(
        tried.map((row) => (row["proposed"] as ReadonlyArray<{ command: string }>)[0]?.command),
        ["deploy --env staging web", "git commit", undefined],
      )
      writeFileSync(
        join(folder, "situations.toml"),
        `[[reflex]]\nname = "team-migrate"\nwhen = "head.moved"\nfiles = "migrations/"\ntitle = "migrate"\nrun = "npm run migrate"\n`,
      )
      const again = rows((yield* world.claw("reflex", "list", "--json")).stdout)
      assert.deepInclude(again[0]!, {
        rule: "team-migrate",
        tier: "workspace",
        when: ["head.moved"],
        timing: "boundary",
        standing: null,
      })
      const happened = [
        { when: "head.moved", how: "pull", files: ["migrations/1.sql"] },
        cases[0],
        { when: "head.moved", files: ["a"] },
      ]
        .map((each) => JSON.stringify(each))
        .join("\n")
      const said = rows((yield* world.clawWith({ stdin: happened }, "reflex", "test")).stdout)
      assert.deepStrictEqual(
        said.map((row) => row["when"] ?? row["command"]),
        ["head.moved", "deploy web", "head.moved"],
      )
      assert.deepInclude((said[0]!["said"] as ReadonlyArray<object>)[0]!, {
        rule: "team-migrate",
        run: ["npm run migrate"],
      })
      assert.deepStrictEqual(said[2]!["silent"], [{ rule: "team-migrate", reason: "it is not about this" }])
      const wrong = yield* world.clawWith({ stdin: '{"cmd":"x"}' }, "reflex", "test")
      assert.strictEqual(wrong.exit, 2)
      assert.include(wrong.stderr, "stdin:1")
    }).pipe(Effect.scoped),
  60_000,
)
