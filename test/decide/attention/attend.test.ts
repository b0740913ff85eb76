import { assert, describe, it } from "@effect/vitest"
import type { Reflex, Timing } from "../../../src/decide/Decider.ts"
import { propose } from "../../../src/decide/proposal.ts"
import type { Mode } from "../../../src/domain/suggestion.ts"
import { approveRow, Driver, run, save, workspace } from "../driver.ts"

/** A rule that speaks of every failed `rule-N`: N tells the suggestions apart. */
const speaking = (
  name: string,
  over: {
    readonly timing?: Timing
    readonly urgent?: boolean
    readonly mode?: Mode
    readonly ttlMs?: number
  } = {},
): Reflex => ({
  name,
  situations: ["command.failed"],
  ...(over.timing === undefined ? {} : { timing: over.timing }),
  applies: (situation) => situation.subject.startsWith(name),
  probes: () => [],
  propose: (situation) =>
    propose(name, situation, {
      title: situation.subject,
      why: [],
      same: [],
      urgent: over.urgent ?? false,
      mode: over.mode ?? "draft",
      actions: [{ tool: "bash", input: { command: `make ${situation.subject}` } }],
      ...(over.ttlMs === undefined ? {} : { ttlMs: over.ttlMs }),
    }),
})

const withheld = (driver: Driver) => driver.of("decision.withheld").map((event) => event.payload.reason)
const titles = (driver: Driver) =>
  driver.of("decision.shown").map((event) => driver.queue.suggestions[event.payload.suggestion]?.title)
const reject = (driver: Driver, title: string) => {
  const row = driver.rows.findLast((each) => each.title === title)!
  driver.answer(row.id, "approval.rejected", { suggestion: row.id, reason: "", surface: "cli" })
}
/** A command every four minutes, so many times. */
const work = (driver: Driver, times: number) => {
  for (let n = 0; n < times; n += 1) {
    driver.advance(4 * 60_000)
    run(driver, "ls")
  }
}
const approve = (driver: Driver, title: string) => {
  approveRow(driver, driver.rows.findLast((each) => each.title === title)!.id)
}

describe("quiet after an edit", () => {
  it("holds a correction back for five seconds, then shows it", () => {
    const driver = new Driver({ reflexes: [speaking("rule", { timing: "command" })] })
    save(driver, "src/a.ts")
    driver.advance(2_000)
    run(driver, "rule-1", 1)
    assert.deepStrictEqual(titles(driver), [])
    assert.deepStrictEqual(withheld(driver), ["a file was just edited"])
    driver.advance(2_999)
    assert.deepStrictEqual(titles(driver), [])
    driver.advance(1)
    assert.deepStrictEqual(titles(driver), ["rule-1"])
  })
  it("every further edit begins it anew; the boundary's window ends", () => {
    const driver = new Driver({ reflexes: [speaking("rule")] })
    save(driver, "src/a.ts")
    run(driver, "rule-1", 1)
    for (let i = 0; i < 10; i += 1) {
      driver.advance(4_000)
      save(driver, "src/a.ts")
    }
    driver.advance(10_000)
    assert.deepStrictEqual(titles(driver), [])
    run(driver, "ls")
    assert.deepStrictEqual(titles(driver), ["rule-1"])
  })
  it("an edit after the boundary delays within its window, and does not close it", () => {
    const driver = new Driver({ reflexes: [speaking("rule")] })
    save(driver, "src/a.ts")
    run(driver, "rule-1", 1)
    driver.advance(2_000)
    save(driver, "src/a.ts")
    driver.advance(4_999)
    assert.deepStrictEqual(titles(driver), [])
    driver.advance(1)
    assert.deepStrictEqual(titles(driver), ["rule-1"])
    assert.strictEqual(driver.of("decision.shown")[0]?.payload.boundary, "command-end")
  })
  it("does not hold back what is urgent, and products of programs are no edits", () => {
    const driver = new Driver({ reflexes: [speaking("alarm", { urgent: true }), speaking("rule")] })
    save(driver, "src/a.ts")
    run(driver, "alarm-1", 1)
    assert.deepStrictEqual(titles(driver), ["alarm-1"])
    driver.advance(6_000)
    save(driver, "dist/out.js", "server.log")
    run(driver, "rule-1", 1)
    assert.deepStrictEqual(titles(driver), ["alarm-1", "rule-1"])
  })
})

