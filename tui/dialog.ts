/** Keys while a dialog is open. Pure. `y` and `n` mean something only here; enter takes the marked button. */
import { rejectChoices, snoozeChoices } from "./choices.ts"
import { editField, pasteInto } from "./field.ts"
import { conflictsKey } from "./conflicts.ts"
import { alwaysKey, grantsKey } from "./grants.ts"
import { bindingFor, helpEntries, paletteEntries } from "./keymap.ts"
import type { Input } from "./input.ts"
import { inboxKey } from "./memoryKeys.ts"
import { mindKey } from "./mindKeys.ts"
import { lookedMs } from "./able.ts"
import { type Dialog, emptyField, type Model, type TextField } from "./model.ts"
import { answerTyped, pause } from "./answer.ts"
import { applyFilter } from "./move.ts"
import { perform } from "./perform.ts"
import { timeTravel } from "./scrub.ts"
import { say, send, stay, type Step } from "./step.ts"
import { formKey, pasteIntoForm, toolsKey } from "./tools.ts"

type Key = Extract<Input, { _tag: "key" }>

const close = (model: Model): Model => ({ ...model, dialog: null })

/** Nobody reads a question faster. */
const readMs = 150

const agreed = (model: Model, dialog: Extract<Dialog, { _tag: "confirm" }>): Step => {
  if (model.now - dialog.openedAt < readMs) return stay(say(model, "look first, then answer", "warn"))
  const { id, shown } = dialog
  return send(model, id, dialog.does === "approve" ? { _tag: "Approve", id, shown } : { _tag: "Undo", id })
}

const confirmKey = (model: Model, dialog: Extract<Dialog, { _tag: "confirm" }>, key: Key): Step => {
  switch (bindingFor("confirm", key.key)?.id) {
    case "yes":
      return agreed(model, dialog)
    case "no":
      return stay(say(close(model), "left as it was"))
    case "other-button":
      return stay({ ...model, dialog: { ...dialog, yes: !dialog.yes } })
    case "accept":
      return dialog.yes ? agreed(model, dialog) : stay(say(close(model), "left as it was"))
    default:
      return stay(model)
  }
}

const chosen = (model: Model, dialog: Extract<Dialog, { _tag: "choose" }>, index: number): Step => {
  const { id } = dialog
  if (dialog.does === "other") {
    const actions = (model.visible ?? []).find((row) => row.id === id)?.alternatives[index]
    return actions === undefined
      ? stay(say(close(model), "it is no longer open", "warn"))
      : send(model, id, { _tag: "Edit", id, actions })
  }
  if (dialog.does === "answer") {
    const option = dialog.choices[index]?.title
    return option === undefined
      ? stay(model)
      : send(model, id, { _tag: "Answer", id, answer: { chosen: [option], text: null } })
  }
  if (dialog.does === "snooze") {
    const choice = snoozeChoices[index]
    return choice === undefined
      ? stay(model)
      : send(model, id, { _tag: "Snooze", id, untilMs: choice.until(model.now) })
  }
  const choice = rejectChoices[index]
  if (choice === undefined) return stay(model)
  return choice.reason === null
    ? stay({ ...model, dialog: { _tag: "reason", id, title: dialog.title, field: emptyField } })
    : send(model, id, { _tag: "Reject", id, reason: choice.reason, lookedMs: lookedMs(model, id) })
}

const chooseKey = (model: Model, dialog: Extract<Dialog, { _tag: "choose" }>, key: Key): Step => {
  const count = dialog.choices.length
  switch (bindingFor("choose", key.key)?.id) {
    case "down":
      return stay({ ...model, dialog: { ...dialog, index: Math.min(count - 1, dialog.index + 1) } })
    case "up":
      return stay({ ...model, dialog: { ...dialog, index: Math.max(0, dialog.index - 1) } })
    case "digit":
      return chosen(model, dialog, Number(key.key) - 1)
    case "accept":
      return chosen(model, dialog, dialog.index)
    case "cancel":
      return stay(close(model))
    default:
      return stay(model)
  }
}

