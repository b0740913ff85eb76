/**
 * Running a tool by hand: picking one, filling in its fields or its JSON, hearing what the gate says, running it.
 * What the dialogs hold and how typed text becomes an input. Pure.
 * Invariants: what is run is what the gate was asked about, so a changed field forgets the verdict; a denied call is
 * not sent; a tool's words are shown harmless by the view.
 */
import { Result } from "effect"
import type { ToolCall, Verdict } from "../src/domain/action.ts"
import type { CallResult } from "../src/domain/callResult.ts"
import { type Form, formsOf, isObject, type JsonObject, valueOf } from "../src/domain/toolFields.ts"
import type { ToolRow } from "../src/rpc/toolShapes.ts"
import { fieldOf } from "./field.ts"
import type { TextField } from "./model.ts"

/** How far the input as it stands has come with the daemon; null before it was asked. */
export type Said =
  | { readonly _tag: "asking"; readonly call: ToolCall }
  | { readonly _tag: "verdict"; readonly call: ToolCall; readonly verdict: Verdict }
  | { readonly _tag: "sent"; readonly call: ToolCall }
  | { readonly _tag: "wrong"; readonly text: string }

/** Picking one of the tools. */
export interface ToolsDialog {
  readonly _tag: "tools"
  readonly field: TextField
  readonly index: number
}

/** Filling in one; with `raw`, all of it as JSON. */
export interface FormDialog {
  readonly _tag: "form"
  readonly tool: ToolRow
  readonly form: Form
  readonly fields: ReadonlyArray<TextField>
  /** The focused field. */
  readonly at: number
  readonly raw: TextField | null
  readonly said: Said | null
}

/** The last tool that was run from here, and what became of it. */
export interface ToolRun {
  readonly call: ToolCall
  readonly suggestion: string
  readonly state: "running" | "asking" | "ended"
  readonly results: ReadonlyArray<CallResult>
}

export interface Entry {
  readonly tool: ToolRow
  readonly form: Form
  /** `git operation=commit`. */
  readonly name: string
}

/** Every tool, and of one with several forms each. */
const entriesOf = (tools: ReadonlyArray<ToolRow>): ReadonlyArray<Entry> =>
  tools.flatMap((tool) =>
    formsOf(tool.inputSchema).map((form) => ({
      tool,
      form,
      name: form.name === null ? tool.name : `${tool.name} ${form.name}`,
    })),
  )

/** Those whose name or purpose holds every word that was typed: by the start of the name, by the name, by the rest. */
export const toolEntries = (tools: ReadonlyArray<ToolRow>, typed: string): ReadonlyArray<Entry> => {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const distance = ({ name, tool }: Entry): number => {
    const own = name.toLowerCase()
    if (words.every((word) => own.includes(word))) return own.startsWith(words[0] ?? "") ? 0 : 1
    const text = `${own} ${tool.description.toLowerCase()}`
    return words.every((word) => text.includes(word)) ? 2 : 3
  }
  return entriesOf(tools)
    .map((entry) => ({ entry, far: distance(entry) }))
    .filter(({ far }) => far < 3)
    .toSorted((a, b) => a.far - b.far)
    .map(({ entry }) => entry)
}

export const emptyForm = ({ tool, form }: Entry): FormDialog => ({
  _tag: "form",
  tool,
  form,
  fields: form.fields.map(() => fieldOf("")),
  at: 0,
  raw: form.fields.length === 0 ? fieldOf(JSON.stringify(form.fixed)) : null,
  said: null,
})

const fromFields = ({ form, fields }: FormDialog): Result.Result<JsonObject, string> => {
  const input: Record<string, unknown> = { ...form.fixed }
  for (const [index, field] of form.fields.entries()) {
    const text = fields[index]!.text
    if (text === "" && (!field.required || field.kind !== "text")) {
      if (field.required) return Result.fail(`${field.name} is needed`)
      continue
    }
    const value = valueOf(field, text)
    if (Result.isFailure(value)) return Result.fail(value.failure)
    input[field.name] = value.success
  }
  return Result.succeed(input)
}

export const inputFromJson = (text: string): Result.Result<JsonObject, string> => {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? Result.succeed(value) : Result.fail("the input is a JSON object")
  } catch (error) {
    return Result.fail(`this is no JSON: ${(error as Error).message}`)
  }
}

export const inputOf = (dialog: FormDialog): Result.Result<JsonObject, string> =>
  dialog.raw === null ? fromFields(dialog) : inputFromJson(dialog.raw.text)

const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))

/** Lines would not survive the one line of a field. */
const isOneLine = (text: string): boolean => !/[\n\r\t]/.test(text)

/** The dialog with this input in its fields; as JSON where they cannot hold it. */
export const withInput = (dialog: FormDialog, input: JsonObject): FormDialog => {
  const names = [...Object.keys(dialog.form.fixed), ...dialog.form.fields.map(({ name }) => name)]
  const held =
    Object.keys(input).every((key) => names.includes(key)) &&
    Object.entries(dialog.form.fixed).every(([key, value]) => input[key] === value) &&
    Object.values(input).every((value) => isOneLine(asText(value))) &&
    dialog.form.fields.length > 0
  return held
    ? {
        ...dialog,
        fields: dialog.form.fields.map(({ name }) =>
          fieldOf(input[name] === undefined ? "" : asText(input[name])),
        ),
        raw: null,
        said: null,
      }
    : { ...dialog, raw: fieldOf(JSON.stringify(input)), said: null }
}

/** From fields to JSON and back. */
export const otherWay = (dialog: FormDialog): FormDialog => {
  const input = inputOf(dialog)
  if (dialog.raw === null) {
    const known = Result.isSuccess(input) ? input.success : dialog.form.fixed
    return { ...dialog, raw: fieldOf(JSON.stringify(known)), said: null }
  }
  if (Result.isFailure(input)) return { ...dialog, said: { _tag: "wrong", text: input.failure } }
  const back = withInput(dialog, input.success)
  return back.raw === null
    ? back
    : { ...dialog, said: { _tag: "wrong", text: "the fields cannot hold this input" } }
}
