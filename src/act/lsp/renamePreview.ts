/**
 * What a rename would change, as unified diffs made by us from our own reading of the files. Changes nothing.
 * Invariant: an edit outside the workspace, outside its file, or over another one makes the whole preview say so.
 */
import { Effect } from "effect"
import { previewOf } from "../replacePlan.ts"
import type { ToolError } from "../Tool.ts"
import { workspaceEditOf } from "./answers.ts"
import { failed } from "./LanguageServer.ts"
import { brief } from "./render.ts"
import { applyEdits } from "./textEdits.ts"
import type { WorkspaceFiles } from "./workspaceFiles.ts"

const mostFiles = 100

export const renamePreview = (
  answer: unknown,
  files: WorkspaceFiles,
  program: string,
): Effect.Effect<string, ToolError> =>
  Effect.gen(function* () {
    if (answer === null || answer === undefined) return "Nothing can be renamed there."
    const edit = workspaceEditOf(answer)
    if (edit === null) return yield* failed(`${program} answered with something that is no edit`)
    const problems: Array<string> = []
    if (edit.operations > 0) problems.push(`it would also make, move or delete ${edit.operations} files`)
    if (edit.files.length > mostFiles) problems.push(`${edit.files.length - mostFiles} more files`)
    const diffs: Array<string> = []
    let places = 0
    for (const { edits, uri } of edit.files.slice(0, mostFiles)) {
      const looked = yield* files.look(uri)
      if ("note" in looked) {
        problems.push(`${looked.name}: ${looked.note}`)
        continue
      }
      const changed = applyEdits(looked.text, edits)
      if ("problem" in changed) {
        problems.push(`${looked.name}: ${changed.problem}`)
        continue
      }
      places += edits.length
      const diff = previewOf(looked.name, looked.bytes, new TextEncoder().encode(changed.text))
      diffs.push(
        diff === null ? `${looked.name}: ${edits.length} places; too much to show` : brief(diff, 100_000),
      )
    }
    if (diffs.length === 0 && problems.length === 0) return "Nothing would change."
    return [
      `${places} places in ${diffs.length} ${diffs.length === 1 ? "file" : "files"} would change. Nothing was changed.`,
      ...problems.map((problem) => `[not in this preview: ${problem}]`),
      ...diffs,
    ].join("\n")
  })
