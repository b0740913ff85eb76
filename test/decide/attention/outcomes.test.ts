/** How a suggestion was taken, and the silence of a rule of which too little is kept. */
import { assert, describe, it } from "@effect/vitest"
import type { Reflex } from "../../../src/decide/Decider.ts"
import { propose } from "../../../src/decide/proposal.ts"
import { ruleSilenced } from "../../../src/decide/reflexes/ruleSilenced.ts"
import type { SettingsInput } from "../../../src/config/Settings.ts"
import { approveRow, Driver, run } from "../driver.ts"

/** Speaks of every failed `rule-N`; it is over when the same line passes. */
const speaking: Reflex = {
  name: "rule",
  situations: ["command.failed"],
  timing: "command",
  applies: (situation) => situation.subject.startsWith("rule"),
  probes: () => [],
  propose: (situation) =>
    propose("rule", situation, {
      title: situation.subject,
      why: [],
      same: [],
      actions: [{ tool: "bash", input: { command: "make again" } }],
      urgent: situation.subject.startsWith("rule-urgent"),
      expiresWhen: [`passed:${situation.subject}`],
      ttlMs: 8 * 3_600_000,
    }),
}

const made = () => new Driver({ reflexes: [speaking, ruleSilenced] })
const configured = (attention: SettingsInput["attention"], more: SettingsInput = {}): Driver => {
  const driver = made()
  driver.see(
    "daemon.config",
    { file: "/c", accepted: true, message: "", settings: { attention, ...more } as Record<string, unknown> },
    { workspace: null },
  )
  return driver
}
const tui = (driver: Driver, open: boolean) =>
  driver.see(
    "daemon.health",
    { component: "client:tui", state: open ? "running" : "stopped", backend: null, detail: "" },
    { workspace: null },
  )
const last = (driver: Driver) => driver.rows.findLast(({ rule }) => rule === "rule")!
const outcomes = (driver: Driver) => driver.of("decision.outcome").map(({ payload }) => payload.outcome)
const shown = (driver: Driver) =>
  driver.of("decision.shown").map(({ payload }) => driver.queue.suggestions[payload.suggestion]?.title)
const reject = (driver: Driver, lookedMs?: number) => {
  const { id } = last(driver)
  driver.answer(id, "approval.rejected", {
    suggestion: id,
    reason: "",
    surface: "tui",
    ...(lookedMs === undefined ? {} : { lookedMs }),
  })
}
const approve = (driver: Driver) => approveRow(driver, last(driver).id)

describe("how a suggestion was taken", () => {
  it("tells a yes after a change from a plain one, and a no before reading from one after", () => {
    const driver = made()
    run(driver, "rule-1", 1)
    const { id } = last(driver)
    driver.answer(id, "approval.edited", {
      suggestion: id,
      actions: [{ tool: "bash", input: { command: "make more" } }],
      surface: "tui",
    })
    approve(driver)
    run(driver, "rule-2", 1)
    reject(driver, 300)
    run(driver, "rule-3", 1)
    reject(driver, 1_000)
    assert.deepStrictEqual(outcomes(driver), ["edited", "blind-dismissed", "dismissed"])
  })
  it("is resolved within ten minutes, or by the next commit", () => {
    const driver = made()
    run(driver, "rule-1", 1)
    driver.advance(9 * 60_000)
    run(driver, "rule-1")
    run(driver, "rule-2", 1)
    driver.advance(60 * 60_000)
    run(driver, "rule-2")
    assert.deepStrictEqual(outcomes(driver), ["resolved", "resolved"])
    run(driver, "rule-3", 1)
    for (const sha of ["a", "b"]) {
      driver.advance(60 * 60_000)
      driver.see("git.commit", { sha, parents: [], branch: "main", subject: "x", files: [], at: "" } as never)
    }
    run(driver, "rule-3")
    assert.deepStrictEqual(outcomes(driver), ["resolved", "resolved", "ignored"])
  })
  it("says nothing of a rule whose suggestions nobody had before him", () => {
    const driver = made()
    run(driver, "rule-1", 1)
    driver.advance(9 * 3_600_000)
    assert.deepStrictEqual(outcomes(driver), ["ignored"])
    assert.isUndefined(driver.state.attention.rules["rule"]?.past[0])
    tui(driver, true)
    run(driver, "rule-2", 1)
    driver.advance(9 * 3_600_000)
    assert.deepStrictEqual(
      driver.state.attention.rules["rule"]?.past.map(({ outcome }) => outcome),
      ["ignored"],
    )
  })
  it("is reverted within a day, and then it had served", () => {
    const driver = made()
    const undone = (id: string) =>
      driver.answer(id, "tool.undone", { suggestion: id, call: `${id}#0`, paths: [] })
    run(driver, "rule-1", 1)
    approve(driver)
    undone(last(driver).id)
    run(driver, "rule-2", 1)
    approve(driver)
    driver.advance(25 * 3_600_000)
    undone(last(driver).id)
    assert.deepStrictEqual(outcomes(driver), ["accepted", "reverted", "accepted"])
  })
})

