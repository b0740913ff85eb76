/**
 * The one step of the screen: `update(model, message) -> { model, commands }`. Pure and total.
 * After every message `settle` puts cursors back into sight and asks for what the screen now needs: the plan of
 * the selected row where it is unknown or out of date, and the ranges of the log that are on it.
 */
import { readActions } from "./actions.ts"
import { dialogKey, paste } from "./dialog.ts"
import { bindingFor } from "./keymap.ts"
import { innerColumns, innerRows, panelRects } from "./layout.ts"
import { connectedLog, headCame, matchesCame, rangeCame, settleLog, tailCame } from "./log.ts"
import type { Command, Message } from "./messages.ts"
import { type Model, queueRows } from "./model.ts"
import { perform, say, stay, type Step } from "./perform.ts"
import { detailLines } from "./view/detail.ts"

const keyed = (model: Model, input: Extract<Message, { _tag: "Input" }>["input"]): Step => {
  switch (input._tag) {
    case "paste":
      return stay(paste(model, input.text))
    case "focus":
      return stay({ ...model, focused: input.focused }, { _tag: "Presence", present: input.focused })
    case "key": {
      if (model.dialog !== null) return dialogKey(model, model.dialog, input)
      const binding = bindingFor(model.panel, input.key)
      if (binding === null) return stay(model)
      const reason = binding.disabledReason(model)
      return reason === null
        ? perform(model, binding.id, input.burst)
        : stay(say(model, `${binding.id}: ${reason}`, "warn"))
    }
  }
}

const without = (set: ReadonlySet<string>, id: string): ReadonlySet<string> => {
  const next = new Set(set)
  next.delete(id)
  return next
}

const replaced = (model: Model, message: Extract<Message, { _tag: "Answered" }>): Model => {
  const { row, ended } = message
  const recent = [row, ...model.recent.filter((one) => one.id !== row.id)]
  const visible = model.visible ?? []
  const pending = row.state === "pending"
  const at = visible.findIndex((one) => one.id === row.id)
  const rest = visible.filter((one) => one.id !== row.id)
  // the cursor stays where it was and meets the next question; after the last it goes with the answered one
  const next = pending || model.selected !== row.id ? undefined : rest[Math.min(at, rest.length - 1)]
  return {
    ...model,
    visible: pending ? visible.map((one) => (one.id === row.id ? row : one)) : rest,
    recent: pending ? model.recent : recent,
    ...(next === undefined ? {} : { selected: next.id, selectedAt: model.now, detailTop: 0 }),
    answering: ended ? without(model.answering, row.id) : model.answering,
    answered: [...model.answered.filter((id) => id !== row.id), row.id].slice(-50),
  }
}

const outcome = (message: Extract<Message, { _tag: "Answered" }>): string => {
  const { row } = message
  if (row.state === "pending") return "changed: look at it again, a approves it"
  const note = row.note === null ? "" : `: ${row.note}`
  const more = row.undoable ? " (u takes it back)" : ""
  return `${row.state}${note}: ${row.title}${more}`
}

const handle = (model: Model, message: Message): Step => {
  switch (message._tag) {
    case "Input":
      return keyed(model, message.input)
    case "Resized":
      return stay({ ...model, size: message.size })
    case "Ticked":
      return stay(
        model.notice !== null && model.notice.until <= model.now ? { ...model, notice: null } : model,
      )
    case "Connected":
      return stay(
        {
          ...model,
          connection: "connected",
          log: connectedLog(model.log, message.head),
          answering: new Set(),
          detail: null,
        },
        { _tag: "Presence", present: model.focused },
        { _tag: "LoadRecent" },
      )
    case "Disconnected":
      return stay({
        ...say(model, message.reason, "bad"),
        connection: "lost",
        dialog: model.dialog?._tag === "confirm" ? null : model.dialog,
      })
    case "StatusCame":
      return stay({
        ...model,
        status: message.status,
        log: headCame(model.log, message.status.log.seq),
      })
    case "QueueCame":
      return stay({ ...model, visible: message.visible }, { _tag: "LoadRecent" })
    case "RecentCame":
      return stay({
        ...model,
        recent: message.all
          .filter((row) => row.state !== "pending" && row.state !== "snoozed")
          .toSorted((a, b) => b.lastSeq - a.lastSeq),
      })
    case "TailCame":
      return stay({ ...model, log: tailCame(model.log, message.events) })
    case "RangeCame":
      return stay({ ...model, log: rangeCame(model.log, message.from, message.to, message.events) })
    case "MatchesCame":
      return stay({ ...model, log: matchesCame(model.log, message) })
    case "DetailCame": {
      const { detail } = model
      if (detail === null || detail.id !== message.id) return stay(model)
      return stay({
        ...model,
        detail: {
          id: message.id,
          lastSeq: message.detail.suggestion.lastSeq,
          state: "loaded",
          detail: message.detail,
          reason: null,
          loadedAt: model.now,
        },
      })
    }
    case "DetailFailed":
      return model.detail?.id === message.id
        ? stay({ ...model, detail: { ...model.detail, state: "failed", reason: message.reason } })
        : stay(model)
    case "WhyCame":
      return model.subject._tag === "why" && model.subject.id === message.id
        ? stay({ ...model, subject: { ...model.subject, why: message.why } })
        : stay(model)
    case "WhyFailed":
      return model.subject._tag === "why" && model.subject.id === message.id
        ? stay({ ...model, subject: { ...model.subject, reason: message.reason } })
        : stay(model)
    case "EditorFailed":
      return stay(say(model, message.reason, "warn"))
    case "EditorClosed":
      return edited(model, message)
    case "Answered":
      return stay(
        say(replaced(model, message), outcome(message), message.row.state === "failed" ? "bad" : "good"),
        { _tag: "LoadRecent" },
      )
    case "AnswerFailed":
      return stay(
        {
          ...say(model, message.reason, "bad"),
          answering: without(model.answering, message.id),
          // what was refused may have been out of date: look again
          detail: model.detail?.id === message.id ? null : model.detail,
        },
        { _tag: "LoadRecent" },
      )
    case "Said":
      return stay(say(model, message.text, message.tone))
  }
}

