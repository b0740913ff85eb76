/** The way of a situation through the step: from observations to what is shown. */
import { assert, describe, it } from "@effect/vitest"
import type { Reflex } from "../../src/decide/Decider.ts"
import { propose, silent, suggestionId } from "../../src/decide/proposal.ts"
import { draft } from "../../src/domain/event.ts"
import { command, Driver, run, verdictFor, workspace } from "./driver.ts"

const rule = (name: string, over: Partial<Reflex> = {}): Reflex => ({
  name,
  situations: ["command.failed"],
  applies: () => true,
  probes: () => [],
  propose: (situation) => propose(name, situation, { title: name, why: [], same: situation.subject }),
  ...over,
})

describe("the flow of a situation", () => {
  it("observation, situation, facts, one decision a rule, judgement, attention: each waits for the one before", () => {
    const asks = rule("asks", {
      probes: () => [{ _tag: "gitBranch" }, { _tag: "gitDirty" }],
      propose: (situation, facts) =>
        propose("asks", situation, {
          title: `on ${String(facts.get<"gitDirty">({ _tag: "gitDirty" })?.files)}`,
          why: ["it is so"],
          same: 1,
          actions: [{ tool: "bash", input: { command: "true" } }],
        }),
    })
    const also = rule("also", { probes: () => [{ _tag: "gitBranch" }], propose: () => silent("not now") })
    const driver = new Driver({
      reflexes: [asks, also],
      answers: { gitDirty: { files: 7, oldestMs: null, paths: [] } },
    })
    const keys = () => driver.state.outbox.map((each) => each.key)
    const next = () => driver.fulfil(driver.state.outbox[0]!)

    const seen = driver.put(
      draft("terminal.command", command(driver, "x", 1), { actor: "source:terminal", workspace }),
    )
    assert.deepStrictEqual(keys(), [`open:${seen.id}:command.failed:x`])
    next()
    assert.deepStrictEqual(keys(), ["probe:2"])
    const [probe] = driver.state.outbox
    assert.deepStrictEqual(probe?._tag === "probe" ? probe.requests : [], [
      { _tag: "gitBranch" },
      { _tag: "gitDirty" },
    ])
    next()
    assert.deepStrictEqual(keys(), ["decide:2:asks", "decide:2:also"])
    next()
    const { id } = driver.row("asks")
    assert.deepStrictEqual(keys(), ["decide:2:also", `judge:${id}:4`])
    next()
    next()
    assert.deepStrictEqual(keys(), [`show:${id}:e6`])
    next()
    assert.deepStrictEqual(keys(), [])

    assert.strictEqual(driver.row("asks").title, "on 7")
    assert.strictEqual(id, suggestionId(driver.row("asks").fingerprint, 2))
    assert.match(id, /^s_[0-9a-f]{16}$/)
    assert.strictEqual(driver.silence("also"), "not now")
  })
  it("trust: what rests on untrusted evidence or facts is tainted", () => {
    const driver = new Driver({
      reflexes: [rule("plain"), rule("probing", { probes: () => [{ _tag: "gitBranch" }] })],
    })
    driver.put(
      draft("terminal.command", command(driver, "x", 1), { actor: "a", workspace, trust: "trusted" }),
    )
    driver.settle()
    // the driver's facts are untrusted, and the two rules share them
    assert.deepStrictEqual(
      driver.rows.map((row) => row.tainted),
      [true, true],
    )
    const pure = new Driver({ reflexes: [rule("plain")] })
    pure.put(draft("terminal.command", command(pure, "x", 1), { actor: "a", workspace, trust: "trusted" }))
    pure.settle()
    assert.deepStrictEqual(
      pure.rows.map((row) => row.tainted),
      [false],
    )
    run(pure, "y", 1)
    assert.deepStrictEqual(
      pure.rows.map((row) => row.tainted),
      [false, true],
    )
  })
  it("a pending suggestion of the same fingerprint is not made twice, not even within one turn", () => {
    const driver = new Driver({ reflexes: [rule("r")] })
    driver.put(draft("terminal.command", command(driver, "x", 1), { actor: "a", workspace }))
    driver.put(draft("terminal.command", command(driver, "x", 1), { actor: "a", workspace }))
    driver.settle()
    assert.strictEqual(driver.rows.length, 1)
    assert.strictEqual(driver.silence("r"), "already in the queue")
  })
  it("a rule that throws is silent with its error, wherever it throws", () => {
    const bang = (): never => {
      throw new Error("bang")
    }
    const unfit = (() => ({
      rule: "d",
      nonsense: true,
      fingerprint: "d",
      mode: "draft",
    })) as unknown as Reflex["propose"]
    const driver = new Driver({
      reflexes: [
        rule("a", { propose: bang }),
        rule("b", { applies: bang, propose: () => silent("fine") }),
        rule("c", { probes: bang, propose: () => silent("fine") }),
        rule("d", { propose: unfit }),
        rule("e"),
      ],
    })
    run(driver, "x", 1)
    assert.strictEqual(driver.silence("a"), "the rule failed: bang")
    assert.include(driver.silence("d"), "the rule failed")
    assert.deepStrictEqual(
      driver.rows.map((row) => row.rule),
      ["e"],
    )
    assert.deepStrictEqual(driver.state.outbox, [])
  })
  it("a rule switched off does not apply", () => {
    const driver = new Driver({ reflexes: [rule("r")] })
    driver.see(
      "daemon.config",
      { file: "f", accepted: true, message: "", settings: { disabledReflexes: ["r"] } },
      { workspace: null },
    )
    run(driver, "x", 1)
    assert.strictEqual(driver.silence("none"), "no rule knows this")
  })
  it("verdicts on actions that were edited meanwhile do not count", () => {
    const acting = rule("r", {
      propose: (situation) =>
        propose("r", situation, {
          title: "t",
          why: [],
          same: 1,
          actions: [{ tool: "bash", input: { command: "old" } }],
        }),
    })
    const driver = new Driver({ reflexes: [acting] })
    driver.put(draft("terminal.command", command(driver, "x", 1), { actor: "a", workspace }))
    while (driver.state.outbox[0]?._tag !== "judge") driver.fulfil(driver.state.outbox[0]!)
    const judge = driver.state.outbox[0]!
    const { id } = driver.row("r")
    driver.put(
      draft(
        "approval.edited",
        { suggestion: id, actions: [{ tool: "bash", input: { command: "new" } }], surface: "cli" },
        { actor: "user:cli", workspace, correlationId: id },
      ),
    )
    assert.notStrictEqual(driver.state.outbox[0]?.key, judge.key)
    const call = { tool: "bash", input: { command: "old" } }
    const late = { suggestion: id, index: 0, call, verdict: verdictFor(call) }
    driver.put(draft("policy.verdict", late, { actor: "gate", workspace, correlationId: id }))
    assert.deepStrictEqual(
      driver.state.outbox.map((each) => each._tag),
      ["judge"],
    )
    driver.settle()
    assert.deepStrictEqual(
      driver.row("r").actions.map((action) => action.input),
      [{ command: "new" }],
    )
  })
  it("a flood of failures opens no more situations than it can answer, and the queue stays bounded", () => {
    const driver = new Driver({ reflexes: [rule("r", { probes: () => [{ _tag: "gitBranch" }] })] })
    for (let n = 0; n < 500; n += 1) {
      driver.put(draft("terminal.command", command(driver, `x${n}`, 1), { actor: "a", workspace }))
    }
    const asked = (): number => driver.state.outbox.filter(({ key }) => key.startsWith("open:")).length
    assert.strictEqual(asked(), 64)
    driver.settle()
    for (let n = 0; n < 300; n += 1) run(driver, `y${n}`, 1)
    assert.strictEqual(driver.state.tracked.length, 200)
  })
  it("an erased event only advances the position", () => {
    const driver = new Driver({ reflexes: [rule("r")] })
    const event = { ...run(driver, "ok"), seq: 99, payload: null } as never
    const after = driver.projection.evolve(driver.state, event)
    assert.deepStrictEqual({ ...after, seq: 0 }, { ...driver.state, seq: 0 })
    assert.strictEqual(after.seq, 99)
  })
  it("a workspace no longer watched takes its suggestions with it", () => {
    const driver = new Driver({ reflexes: [rule("r")] })
    run(driver, "x", 1)
    driver.see("daemon.workspace", { action: "removed", path: workspace }, { workspace: null })
    assert.strictEqual(driver.row("r").state, "expired")
    assert.deepStrictEqual(driver.state.workspaces, {})
  })
})
