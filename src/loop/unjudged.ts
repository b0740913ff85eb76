/**
 * Whether a plan goes by what the gate judged. Pure. Invariant: the gate and the tool each follow links by themselves;
 * what they found must be the same, or the verdict speaks of another file.
 */
import type { ToolContext, ToolPlan } from "../act/Tool.ts"
import type { Verdict } from "../domain/action.ts"

/** What the plan would open and the verdict does not name. */
export const unjudged = (
  verdict: Verdict,
  { opens = [] }: ToolPlan,
  { permits }: ToolContext,
): ReadonlyArray<string> => {
  const judged = new Set([
    ...permits.write,
    ...verdict.effects.flatMap((effect) =>
      effect._tag === "read" || effect._tag === "write" || effect._tag === "delete" ? [effect.path] : [],
    ),
  ])
  return opens.filter((path) => !judged.has(path))
}
