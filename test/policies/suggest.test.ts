/** Rules proposed from the past: what they spare, and that they never allow what a person did not want. */
import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { ToolCall, Trust } from "../../src/domain/action.ts"
import { PolicyBacktest } from "../../policies/backtest.ts"
import type { ChangedCall, PolicySummary } from "../../policies/backtestGroups.ts"
import { loadRuleSet } from "../../policies/load.ts"
import { memoryOracle } from "../../policies/memoryOracle.ts"
import { readShipped, shippedDirectory } from "../../policies/shipped.ts"
import { RuleSuggestions, type SuggestSummary } from "../../policies/suggest.ts"
import { Past } from "../domain/past.ts"
import { judge, run, shipped, tree, workspace } from "./gate.ts"

const files = readShipped(shippedDirectory(), ["default"])
const rulesOf = (text: string) =>
  loadRuleSet({
    commands: files.commands,
    files: [...files.files, { file: "/home/ada/mine.toml", text, tier: "user", workspace: null }],
  })
const options = { home: "/home/ada", own: [], oracle: memoryOracle(tree) }

const suggest = (
  past: Past,
  more: { readonly tainted?: boolean; readonly least?: number } = {},
): SuggestSummary => {
  const pass = new RuleSuggestions({ ...options, rules: shipped, tainted: false, least: 2, ...more })
  for (const event of past.events) pass.take(event)
  return pass.finish().summary
}
const backtest = (
  past: Past,
  text: string,
): { readonly summary: PolicySummary; readonly rows: ReadonlyArray<ChangedCall> } => {
  const rules = rulesOf(text)
  expect(rules.problems).toEqual([])
  const pass = new PolicyBacktest({ ...options, rules })
  const rows = past.events.flatMap((event) => pass.take(event))
  const last = pass.finish()
  return { summary: last.summary, rows: [...rows, ...last.rows] }
}

const shop = (trust: Trust = "trusted"): Past => new Past((call) => judge(call, trust), trust)
let count = 0
const told = (
  past: Past,
  fate: "approve" | "reject" | "undo" | "fail" | "leave",
  ...calls: ReadonlyArray<ToolCall>
) => {
  const id = `s${count++}`
  past.suggest(id, ...calls)
  if (fate === "approve" || fate === "undo") past.approve(id)
  if (fate === "undo") past.undo(id)
  if (fate === "fail") past.approve(id, false)
  if (fate === "reject") past.reject(id)
  if (fate === "leave") past.expire(id)
}
const write = (path: string): ToolCall => ({ tool: "write_file", input: { path, content: "x" } })

