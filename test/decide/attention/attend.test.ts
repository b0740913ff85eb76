/** When a suggestion may be seen: quiet after edits, the hour's allowance, boundaries, the pause, and that it is logged. */
import { assert, describe, it } from "@effect/vitest"
import { Driver, run, save, workspace } from "../driver.ts"
import { speaking, titles, withheld, work } from "./speaking.ts"

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
