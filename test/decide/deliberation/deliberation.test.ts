/** When a model is asked, what becomes of its word, and when it is not asked: over the pure machine. */
import { assert, describe, it } from "@effect/vitest"
import { defaultSettings } from "../../../src/config/Settings.ts"
import { emptyReplay, replayWith } from "../../../src/decide/replay.ts"
import type { EventOf, PayloadOf } from "../../../src/domain/event.ts"
import { command, Driver, run, save, triageOf, withModel, workspace } from "../driver.ts"

const failed = "FAIL a.test.ts\nexpected 5 to be 6"

const thinking = (over: Partial<ConstructorParameters<typeof Driver>[0] & object> = {}): Driver => {
  const driver = new Driver(over)
  driver.thinks = () => ({ triage: triageOf(), call: "m_1" })
  withModel(driver)
  return driver
}

const silences = (driver: Driver): ReadonlyArray<string> =>
  driver
    .of("decision.silent")
    .filter(({ payload }) => payload.rule === "deliberation")
    .map(({ payload }) => payload.reason)

const thoughts = (driver: Driver): number => driver.of("situation.thought").length

const configured = (driver: Driver, deliberation: object): void => {
  driver.see(
    "daemon.config",
    {
      file: "c",
      accepted: true,
      message: "",
      settings: { ...defaultSettings, deliberation: { ...defaultSettings.deliberation, ...deliberation } },
    },
    { workspace: null },
  )
}

