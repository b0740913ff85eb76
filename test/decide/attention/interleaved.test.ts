import { assert, describe, it } from "@effect/vitest"
import { command, Driver, run } from "../driver.ts"

const answers = { gitCommands: { aliases: {}, commands: ["status", "checkout"] } } as never
const shown = (driver: Driver) =>
  driver.rows.filter(({ state }) => state === "pending").map(({ title }) => title)

describe("shells beside one another", () => {
  it("what one shell does leaves the other's correction where it is", () => {
    const driver = new Driver({ answers })
    run(driver, "git stauts", 1, { session: "zsh-1-1" })
    run(driver, "npm run dev", 0, { session: "zsh-2-2" })
    assert.deepStrictEqual(shown(driver), ["Did you mean git status?"])
    run(driver, "ls", 0, { session: "zsh-1-1" })
    assert.deepStrictEqual(shown(driver), [])
  })
  it("who has gone on before the facts were read is told nothing", () => {
    const driver = new Driver({ answers })
    // both are in the log before anything is decided
    for (const line of ["git stauts", "ls"]) {
      driver.put({
        type: "terminal.command",
        payload: command(driver, line, line === "ls" ? 0 : 1),
        workspace: "/w",
        actor: "source:terminal",
        trust: "untrusted",
        causationId: null,
        correlationId: null,
      })
    }
    driver.settle()
    assert.deepStrictEqual(shown(driver), [])
    assert.include(
      driver.of("decision.silent").map(({ payload }) => payload.reason),
      "you went on to another command",
    )
  })
})
