/**
 * What a sandboxed command cannot have written: files other programs run later, git's hooks and configuration. A change
 * there while it ran was somebody else's, so undo leaves it alone.
 */
import { Effect } from "effect"
import { attempt } from "./attempt.ts"
import { protectedPaths, type Protection } from "./protectedPaths.ts"
import type { ToolContext } from "./Tool.ts"

/** None where they cannot be told: then the sandbox will not start either. */
export const shutPaths = ({ home, workspace }: ToolContext, protection: Protection) =>
  attempt("find what stays shut", async () => protectedPaths(workspace, home, protection).existing).pipe(
    Effect.orElseSucceed((): ReadonlyArray<string> => []),
  )