describe("deliberation", () => {
  it("asks nothing, and writes what it wrote before, without a model", () => {
    const driver = new Driver()
    run(driver, "npx vitest run", 1, { output: failed })
    save(driver, "src/a.ts")
    driver.advance(60_000)
    assert.strictEqual(thoughts(driver), 0)
    assert.deepStrictEqual(silences(driver), [])
    assert.isFalse(
      driver
        .of("situation.facts")
        .some(({ payload }) => payload.facts.some(({ probe }) => probe._tag === "comments")),
    )
  })

  it("makes exactly one decision of a thought, through attention", () => {
    const driver = thinking()
    run(driver, "npx vitest run", 1, { output: failed })
    const row = driver.row("deliberation")
    assert.strictEqual(row.mode, "notify")
    assert.isTrue(row.tainted)
    assert.deepStrictEqual(driver.shown, ["deliberation"])
    const made = driver.of("decision.notify")
    assert.strictEqual(made.length, 1)
    assert.deepStrictEqual(made[0]!.payload.weighed, {
      thought: driver.of("situation.thought")[0]!.seq,
      confidence: 0.95,
      calibrated: 0.73,
      shown: 0,
      kept: 0,
    })
  })

  it("does not ask where a reflex has an answer", () => {
    const driver = thinking({
      reflexes: [
        {
          name: "known",
          situations: ["command.failed"],
          applies: () => true,
          probes: () => [],
          propose: (situation) => ({
            rule: "known",
            mode: "draft",
            title: "do it",
            why: [],
            evidence: situation.evidence,
            actions: [],
            risk: "low",
            urgent: false,
            fingerprint: "known:1",
            expiresWhen: [],
            ttlMs: null,
            alternatives: [],
          }),
        },
      ],
    })
    run(driver, "npx vitest run", 1, { output: failed })
    run(driver, "npx vitest run", 1, { output: failed })
    assert.strictEqual(thoughts(driver), 0)
  })

  it("asks only about kinds of situation that need it, each of which can be switched off", () => {
    const driver = thinking()
    for (const line of ["ls nowhere", "git log --x", "cargo"]) run(driver, line, 1, { output: "no" })
    run(driver, "git commit -m x", 1, { output: "nothing to commit, working tree clean" })
    run(driver, "npm test", 127, { output: "npm: not found" })
    run(driver, "npm test", 130)
    run(driver, "npm test", 1, { output: failed, authorKind: "agent" })
    assert.strictEqual(thoughts(driver), 0)
    configured(driver, { kinds: { ...defaultSettings.deliberation.kinds, check: false } })
    run(driver, "npm test", 1, { output: failed })
    assert.strictEqual(thoughts(driver), 0)
    run(driver, "git commit -m x", 1, { output: "pre-commit: lint failed" })
    run(driver, "git push", 1, { output: "remote: rejected by policy" })
    driver.see("git.conflict", { operation: "merge", paths: ["a.ts"], count: 1 })
    assert.strictEqual(thoughts(driver), 3)
    configured(driver, { enabled: false })
    run(driver, "git push", 1, { output: "remote: another" })
    assert.strictEqual(thoughts(driver), 3)
  })

  it("does not think twice of the same evidence, whatever the times in it", () => {
    const driver = thinking()
    run(driver, "npx vitest run", 1, { output: `${failed}\nDuration 1.2s` })
    run(driver, "npx  vitest run", 1, { output: `${failed}\nDuration 3.4s` })
    assert.strictEqual(thoughts(driver), 1)
    assert.deepStrictEqual(silences(driver), ["thought about before, and its evidence is the same"])
    run(driver, "npx vitest run", 1, { output: "FAIL b.test.ts" })
    assert.strictEqual(thoughts(driver), 2)
  })

  it("thinks again without an output only after it had passed", () => {
    const driver = thinking()
    run(driver, "npx vitest run", 1)
    run(driver, "npx vitest run", 1)
    assert.strictEqual(thoughts(driver), 1)
    save(driver, "src/a.ts")
    run(driver, "npx vitest run", 1)
    assert.strictEqual(thoughts(driver), 1)
    run(driver, "npx vitest run", 0)
    run(driver, "npx vitest run", 1)
    assert.strictEqual(thoughts(driver), 2)
    run(driver, "git push", 1)
    run(driver, "git push", 1)
    assert.strictEqual(thoughts(driver), 3)
  })

  it("has one thought of a kind open in a workspace", () => {
    const driver = thinking()
    driver.thinks = () => undefined
    run(driver, "npx vitest run", 1, { output: failed })
    run(driver, "npx tsc", 2, { output: "error TS1" })
    run(driver, "git push", 1, { output: "rejected" })
    assert.deepStrictEqual(silences(driver), ["another of its kind is being thought about"])
    const asked = driver.state.outbox.filter(({ _tag }) => _tag === "think")
    assert.strictEqual(asked.length, 2)
    driver.thinks = () => ({ triage: triageOf({ decision: "silent" }) })
    driver.settle()
    run(driver, "npx tsc", 2, { output: "error TS1" })
    assert.strictEqual(thoughts(driver), 3)
  })

  it("keeps a failure for another time, and a ceiling until the day ends or it is raised", () => {
    const driver = thinking()
    driver.thinks = () => ({ skipped: { reason: "failed", message: "no network" } })
    run(driver, "npm test", 1, { output: failed })
    run(driver, "npm test", 1, { output: failed })
    assert.strictEqual(thoughts(driver), 2)
    driver.thinks = () => ({ skipped: { reason: "paused", message: "the ceiling of $0.5 was not raised" } })
    run(driver, "npm test", 1, { output: failed })
    run(driver, "npm test", 1, { output: failed })
    assert.strictEqual(thoughts(driver), 3)
    driver.see(
      "model.raised",
      { scope: "rule", key: "deliberation", limitUsd: 1, question: null },
      { workspace: null },
    )
    run(driver, "npm test", 1, { output: failed })
    assert.strictEqual(thoughts(driver), 4)
    driver.advance(24 * 60 * 60_000)
    run(driver, "npm test", 1, { output: failed })
    assert.strictEqual(thoughts(driver), 5)
  })

  it("asks and writes nothing while nothing happens", () => {
    const driver = thinking()
    run(driver, "npm test", 1, { output: failed })
    driver.advance(30_000)
    const before = driver.events.length
    driver.advance(60 * 60_000)
    assert.strictEqual(driver.events.length, before)
  })

  it("asks nothing while paused", () => {
    const driver = thinking()
    driver.see("daemon.paused", { until: null, reason: "" }, { workspace: null })
    run(driver, "npm test", 1, { output: failed })
    assert.strictEqual(thoughts(driver), 0)
  })

  it("weighs the model's word by how such words were taken", () => {
    const driver = thinking()
    for (let n = 0; n < 14; n += 1) {
      run(driver, "npm test", 1, { output: `error number ${"x".repeat(n + 1)}` })
      const made = driver.rows.at(-1)
      if (made?.visibleAt != null && made.state === "pending")
        driver.answer(made.id, "approval.rejected", { suggestion: made.id, reason: "", surface: "cli" })
      driver.advance(3 * 60 * 60_000)
    }
    const made = driver.events.filter(({ type }) => type === "decision.notify" || type === "decision.digest")
    assert.strictEqual(made[0]?.type, "decision.notify")
    assert.include(
      made.map(({ type }) => type),
      "decision.digest",
    )
    const weights = driver.of("decision.notify").map(({ payload }) => payload.weighed!.calibrated)
    assert.deepStrictEqual(
      weights,
      weights.toSorted((a, b) => b - a),
    )
    assert.isBelow(weights.at(-1)!, weights[0]!)
  })

  it("has a draft prepared before it decides, and is silent where none came of it", () => {
    const driver = thinking()
    driver.thinks = () => ({ triage: triageOf({ decision: "draft" }) })
    const edit = { tool: "edit_file", input: { path: "a.ts", old_string: "1", new_string: "0" } }
    driver.drafts = () => ({
      session: "c_1",
      title: "Start at 0",
      why: [{ text: "it starts at 1", seq: 1 }],
      actions: [edit],
    })
    run(driver, "npm test", 1, { output: failed })
    const row = driver.row("deliberation")
    assert.deepStrictEqual([row.mode, row.title, row.proposed], ["draft", "Start at 0", [edit]])
    driver.drafts = () => ({ skipped: { reason: "failed", message: "it took 30 steps" } })
    run(driver, "npm test", 1, { output: "FAIL other" })
    assert.deepStrictEqual(silences(driver), ["no draft (failed): it took 30 steps"])
    configured(driver, { drafts: false })
    run(driver, "npm test", 1, { output: "FAIL third" })
    assert.strictEqual(driver.of("situation.drafted").length, 2)
  })

  it("replays to the same decisions", () => {
    const driver = thinking()
    run(driver, "npm test", 1, { output: failed })
    driver.thinks = () => ({ triage: triageOf({ decision: "draft" }) })
    run(driver, "npm test", 1, { output: "another" })
    const step = replayWith(driver.projection)
    const end = driver.events.reduce(step, emptyReplay(1))
    assert.strictEqual(end.difference, null)
    assert.isAbove(end.decisions, 3)
  })
})

