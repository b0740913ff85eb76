/** `NotebookEdit`: one cell of a Jupyter notebook replaced, inserted or deleted; everything else stays byte for byte. */
import { Effect, Schema } from "effect"
import { refused, wrongInput } from "./attempt.ts"
import { defineTool } from "./defineTool.ts"
import { editNotebook } from "./notebook.ts"
import { PathInput, type ActSettings } from "./planParts.ts"
import { replacePlan } from "./replacePlan.ts"
import { textToEdit } from "./textToEdit.ts"

const Input = Schema.Struct({
  notebook_path: PathInput.annotate({
    description: "An .ipynb file; absolute, or relative to the current folder",
  }),
  cell_id: Schema.optionalKey(
    Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(200)).annotate({
      description:
        "Id of the cell, or cell-N (from 0). For insert: the one it comes after; the top if absent",
    }),
  ),
  new_source: Schema.optionalKey(
    Schema.String.annotate({ description: "Text of the cell; needed unless it is deleted" }),
  ),
  cell_type: Schema.optionalKey(
    Schema.Literals(["code", "markdown"]).annotate({
      description: "Kind of the cell: as it is if absent, code for a new one",
    }),
  ),
  edit_mode: Schema.optionalKey(
    Schema.Literals(["replace", "insert", "delete"]).annotate({ description: "replace if absent" }),
  ),
})

export const notebookEditTool = (settings: ActSettings) =>
  defineTool({
    name: "NotebookEdit",
    description:
      "Edits one cell of a Jupyter notebook. The outputs of a code cell whose text is replaced are cleared.",
    input: Input,
    hints: { readOnly: false, destructive: true, idempotent: false, openWorld: false },
    examples: [{ notebook_path: "analysis.ipynb", cell_id: "cell-0", new_source: "import math\n" }],
    limits: ["nbformat 1 to 4", "files of up to 64 MiB"],
    undo: "The file comes back as it was, unless it held a secret.",
    plan: Effect.fnUntraced(function* (input, context) {
      const { workspace } = context
      const mode = input.edit_mode ?? "replace"
      if (mode !== "delete" && input.new_source === undefined)
        return yield* wrongInput(`NotebookEdit: edit_mode ${mode} needs new_source`)
      const { before, name, path, text } = yield* textToEdit(input.notebook_path, context)
      const edited = editNotebook(text, {
        cell: input.cell_id ?? null,
        source: input.new_source ?? "",
        type: input.cell_type ?? null,
        mode,
      })
      if ("problem" in edited)
        return yield* edited.reason === "input"
          ? wrongInput(`NotebookEdit: ${edited.problem}`)
          : refused(`${name}: ${edited.problem}`)
      return yield* replacePlan(
        {
          path,
          workspace,
          before,
          content: new TextEncoder().encode(edited.text),
          summary: `Edit ${name}: ${edited.what}`,
        },
        settings,
      )
    }),
  })
