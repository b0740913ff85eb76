/** `claw eval scenarios`: three short stories, played by the real daemon in real shells under a clock that is moved on. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { clawWorld } from "../claws.ts"

const stories = {
  "typo.toml": `name = "typo"
[[step]]
name = "typed"
run = "gti status"
exit = 127
[[step]]
name = "no"
at = "+20s"
answer = "reject"
rule = "mistyped-command"
[[step]]
at = "+2h"
run = "gti status"
exit = 127
[[need]]
action = "git status"
evidence = ["typed"]
until = "no"
[[silence]]
from = "no"
`,
  "quiet.toml": `name = "quiet"
shell = "zsh"
start = "sat 23:30"
[files]
"a.txt" = "one\\n"
[[step]]
write = "a.txt"
text = "two\\n"
[[step]]
at = "+1h"
run = "git commit -q -am two"
exit = 0
[[silence]]
`,
  "wrong.toml": `name = "wrong"
shell = "fish"
[[step]]
name = "typed"
run = "gti status"
exit = 1
[[need]]
action = "git stash"
from = "typed"
`,
}

it.live(
  "plays stories, scores them beside who never and who always speaks, and names the line of a failure",
  () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      const dir = join(world.root, "stories")
      mkdirSync(dir)
      for (const [name, text] of Object.entries(stories)) writeFileSync(join(dir, name), text)
      const ran = yield* world.claw("eval", "scenarios", dir, "--json")
      assert.strictEqual(ran.exit, 0, ran.stderr)
      const report = JSON.parse(ran.stdout)
      assert.deepInclude(report, {
        v: 1,
        name: "scenarios",
        stories: 3,
        precision: 0.5,
        recall: 0.5,
        atBoundary: 1,
        withinFiveSecondsOfEdit: 0,
        repeatedAfterNo: 0,
        evidenceF1: 1,
        modelCalls: 0,
      })
      assert.isNumber(report.p95Ms)
      assert.isAbove(report.falseAlarmsPerActiveHour, 0)
      assert.deepInclude(report.baselines.alwaysSilent, { shown: 0, precision: null, recall: 0 })
      assert.deepInclude(report.baselines.alwaysSpeak, { shown: report.points, recall: 1 })
      assert.deepStrictEqual(
        report.failures.map((failure: Record<string, unknown>) => [
          failure["file"],
          failure["line"],
          failure["kind"],
        ]),
        [
          ["wrong.toml", 3, "broken"],
          ["wrong.toml", 3, "false alarm"],
          ["wrong.toml", 7, "missed"],
        ],
      )
      const refused = yield* world.claw("eval", "scenarios", dir, "--only", "nothing")
      assert.deepInclude(refused, { exit: 1 })
    }).pipe(Effect.scoped),
  60_000,
)
