/** Other rules over calls whose fate is written down by hand: what is counted, grouped, and said of it. */
import { describe, expect, it } from "vitest"
import { type BacktestOptions, PolicyBacktest } from "../../policies/backtest.ts"
import type { PolicySummary } from "../../policies/backtestGroups.ts"
import { evaluate } from "../../policies/evaluate.ts"
import { grantOffers } from "../../policies/grantOffers.ts"
import { loadRuleSet } from "../../policies/load.ts"
import { memoryOracle } from "../../policies/memoryOracle.ts"
import type { GrantInForce } from "../../src/domain/grant.ts"
import { Past } from "../domain/past.ts"
import { readShipped, shippedDirectory } from "../../policies/shipped.ts"
import { judge, run, shipped as gateRules, taken, tree, workspace } from "./gate.ts"

const shipped = readShipped(shippedDirectory(), ["default"])
const rulesOf = (text: string) =>
  loadRuleSet({
    commands: shipped.commands,
    files: [...shipped.files, { file: "mine.toml", text, tier: "user", workspace: null }],
  })

const allowTests = `[[rule]]
name = "tests-run-freely"
verdict = "allow"
effect = "exec"
argv = ["npm", "test"]
`
const denyInstalls = `[[rule]]
name = "no-installs"
verdict = "deny"
effect = "exec"
argv = ["npm", "{ci,install}"]
`
const askReading = `[[rule]]
name = "see-reading"
verdict = "ask"
effect = "exec"
program = "cat"
`

const backtest = (past: Past, text: string, options: Partial<BacktestOptions> = {}): PolicySummary => {
  const rules = rulesOf(text)
  expect(rules.problems).toEqual([])
  const pass = new PolicyBacktest({
    rules,
    home: "/home/ada",
    own: [],
    oracle: memoryOracle(tree),
    ...options,
  })
  const rows = past.events.flatMap((event) => pass.take(event))
  const { summary, rows: last } = pass.finish()
  const changed = Object.values(summary.changes).reduce((sum, { calls }) => sum + calls, 0)
  expect([...rows, ...last].length).toBe(changed)
  expect(summary.alike + changed).toBe(summary.calls)
  return summary
}

/** A past whose verdicts are those of the shipped rules. */
const shop = (trust: "trusted" | "untrusted" = "trusted"): Past =>
  new Past((call) => judge(call, trust), trust)