const found = (text: string, line = 1) => ({ path: "src/a.ts", line, text, wants: "work" as const })

describe("comments to Claw", () => {
  const commented = (...comments: ReadonlyArray<ReturnType<typeof found>>): Driver => {
    const driver = thinking({ answers: { comments } })
    driver.thinks = () => ({ triage: triageOf({ decision: "draft" }) })
    driver.drafts = ({ payload }) => ({
      title: `did ${payload.subject}`,
      why: [{ text: "it was asked", seq: 1 }],
      actions: [{ tool: "write_file", input: { path: "x", content: "y" } }],
    })
    return driver
  }

  it("become drafts, each once until its text changes, and are not made to wait", () => {
    const driver = commented(found("rename it"), found("add a test", 9))
    save(driver, "src/a.ts")
    driver.advance(10_000)
    assert.deepStrictEqual(
      driver.rows.map(({ title }) => title),
      ["did src/a.ts: rename it", "did src/a.ts: add a test"],
    )
    assert.deepStrictEqual(
      driver.of("decision.draft").map(({ payload }) => payload.weighed),
      [undefined, undefined],
    )
    assert.strictEqual(driver.of("decision.shown").length, 2)
    save(driver, "src/a.ts")
    driver.advance(10_000)
    assert.strictEqual(thoughts(driver), 2)
    driver.answers = { comments: [found("rename it", 3), found("add two tests")] }
    save(driver, "src/a.ts")
    driver.advance(10_000)
    assert.strictEqual(thoughts(driver), 3)
  })

  it("are not looked for in what git wrote, in packages, or while a merge is under way", () => {
    const driver = commented(found("do evil"))
    save(driver, "node_modules/a/index.js", "vendor/b.go", "dist/c.js")
    driver.advance(10_000)
    save(driver, "src/a.ts")
    driver.advance(100)
    driver.see("git.checkout", {
      from: "a".repeat(40),
      to: "b".repeat(40),
      branch: "other",
      fromBranch: "main",
      subject: "checkout",
      files: ["src/a.ts"],
      at: new Date(driver.nowMs).toISOString(),
    } as PayloadOf<"git.checkout">)
    driver.advance(10_000)
    driver.see("git.operation", { operation: "rebase", was: null } as PayloadOf<"git.operation">)
    save(driver, "src/a.ts")
    driver.advance(10_000)
    assert.strictEqual(thoughts(driver), 0)
  })
})

describe("coming back", () => {
  it("is thought about after hours, with work half done, and only then", () => {
    const driver = thinking()
    run(driver, "ls")
    driver.advance(3 * 60 * 60_000)
    run(driver, "ls")
    assert.strictEqual(thoughts(driver), 0)
    save(driver, "src/a.ts")
    driver.advance(10 * 60_000)
    run(driver, "ls")
    const before = thoughts(driver)
    driver.advance(5 * 60 * 60_000)
    driver.see("terminal.command", command(driver, "ls"))
    const kinds = driver.of("situation.opened").map(({ payload }) => payload.kind)
    assert.include(kinds, "work.resumed")
    assert.strictEqual(thoughts(driver), before + 1)
    const resumed = driver
      .of("situation.opened")
      .find(({ payload }) => payload.kind === "work.resumed") as EventOf<"situation.opened">
    assert.strictEqual(resumed.workspace, workspace)
  })
})
