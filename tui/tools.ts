/**
 * What the keys and answers of "run a tool" do to the model: pick, fill in, ask the gate, run, see what it printed.
 * Pure; the dialogs' contents are in `toolDialogs.ts`.
 * Invariants: nothing is run that the gate was not asked about as it stands; a question goes to the queue, where it is
 * answered like any other; what came for another dialog or run is dropped.
 */
import { Result } from "effect"
import type { ToolCall } from "../src/domain/action.ts"
import type { CallResult, Requested } from "../src/domain/callResult.ts"
import type { ToolRow } from "../src/rpc/toolShapes.ts"
import { doneCall } from "./able.ts"
import { editField, fieldOf, pasteInto } from "./field.ts"
import type { Input } from "./input.ts"
import { bindingFor } from "./keymap.ts"
import type { Message } from "./messages.ts"
import { emptyField, type Model } from "./model.ts"
import { focus } from "./move.ts"
import { say, stay, type Step } from "./step.ts"
import {
  emptyForm,
  type FormDialog,
  inputFromJson,
  inputOf,
  otherWay,
  toolEntries,
  type ToolsDialog,
  withInput,
} from "./toolDialogs.ts"

type Key = Extract<Input, { readonly _tag: "key" }>

/** Names the form where an editor's text comes back; no suggestion has such an id. */
export const formId = "form"

export const openTools = (model: Model, typed: string): Step =>
  stay(
    { ...model, dialog: { _tag: "tools", field: fieldOf(typed), index: 0 } },
    ...(model.tools === null ? [{ _tag: "LoadTools" as const }] : []),
  )

export const toolsCame = (model: Model, tools: ReadonlyArray<ToolRow>): Model => ({ ...model, tools })

const inList = (id: string | undefined, at: number, count: number): number => {
  const by: Readonly<Record<string, number>> = {
    down: 1,
    up: -1,
    "half-down": 5,
    "half-up": -5,
    "page-down": 10,
    "page-up": -10,
  }
  return Math.max(0, Math.min(Math.max(0, count - 1), at + (by[id ?? ""] ?? 0)))
}

export const toolsKey = (model: Model, dialog: ToolsDialog, key: Key): Step => {
  const entries = toolEntries(model.tools ?? [], dialog.field.text)
  const id = bindingFor("tools", key.key)?.id
  if (id === "cancel") return stay({ ...model, dialog: null })
  if (id === "accept") {
    const entry = entries[dialog.index]
    return entry === undefined
      ? stay(say(model, "no such tool", "warn"))
      : stay({ ...model, dialog: emptyForm(entry) })
  }
  if (id !== undefined)
    return stay({ ...model, dialog: { ...dialog, index: inList(id, dialog.index, entries.length) } })
  const field = editField(dialog.field, key.key, key.text)
  return stay(field === null ? model : { ...model, dialog: { ...dialog, field, index: 0 } })
}

const callOf = (dialog: FormDialog): Result.Result<ToolCall, string> =>
  Result.map(inputOf(dialog), (input) => ({ tool: dialog.tool.name, input }))

/** The first enter asks the gate, the second one runs what it was asked about. */
const further = (model: Model, dialog: FormDialog): Step => {
  const { said } = dialog
  if (said?._tag === "asking" || said?._tag === "sent") return stay(model)
  if (said?._tag === "verdict") {
    if (said.verdict.verdict === "deny")
      return stay(say(model, `policy forbids it: ${said.verdict.rule}`, "warn"))
    return stay(
      { ...model, dialog: { ...dialog, said: { _tag: "sent", call: said.call } } },
      { _tag: "RunTool", call: said.call },
    )
  }
  const call = callOf(dialog)
  return Result.isFailure(call)
    ? stay({ ...model, dialog: { ...dialog, said: { _tag: "wrong", text: call.failure } } })
    : stay(
        { ...model, dialog: { ...dialog, said: { _tag: "asking", call: call.success } } },
        { _tag: "JudgeTool", call: call.success },
      )
}

const inField = (dialog: FormDialog, change: (field: typeof emptyField) => typeof emptyField): FormDialog =>
  dialog.raw === null
    ? {
        ...dialog,
        fields: dialog.fields.map((field, at) => (at === dialog.at ? change(field) : field)),
        said: null,
      }
    : { ...dialog, raw: change(dialog.raw), said: null }

export const formKey = (model: Model, dialog: FormDialog, key: Key): Step => {
  const id = bindingFor("form", key.key)?.id
  const count = dialog.fields.length
  const toField = (by: number): Step =>
    stay({ ...model, dialog: { ...dialog, at: count === 0 ? 0 : (dialog.at + by + count) % count } })
  switch (id) {
    case "cancel":
      // back to picking, with the tool at hand
      return openTools(model, dialog.tool.name)
    case "next-field":
      return toField(1)
    case "previous-field":
      return toField(-1)
    case "raw":
      return stay({ ...model, dialog: otherWay(dialog) })
    case "example": {
      const [example] = dialog.tool.examples.filter((one) =>
        Object.entries(dialog.form.fixed).every(([name, value]) => one[name] === value),
      )
      return example === undefined
        ? stay(say(model, "there is no example of it", "warn"))
        : stay({ ...model, dialog: withInput(dialog, example) })
    }
    case "edit-input": {
      const input = inputOf(dialog)
      const text = JSON.stringify(Result.isSuccess(input) ? input.success : dialog.form.fixed, null, 2)
      return stay(model, { _tag: "OpenEditor", id: formId, text: `${text}\n` })
    }
    case "accept":
      return further(model, dialog)
    default: {
      const before = dialog.raw ?? dialog.fields[dialog.at]
      const field = before === undefined ? null : editField(before, key.key, key.text)
      return stay(field === null ? model : { ...model, dialog: inField(dialog, () => field) })
    }
  }
}

