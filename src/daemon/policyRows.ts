/** Rules and problems of the gate as clients see them. Pure. */
import type { Problem } from "../../policies/CommandTable.ts"
import { unwrittenRules } from "../../policies/evaluate.ts"
import type { Rule } from "../../policies/rules.ts"
import { policyCounts, type RuleStatistics } from "../domain/ruleStatistics.ts"
import type { PolicyRuleRow } from "../rpc/shapes.ts"

export const showProblem = (problem: Problem): string =>
  `${problem.file}:${problem.line}:${problem.column}: ${problem.severity === "warning" ? "warning: " : ""}${problem.message}`

/** `statistics` null: there is no log to look at. */
export const ruleRows = (
  rules: ReadonlyArray<Rule>,
  workspace: string | null,
  statistics: RuleStatistics | null,
): ReadonlyArray<PolicyRuleRow> =>
  [
    ...rules
      .filter((rule) => rule.workspace === null || rule.workspace === workspace)
      .map((rule) => ({ ...rule, rule: rule.name })),
    ...unwrittenRules.map((rule) => ({ ...rule, tier: "builtin" })),
  ].map(({ rule, verdict, tier, file, line, reason }) => ({
    v: 1,
    rule,
    verdict,
    tier,
    file,
    line,
    reason,
    counts: statistics === null ? null : policyCounts(statistics, { rule, file }),
  }))
