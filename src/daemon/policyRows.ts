/** Rules and problems of the gate as clients see them. Pure. */
import type { Problem } from "../../policies/CommandTable.ts"
import type { Rule } from "../../policies/rules.ts"
import type { PolicyRuleRow } from "../rpc/shapes.ts"

export const showProblem = (problem: Problem): string =>
  `${problem.file}:${problem.line}:${problem.column}: ${problem.severity === "warning" ? "warning: " : ""}${problem.message}`

export const ruleRows = (
  rules: ReadonlyArray<Rule>,
  workspace: string | null,
): ReadonlyArray<PolicyRuleRow> =>
  rules
    .filter((rule) => rule.workspace === null || rule.workspace === workspace)
    .map((rule) => ({
      v: 1,
      rule: rule.name,
      verdict: rule.verdict,
      tier: rule.tier,
      file: rule.file,
      line: rule.line,
      reason: rule.reason,
    }))
