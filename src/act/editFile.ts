/**
 * `edit_file`: replaces an exact text in one file. Unique unless all are meant; refused when the file changed since
 * it was planned, or is not valid UTF-8. Line endings, byte-order mark and mode stay.
 */
import { Effect, Schema } from "effect"
import { refused, wrongInput } from "./attempt.ts"
import { defineTool } from "./defineTool.ts"
import { editText } from "./fileText.ts"
import { PathInput, type ActSettings } from "./planParts.ts"
import { replacePlan } from "./replacePlan.ts"
import { textToEdit } from "./textToEdit.ts"

const Input = Schema.Struct({
  path: PathInput.annotate({ description: "Absolute, or relative to the current folder" }),
  old_string: Schema.String.check(Schema.isMinLength(1)).annotate({
    description: "The exact text to replace",
  }),
  new_string: Schema.String.annotate({ description: "What stands there afterwards" }),
  replace_all: Schema.optionalKey(Schema.Boolean).annotate({
    description: "Replaces every place; if absent or false, old_string must stand there exactly once",
  }),
})

export const editFileTool = (settings: ActSettings) =>
  defineTool({
    name: "edit_file",
    description: "Replaces an exact text in a file of the workspace.",
    input: Input,
    hints: { readOnly: false, destructive: true, idempotent: false, openWorld: false },
    examples: [
      { path: "src/a.ts", old_string: "const limit = 10", new_string: "const limit = 20" },
      { path: "src/a.ts", old_string: "colour", new_string: "color", replace_all: true },
    ],
    undo: "whole: content, rights and times of the file before; refused where it was changed since",
    plan: Effect.fnUntraced(function* (input, context) {
      const { workspace } = context
      const { before, name, path, text } = yield* textToEdit(input.path, context)
      const edited = editText(text, input.old_string, input.new_string, input.replace_all ?? false)
      if ("problem" in edited) {
        switch (edited.problem) {
          case "absent":
            return yield* refused(`${name} does not hold the text to replace`)
          case "same":
            return yield* wrongInput("edit_file: old_string and new_string are the same")
          case "ambiguous":
            return yield* refused(
              `${name} holds the text ${edited.count} times; give more of it, or set replace_all`,
            )
        }
      }
      const summary = `Edit ${name} (${edited.count === 1 ? "one place" : `${edited.count} places`})`
      const after = new TextEncoder().encode(edited.text)
      return yield* replacePlan({ path, workspace, before, content: after, summary }, settings)
    }),
  })
