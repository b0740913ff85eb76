/**
 * How a tool call asks for a child of its conversation. The layer is given by whoever keeps the children: the call only
 * puts it into the log, and its work begins by that event.
 * Invariant: the same call asks for the same child, however often it is made.
 */
import { Context, type Effect } from "effect"
import type { ToolContext, ToolError } from "./Tool.ts"

export interface AgentWanted {
  readonly description: string
  readonly prompt: string
  readonly type: string
  readonly model: string | null
  readonly background: boolean
}

export class Agents extends Context.Service<
  Agents,
  {
    /** What would be begun, in one line; fails where it cannot be. */
    readonly look: (wanted: AgentWanted, context: ToolContext) => Effect.Effect<string, ToolError>
    /** Its id. */
    readonly queue: (wanted: AgentWanted, context: ToolContext) => Effect.Effect<string, ToolError>
  }
>()("claw/act/Agents") {}
