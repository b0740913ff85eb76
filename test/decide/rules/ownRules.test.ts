/** Rules that a user wrote, in force by what the log says of them. */
import { assert, describe, it } from "@effect/vitest"
import { replayWith, emptyReplay } from "../../../src/decide/replay.ts"
import { Driver, run, workspace } from "../driver.ts"

const rule = (name: string, answer: string): string =>
  `[[correction]]\nname = "${name}"\nprogram = "deploy"\nsays = "missing --env"\nanswer = ${answer}\n`

const file = "/home/dev/.config/claw/reflexes/deploy.toml"
const inForce = (text: string | null) => ({
  files: text === null ? [] : [{ file, digest: "d", text }],
  problems: [],
})
const failing = (driver: Driver): void => {
  run(driver, "deploy web", 2, { output: "error: missing --env for web\n" })
}
const commands = (driver: Driver): ReadonlyArray<unknown> => driver.rows.map((row) => row.actions[0]?.input)

describe("own rules", () => {
  const text = rule("deploy-environment", '{ add = "--env staging" }')

  it("speak as soon as the log has them, under their own name, and say where they stand", () => {
    const driver = new Driver()
    failing(driver)
    assert.deepStrictEqual(driver.rows, [])
    driver.see("daemon.reflexes", inForce(text), { workspace: null })
    failing(driver)
    assert.deepStrictEqual(commands(driver), [{ command: "deploy --env staging web" }])
    assert.include(JSON.stringify(driver.row("deploy-environment").why), `deploy-environment of ${file}`)
  })
  it("of a workspace speak there only; without a file they are gone", () => {
    const driver = new Driver()
    driver.see("daemon.reflexes", inForce(text), { workspace: "/elsewhere" })
    failing(driver)
    assert.deepStrictEqual(driver.rows, [])
    driver.see("daemon.reflexes", inForce(text), { workspace })
    failing(driver)
    assert.strictEqual(driver.rows.length, 1)
    const other = new Driver()
    other.see("daemon.reflexes", inForce(text), { workspace })
    other.see("daemon.reflexes", inForce(null), { workspace })
    failing(other)
    assert.deepStrictEqual(other.rows, [])
  })
  it("cannot take the name of what ships, nor offer what no rule may", () => {
    const driver = new Driver()
    const never = rule("deploy-anyway", '"rm -rf / --no-preserve-root"')
    driver.see("daemon.reflexes", inForce(`${rule("correct-git", '"ls"')}${never}`), { workspace: null })
    failing(driver)
    assert.deepStrictEqual(driver.rows, [])
  })
  it("are believed before what ships, and a dangerous line is a question", () => {
    const driver = new Driver()
    const own = `[[correction]]\nname = "push-force"\nprogram = "git"\ntyped = "comit ..."\nsays = "is not a git command"\nanswer = "git push --force"\n`
    driver.see("daemon.reflexes", inForce(own), { workspace: null })
    run(driver, "git comit -m x", 1, {
      output:
        "git: 'comit' is not a git command. See 'git --help'.\n\nThe most similar command is\n\tcommit\n",
    })
    const row = driver.row("push-force")
    assert.strictEqual(row.mode, "question")
    assert.strictEqual(row.risk, "high")
    assert.deepStrictEqual(row.actions, [])
  })
  it("decide the same on a replay", () => {
    const driver = new Driver()
    driver.see("daemon.reflexes", inForce(text), { workspace: null })
    failing(driver)
    const step = replayWith(driver.projection)
    const replayed = driver.events.reduce(step, emptyReplay(1))
    assert.isNull(replayed.difference)
    assert.isAbove(replayed.decisions, 0)
  })
})
