/** What each command of the key table does: one case a command. Pure. */
import { justCame, lookedMs } from "./able.ts"
import { answer, approve, copied, pause, reload, undo, why } from "./answer.ts"
import { otherChoices, rejectChoices, snoozeChoices, untilTyped } from "./choices.ts"
import { fieldOf } from "./field.ts"
import type { CommandId } from "./keymap.ts"
import { openInbox } from "./memoryKeys.ts"
import { openMinds } from "./mindKeys.ts"
import { emptyField, type Model, selectedRow } from "./model.ts"
import { back, filterText, focus, match, move, open, order, page } from "./move.ts"
import { inPast, timeTravel } from "./scrub.ts"
import { say, send, stay, type Step } from "./step.ts"
import { openOutput, openTools } from "./tools.ts"

/** `typed` is what followed the command's name in the palette. */
export const perform = (model: Model, id: CommandId, typed = ""): Step => {
  const then = model.timeline === null ? null : inPast(model, model.timeline, id, typed)
  if (then !== null) return then
  const row = selectedRow(model)
  switch (id) {
    case "down":
      return stay(move(model, { by: 1 }))
    case "up":
      return stay(move(model, { by: -1 }))
    case "top":
    case "bottom":
      return stay(move(model, { to: id }))
    case "half-down":
      return stay(move(model, { by: Math.ceil(page(model) / 2) }))
    case "half-up":
      return stay(move(model, { by: -Math.ceil(page(model) / 2) }))
    case "page-down":
      return stay(move(model, { by: page(model) }))
    case "page-up":
      return stay(move(model, { by: -page(model) }))
    case "next-panel":
      return stay(focus(model, order[(order.indexOf(model.panel) + 1) % order.length]!))
    case "previous-panel":
      return stay(focus(model, order[(order.indexOf(model.panel) + 2) % order.length]!))
    case "panel-queue":
      return stay(focus(model, "queue"))
    case "panel-detail":
      return stay(focus(model, "detail"))
    case "panel-log":
      return stay(focus(model, "log"))
    case "open":
      return stay(open(model))
    case "back":
      return stay(back(model) ?? model)
    case "quit": {
      const before = back(model)
      return before === null ? stay(model, { _tag: "Quit", interrupted: false }) : stay(before)
    }
    case "interrupt":
      return stay(model, { _tag: "Quit", interrupted: true })
    case "filter": {
      const text = filterText(model)
      return stay({
        ...model,
        dialog: { _tag: "filter", panel: model.panel, field: fieldOf(text), before: text },
      })
    }
    case "next-match":
      return stay(match(model, 1))
    case "previous-match":
      return stay(match(model, -1))
    case "palette":
      return stay({ ...model, dialog: { _tag: "palette", field: emptyField, index: 0 } })
    case "help":
      return stay({
        ...model,
        dialog: {
          _tag: "help",
          panel: model.timeline === null ? model.panel : "timeline",
          field: emptyField,
          top: 0,
        },
      })
    case "timeline":
    case "go-to":
      return timeTravel(model, typed)
    case "approve":
      return approve(model)
    case "always":
      if (row === null) return stay(model)
      return justCame(model)
        ? stay(say(model, "it just came onto the screen: look first, then press again", "warn"))
        : stay(model, { _tag: "LoadOffers", id: row.id })
    case "grants":
      return stay(model, { _tag: "LoadGrants" })
    case "edit":
      return row === null
        ? stay(model)
        : stay(model, {
            _tag: "OpenEditor",
            id: row.id,
            text: `${JSON.stringify(row.proposed, null, 2)}\n`,
          })
    case "reject":
      if (row === null) return stay(model)
      return typed !== ""
        ? send(model, row.id, {
            _tag: "Reject",
            id: row.id,
            reason: typed,
            lookedMs: lookedMs(model, row.id),
          })
        : stay({
            ...model,
            dialog: {
              _tag: "choose",
              does: "reject",
              choices: rejectChoices,
              id: row.id,
              title: row.title,
              index: 0,
            },
          })
    case "answer":
      return row?.question === undefined ? stay(model) : answer(model, row.id, row.question, typed)
    case "snooze": {
      if (row === null) return stay(model)
      const untilMs = untilTyped(typed, model.now)
      return untilMs !== null
        ? send(model, row.id, { _tag: "Snooze", id: row.id, untilMs })
        : stay({
            ...model,
            dialog: {
              _tag: "choose",
              does: "snooze",
              choices: snoozeChoices,
              id: row.id,
              title: row.title,
              index: 0,
            },
          })
    }
    case "other":
      return row === null
        ? stay(model)
        : stay({
            ...model,
            dialog: {
              _tag: "choose",
              does: "other",
              choices: otherChoices(row),
              id: row.id,
              title: row.title,
              index: 0,
            },
          })
    case "agents":
      return openMinds(model)
    case "memory":
      return openInbox(model)
    case "tool":
      return openTools(model, typed)
    case "output":
      return openOutput(model)
    case "suspend":
      return stay(model, { _tag: "Suspend" })
    case "undo":
      return undo(model)
    case "retry": {
      const call = row?.proposed[0]
      return row === null || call === undefined
        ? stay(model)
        : stay(model, { _tag: "Retry", id: row.id, call })
    }
    case "why":
      return why(model)
    case "pause":
      return pause(model, model.status?.paused === true ? "resume" : "pause", typed)
    case "copy": {
      const text = copied(model)
      return stay(say(model, `copied: ${text.split("\n")[0]}`), { _tag: "Copy", text })
    }
    case "reload":
      return reload(model)
    case "zoom":
      return stay({ ...model, zoomed: !model.zoomed })
    case "redraw":
      return stay(model, { _tag: "Redraw" })
    default:
      return stay(model)
  }
}