const edited = (model: Model, message: Extract<Message, { _tag: "EditorClosed" }>): Step => {
  if (message.after.trim() === message.before.trim()) return stay(say(model, "not changed"))
  const actions = readActions(message.after)
  return typeof actions === "string"
    ? stay(say(model, `these are no actions, nothing was changed: ${actions}`, "warn"))
    : stay(
        { ...model, answering: new Set([...model.answering, message.id]) },
        { _tag: "Edit", id: message.id, actions },
      )
}

const settleQueue = (model: Model, height: number): Model => {
  const rows = queueRows(model)
  if (rows.length === 0) return { ...model, selected: null, queueIndex: 0, queueTop: 0 }
  const found = rows.findIndex((row) => row.id === model.selected)
  const index = found >= 0 ? found : Math.min(model.queueIndex, rows.length - 1)
  const selected = rows[index]!.id
  const top = Math.max(
    0,
    Math.min(index, Math.max(model.queueTop, index - height + 1), Math.max(0, rows.length - height)),
  )
  return {
    ...model,
    selected,
    selectedAt: found >= 0 ? model.selectedAt : model.now,
    queueIndex: index,
    queueTop: top,
  }
}

/** The plan of the selected row: asked for where it is unknown, or where the row moved on. */
const settleDetail = (model: Model): Step => {
  if (model.connection !== "connected" || model.selected === null) return stay(model)
  const row = queueRows(model)[model.queueIndex]!
  const { detail } = model
  const same = detail !== null && detail.id === row.id
  if (same && detail.lastSeq >= row.lastSeq) return stay(model)
  const asked = {
    id: row.id,
    lastSeq: row.lastSeq,
    state: "loading",
    detail: same ? detail.detail : null,
    reason: null,
    loadedAt: model.now,
  } as const
  // a plan that changed under an open question makes the question void
  const voided = same && model.dialog?._tag === "confirm" && model.dialog.id === row.id
  const next = voided ? say({ ...model, dialog: null }, "it changed meanwhile: look again", "warn") : model
  return stay({ ...next, detail: asked }, { _tag: "LoadDetail", id: row.id })
}

/** A question about something that is no longer open is void. */
const settleDialog = (model: Model): Model => {
  const { dialog } = model
  if (dialog?._tag !== "confirm" || dialog.does !== "approve") return model
  return (model.visible ?? []).some((row) => row.id === dialog.id)
    ? model
    : say({ ...model, dialog: null }, "it is no longer open", "warn")
}

const settle = ({ model: before, commands }: Step): Step => {
  const model = settleDialog(before)
  const rects = panelRects(model.size, model.panel)
  const queue = settleQueue(model, innerRows(rects.queue))
  const detail = settleDetail(queue)
  const log =
    detail.model.connection === "connected"
      ? settleLog(detail.model.log, innerRows(rects.log))
      : { log: detail.model.log, commands: [] as ReadonlyArray<Command> }
  const withLog = { ...detail.model, log: log.log }
  const lowest =
    rects.detail === null
      ? 0
      : Math.max(0, detailLines(withLog, innerColumns(rects.detail)).length - innerRows(rects.detail))
  return {
    model: withLog.detailTop > lowest ? { ...withLog, detailTop: lowest } : withLog,
    commands: [...commands, ...detail.commands, ...log.commands],
  }
}

export const update = (model: Model, message: Message): Step =>
  settle(handle({ ...model, now: Math.max(model.now, message.at) }, message))
