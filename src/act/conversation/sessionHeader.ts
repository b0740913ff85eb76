/** Whose event a conversation's is: its own, or that of the request the call belongs to. Pure. */
import type { ToolContext } from "../Tool.ts"

export const sessionHeader = (context: ToolContext) => ({
  actor: "claw",
  workspace: context.workspace,
  trust: context.trust,
  correlationId: context.session ?? context.call.split("#")[0]!,
})