const scrolled = (id: string | undefined, at: number, count: number): number => {
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

const runPalette = (model: Model, dialog: Extract<Dialog, { _tag: "palette" }>): Step => {
  // in the past a number is where to go; with it the command's name can be spared
  if (model.timeline !== null && /^\s*[#\d]/.test(dialog.field.text))
    return timeTravel(close(model), dialog.field.text)
  const entry = paletteEntries(model, dialog.field.text)[dialog.index]
  if (entry === undefined) return stay(say(close(model), "no such command", "warn"))
  if (entry.reason !== null) return stay(say(close(model), `${entry.name}: not now, ${entry.reason}`, "warn"))
  const words = dialog.field.text.trim().split(/\s+/)
  const typed = words[0] === entry.name ? words.slice(1).join(" ") : ""
  return entry.name === "pause" || entry.name === "resume"
    ? pause(close(model), entry.name, typed)
    : perform(close(model), entry.binding.id, typed)
}

/** The field of the open dialog, replaced; filters act while one types. */
const typedInto = (model: Model, field: TextField): Model => {
  const { dialog } = model
  switch (dialog?._tag) {
    case "filter":
      return {
        ...(dialog.panel === "log" ? model : applyFilter(model, dialog.panel, field.text)),
        dialog: { ...dialog, field },
      }
    case "palette":
      return { ...model, dialog: { ...dialog, field, index: 0 } }
    case "help":
      return { ...model, dialog: { ...dialog, field, top: 0 } }
    case "reason":
      return { ...model, dialog: { ...dialog, field } }
    case "answer":
      return { ...model, dialog: { ...dialog, field, fault: null } }
    case "goto":
    case "word":
      return { ...model, dialog: { ...dialog, field } }
    case "tools":
      return { ...model, dialog: { ...dialog, field, index: 0 } }
    default:
      return model
  }
}

type Typed = Exclude<Extract<Dialog, { readonly field: TextField }>, { readonly _tag: "tools" | "word" }>

const fieldKey = (model: Model, dialog: Typed, key: Key): Step => {
  const id = bindingFor(dialog._tag, key.key)?.id
  if (id === "cancel") {
    return stay(close(dialog._tag === "filter" ? applyFilter(model, dialog.panel, dialog.before) : model))
  }
  if (id === "accept") {
    if (dialog._tag === "filter") return stay(close(applyFilter(model, dialog.panel, dialog.field.text)))
    if (dialog._tag === "palette") return runPalette(model, dialog)
    if (dialog._tag === "goto")
      return dialog.field.text.trim() === ""
        ? stay(close(model))
        : timeTravel(close(model), dialog.field.text)
    if (dialog._tag === "answer") return answerTyped(model, dialog.id, dialog.question, dialog.field)
    if (dialog._tag === "reason") {
      const reason = dialog.field.text.trim()
      const { id: asked } = dialog
      return send(model, asked, { _tag: "Reject", id: asked, reason, lookedMs: lookedMs(model, asked) })
    }
  }
  if (id !== undefined && dialog._tag === "palette") {
    const count = paletteEntries(model, dialog.field.text).length
    return stay({ ...model, dialog: { ...dialog, index: scrolled(id, dialog.index, count) } })
  }
  if (id !== undefined && dialog._tag === "help") {
    const count = helpEntries(model, dialog.panel, dialog.field.text).length
    return stay({ ...model, dialog: { ...dialog, top: scrolled(id, dialog.top, count) } })
  }
  const field = editField(dialog.field, key.key, key.text)
  return stay(field === null ? model : typedInto(model, field))
}

export const dialogKey = (model: Model, dialog: Dialog, key: Key): Step => {
  const id = bindingFor(dialog._tag, key.key)?.id
  if (id === "interrupt" || id === "redraw") return perform(model, id)
  switch (dialog._tag) {
    case "confirm":
      return confirmKey(model, dialog, key)
    case "choose":
      return chooseKey(model, dialog, key)
    case "tools":
      return toolsKey(model, dialog, key)
    case "form":
      return formKey(model, dialog, key)
    case "always":
      return alwaysKey(model, dialog, key)
    case "grants":
      return grantsKey(model, dialog, key)
    case "conflicts":
      return conflictsKey(model, dialog, key)
    case "inbox":
      return inboxKey(model, dialog, key)
    case "agents":
    case "talk":
    case "word":
    case "stop":
      return mindKey(model, dialog, key)
    default:
      return fieldKey(model, dialog, key)
  }
}

/** Pasted text is text: it goes into a field or nowhere. */
export const paste = (model: Model, text: string): Model => {
  const { dialog } = model
  if (dialog?._tag === "form") return { ...model, dialog: pasteIntoForm(dialog, text) }
  return dialog !== null && "field" in dialog
    ? typedInto(model, pasteInto(dialog.field, text))
    : say(model, "pasted text presses no keys", "warn")
}
