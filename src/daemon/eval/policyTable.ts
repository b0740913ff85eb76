/** Reads a policy table and scores it against the shipped rules, on a monotonic clock. */
import { Effect, FileSystem } from "effect"
import { loadRuleSet } from "../../../policies/load.ts"
import { readShipped, shippedDirectory } from "../../../policies/shipped.ts"
import { isCompromised } from "../../domain/compromised/compromised.ts"
import { decodeJsonLines } from "./jsonLines.ts"
import { evalPolicy, PolicyRow } from "./policy.ts"

const decodeRows = decodeJsonLines(PolicyRow)

export const evalPolicyTable = Effect.fn("Eval.policy")(function* (table: string) {
  const fs = yield* FileSystem.FileSystem
  const rows = yield* decodeRows(yield* fs.readFileString(table))
  return evalPolicy(rows, {
    rules: loadRuleSet(readShipped(shippedDirectory(), ["default"])),
    isCompromised: (name, version) => isCompromised("any", name, version ?? "*") !== null,
    now: () => performance.now(),
  })
})
