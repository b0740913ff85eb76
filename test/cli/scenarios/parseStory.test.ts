/** A story's file: what is read from it, and that whatever is wrong is said with its line. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { join } from "node:path"
import { loadStories } from "../../../src/cli/scenarios/loadStories.ts"
import { parseStory } from "../../../src/cli/scenarios/parseStory.ts"
import { nextStart, spanOf, startOf } from "../../../src/cli/scenarios/times.ts"

const read = (text: string) => {
  const parsed = parseStory("a.toml", text)
  if (Result.isFailure(parsed)) throw new Error(JSON.stringify(parsed.failure))
  return parsed.success
}
const problems = (text: string) => {
  const parsed = parseStory("a.toml", text)
  return Result.isFailure(parsed) ? parsed.failure.map(({ line, message }) => `${line}: ${message}`) : []
}

const short = `name = "typo"

[[step]]
name = "typed"
run = "gti status"

[[need]]
action = "git status"
evidence = ["typed"]
`

describe("a story's file", () => {
  it("needs ten lines, and says the rest by itself", () => {
    const story = read(short)
    assert.deepInclude(story, { name: "typo", shell: "bash", commit: true, remote: false, setup: "" })
    assert.deepStrictEqual(story.steps, [
      {
        line: 3,
        name: "typed",
        at: { since: "before", ms: 0 },
        act: { _tag: "run", command: "gti status" },
        exit: null,
      },
    ])
    assert.deepInclude(story.needs[0], {
      line: 7,
      what: "git status",
      from: 0,
      until: { step: 0, afterMs: 60_000 },
      evidence: [0],
    })
  })

  it("says each moment by a step, the beginning, the end, and a time", () => {
    const story = read(`${short}
[[step]]
at = "1m30s"
git = "commit -qam x"
[[silence]]
from = "typed+30s"
until = "typed"
[[silence]]
[[need]]
from = "typed"
until = "+5m"
says = "x"
`)
    assert.deepStrictEqual(story.steps[1]!.at, { since: "begin", ms: 90_000 })
    assert.deepStrictEqual(story.steps[1]!.act, { _tag: "elsewhere", command: "git commit -qam x" })
    assert.deepStrictEqual(
      story.silences.map(({ from, until }) => [from, until]),
      [
        [
          { step: 0, afterMs: 30_000 },
          { step: 0, afterMs: 0 },
        ],
        [
          { step: "begin", afterMs: 0 },
          { step: "end", afterMs: 0 },
        ],
      ],
    )
    assert.deepStrictEqual(story.needs[1]!.until, { step: 0, afterMs: 300_000 })
  })

  it("names the line of all that is wrong, and what was probably meant", () => {
    assert.deepStrictEqual(
      problems(`name = "x"
abuot = "y"
shell = "bsh"
start = "25:00"
[[step]]
name = "one"
rum = "ls"
[[step]]
run = "ls"
write = "a"
[[step]]
write = "a"
[[step]]
name = "one"
run = "ls"
at = "soon"
exit = "1"
[[need]]
from = "ome"
rule = "r"
[[need]]
from = "one"
[[need]]
from = "one"
says = "/(/i"
`),
      [
        `2: unknown key "abuot": did you mean "about"?`,
        `3: "shell" is one of bash, zsh, fish, not "bsh": did you mean "bash"?`,
        `4: "25:00" is no time of day: write "10:00", or "sat 22:30"`,
        `5: a step does one of run, elsewhere, git, write, edit, delete, tui, digest, answer, wait`,
        `7: unknown key "rum": did you mean "run"?`,
        `8: a step does one of run, elsewhere, git, write, edit, delete, tui, digest, answer, wait, not run and write`,
        `11: "write" needs "text", a text`,
        `16: "soon" is no time: write "+10s" after the step before, or "1m30s" after the beginning`,
        `17: "exit" must be a number`,
        `19: no step has the name "ome": did you mean "one"?`,
        `21: a need says what would help: "action", "rule" or "says"`,
        `25: Invalid regular expression: /(/i: Unterminated group`,
      ],
    )
    assert.deepStrictEqual(problems(`name = "x"\n[[step]]\nrun = "ls"\n`), [
      "1: a story says what is due ([[need]]) or that nothing is ([[silence]])",
    ])
  })

  it("is right in each story that comes with the program", () => {
    const loaded = loadStories(join(import.meta.dirname, "..", "..", "..", "scenarios"), null)
    if (Result.isFailure(loaded)) throw new Error(loaded.failure)
    const names = loaded.success.map(({ name }) => name)
    assert.strictEqual(new Set(names).size, names.length)
  })
})

describe("times of a story", () => {
  it("are spans and days as written", () => {
    assert.strictEqual(spanOf("1m30s"), 90_000)
    assert.strictEqual(spanOf("500ms"), 500)
    assert.strictEqual(spanOf("ten"), null)
    assert.deepStrictEqual(startOf("sat 22:30"), { day: 6, minutes: 1_350 })
    assert.strictEqual(startOf("24:00"), null)
  })

  it("begin on the next such day, never in the past", () => {
    const sunday = Date.parse("2026-11-22T22:00:00Z")
    for (const [text, expected] of [
      ["10:00", "2026-11-24T10:00:00Z"],
      ["sun 22:30", "2026-11-22T22:30:00Z"],
      ["sun 21:00", "2026-11-29T21:00:00Z"],
    ] as const)
      assert.strictEqual(nextStart(sunday, startOf(text)!), Date.parse(expected), text)
  })
})