describe("a rule under its bar", () => {
  const fallen = () => {
    const driver = configured({ bar: { share: 0.8, shows: 5 }, learn: false })
    for (let n = 1; n <= 5; n += 1) {
      run(driver, `rule-${n}`, 1)
      driver.advance(40 * 24 * 3_600_000)
      if (n <= 2) continue
      run(driver, `rule-no-${n}`, 1)
      reject(driver, 5_000)
      driver.advance(40 * 24 * 3_600_000)
    }
    for (let n = 1; n <= 2; n += 1) {
      run(driver, `rule-late-${n}`, 1)
      reject(driver, 5_000)
      driver.advance(40 * 24 * 3_600_000)
    }
    return driver
  }
  it("falls silent, and says so once, in the digest", () => {
    const driver = fallen()
    const said = driver.rows.filter(({ rule }) => rule === "rule-silenced")
    assert.lengthOf(said, 1)
    assert.strictEqual(said[0]!.mode, "digest")
    assert.match(said[0]!.title, /^rule is silent from now on: 0 of its last 5 /)
    assert.isAtLeast(said[0]!.evidence.length, 5)
    const before = shown(driver).length
    run(driver, "rule-9", 1)
    assert.notInclude(shown(driver).slice(before), "rule-9")
    assert.include(driver.of("decision.withheld").at(-1)!.payload.reason, "its rule is silent")
  })
  it("is there for who asks, and speaks again once something of it is accepted", () => {
    const driver = fallen()
    run(driver, "rule-9", 1)
    driver.see("attention.asked", { surface: "cli" }, { workspace: null })
    assert.include(shown(driver), "rule-9")
    approve(driver)
    driver.advance(60_000)
    run(driver, "rule-10", 1)
    assert.strictEqual(shown(driver).at(-1), "rule-10")
  })
})

describe("what is learned", () => {
  it("withholds what was not kept before, with the numbers, and not what is urgent", () => {
    const driver = configured({ perHour: 60, burst: 10 })
    for (let n = 1; n <= 6; n += 1) {
      run(driver, `rule-${n}`, 1)
      if (shown(driver).includes(`rule-${n}`)) reject(driver, 5_000)
      driver.advance(40 * 24 * 3_600_000)
    }
    assert.include(driver.of("decision.withheld").at(-1)!.payload.reason, "not likely enough to be kept")
    assert.isBelow(shown(driver).length, 6)
    run(driver, "rule-urgent", 1)
    assert.strictEqual(shown(driver).at(-1), "rule-urgent")
  })
  it("is not looked at where the user said so", () => {
    const driver = configured({ perHour: 60, burst: 10, learn: false })
    for (let n = 1; n <= 6; n += 1) {
      run(driver, `rule-${n}`, 1)
      reject(driver, 5_000)
      driver.advance(40 * 24 * 3_600_000)
    }
    assert.lengthOf(shown(driver), 6)
  })
})

describe("quiet hours and pop-ups", () => {
  // the driver's day begins at nine in the morning, UTC
  it("keeps what is not urgent until the hours are over", () => {
    const driver = configured({ quietHours: ["08:00-10:00"], timeZone: "UTC" })
    run(driver, "rule-1", 1)
    assert.strictEqual(driver.of("decision.withheld").at(-1)!.payload.reason, "quiet hours")
    run(driver, "rule-urgent", 1)
    assert.deepStrictEqual(shown(driver), ["rule-urgent"])
    driver.advance(60 * 60_000)
    run(driver, "ls")
    assert.deepStrictEqual(shown(driver), ["rule-urgent", "rule-1"])
  })
  const popUps = (driver: Driver) => driver.of("decision.shown").map(({ payload }) => payload.popUp)
  it("tells the desktop of what is urgent, unless the TUI is before the user", () => {
    const driver = made()
    run(driver, "rule-urgent-1", 1)
    run(driver, "rule-1", 1)
    tui(driver, true)
    run(driver, "rule-urgent-2", 1)
    assert.deepStrictEqual(popUps(driver), [null, "not urgent", "the TUI is before you"])
  })
  it("tells of other things only who asked for that, and is not at a terminal", () => {
    const driver = configured({}, { notifications: { urgent: true, others: true } })
    run(driver, "rule-1", 1)
    assert.deepStrictEqual(popUps(driver), ["a terminal is before you"])
  })
  it("tells of the first of a burst", () => {
    const driver = made()
    for (let n = 1; n <= 5; n += 1) run(driver, `rule-urgent-${n}`, 1)
    assert.deepStrictEqual(popUps(driver), [
      null,
      null,
      null,
      "several were told just now",
      "several were told just now",
    ])
    driver.advance(60_000)
    run(driver, "rule-urgent-6", 1)
    assert.isNull(popUps(driver).at(-1))
  })
})
