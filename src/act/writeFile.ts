/** `write_file`: replaces or creates one text file of the workspace, whole or not at all, its mode kept. */
import { Effect, Schema } from "effect"
import { attempt } from "./attempt.ts"
import { defineTool } from "./defineTool.ts"
import { refuseGuardedWrite } from "./guarded.ts"
import { resolveInside, shown } from "./paths.ts"
import { PathInput, type ActSettings } from "./planParts.ts"
import { captureFile, replacePlan } from "./replacePlan.ts"

const Input = Schema.Struct({
  path: PathInput.annotate({ description: "Absolute, or relative to the current folder" }),
  content: Schema.String.annotate({ description: "The whole new content" }),
})

export const writeFileTool = (settings: ActSettings) =>
  defineTool({
    name: "write_file",
    description:
      "Writes a whole text file in the workspace; makes missing folders. What was there before is replaced: for a change to a part of a file there is edit_file.",
    input: Input,
    hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
    examples: [{ path: "notes/today.md", content: "# Today\n" }],
    undo: "whole: content, rights and times of the file before, or its absence; refused where it was changed since",
    plan: Effect.fnUntraced(function* (input, context) {
      const { workspace } = context
      const what = `write ${input.path}`
      const path = yield* attempt(what, async () => {
        const real = await resolveInside(input.path, context.cwd, workspace)
        refuseGuardedWrite(workspace, real)
        return real
      })
      const before = yield* attempt(what, () => captureFile(path, workspace))
      const content = new TextEncoder().encode(input.content)
      const verb = before.state.kind === "absent" ? "Create" : "Overwrite"
      const summary = `${verb} ${shown(workspace, path)} (${content.length} bytes)`
      return yield* replacePlan({ path, workspace, before, content, summary }, settings)
    }),
  })
