/** What becomes of a suggestion: answered, snoozed, edited, taken back, run out; and what that tells of the next one. */
import { assert, describe, it } from "@effect/vitest"
import { Driver, run, save } from "../driver.ts"
import { approve, reject, speaking, titles, withheld } from "./speaking.ts"

describe("answers", () => {
  it("a no is a no until the evidence changes", () => {
    const driver = new Driver({ reflexes: [speaking("rule", { timing: "command" })] })
    run(driver, "rule-1", 1)
    reject(driver, "rule-1")
    driver.advance(20 * 3_600_000)
    run(driver, "rule-1", 1)
    assert.strictEqual(driver.silence("rule"), "you said no to this, and its evidence is the same")
    run(driver, "rule-2", 1)
    assert.deepStrictEqual(titles(driver), ["rule-1", "rule-2"])
  })
  it("two dismissals without an acceptance make the rule hold back; an acceptance restores it", () => {
    const driver = new Driver({ reflexes: [speaking("rule", { timing: "command" })] })
    // what is learned from the noes is another matter
    const config = { file: "/c", accepted: true, message: "", settings: { attention: { learn: false } } }
    driver.see("daemon.config", config, { workspace: null })
    for (const n of [1, 2]) {
      run(driver, `rule-${n}`, 1)
      reject(driver, `rule-${n}`)
    }
    driver.advance(60_000)
    run(driver, "rule-3", 1)
    assert.deepStrictEqual(titles(driver), ["rule-1", "rule-2"])
    assert.include(withheld(driver).join(), "dismissed repeatedly")
    approve(driver, "rule-3")
    run(driver, "rule-4", 1)
    assert.deepStrictEqual(titles(driver), ["rule-1", "rule-2", "rule-4"])
    assert.deepStrictEqual(
      driver.of("decision.outcome").map((event) => event.payload.outcome),
      ["dismissed", "dismissed", "accepted"],
    )
  })
  it("a snooze ends by itself, at its time", () => {
    const driver = new Driver({ reflexes: [speaking("rule")] })
    run(driver, "rule-1", 1)
    const { id } = driver.row("rule")
    const until = new Date(driver.nowMs + 600_000).toISOString()
    driver.answer(id, "approval.snoozed", { suggestion: id, until, surface: "tui" })
    assert.strictEqual(driver.row("rule").state, "snoozed")
    run(driver, "ls")
    driver.advance(599_999)
    assert.strictEqual(titles(driver).length, 1)
    driver.advance(1)
    assert.strictEqual(titles(driver).length, 2)
    assert.strictEqual(driver.row("rule").state, "pending")
  })
  it("a snooze that ends amid edits waits for their quiet", () => {
    const driver = new Driver({ reflexes: [speaking("rule")] })
    run(driver, "rule-1", 1)
    const { id } = driver.row("rule")
    const until = new Date(driver.nowMs + 600_000).toISOString()
    driver.answer(id, "approval.snoozed", { suggestion: id, until, surface: "tui" })
    driver.advance(598_000)
    save(driver, "src/a.ts")
    driver.advance(4_999)
    assert.strictEqual(titles(driver).length, 1)
    driver.advance(1)
    assert.strictEqual(titles(driver).length, 2)
  })
  it("an edited suggestion is judged anew", () => {
    const driver = new Driver({ reflexes: [speaking("rule")] })
    run(driver, "rule-1", 1)
    const { id } = driver.row("rule")
    const actions = [
      { tool: "bash", input: { command: "echo a" } },
      { tool: "bash", input: { command: "echo b" } },
    ]
    driver.answer(id, "approval.edited", { suggestion: id, actions, surface: "cli" })
    assert.deepStrictEqual(
      driver.row("rule").actions.map((action) => action.input),
      [{ command: "echo a" }, { command: "echo b" }],
    )
    assert.strictEqual(driver.of("policy.verdict").length, 3)
    assert.deepStrictEqual(driver.state.outbox, [])
  })
  it("taken back: reverted", () => {
    const driver = new Driver({ reflexes: [speaking("rule")] })
    run(driver, "rule-1", 1)
    approve(driver, "rule-1")
    const { id } = driver.row("rule")
    driver.answer(id, "tool.undone", { suggestion: id, call: `${id}#0`, paths: [] })
    assert.strictEqual(driver.of("decision.outcome").at(-1)?.payload.outcome, "reverted")
    run(driver, "rule-1", 1)
    assert.strictEqual(driver.silence("rule"), "you said no to this, and its evidence is the same")
    assert.strictEqual(driver.rows.length, 1)
  })
  it("on its way back: a no already, because the evidence comes back before the end is said", () => {
    const driver = new Driver({ reflexes: [speaking("rule")] })
    run(driver, "rule-1", 1)
    approve(driver, "rule-1")
    const { id } = driver.row("rule")
    driver.answer(id, "approval.undo", { suggestion: id, surface: "cli" })
    run(driver, "rule-1", 1)
    assert.strictEqual(driver.silence("rule"), "you said no to this, and its evidence is the same")
    driver.answer(id, "tool.undone", { suggestion: id, call: `${id}#0`, paths: [] })
    assert.strictEqual(driver.of("decision.outcome").at(-1)?.payload.outcome, "reverted")
    assert.strictEqual(driver.rows.length, 1)
  })
  it("not taken back after all: no no", () => {
    const driver = new Driver({ reflexes: [speaking("rule")] })
    run(driver, "rule-1", 1)
    approve(driver, "rule-1")
    const { id } = driver.row("rule")
    driver.answer(id, "approval.undo", { suggestion: id, surface: "cli" })
    driver.answer(id, "tool.undo-refused", { suggestion: id, call: `${id}#0`, reason: "it changed since" })
    run(driver, "rule-1", 1)
    assert.strictEqual(driver.rows.length, 2)
  })
})

