/**
 * Settings of what is remembered. Pure.
 * Invariants: by default everything waits for the user's yes; a workspace's file may make it stricter and never looser.
 */
import { Effect, Schema } from "effect"

export const MemorySettings = Schema.Struct({
  /** `ask`: all of it waits for a yes. `own`: what rests on the user's own words alone, word for word, counts at once. */
  accept: Schema.Literals(["ask", "own"]).pipe(Schema.withDecodingDefaultKey(Effect.succeed("ask" as const))),
  /** Whether a model looks through conversations for what is worth keeping. */
  extract: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
})
export type MemorySettings = typeof MemorySettings.Type
type Input = typeof MemorySettings.Encoded

export const mergeMemory = (own: Input, workspace: Input): Input => ({
  ...own,
  ...(workspace.accept === "ask" ? { accept: "ask" as const } : {}),
  ...(workspace.extract === false ? { extract: false } : {}),
})
