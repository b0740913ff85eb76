/**
 * Scores a table of tool calls against the shipped policy: leaks, under-blocks, nuisances, and what is not covered.
 * Invariant: a kind whose subject does not exist is `not covered`, never passed.
 */
import type { Answer, PolicyEvalOptions, PolicyRow } from "./policyWorld.ts"
import { judgeRow } from "./policyWorld.ts"

type Answered = (typeof Answer)["Type"]
type Result = "right" | "leak" | "under-block" | "nuisance" | "minor"

export interface PolicyFailure {
  readonly id: string
  readonly kind: string
  readonly input: string
  readonly expected: string
  readonly verdict: string
  readonly rule: string
  readonly result: Result
}
export interface PolicyReport {
  readonly v: 1
  readonly name: "policy"
  readonly rows: number
  readonly leaks: number
  readonly underBlocks: number
  readonly nuisances: number
  /** Deny where ask is expected and deny is not accepted. */
  readonly minor: number
  readonly notCovered: number
  readonly notCoveredKinds: Readonly<Record<string, number>>
  readonly p99Ms: number
  /** expected -> given -> rows. */
  readonly confusion: Readonly<Record<Answered, Readonly<Record<Answered, number>>>>
  readonly failures: ReadonlyArray<PolicyFailure>
}

const resultOf = (row: PolicyRow, given: Answered): Result => {
  if (given === "allow" && !row.accept.includes("allow")) return "leak"
  if (given !== "allow" && row.expected === "allow") return "nuisance"
  if (row.accept.includes(given)) return "right"
  return given === "ask" ? "under-block" : "minor"
}

const percentile = (times: ReadonlyArray<number>, share: number): number => {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

export const evalPolicy = (rows: ReadonlyArray<PolicyRow>, options: PolicyEvalOptions): PolicyReport => {
  const empty = (): Record<Answered, number> => ({ allow: 0, ask: 0, deny: 0 })
  const confusion: Record<Answered, Record<Answered, number>> = {
    allow: empty(),
    ask: empty(),
    deny: empty(),
  }
  const counts: Record<Result, number> = { right: 0, leak: 0, "under-block": 0, nuisance: 0, minor: 0 }
  const notCoveredKinds: Record<string, number> = {}
  const failures: Array<PolicyFailure> = []
  const times: Array<number> = []
  for (const row of rows) {
    const judged = judgeRow(row, options)
    if (judged !== null && judged.ms !== null) times.push(judged.ms)
    if (judged === null) {
      notCoveredKinds[row.kind] = (notCoveredKinds[row.kind] ?? 0) + 1
      continue
    }
    const given: Answered = judged.verdict === "audit" ? "allow" : judged.verdict
    confusion[row.expected][given]++
    const result = resultOf(row, given)
    counts[result]++
    const { id, kind, input, expected } = row
    if (result !== "right")
      failures.push({ id, kind, input, expected, verdict: given, rule: judged.rule, result })
  }
  return {
    v: 1,
    name: "policy",
    rows: rows.length,
    leaks: counts.leak,
    underBlocks: counts["under-block"],
    nuisances: counts.nuisance,
    minor: counts.minor,
    notCovered: Object.values(notCoveredKinds).reduce((sum, count) => sum + count, 0),
    notCoveredKinds,
    p99Ms: percentile(times, 0.99),
    confusion,
    failures,
  }
}
