/**
 * Settings of what is remembered. Pure.
 * Invariants: by default everything waits for the user's yes, and no memory is sent anywhere to be found by; a workspace's
 * file may make it stricter and never looser.
 */
import { Effect, Schema } from "effect"
import { ModelWord } from "./modelSettings.ts"

const off = "off"

export const MemorySettings = Schema.Struct({
  /** `ask`: all of it waits for a yes. `own`: what rests on the user's own words alone, word for word, counts at once. */
  accept: Schema.Literals(["ask", "own"]).pipe(Schema.withDecodingDefaultKey(Effect.succeed("ask" as const))),
  /** Whether a model looks through conversations for what is worth keeping. */
  extract: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
  /** `off`, or the model by which memories are found by what they mean and not by their words alone: `provider/id`, an alias. */
  embeddings: ModelWord.pipe(Schema.withDecodingDefaultKey(Effect.succeed(off))),
})
export type MemorySettings = typeof MemorySettings.Type
type Input = typeof MemorySettings.Encoded

export const mergeMemory = (own: Input, workspace: Input): Input => ({
  ...own,
  ...(workspace.accept === "ask" ? { accept: "ask" as const } : {}),
  ...(workspace.extract === false ? { extract: false } : {}),
  ...(workspace.embeddings === off ? { embeddings: off } : {}),
})
