/**
 * `read_file`: text of one file of the workspace, by lines, bounded. A binary is refused with the reason; bytes that
 * are not UTF-8 appear as U+FFFD and the answer says so.
 */
import { Effect, Schema } from "effect"
import { attempt, refused } from "./attempt.ts"
import { defineTool } from "./defineTool.ts"
import { sliceLines, textOf } from "./fileText.ts"
import { refuseGuardedRead, refuseOtherNames } from "./guarded.ts"
import { openFile } from "./pathState.ts"
import { inFolder, resolveInside, shown } from "./paths.ts"
import { PathInput, readingPlan, textResult, type ActSettings } from "./planParts.ts"

const maxBytes = 16 * 1024 * 1024
const defaultLines = 2000

const Input = Schema.Struct({
  path: PathInput.annotate({ description: "Absolute, or relative to the current folder" }),
  offset: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000_000 })).annotate({
      description: "First line, from 1",
    }),
  ),
  limit: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 })).annotate({
      description: `Number of lines; ${defaultLines} if absent`,
    }),
  ),
})

/** The bytes of a regular file inside the workspace, read through its pinned folder; none of a secret's. */
export const readInside = async (path: string, workspace: string): Promise<Uint8Array> => {
  refuseGuardedRead(workspace, path)
  return await inFolder(path, [workspace], async (entry) => {
    const handle = await openFile(entry)
    try {
      const found = await handle.stat({ bigint: true })
      if (found.isDirectory()) throw refused(`${shown(workspace, path)} is a folder`)
      if (!found.isFile()) throw refused(`${shown(workspace, path)} is not a regular file`)
      if (found.size > maxBytes) {
        throw refused(`${shown(workspace, path)} has ${found.size} bytes; at most ${maxBytes} are read`)
      }
      refuseOtherNames(workspace, path, found, entry)
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  })
}

export const readFileTool = (settings: ActSettings) =>
  defineTool({
    name: "read_file",
    description:
      "Reads lines of a text file in the workspace. A binary file, a folder or a larger file is refused with the reason; bytes that are not UTF-8 are shown as U+FFFD, and the answer says so.",
    input: Input,
    hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
    examples: [{ path: "README.md" }, { path: "src/a.ts", offset: 200, limit: 100 }],
    limits: [
      `${maxBytes / 1024 / 1024} MiB a file`,
      `${defaultLines} lines at once, unless limit says otherwise`,
    ],
    plan: Effect.fnUntraced(function* (input, context) {
      const what = `read ${input.path}`
      const path = yield* attempt(what, () => resolveInside(input.path, context.cwd, context.workspace))
      const name = shown(context.workspace, path)
      const run = Effect.gen(function* () {
        const content = textOf(yield* attempt(what, () => readInside(path, context.workspace)))
        if ("binary" in content) return yield* refused(`${name} is binary: ${content.binary}`)
        const part = sliceLines(content.text, input.offset ?? 1, input.limit ?? defaultLines)
        const notes = [
          ...(part.first > 1 || part.last < part.lines
            ? [`[lines ${part.first} to ${part.last} of ${part.lines}]`]
            : []),
          ...(content.valid ? [] : ["[some bytes are not UTF-8; shown as U+FFFD]"]),
        ]
        return textResult([part.text, ...notes].join("\n"), settings)
      })
      return readingPlan(`Read ${name}`, run, [path])
    }),
  })
