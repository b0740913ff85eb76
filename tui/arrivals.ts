/** What the daemon and the editor sent, folded into the model. Pure. */
import type { Suggestion } from "../src/domain/suggestion.ts"
import { readActions } from "./actions.ts"
import type { Message } from "./messages.ts"
import { isOpen, type Model } from "./model.ts"
import { say, stay, type Step } from "./step.ts"

export const without = (set: ReadonlySet<string>, id: string): ReadonlySet<string> => {
  const next = new Set(set)
  next.delete(id)
  return next
}

/** The cursor stays where it was and meets the next question; after the last it goes with the answered one. */
const nextQuestion = (model: Model, answered: string, rest: ReadonlyArray<Suggestion>): Model => {
  const at = (model.visible ?? []).findIndex((row) => row.id === answered)
  const next = rest[Math.min(at, rest.length - 1)]
  return model.selected !== answered || at < 0 || next === undefined
    ? model
    : { ...model, selected: next.id, selectedAt: model.now, detailTop: 0 }
}

export const replaced = (model: Model, message: Extract<Message, { _tag: "Answered" }>): Model => {
  const { row, ended } = message
  const pending = row.state === "pending"
  const visible = model.visible ?? []
  const rest = visible.filter((one) => one.id !== row.id)
  return {
    ...(pending ? model : nextQuestion(model, row.id, rest)),
    visible: pending ? visible.map((one) => (one.id === row.id ? row : one)) : rest,
    recent: pending ? model.recent : [row, ...model.recent.filter((one) => one.id !== row.id)],
    answering: ended ? without(model.answering, row.id) : model.answering,
    answered: [...model.answered.filter((id) => id !== row.id), row.id].slice(-50),
  }
}

export const outcome = (message: Extract<Message, { _tag: "Answered" }>): string => {
  const { row } = message
  if (row.state === "pending") return "changed: look at it again, a approves it"
  const note = row.note === null ? "" : `: ${row.note}`
  const more = row.undoable ? " (u takes it back)" : ""
  return `${row.state}${note}: ${row.title}${more}`
}

/** The selected row that left stays in sight as an ended one until it is known how it ended. */
export const queueCame = (model: Model, visible: Model["visible"] & {}): Model => {
  const left = (model.visible ?? []).find((row) => row.id === model.selected)
  if (left === undefined || visible.some((row) => row.id === left.id)) return { ...model, visible }
  const answered = model.answering.has(left.id)
  const state = answered ? ("approved" as const) : left.state
  return {
    ...(answered ? nextQuestion(model, left.id, visible) : model),
    visible,
    recent: [{ ...left, state }, ...model.recent.filter((row) => row.id !== left.id)],
  }
}

export const recentCame = (model: Model, all: ReadonlyArray<Suggestion>): Model => {
  const next = {
    ...model,
    recent: all.filter((row) => !isOpen(row)).toSorted((a, b) => b.lastSeq - a.lastSeq),
  }
  const gone = all.find((row) => row.id === model.selected && row.state === "expired")
  return gone === undefined || !model.recent.some((row) => row.id === gone.id && row.state !== "expired")
    ? next
    : say(next, `no longer open: ${gone.title}${gone.note === null ? "" : ` (${gone.note})`}`)
}

export const edited = (model: Model, message: Extract<Message, { _tag: "EditorClosed" }>): Step => {
  if (message.after.trim() === message.before.trim()) return stay(say(model, "not changed"))
  const actions = readActions(message.after)
  return typeof actions === "string"
    ? stay(say(model, `these are no actions, nothing was changed: ${actions}`, "warn"))
    : stay(
        { ...model, answering: new Set([...model.answering, message.id]) },
        { _tag: "Edit", id: message.id, actions },
      )
}