export const pasteIntoForm = (dialog: FormDialog, text: string): FormDialog =>
  inField(dialog, (field) => pasteInto(field, text))

/** Comes back from the editor. */
export const formEdited = (model: Model, after: string): Model => {
  const { dialog } = model
  if (dialog?._tag !== "form") return model
  const input = inputFromJson(after)
  return {
    ...model,
    dialog: Result.isFailure(input)
      ? { ...dialog, said: { _tag: "wrong", text: input.failure } }
      : withInput(dialog, input.success),
  }
}

type Judged = Extract<Message, { readonly _tag: "ToolJudged" }>

export const toolJudged = (model: Model, { call, verdict, reason }: Judged): Model => {
  const { dialog } = model
  if (dialog?._tag !== "form" || dialog.said?._tag !== "asking" || dialog.said.call !== call) return model
  const said =
    verdict === null
      ? ({ _tag: "wrong", text: reason ?? "the gate does not answer" } as const)
      : ({ _tag: "verdict", call, verdict } as const)
  return { ...model, dialog: { ...dialog, said } }
}

const showOutput = (model: Model): Model => ({
  ...focus(model, "detail"),
  subject: { _tag: "output" },
  detailTop: 0,
})

export const openOutput = (model: Model): Step => {
  const call = doneCall(model)
  if (call === null) return stay(showOutput(model))
  const suggestion = model.selected!
  return stay(showOutput({ ...model, run: { call, suggestion, state: "running", results: [] } }), {
    _tag: "AwaitResults",
    id: suggestion,
  })
}

const isSent = (model: Model, call: ToolCall): boolean =>
  model.dialog?._tag === "form" && model.dialog.said?._tag === "sent" && model.dialog.said.call === call

/** The daemon has taken it: it runs, or waits in the queue, or was ended by the gate. */
export const toolTaken = (model: Model, call: ToolCall, { state, suggestion }: Requested): Step => {
  const asks = state === "asking"
  const sent = isSent(model, call)
  const taken: Model = {
    ...model,
    // who closed the form meanwhile, or opened another one, is left there
    dialog: sent && state !== "refused" ? null : model.dialog,
    run: { call, suggestion, state: asks ? "asking" : "running", results: [] },
  }
  const waits = { _tag: "AwaitResults", id: suggestion } as const
  // the end comes right away, and what is wrong can be mended where it was typed
  if (sent && state === "refused") return stay(taken, waits)
  return asks
    ? stay(
        say({ ...focus(taken, "queue"), wanted: suggestion }, "it is a question: look, then a approves"),
        waits,
      )
    : stay(showOutput(taken), waits)
}

/** What is wrong with it can be mended where it was typed. */
export const toolRefused = (model: Model, call: ToolCall, reason: string): Model =>
  isSent(model, call) && model.dialog?._tag === "form"
    ? { ...model, dialog: { ...model.dialog, said: { _tag: "wrong", text: reason } } }
    : say(model, reason, "bad")

const refusalOf = (results: ReadonlyArray<CallResult>): string =>
  results.find(({ outcome, ok }) => !ok && outcome !== "skipped")?.text ?? "it was not run"

/** Its end: on the screen where one still looks at it, else in a line. */
export const resultsCame = (model: Model, id: string, results: ReadonlyArray<CallResult>): Model => {
  const { run } = model
  if (run === null || run.suggestion !== id) return model
  const ended: Model = { ...model, run: { ...run, state: "ended", results }, wanted: null }
  if (isSent(model, run.call)) return toolRefused(ended, run.call, refusalOf(results))
  if (model.subject._tag === "output") return ended
  const rejected = results.some(({ outcome }) => outcome === "rejected" || outcome === "withdrawn")
  if (rejected) return ended
  // answered here a moment ago, the cursor went on to the next question
  const here = model.selected === id || (model.panel === "queue" && model.answered.at(-1) === id)
  const looking = model.dialog === null && model.timeline === null && here
  return looking ? showOutput(ended) : say(ended, `${run.call.tool} ended: O shows what it printed`)
}

/** The row of a question that was just asked from here gets the cursor once it is there. */
export const wantedCame = (model: Model): Model => {
  const { wanted } = model
  return wanted === null || !(model.visible ?? []).some((row) => row.id === wanted)
    ? model
    : { ...model, wanted: null, selected: wanted, selectedAt: model.now, chosen: true, detailTop: 0 }
}
