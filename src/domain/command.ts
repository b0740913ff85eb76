/**
 * Slash commands as data: what each is called, takes and does to the world, and what it answers. The graph itself is in
 * `src/agent/commands`; help, completion, palettes, the page and the checks are all made from these rows.
 * Invariant: an answer is plain data; whoever shows it makes its texts harmless.
 */
import { Schema } from "effect"

export const commandCategories = ["Core", "Workspace", "Session", "Git", "Automation"] as const
const CommandCategory = Schema.Literals(commandCategories)
type CommandCategory = typeof CommandCategory.Type

/** What can be completed there. `words`: anything. */
export const ArgumentKind = Schema.Literals([
  "words",
  "command",
  "session",
  "model",
  "file",
  "suggestion",
  "choice",
  "number",
  "duration",
  "setting",
  "provider",
  "agent",
  "skill",
])
export type ArgumentKind = typeof ArgumentKind.Type

export const CommandArgument = Schema.Struct({
  name: Schema.String,
  kind: ArgumentKind,
  required: Schema.Boolean,
  /** Takes all that is left of the line, as it stands there. */
  rest: Schema.Boolean,
  choices: Schema.Array(Schema.String),
  summary: Schema.String,
})
export type CommandArgument = typeof CommandArgument.Type

export const CommandRow = Schema.Struct({
  v: Schema.Literal(1),
  name: Schema.String,
  aliases: Schema.Array(Schema.String),
  category: CommandCategory,
  summary: Schema.String,
  arguments: Schema.Array(CommandArgument),
  /** It is about the conversation one is in. */
  needsSession: Schema.Boolean,
  /** It changes something, so it needs the proof of a person's own client. */
  mutates: Schema.Boolean,
  /** It may come from a device that is not this machine. */
  remoteSafe: Schema.Boolean,
  /** It does without a model and without somebody at a terminal: `claw --resume ID /cost`. */
  resumeSafe: Schema.Boolean,
  where: Schema.Literals(["daemon", "client"]),
})
export type CommandRow = typeof CommandRow.Type

/** A piece of an answer. */
export const CommandBlock = Schema.Union([
  Schema.TaggedStruct("text", { text: Schema.String }),
  Schema.TaggedStruct("markdown", { text: Schema.String }),
  Schema.TaggedStruct("diff", { text: Schema.String }),
  Schema.TaggedStruct("table", {
    head: Schema.Array(Schema.String),
    rows: Schema.Array(Schema.Array(Schema.String)),
  }),
])
export type CommandBlock = typeof CommandBlock.Type

/** What the client is to do next. */
export const CommandNext = Schema.Union([
  /** Say this in the conversation: the command is a prepared word to the model. */
  Schema.TaggedStruct("say", { text: Schema.String }),
  /** Go on in this conversation. */
  Schema.TaggedStruct("open", { session: Schema.String }),
  /** Write this file where the person is. */
  Schema.TaggedStruct("save", { path: Schema.String, text: Schema.String }),
])
export type CommandNext = typeof CommandNext.Type

export const CommandAnswer = Schema.Struct({
  v: Schema.Literal(1),
  command: Schema.String,
  blocks: Schema.Array(CommandBlock),
  /** The same for programs. */
  data: Schema.Json,
  next: Schema.NullOr(CommandNext),
})
export type CommandAnswer = typeof CommandAnswer.Type
