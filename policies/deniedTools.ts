/**
 * Which tools are denied whatever they are asked: a deny rule that looks at nothing but the tool, who asks and how far
 * that is trusted. Such tools are not shown to a model. Pure.
 * Invariant: a tool that some call might be allowed for is never among them; a broken rule set denies all.
 */
import type { RuleMatch } from "../src/domain/action.ts"
import type { RuleSet } from "./evaluate.ts"
import { ruleMatches } from "./rules.ts"
import { type JudgeContext, scopeOf } from "./Scope.ts"

/** The rule that denies every call of this tool; null where it depends on the call. */
export const deniedOutright = (rules: RuleSet, tool: string, context: JudgeContext): RuleMatch | null => {
  if (rules.broken !== null)
    return { rule: "gate-broken", file: "policies/evaluate.ts", line: 1, verdict: "deny" }
  const scope = scopeOf({ tool, input: {} }, context, { own: [] })
  // without an effect to look at, only conditions on the tool and on who asks can hold
  const found = rules.rules.find(
    (rule) => rule.verdict === "deny" && ruleMatches(rule, { seen: null, tool, scope }),
  )
  return found === undefined
    ? null
    : { rule: found.name, file: found.file, line: found.line, verdict: "deny" }
}