describe("the hour's allowance", () => {
  it("lets two through at once, then one an hour of work; the rest waits", () => {
    const driver = new Driver({ reflexes: [speaking("rule")] })
    for (const n of [1, 2, 3, 4]) {
      run(driver, `rule-${n}`, 1)
      driver.advance(60_000)
    }
    assert.deepStrictEqual(titles(driver), ["rule-1", "rule-2"])
    assert.include(withheld(driver).join(), "allowance")
    // after the pause that is under way eight minutes of the hour will be over
    work(driver, 13)
    assert.strictEqual(titles(driver).length, 2)
    work(driver, 1)
    assert.deepStrictEqual(titles(driver), ["rule-1", "rule-2", "rule-4"])
  })
  it("is not given back by a break, and in whole by a rest", () => {
    const driver = new Driver({ reflexes: [speaking("rule")] })
    for (const n of [1, 2, 3, 4, 5]) run(driver, `rule-${n}`, 1)
    driver.advance(110 * 60_000)
    run(driver, "ls")
    assert.deepStrictEqual(titles(driver), ["rule-1", "rule-2"])
    driver.advance(15 * 3_600_000)
    run(driver, "ls")
    assert.deepStrictEqual(titles(driver), ["rule-1", "rule-2", "rule-5", "rule-4"])
  })
  it("corrections of commands have one of their own, and a flood does not get past it", () => {
    const driver = new Driver({ reflexes: [speaking("rule", { timing: "command" }), speaking("slow")] })
    for (let n = 0; n < 60; n += 1) {
      run(driver, `rule-${n}`, 1)
      driver.advance(1_000)
    }
    assert.strictEqual(titles(driver).length, 6)
    run(driver, "slow-1", 1)
    assert.strictEqual(titles(driver).at(-1), "slow-1")
  })
  it("can be set by the user's configuration in the log", () => {
    const driver = new Driver({ reflexes: [speaking("rule")] })
    const config = { file: "/home/dev/claw.config.ts", accepted: true, message: "" }
    driver.see(
      "daemon.config",
      { ...config, settings: { attention: { perHour: 60, burst: 10 } } },
      { workspace: null },
    )
    driver.see("daemon.config", { ...config, settings: { attention: { perHour: "x" } } }, { workspace: null })
    driver.see("daemon.config", { ...config, settings: { attention: { perHour: 0 } } }, { workspace })
    for (const n of [1, 2, 3, 4]) run(driver, `rule-${n}`, 1)
    assert.strictEqual(titles(driver).length, 4)
  })
})