describe("a backtest of rules", () => {
  it("spares what is allowed now, and counts what was rejected as let through", () => {
    const past = shop()
    past.suggest("a", run("npm test"))
    past.approve("a")
    past.suggest("b", run("npm test"))
    past.reject("b")
    past.suggest("c", run("npm test"))
    past.expire("c")
    past.suggest("d", run("npm install"))
    past.approve("d")
    const found = backtest(past, allowTests)
    expect(found.changes.allow).toEqual({
      calls: 3,
      kept: 1,
      undone: 0,
      failed: 0,
      rejected: 1,
      unanswered: 1,
    })
    expect(found.approvals).toEqual({ given: 2, spared: 1, blocked: 0 })
    expect(found.alike).toBe(1)
    const [group] = found.groups
    expect(group).toMatchObject({
      kind: "allow",
      rule: "tests-run-freely",
      file: "mine.toml",
      line: 1,
      calls: 3,
    })
    // what a user would regret stands first
    expect(group!.examples.map((example) => example.fate)).toEqual(["rejected", "unanswered", "kept"])
    expect(found.verdict).toBe(
      "This policy would have spared 1 of 2 approvals, let through 1 call you rejected and run 1 that you never answered. Do not use it as it is: narrow tests-run-freely (line 1) until it lets through none of those.",
    )
  })

  it("tells a nuisance from a help where it denies", () => {
    const past = shop()
    for (const id of ["a", "b"]) {
      past.suggest(id, run("npm ci"))
      past.approve(id)
    }
    past.undo("b")
    past.suggest("c", run("npm ci"))
    past.reject("c")
    const found = backtest(past, denyInstalls)
    expect(found.changes.deny).toEqual({
      calls: 3,
      kept: 1,
      undone: 1,
      failed: 0,
      rejected: 1,
      unanswered: 0,
    })
    expect(found.approvals).toEqual({ given: 2, spared: 0, blocked: 2 })
    expect(found.verdict).toBe(
      "This policy would have denied 1 call you wanted, stopped 1 that you took back and spared you 1 question you did not say yes to.",
    )
  })

  it("asks about what was allowed", () => {
    const past = shop()
    past.suggest("a", run("cat README.md"))
    past.approve("a")
    const found = backtest(past, askReading)
    expect(found.changes.ask).toMatchObject({ calls: 1, kept: 1 })
    expect(found.verdict).toBe("This policy would have asked about 1 call that was allowed.")
  })

  it("says what stays asked for its origin alone", () => {
    const past = shop("untrusted")
    past.suggest("a", run("npm test"))
    past.approve("a")
    const found = backtest(past, allowTests)
    expect(found.changes.allow.calls).toBe(0)
    expect(found.held).toMatchObject({ calls: 1, kept: 1 })
    expect(found.verdict).toContain("1 more call it allows would be asked all the same")
    // with rules that allow nothing more, nothing is held
    expect(backtest(past, denyInstalls).held.calls).toBe(0)
  })

  it("needs every call of a suggestion to spare its approval", () => {
    const past = shop()
    past.suggest("a", run("npm test"), run("npm ci"))
    past.approve("a")
    const found = backtest(past, allowTests)
    expect(found.changes.allow.calls).toBe(1)
    expect(found.approvals).toEqual({ given: 1, spared: 0, blocked: 0 })
  })

  it("counts the newest verdict on a call, and edited calls as they were answered", () => {
    const past = shop()
    past.suggest("a", run("npm test"))
    past.judge("a")
    past.edit("a", run("npm ci"))
    past.approve("a")
    const found = backtest(past, allowTests)
    expect(found).toMatchObject({ verdicts: 3, replaced: 2, calls: 1, alike: 1 })
  })

  it("says what was erased, and judges the rest", () => {
    const past = shop()
    past.suggest("a", run("npm test"))
    past.approve("a")
    past.suggest("b", run("npm test"))
    past.eraseVerdicts("b")
    expect(backtest(past, allowTests)).toMatchObject({ verdicts: 2, unjudged: 1, calls: 1 })
  })

  it("takes what the gate's own rules saw in files that are gone from the log", () => {
    const past = shop()
    past.suggest("a", run("grep -rn total ."))
    past.approve("a")
    // with the tree `.git/config` below makes it a question
    expect(backtest(past, allowTests)).toMatchObject({ alike: 1, gone: 0 })
    const gone = backtest(past, allowTests, { oracle: memoryOracle({}) })
    expect(gone).toMatchObject({ alike: 1, gone: 1 })
  })

  it("judges by what was granted then, and counts what was asked for by name", () => {
    let grants: ReadonlyArray<GrantInForce> = []
    const past = new Past((call) => {
      const [compiled, scope] = taken(call)
      return evaluate(gateRules, compiled, { ...scope, grants })
    }, "trusted")
    past.suggest("a", run("npm test"))
    past.approve("a")
    const { offers, rules } = grantOffers(gateRules, run("npm test"), ...taken(run("npm test")))
    const { scope, title } = offers.find(({ name }) => name === "prefix")!
    const grant = { grant: "g_1", scope: scope!, title, rules, until: null }
    const given = past.put(
      "policy.granted",
      { ...grant, verdict: "ask", suggestion: "a", index: 0, surface: "tui" },
      "a",
    )
    grants = [{ ...grant, seq: given.seq, workspace }]
    past.put(
      "tool.requested",
      { suggestion: "b", title: "b", calls: [run("npm test -- -u")], session: null },
      "b",
    )
    const [compiled, at] = taken(run("npm test -- -u"))
    const verdict = evaluate(gateRules, compiled, { ...at, grants })
    past.put("policy.verdict", { suggestion: "b", index: 0, call: run("npm test -- -u"), verdict }, "b")
    past.put("approval.waived", { suggestion: "b", digests: [], reason: "granted" }, "b")
    past.start("b", 0, run("npm test -- -u"))
    past.finish("b", 0, true)
    expect(backtest(past, "")).toMatchObject({ calls: 2, alike: 2, approvals: { given: 1, spared: 0 } })
    expect(backtest(past, allowTests)).toMatchObject({ calls: 2, approvals: { given: 1, spared: 1 } })
  })

  it("counts suggestions from an event on", () => {
    const past = shop()
    past.suggest("a", run("npm test"))
    past.approve("a")
    const from = past.events.length + 1
    past.suggest("b", run("npm test"))
    past.reject("b")
    const found = backtest(past, allowTests, { from })
    expect(found).toMatchObject({ verdicts: 1, calls: 1, approvals: { given: 0 } })
    expect(found.changes.allow).toMatchObject({ calls: 1, rejected: 1 })
  })

  it("changes nothing where it judges as then, and says so of an empty past", () => {
    const past = shop()
    past.suggest("a", run("npm test"))
    expect(backtest(past, "").verdict).toBe(
      "This policy would have changed nothing: every call is judged as it was.",
    )
    expect(backtest(shop(), "").verdict).toContain("nothing to learn")
  })
})
