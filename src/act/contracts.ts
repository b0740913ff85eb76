/**
 * Contracts of tools whose engine is the conversation itself: names, schemas and hints as others will call them, so that
 * the gate judges them already. They are in no registry: nobody is offered them, and nobody can call them.
 */
import { Schema } from "effect"
import { jsonSchemaOf } from "./defineTool.ts"
import type { Tool } from "./Tool.ts"

export type ToolContract = Pick<Tool, "name" | "description" | "inputSchema" | "hints"> & {
  readonly listed: false
}

const Line = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(200))

const Skill = Schema.Struct({
  skill: Line.annotate({ description: "The skill's name" }),
  file: Schema.optionalKey(Line).annotate({
    description: "A file of its folder, to be shown instead of taking the skill up",
  }),
  args: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(10_000))).annotate({
    description: "What to do with it",
  }),
})

const ToolSearch = Schema.Struct({
  query: Line.annotate({ description: "Words of the tool's name or description" }),
  max_results: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 }))).annotate({
    description: "How many at most",
  }),
})

/** Made when asked for: schemas are no work for an import. */
export const toolContracts = (): ReadonlyArray<ToolContract> => [
  {
    name: "Skill",
    description: "Takes up a skill: instructions and files for one kind of work.",
    inputSchema: jsonSchemaOf(Skill),
    hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
    listed: false,
  },
  {
    name: "ToolSearch",
    description: "Finds tools that are not in the list by what they do.",
    inputSchema: jsonSchemaOf(ToolSearch),
    hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
    listed: false,
  },
]
