/**
 * What a person says: approve, undo, pause, and the chain they ask for. Pure.
 * Invariants: an approval carries the digests of the plan that is on the screen; what is risky, unsandboxed or not
 * in sight opens a confirm dialog whose marked button is the safe one; a key that comes right after the plan
 * came onto the screen approves nothing.
 */
import { nothingShown, shownIn } from "../src/rpc/shown.ts"
import { Result } from "effect"
import { type Question, readAnswer } from "../src/domain/question.ts"
import { approveReason, confirmBecause, justCame, undoTarget } from "./able.ts"
import { untilTyped } from "./choices.ts"
import { cursorEvent, emptyLog } from "./log.ts"
import { fieldOf } from "./field.ts"
import { currentDetail, emptyField, type Model, selectedRow, type TextField } from "./model.ts"
import { focus } from "./move.ts"
import { say, send, stay, type Step } from "./step.ts"

export const approve = (model: Model): Step => {
  const detail = currentDetail(model)
  if (detail === null) return stay(say(model, approveReason(model) ?? "", "warn"))
  if (justCame(model))
    return stay(say(model, "it just came onto the screen: look first, then press again", "warn"))
  const { id, title } = detail.suggestion
  const shown = shownIn(detail)
  const because = confirmBecause(model, detail)
  return because === null
    ? send(model, id, { _tag: "Approve", id, shown })
    : stay({
        ...model,
        dialog: {
          _tag: "confirm",
          does: "approve",
          id,
          title,
          detail,
          shown,
          because,
          openedAt: model.now,
          yes: false,
        },
      })
}

/** One option is picked from a list; several, or free words, are typed. */
export const answer = (model: Model, id: string, question: Question, typed: string): Step => {
  if (justCame(model))
    return stay(say(model, "it just came onto the screen: look first, then press again", "warn"))
  if (typed !== "") return answerTyped(model, id, question, fieldOf(typed))
  const { multiple, options, text } = question
  return stay({
    ...model,
    dialog:
      options.length > 0 && !multiple
        ? {
            _tag: "choose",
            does: "answer",
            choices: options.map((option) => ({ title: option, hint: "" })),
            id,
            title: text,
            index: 0,
          }
        : { _tag: "answer", id, question, field: emptyField, fault: null },
  })
}

/** What is no answer stays to be mended. */
export const answerTyped = (model: Model, id: string, question: Question, field: TextField): Step => {
  const read = readAnswer(question, field.text)
  return Result.isSuccess(read)
    ? send(model, id, { _tag: "Answer", id, answer: read.success })
    : stay({ ...model, dialog: { _tag: "answer", id, question, field, fault: read.failure } })
}

export const undo = (model: Model): Step => {
  const row = undoTarget(model)!
  if (row.risk === "low" && row.id === model.selected)
    return send(model, row.id, { _tag: "Undo", id: row.id })
  return stay({
    ...model,
    dialog: {
      _tag: "confirm",
      does: "undo",
      id: row.id,
      title: row.title,
      detail: null,
      shown: nothingShown,
      because: row.id === model.selected ? `it is of ${row.risk} risk` : "it is not the selected one",
      openedAt: model.now,
      yes: false,
    },
  })
}

export const why = (model: Model): Step => {
  const event = model.panel === "log" ? cursorEvent(model.log) : null
  const row = selectedRow(model)
  const id = event === null ? (row?.id ?? "") : String(event.seq)
  const of = event === null ? (row?.title ?? "") : `event ${event.seq}`
  return stay(
    { ...focus(model, "detail"), subject: { _tag: "why", id, of, why: null, reason: null }, detailTop: 0 },
    { _tag: "LoadWhy", id },
  )
}

export const copied = (model: Model): string => {
  if (model.panel === "log") {
    const event = cursorEvent(model.log)
    return event === null ? "" : JSON.stringify(event)
  }
  const row = selectedRow(model)
  if (row === null) return ""
  const detail = currentDetail(model)
  const calls = detail === null ? [] : detail.plans.map((plan) => plan.summary)
  return model.panel === "detail" && calls.length > 0 ? calls.join("\n") : row.id
}

export const reload = (model: Model): Step =>
  stay(
    {
      ...say(model, "read again"),
      detail: null,
      log: { ...emptyLog, head: model.log.head, cursor: model.log.cursor, follow: model.log.follow },
    },
    { _tag: "LoadRecent" },
    { _tag: "Redraw" },
  )

export const pause = (model: Model, wanted: "pause" | "resume", typed: string): Step => {
  if (wanted === "resume") return stay(model, { _tag: "Resume" })
  const untilMs = typed === "" ? null : untilTyped(typed, model.now)
  return typed !== "" && untilMs === null
    ? stay(say(model, `${JSON.stringify(typed)} is no duration: write 10m, 1h or 2d`, "warn"))
    : stay(model, { _tag: "Pause", untilMs })
}