describe("boundaries", () => {
  const pending = () => {
    // decided far from any boundary: its command ended 29 s ago
    const driver = new Driver({ reflexes: [speaking("rule")] })
    save(driver, "src/a.ts")
    run(driver, "rule-1", 1)
    driver.advance(3_000)
    save(driver, "src/a.ts")
    for (let i = 0; i < 9; i += 1) {
      driver.advance(4_000)
      save(driver, "src/a.ts")
    }
    driver.advance(5_000)
    assert.deepStrictEqual(titles(driver), [])
    return driver
  }
  const head = { from: "a", to: "b", subject: "", files: [] }
  it("a command's end, a commit, a branch switch, the TUI opened, coming back", () => {
    const stories: Readonly<Record<string, (driver: Driver) => void>> = {
      "command-end": (driver) => run(driver, "ls"),
      commit: (driver) =>
        driver.see("git.commit", { sha: "c", parents: [], branch: "m", subject: "", files: [] }),
      "branch-switch": (driver) => driver.see("git.checkout", { ...head, fromBranch: "a", branch: "b" }),
      "tui-opened": (driver) =>
        driver.see(
          "daemon.health",
          { component: "client:tui", state: "running", backend: null, detail: "" },
          { workspace: null },
        ),
      return: (driver) => {
        driver.advance(200_000)
        save(driver, "src/b.ts")
        driver.advance(5_000)
      },
    }
    for (const [kind, story] of Object.entries(stories)) {
      const driver = pending()
      story(driver)
      assert.deepStrictEqual(titles(driver), ["rule-1"], kind)
      assert.strictEqual(driver.of("decision.shown")[0]?.payload.boundary, kind)
    }
  })
  it("silence alone, an agent's command, a restored file and an old commit are none", () => {
    const stories: ReadonlyArray<(driver: Driver) => void> = [
      (driver) => driver.advance(100_000),
      (driver) => run(driver, "ls", 0, { authorKind: "agent" }),
      (driver) => driver.see("git.checkout", { ...head, fromBranch: "a", branch: "a" }),
      (driver) =>
        driver.see("git.commit", {
          sha: "c",
          parents: [],
          branch: "m",
          subject: "",
          files: [],
          at: "2020-01-01T00:00:00.000Z",
        }),
      (driver) => run(driver, "ls", 0, { startedAt: "2020-01-01T00:00:00.000Z" }),
      (driver) =>
        driver.see(
          "daemon.health",
          { component: "client:tui", state: "stopped", backend: null, detail: "" },
          { workspace: null },
        ),
    ]
    for (const [at, story] of stories.entries()) {
      const driver = pending()
      story(driver)
      assert.deepStrictEqual(titles(driver), [], `story ${at}`)
    }
  })
  it("digest items come with a return or the TUI, beside the allowance", () => {
    const driver = new Driver({ reflexes: [speaking("rule", { mode: "digest" })] })
    for (const n of [1, 2, 3]) run(driver, `rule-${n}`, 1)
    assert.deepStrictEqual(
      withheld(driver),
      Array.from({ length: 3 }, () => "kept for the digest"),
    )
    driver.advance(200_000)
    run(driver, "ls")
    assert.strictEqual(titles(driver).length, 3)
  })
})

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

describe("pause and log", () => {
  it("paused: decisions go on, only urgent ones are seen", () => {
    const driver = new Driver({ reflexes: [speaking("rule"), speaking("alarm", { urgent: true })] })
    driver.see("daemon.paused", { until: null, reason: "" }, { workspace: null })
    run(driver, "rule-1", 1)
    run(driver, "alarm-1", 1)
    assert.deepStrictEqual(titles(driver), ["alarm-1"])
    driver.see("daemon.resumed", { reason: "" }, { workspace: null })
    run(driver, "ls")
    assert.deepStrictEqual(titles(driver), ["alarm-1", "rule-1"])
  })
  it("each reason of withholding is logged once", () => {
    const driver = new Driver({ reflexes: [speaking("rule", { mode: "digest" })] })
    run(driver, "rule-1", 1)
    for (let i = 0; i < 50; i += 1) {
      save(driver, "src/a.ts")
      run(driver, "ls")
    }
    assert.deepStrictEqual(withheld(driver), ["kept for the digest"])
  })
  it("a clock set back does not silence it", () => {
    const driver = new Driver({ reflexes: [speaking("rule")] })
    for (const n of [1, 2, 3]) run(driver, `rule-${n}`, 1)
    save(driver, "src/a.ts")
    assert.deepStrictEqual(titles(driver), ["rule-1", "rule-2"])
    driver.nowMs -= 24 * 3_600_000
    run(driver, "rule-4", 1)
    assert.deepStrictEqual(titles(driver), ["rule-1", "rule-2"])
    work(driver, 15)
    assert.deepStrictEqual(titles(driver), ["rule-1", "rule-2", "rule-4"])
  })
  it("nor what is allowed by the clock", () => {
    const driver = new Driver({ reflexes: [speaking("rule", { timing: "command" })] })
    for (const n of [1, 2, 3, 4, 5, 6, 7]) run(driver, `rule-${n}`, 1)
    assert.strictEqual(titles(driver).length, 6)
    driver.nowMs -= 24 * 3_600_000
    run(driver, "rule-8", 1)
    assert.include(titles(driver), "rule-8")
  })
})