describe("proposed rules", () => {
  it("name what was approved again and again, with what is nearest among what was not wanted", () => {
    const past = shop()
    for (const words of ["npm test", "npm test -- cart", "npm run lint", "npm run lint"])
      told(past, "approve", run(words))
    told(past, "reject", run("npm run deploy"))
    told(past, "approve", run("frob build"))
    const found = suggest(past)
    expect(found).toMatchObject({ calls: 6, approvals: 5, spared: 4, held: 0, forbidden: 1 })
    expect(found.rules.map(({ name, spared }) => [name, spared])).toEqual([
      ["suggested-npm-run-lint", 2],
      ["suggested-npm-test", 2],
    ])
    expect(found.rules[0]).toMatchObject({
      nearest: { input: { command: "npm run deploy" }, fate: "rejected" },
    })
    expect(found.text).toContain('argv = ["npm", "test"]')
    const { summary } = backtest(past, found.text)
    expect(summary.approvals).toEqual({ given: 5, spared: 4, blocked: 0 })
    expect(summary.changes.allow).toMatchObject({ kept: 4, rejected: 0, undone: 0 })
  })

  it("stay narrow where the wide one would allow what was refused", () => {
    const past = shop()
    for (const name of ["a", "b", "c"]) told(past, "approve", write(`app/parts/${name}.ts`))
    expect(suggest(past).rules.map(({ name }) => name)).toEqual([
      "suggested-write-file-write-app-parts-below",
    ])
    told(past, "reject", write("app/parts/secret.ts"))
    const { rules } = suggest(past)
    expect(rules).toEqual([])
    told(past, "approve", write("app/parts/a.ts"))
    expect(suggest(past).text).toContain(`path = "${workspace}/app/parts/a.ts"`)
  })

  it("never name what a grant could not name either", () => {
    const past = shop()
    for (const words of [
      "git push",
      "node -e 1",
      "npx vitest",
      "bash -c ls",
      "npm install x",
      "rm app/main.ts",
    ])
      for (let n = 0; n < 3; n++) told(past, "approve", run(words))
    told(past, "undo", run("npm test"))
    for (let n = 0; n < 3; n++) told(past, "approve", run("npm test > out.txt"))
    expect(suggest(past)).toMatchObject({ rules: [], text: "", spared: 0 })
  })

  it("answer an approval of several calls whole or not at all", () => {
    const past = shop()
    for (let n = 0; n < 3; n++) told(past, "approve", run("npm test"), write("app/parts/a.ts"))
    const found = suggest(past)
    expect(found.rules).toHaveLength(2)
    expect(found.spared).toBe(3)
  })

  it("speak of tainted chains by name, and only where that was asked for", () => {
    const past = shop("untrusted")
    for (let n = 0; n < 3; n++) told(past, "approve", run("npm test"))
    expect(suggest(past)).toMatchObject({ approvals: 3, held: 3, rules: [] })
    const found = suggest(past, { tainted: true })
    expect(found.text).toContain("tainted = true")
    expect(backtest(past, found.text).summary.approvals).toEqual({ given: 3, spared: 3, blocked: 0 })
  })

  it("rest on more than a coincidence, and on nothing of an empty past", () => {
    const past = shop()
    told(past, "approve", run("npm test"))
    expect(suggest(past).rules).toEqual([])
    expect(suggest(past, { least: 1 }).rules).toHaveLength(1)
    expect(suggest(shop())).toMatchObject({ calls: 0, approvals: 0, rules: [] })
  })
})

describe("the law of proposed rules", () => {
  const words = fc.constantFrom(
    "npm test",
    "npm test -- -u",
    "npm run lint",
    "npm run deploy",
    "npm test && npm run lint",
    "git add app",
    "git commit -m x",
    "git push",
    "make all",
    "make clean",
    "frob build app",
    "frob drop app",
    "pytest -q",
    "rm app/main.ts",
    "cat .env",
    "ls",
  )
  const paths = fc.constantFrom(
    "app/a.ts",
    "app/parts/b.ts",
    "app/parts/c.ts",
    "docs/d.md",
    "README.md",
    ".env",
  )
  const urls = fc.constantFrom("https://example.com/a", "https://example.com/b", "https://other.example/")
  const calls = fc.oneof(
    words.map(run),
    paths.map(write),
    urls.map((url): ToolCall => ({ tool: "WebFetch", input: { url } })),
  )
  const stories = fc.array(
    fc.record({
      calls: fc.array(calls, { minLength: 1, maxLength: 2 }),
      fate: fc.constantFrom("approve", "approve", "approve", "reject", "undo", "fail", "leave"),
    }),
    { minLength: 1, maxLength: 30 },
  )
  it("in a backtest they let through nothing that was rejected, taken back or denied, and spare what they promise", () => {
    fc.assert(
      fc.property(stories, fc.constantFrom("trusted" as const, "untrusted" as const), (all, trust) => {
        const past = shop(trust)
        for (const { calls: some, fate } of all) told(past, fate as "approve", ...some)
        const found = suggest(past, { tainted: true, least: 1 })
        const { rows, summary } = backtest(past, found.text)
        for (const row of rows) {
          expect(row.now.verdict).toBe("allow")
          expect(["rejected", "undone"]).not.toContain(row.fate)
          expect(row.was.verdict).toBe("ask")
        }
        expect(summary.approvals.spared).toBe(found.spared)
        expect(summary.approvals.given).toBe(found.approvals)
      }),
      { numRuns: 60 },
    )
  })
})
