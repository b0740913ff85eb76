/** Settings of the children of conversations: how deep below one, how many at once, what their worktrees hold. */
import { Effect, Schema } from "effect"

const relativeFolder = Schema.String.check(
  Schema.isPattern(/^(?!\.\.?(?:\/|$))[\w@.-]+(?:\/(?!\.\.?(?:\/|$))[\w@.-]+)*$/, {
    expected: 'a folder below the workspace, such as "node_modules"',
  }),
)

export const AgentSettings = Schema.Struct({
  /** 0: no conversation has children. */
  depth: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(3)),
  ),
  concurrent: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 32 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(4)),
  ),
  /** Folders that git ignores and a worktree shares with the workspace, read-only for what runs in the sandbox. */
  worktree: Schema.Struct({
    link: Schema.Array(relativeFolder).pipe(Schema.withDecodingDefaultKey(Effect.succeed(["node_modules"]))),
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
})
export type AgentSettings = typeof AgentSettings.Type
