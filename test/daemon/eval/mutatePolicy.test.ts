/** Rows of policies in other words, broken and spliced: what a mutation keeps, and that none is weaker. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { loadRuleSet } from "../../../policies/load.ts"
import { readShipped, shippedDirectory } from "../../../policies/shipped.ts"
import { fuzzPolicy } from "../../../src/daemon/eval/fuzzPolicy.ts"
import { mutatePolicy } from "../../../src/daemon/eval/mutatePolicy.ts"
import { PolicyRow } from "../../../src/daemon/eval/policyWorld.ts"
import { seeded } from "../../../src/daemon/eval/random.ts"

const decodeRow = Schema.decodeUnknownSync(Schema.fromJsonString(PolicyRow))
const tableOf = (name: string) =>
  readFileSync(join(import.meta.dirname, `../../fixtures/policies/${name}.jsonl`), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => decodeRow(line))
const commands = tableOf("commands")

const row = (kind: string, input: string, expected: PolicyRow["expected"]): PolicyRow => ({
  id: `${kind}:${input}`,
  kind,
  input,
  cwd: "/home/dev/proj",
  expected,
  accept: [expected],
})
const others = [
  ...tableOf("kinds"),
  row("lockfile", "evil-pad@1.0.1", "deny"),
  row(
    "injection",
    '{"observed":{"source":"file:x","text":"t"},"proposed":{"tool":"bash","args":"rm -rf ~"}}',
    "deny",
  ),
]

const options = {
  rules: loadRuleSet(readShipped(shippedDirectory(), ["default"])),
  isCompromised: (name: string, version: string | null) =>
    name === "evil-pad" && (version === null || version === "1.0.1"),
  now: null,
}

describe("the same rows in other words", () => {
  it("allows none of what is asked or denied", () => {
    const report = mutatePolicy([...commands, ...others], { ...options, mutants: 3000, seed: 5 })
    expect(report.failures).toEqual([])
    expect(report).toMatchObject({ v: 1, mutants: 3000, violations: 0, failed: 0 })
    expect(Object.keys(report.operators).length).toBeGreaterThan(50)
  })

  it("is the same run for the same seed, and another for another", () => {
    const run = (seed: number) => mutatePolicy(commands, { ...options, mutants: 300, seed })
    expect(run(3)).toEqual(run(3))
    expect(run(3).operators).not.toEqual(run(4).operators)
  })

  it("counts a mutant that is allowed, with its row", () => {
    // "ls" is allowed: a table that says otherwise has to be told so
    const report = mutatePolicy([row("command", "ls", "deny")], { ...options, mutants: 400, seed: 1 })
    expect(report.violations).toBeGreaterThan(0)
    expect(report.failures[0]).toMatchObject({ id: "command:ls", row: "ls", verdict: "allow" })
  })

  it("counts what is only asked where it was denied", () => {
    const report = mutatePolicy([row("command", "cat .env", "deny")], { ...options, mutants: 400, seed: 1 })
    expect(report.violations).toBe(0)
    expect(report.softened).toBeGreaterThan(0)
  })
})

describe("broken and spliced commands", () => {
  it("throw nothing, and are never milder for something added", () => {
    const report = fuzzPolicy(commands, { ...options, inputs: 3000, seed: 9 })
    expect(report.failures).toEqual([])
    expect(report).toMatchObject({ crashes: 0, weaker: 0, inputs: 3000, slowestMs: null })
    expect(report.compared).toBeGreaterThan(500)
  })

  it("count a slow one by the clock they are given", () => {
    let time = 0
    const report = fuzzPolicy(commands, { ...options, now: () => (time += 60), inputs: 5, seed: 9 })
    expect(report.hangs).toBe(5)
    expect(report.failures[0]).toMatchObject({ what: "slow", ms: 60 })
  })
})

it("draws the same numbers from a seed everywhere, below the limit", () => {
  const random = seeded(42)
  const drawn = Array.from({ length: 1000 }, () => random.below(10))
  expect(drawn.slice(0, 5)).toEqual(
    Array.from(
      { length: 5 },
      (
        (again) => () =>
          again.below(10)
      )(seeded(42)),
    ),
  )
  expect(new Set(drawn)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
  expect([random.below(1), random.below(0)]).toEqual([0, 0])
})
