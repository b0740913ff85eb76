/** Shells and rules beside one another: one leaves the other's where it is, and the same is offered once. */
import { assert, describe, it } from "@effect/vitest"
import type { Reflex } from "../../../src/decide/Decider.ts"
import { propose } from "../../../src/decide/proposal.ts"
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

describe("rules beside one another", () => {
  const offering = (name: string, urgent = false): Reflex => ({
    name,
    situations: ["command.failed"],
    timing: "command",
    applies: () => true,
    probes: () => [],
    propose: (situation) =>
      propose(name, situation, {
        title: name,
        why: [],
        same: [],
        urgent,
        actions: [{ tool: "bash", input: { command: "npm install" } }],
      }),
  })
  it("the same is offered once, by the first of them", () => {
    const driver = new Driver({ reflexes: [offering("one"), offering("two")] })
    run(driver, "node x.js", 1)
    assert.deepStrictEqual(shown(driver), ["one"])
    assert.strictEqual(driver.silence("two"), "one offers the same already")
  })
  it("what is urgent is said all the same", () => {
    const driver = new Driver({ reflexes: [offering("one"), offering("two", true)] })
    run(driver, "node x.js", 1)
    assert.sameMembers(shown(driver), ["one", "two"])
  })
})
