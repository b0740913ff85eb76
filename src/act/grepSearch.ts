/** `grep_search`: lines of text files in the workspace that hold a text; ignored, binary and huge files left out; bounded. */
import { constants } from "node:fs"
import { open } from "node:fs/promises"
import { Effect, Schema } from "effect"
import { neutralise } from "../domain/neutralise.ts"
import { attempt, wrongInput } from "./attempt.ts"
import { defineTool } from "./defineTool.ts"
import { textOf } from "./fileText.ts"
import { matchesGlob, parseGlob } from "./globPattern.ts"
import { lineMatcher } from "./matchLines.ts"
import { resolveInside, shown } from "./paths.ts"
import { PathInput, readingPlan, textResult, type ActSettings } from "./planParts.ts"
import { ToolError } from "./Tool.ts"
import { walkFiles } from "./walkFiles.ts"

const maxBytes = 4 * 1024 * 1024
const shownLine = 500

const Input = Schema.Struct({
  pattern: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(1000)),
  path: Schema.optionalKey(
    PathInput.annotate({ description: "Folder to search; the current one if absent" }),
  ),
  glob: Schema.optionalKey(Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(1000))),
  regex: Schema.optionalKey(Schema.Boolean.annotate({ description: "The pattern is a regular expression" })),
  ignoreCase: Schema.optionalKey(Schema.Boolean),
  limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))),
})

const readText = async (path: Buffer): Promise<string | null> => {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const handle = await open(path, flags).catch(() => null)
  if (handle === null) return null
  try {
    const found = await handle.stat()
    if (!found.isFile() || found.size > maxBytes) return null
    const content = textOf(await handle.readFile())
    return "binary" in content ? null : content.text
  } finally {
    await handle.close()
  }
}

export const grepSearchTool = (settings: ActSettings) =>
  defineTool({
    name: "grep_search",
    description: "Finds lines in the workspace's files, literally or by regular expression.",
    input: Input,
    hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
    plan: Effect.fnUntraced(function* (input, context) {
      const { workspace } = context
      const limit = input.limit ?? 500
      const matcher = lineMatcher({
        pattern: input.pattern,
        regex: input.regex ?? false,
        ignoreCase: input.ignoreCase ?? false,
      })
      if (matcher instanceof ToolError) return yield* matcher
      const glob = input.glob === undefined ? undefined : parseGlob(input.glob)
      if (glob === null) return yield* wrongInput("grep_search: glob is not a glob (open bracket or brace?)")
      const what = `search ${input.path ?? "."}`
      const folder = yield* attempt(what, () => resolveInside(input.path ?? ".", context.cwd, workspace))
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
          const { path, real } = next.value
          if (glob !== undefined && !matchesGlob(glob, path)) continue
          const text = await readText(real)
          if (text === null) continue
          const lines = text.split("\n")
          for (const index of matcher(lines, limit + 1 - found.length)) {
            if (found.length >= limit) return [...found, `[more than ${limit} lines match]`]
            found.push(`${neutralise(path)}:${index + 1}:${lines[index]!.slice(0, shownLine)}`)
          }
        }
      }).pipe(Effect.map((lines) => textResult(lines.join("\n"), settings)))
      return readingPlan(`Search ${shown(workspace, folder)} for ${neutralise(input.pattern)}`, run)
    }),
  })
