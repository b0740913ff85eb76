/**
 * Writes every row of a policy table in other words, many times, and judges each: what was asked or denied must never
 * be allowed by being written differently, nor what is allowed beside it. Seeded, so that a run can be had again.
 */
import type { VerdictKind } from "../../domain/action.ts"
import { judgeRow, type Judged, type PolicyEvalOptions, type PolicyRow } from "./policyWorld.ts"
import { seeded } from "./random.ts"
import { operatorsOf } from "./rowMutations.ts"

export interface MutantFailure {
  readonly id: string
  readonly operators: ReadonlyArray<string>
  readonly row: string
  readonly input: string
  readonly expected: string
  readonly verdict: string
  readonly rule: string
}
export interface MutationReport {
  readonly v: 1
  readonly name: "policy.mutations"
  readonly rows: number
  readonly mutants: number
  readonly seed: number
  /** Operator -> mutants made by it alone or with others. */
  readonly operators: Readonly<Record<string, number>>
  /** Allowed, where the row is asked or denied. The bar is none. */
  readonly violations: number
  /** Denied as it stands, only asked in other words. */
  readonly softened: number
  /** The compiler threw on it (it is denied then). */
  readonly failed: number
  readonly failures: ReadonlyArray<MutantFailure>
}

export interface MutationOptions extends PolicyEvalOptions {
  readonly mutants: number
  readonly seed: number
}

const mostShown = 200
const isAllowed = (verdict: VerdictKind): boolean => verdict === "allow" || verdict === "audit"

/** Rows that must not be allowed, and how the gate judges them as they stand. */
const guarded = (rows: ReadonlyArray<PolicyRow>, options: PolicyEvalOptions) =>
  rows.flatMap((row) => {
    const judged = row.accept.includes("allow") ? null : judgeRow(row, options)
    return judged === null ? [] : [{ row, verdict: judged.verdict }]
  })

const joints = [" ; ", " && ", " || ", " | ", "\n", " & "]

export const mutatePolicy = (rows: ReadonlyArray<PolicyRow>, given: MutationOptions): MutationReport => {
  const options = { ...given, now: null }
  const random = seeded(given.seed)
  const subjects = guarded(rows, options)
  const harmless = rows.filter((row) => row.kind === "command" && row.expected === "allow")
  const operators: Record<string, number> = {}
  const failures: Array<MutantFailure> = []
  let violations = 0
  let softened = 0
  let failed = 0
  let mutants = 0

  /** One to three operators, one after the other; a harmless row joined to a command now and then. */
  const write = (row: PolicyRow): readonly [string, ReadonlyArray<string>] => {
    const known = operatorsOf(row.kind)
    const names = Object.keys(known)
    const used: Array<string> = []
    let input = row.input
    for (let step = mutants % 3; step >= 0; step--) {
      const name =
        step === mutants % 3
          ? names[Math.floor(mutants / subjects.length) % names.length]!
          : random.one(names)
      used.push(name)
      input = known[name]!(input, random.below)
    }
    if (row.kind === "command" && harmless.length > 0 && random.below(4) === 0) {
      used.push("chain")
      const beside = random.one(harmless).input
      const joint = random.one(joints)
      input = random.below(2) === 0 ? beside + joint + input : input + joint + beside
    }
    return [input, used]
  }

  for (; mutants < given.mutants && subjects.length > 0; mutants++) {
    const { row, verdict } = subjects[mutants % subjects.length]!
    const [input, used] = write(row)
    for (const name of used) operators[name] = (operators[name] ?? 0) + 1
    const judged: Judged = judgeRow(row, options, input)!
    if (judged.failed) failed++
    if (verdict === "deny" && judged.verdict === "ask") softened++
    if (!isAllowed(judged.verdict)) continue
    violations++
    if (failures.length < mostShown)
      failures.push({
        id: row.id,
        operators: used,
        row: row.input,
        input,
        expected: row.expected,
        verdict: judged.verdict,
        rule: judged.rule,
      })
  }
  return {
    v: 1,
    name: "policy.mutations",
    rows: subjects.length,
    mutants,
    seed: given.seed,
    operators,
    violations,
    softened,
    failed,
    failures,
  }
}
