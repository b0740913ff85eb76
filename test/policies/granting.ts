/** Grants as a person would give them, rules of the user's own, and the gate under both. */
import type { ToolCall, Trust, Verdict } from "../../src/domain/action.ts"
import type { GrantInForce, GrantScopeName } from "../../src/domain/grant.ts"
import { evaluate } from "../../policies/evaluate.ts"
import { grantOffers } from "../../policies/grantOffers.ts"
import { loadRuleSet } from "../../policies/load.ts"
import type { Scope } from "../../policies/Scope.ts"
import { readShipped, shippedDirectory } from "../../policies/shipped.ts"
import { shipped, taken, workspace } from "./gate.ts"

export const tool = (name: string, input: ToolCall["input"]): ToolCall => ({ tool: name, input })

/** The grant a person would give seeing this call; throws where it cannot be had. */
export const granted = (call: ToolCall, name: GrantScopeName, seq = 7): GrantInForce => {
  const { fault, offers, rules } = grantOffers(shipped, call, ...taken(call))
  if (fault !== null) throw new Error(fault)
  const offer = offers.find((each) => each.name === name)!
  if (offer.scope === null) throw new Error(offer.title)
  return { grant: `g_${seq}`, seq, workspace, scope: offer.scope, title: offer.title, rules, until: null }
}
/** The shipped rules and these of the user's, each of which allows. */
export const mine = (...bodies: ReadonlyArray<string>) => {
  const { commands, files } = readShipped(shippedDirectory(), ["default"])
  const text = bodies
    .map((body, n) => `[[rule]]\nname = "mine-${n}"\nverdict = "allow"\n${body}\n`)
    .join("\n")
  return loadRuleSet({
    commands,
    files: [
      ...files,
      { file: "/home/ada/.config/claw/policies/mine.toml", text, tier: "user", workspace: null },
    ],
  })
}
export const under = (
  grants: ReadonlyArray<GrantInForce>,
  call: ToolCall,
  more: Partial<Scope> = {},
  trust: Trust = "trusted",
): Verdict => {
  const [compiled, scope] = taken(call, trust)
  return evaluate(shipped, compiled, { ...scope, grants, ...more })
}
export const allowed = (grants: ReadonlyArray<GrantInForce>, call: ToolCall): boolean =>
  under(grants, call).verdict === "allow"
