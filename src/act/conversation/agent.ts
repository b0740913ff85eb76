/**
 * `Agent`: asks for a child of the conversation. The call ends as soon as the child stands in the log; the conversation
 * itself waits for the child's end, or is told of it.
 */
import { Effect, Schema } from "effect"
import { neutralise } from "../../domain/neutralise.ts"
import type { Agents, AgentWanted } from "../Agents.ts"
import { defineTool, jsonSchemaOf } from "../defineTool.ts"
import { type ActSettings, readingPlan, textResult } from "../planParts.ts"

const Line = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(200))

const Input = Schema.Struct({
  description: Line.annotate({ description: "The task in a few words" }),
  prompt: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(100_000)).annotate({
    description: "The task, with all it needs to know: it knows nothing of this conversation",
  }),
  subagent_type: Schema.optionalKey(Line).annotate({
    description:
      "Which kind: explore (only reads: finds and explains), plan (only reads: says how to do it), verify (reads, runs tests), general (works in a worktree of its own; its changes come back as a patch), or one of the user's own; general if absent",
  }),
  model: Schema.optionalKey(Line).annotate({
    description: "Which model it thinks with; this conversation's if absent",
  }),
  run_in_background: Schema.optionalKey(Schema.Boolean).annotate({
    description: "Go on at once, and be told of its end; false if absent",
  }),
})

const wantedOf = (input: typeof Input.Type): AgentWanted => ({
  description: input.description,
  prompt: input.prompt,
  type: input.subagent_type ?? "general",
  model: input.model ?? null,
  background: input.run_in_background ?? false,
})

/** As a model is told of it. */
export const agentContract = () => ({
  name: "Agent",
  description:
    "Gives a task to an agent of its own, with a context of its own; its last answer is the result. Several calls in one answer work side by side. Every call an agent makes passes the same gate.",
  inputSchema: jsonSchemaOf(Input),
})

export const agentTool = (agents: Agents["Service"], settings: ActSettings) =>
  defineTool({
    name: agentContract().name,
    description: agentContract().description,
    input: Input,
    hints: { readOnly: false, destructive: false, idempotent: true, openWorld: false },
    examples: [
      { description: "find the parser", prompt: "Where are rule files parsed?", subagent_type: "explore" },
    ],
    undo: "an agent's changes come as a patch of their own, which can be taken back like any other",
    limits: [
      "as deep and as many at once as the settings say (agents.depth, agents.concurrent)",
      "what it may spend is a share of what the conversation has left",
    ],
    plan: Effect.fnUntraced(function* (input, context) {
      const wanted = wantedOf(input)
      const summary = yield* agents.look(wanted, context)
      const run = Effect.map(agents.queue(wanted, context), (agent) =>
        textResult(`agent ${agent} has the task`, settings),
      )
      return readingPlan(neutralise(summary), run)
    }),
  })
