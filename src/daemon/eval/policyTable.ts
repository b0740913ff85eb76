/** Reads a policy table and scores it against the shipped rules, on a monotonic clock; or mutates or fuzzes it. */
import { Effect, FileSystem } from "effect"
import { loadRuleSet } from "../../../policies/load.ts"
import { readShipped, shippedDirectory } from "../../../policies/shipped.ts"
import { isCompromised } from "../../domain/compromised/compromised.ts"
import { fuzzPolicy } from "./fuzzPolicy.ts"
import { decodeJsonLines } from "./jsonLines.ts"
import { mutatePolicy } from "./mutatePolicy.ts"
import { evalPolicy } from "./policy.ts"
import { type PolicyEvalOptions, PolicyRow } from "./policyWorld.ts"

const decodeRows = decodeJsonLines(PolicyRow)

/** What to do with the table besides scoring it. */
export interface PolicyRun {
  readonly mutate: number | null
  readonly fuzz: number | null
  readonly seed: number
}

/** Processor time of this thread in milliseconds: what a busy machine adds to the clock is not the gate's. */
const worked = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

export const evalPolicyTable = Effect.fn("Eval.policy")(function* (table: string, run: PolicyRun) {
  const fs = yield* FileSystem.FileSystem
  const rows = yield* decodeRows(yield* fs.readFileString(table))
  const options: PolicyEvalOptions = {
    rules: loadRuleSet(readShipped(shippedDirectory(), ["default"])),
    isCompromised: (name, version) => isCompromised("any", name, version ?? "*") !== null,
    now: () => performance.now(),
  }
  const { seed } = run
  if (run.mutate !== null) return mutatePolicy(rows, { ...options, mutants: run.mutate, seed })
  if (run.fuzz !== null) return fuzzPolicy(rows, { ...options, now: worked, inputs: run.fuzz, seed })
  return evalPolicy(rows, options)
})
