/**
 * What keys and answers do to the list of conversations and agents, and to the dialogs about one of them. Pure.
 * Invariants: a stop is asked again, and never by a key that comes sooner than anybody reads; the list is read at most once
 * at a time, however much happens meanwhile; one conversation is followed, and only while it is shown.
 */
import type { EventRecord } from "../src/domain/event.ts"
import { editField } from "./field.ts"
import type { Input } from "./input.ts"
import { bindingFor } from "./keymap.ts"
import { inboxCame } from "./memories.ts"
import { type MindDialog, mindIndex, mindOf, mindRows, type Minds, sayReason, stopReason } from "./minds.ts"
import { emptyField, type Model } from "./model.ts"
import { say, stay, type Step } from "./step.ts"
import { dialogRoom } from "./view/dialogs.ts"
import { mostUp } from "./view/minds.ts"
import { noWords } from "./words.ts"

type Key = Extract<Input, { _tag: "key" }>

/** Nobody reads a question faster. */
const readMs = 150

const isMindDialog = (model: Model): boolean =>
  model.dialog?._tag === "agents" ||
  model.dialog?._tag === "talk" ||
  model.dialog?._tag === "word" ||
  model.dialog?._tag === "stop"

/** Asks for the list, or, where it is on its way, for it once more then. */
export const readMinds = ({ model, commands }: Step): Step =>
  model.connection !== "connected" || model.mindsAsked === "again"
    ? { model, commands }
    : model.mindsAsked === "asked"
      ? { model: { ...model, mindsAsked: "again" }, commands }
      : {
          model: { ...model, mindsAsked: "asked" },
          commands: [...commands, { _tag: "LoadMinds", ended: isMindDialog(model) }],
        }

const moves = /^(?:agent|memory)\.|^session\.(?:opened|said|rested|stopped|changed|archived)$/

/** Whether these can have changed the list; what an answer costs matters only to who looks. */
export const movesMinds = (model: Model, events: ReadonlyArray<EventRecord>): boolean =>
  events.some(({ type }) => moves.test(type) || (type === "model.answered" && isMindDialog(model)))

/** `minds` null: it could not be read. */
export const mindsCame = (model: Model, minds: Minds | null): Step => {
  const came = inboxCame(model, { ...model, minds: minds ?? model.minds, mindsAsked: "no" })
  return model.mindsAsked === "again" ? readMinds(stay(came)) : stay(came)
}

export const openMinds = (model: Model): Step =>
  readMinds(stay({ ...model, dialog: { _tag: "agents", selected: null, index: 0 } }))

const moved = (id: string | undefined, page: number): number => {
  const by: Readonly<Record<string, number>> = {
    down: 1,
    up: -1,
    "half-down": 5,
    "half-up": -5,
    "page-down": page,
    "page-up": -page,
  }
  return by[id ?? ""] ?? 0
}

const shared = (model: Model, dialog: Extract<MindDialog, { _tag: "agents" | "talk" }>, id: string): Step => {
  const row = mindOf(model)
  const reason = id === "stop" ? stopReason(model) : sayReason(model)
  if (row === null || reason !== null) return stay(say(model, `${id}: ${reason ?? ""}`, "warn"))
  return stay({
    ...model,
    dialog:
      id === "stop"
        ? { _tag: "stop", row, back: dialog, openedAt: model.now }
        : { _tag: "word", row, field: emptyField, back: dialog },
  })
}

export const mindKey = (model: Model, dialog: MindDialog, key: Key): Step => {
  const id = bindingFor(dialog._tag, key.key)?.id
  const by = moved(id, 10)
  switch (dialog._tag) {
    case "agents": {
      if (id === "cancel") return stay({ ...model, dialog: null })
      if (id === "stop" || id === "say") return shared(model, dialog, id)
      const rows = mindRows(model)
      const at = mindIndex(rows, dialog)
      if (id === "accept") {
        const row = rows[at]
        return row === undefined
          ? stay(model)
          : stay({
              ...model,
              dialog: {
                _tag: "talk",
                row,
                up: 0,
                back: { ...dialog, selected: row.id, index: at },
              },
            })
      }
      const index = Math.max(0, Math.min(rows.length - 1, at + by))
      return stay({ ...model, dialog: { ...dialog, index, selected: rows[index]?.id ?? null } })
    }
    case "talk": {
      if (id === "cancel") return stay({ ...model, dialog: dialog.back })
      if (id === "stop" || id === "say") return shared(model, dialog, id)
      const { columns, rows } = dialogRoom("talk", model.size)
      const up = Math.max(0, Math.min(mostUp(model, columns, rows), dialog.up - by))
      return stay({ ...model, dialog: { ...dialog, up } })
    }
    case "stop": {
      if (id === "cancel") return stay(say({ ...model, dialog: dialog.back }, "left as it was"))
      if (id !== "accept") return stay(model)
      if (model.now - dialog.openedAt < readMs) return stay(say(model, "look first, then answer", "warn"))
      const { agent, id: session } = dialog.row
      return stay({ ...model, dialog: dialog.back }, { _tag: "StopMind", session, agent })
    }
    case "word": {
      if (id === "cancel") return stay({ ...model, dialog: dialog.back })
      if (id === "accept") {
        const text = dialog.field.text.trim()
        const { agent, id: session } = dialog.row
        return text === ""
          ? stay(say(model, "say something, or esc", "warn"))
          : stay({ ...model, dialog: dialog.back }, { _tag: "SayTo", session, agent, text })
      }
      const field = editField(dialog.field, key.key, key.text)
      return stay(field === null ? model : { ...model, dialog: { ...dialog, field } })
    }
  }
}

/** The conversation on the screen is the one that is followed. */
export const settleWords = ({ model, commands }: Step): Step => {
  const { dialog, words } = model
  const talk =
    dialog?._tag === "talk"
      ? dialog
      : (dialog?._tag === "word" || dialog?._tag === "stop") && dialog.back._tag === "talk"
        ? dialog.back
        : null
  const wanted = model.connection === "connected" ? (talk?.row.id ?? null) : null
  if (wanted === null && model.connection !== "connected") return { model, commands }
  if (wanted === (words?.session ?? null)) return { model, commands }
  return {
    model: { ...model, words: wanted === null ? null : noWords(wanted) },
    commands: [...commands, { _tag: "Follow", session: wanted }],
  }
}