describe("ends", () => {
  it("its time runs out, with a wake and no other event", () => {
    const driver = new Driver({ reflexes: [speaking("rule", { ttlMs: 60_000 })] })
    run(driver, "rule-1", 1)
    driver.advance(60_000)
    assert.strictEqual(driver.row("rule").state, "expired")
    assert.deepStrictEqual(
      driver.of("decision.outcome").map((event) => event.payload.outcome),
      ["ignored"],
    )
    assert.deepStrictEqual(driver.state.outbox, [])
  })
  it("a tick stamped a little before its time still counts as its time", () => {
    const driver = new Driver({ reflexes: [speaking("rule", { ttlMs: 60_000 })] })
    run(driver, "rule-1", 1)
    const wake = driver.state.outbox.find((each) => each._tag === "wake")!
    driver.nowMs += 59_998
    driver.fulfil(wake)
    driver.settle()
    assert.strictEqual(driver.row("rule").state, "expired")
  })
  it("what was shown and left alone is not made again soon", () => {
    const driver = new Driver({ reflexes: [speaking("rule", { ttlMs: 60_000 })] })
    run(driver, "rule-1", 1)
    driver.advance(60_000)
    run(driver, "rule-1", 1)
    assert.strictEqual(driver.silence("rule"), "shown a while ago and left alone")
    driver.advance(3 * 3_600_000)
    run(driver, "rule-1", 1)
    assert.strictEqual(driver.rows.length, 2)
  })
  it("what is approved does not expire under the hand that runs it", () => {
    const driver = new Driver({ reflexes: [speaking("rule", { ttlMs: 60_000 })] })
    run(driver, "rule-1", 1)
    const { id } = driver.row("rule")
    driver.answer(id, "approval.approved", {
      suggestion: id,
      digests: [],
      unsandboxed: false,
      surface: "cli",
    })
    driver.advance(600_000)
    run(driver, "ls")
    assert.strictEqual(driver.row("rule").state, "approved")
  })
})
