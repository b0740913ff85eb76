/** `glob_search`: names of files in the workspace that match a glob, without what git ignores; bounded. */
import { relative } from "node:path"
import { Effect, Schema } from "effect"
import { neutralise } from "../domain/neutralise.ts"
import { attempt, wrongInput } from "./attempt.ts"
import { defineTool } from "./defineTool.ts"
import { matchesGlob, parseGlob } from "./globPattern.ts"
import { resolveInside, shown } from "./paths.ts"
import { PathInput, readingPlan, textResult, type ActSettings } from "./planParts.ts"
import { walkFiles } from "./walkFiles.ts"

const Input = Schema.Struct({
  pattern: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(1000)).annotate({
    description: "Glob; without a slash it is meant at any depth",
  }),
  path: Schema.optionalKey(
    PathInput.annotate({ description: "Folder to search; the current one if absent" }),
  ),
  limit: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 })).annotate({
      description: "Most paths to list; 1000 if absent",
    }),
  ),
})

export const globSearchTool = (settings: ActSettings) =>
  defineTool({
    name: "glob_search",
    description: "Lists files of the workspace whose path matches a glob; ignored files are left out.",
    input: Input,
    hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
    examples: [{ pattern: "*.ts" }, { pattern: "test/**/*.test.ts", limit: 50 }],
    plan: Effect.fnUntraced(function* (input, context) {
      const glob = parseGlob(input.pattern)
      if (glob === null)
        return yield* wrongInput("glob_search: pattern is not a glob (open bracket or brace?)")
      const { workspace } = context
      const limit = input.limit ?? 1000
      const what = `search ${input.path ?? "."}`
      const folder = yield* attempt(what, () => resolveInside(input.path ?? ".", context.cwd, workspace))
      const prefix = folder === workspace ? 0 : relative(workspace, folder).length + 1
      const run = attempt(what, async (signal) => {
        const found: Array<string> = []
        const walk = walkFiles(workspace, folder, context.home, signal)
        for (;;) {
          const next = await walk.next()
          if (next.done === true) {
            const note = next.value.complete
              ? []
              : ["[the folder holds too many files; not all were looked at]"]
            return [...found, ...note]
          }
          // the pattern is meant from the folder that is searched
          if (!matchesGlob(glob, next.value.path.slice(prefix))) continue
          if (found.length >= limit) return [...found, `[more than ${limit} files match]`]
          found.push(neutralise(next.value.path))
        }
      }).pipe(Effect.map((lines) => textResult(lines.join("\n"), settings)))
      return readingPlan(`Look for ${neutralise(input.pattern)} in ${shown(workspace, folder)}`, run, [
        folder,
      ])
    }),
  })
