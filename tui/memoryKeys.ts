/**
 * What keys do in the list of memories that wait. Pure.
 * Invariants: what is let in was on the screen to its last word, and for longer than nobody can read.
 */
import type { Input } from "./input.ts"
import { bindingFor } from "./keymap.ts"
import { type InboxDialog, movedTo, waitingOne } from "./memories.ts"
import { readMinds } from "./mindKeys.ts"
import type { Model } from "./model.ts"
import { say, stay, type Step } from "./step.ts"
import { dialogRoom } from "./view/dialogs.ts"
import { isWhole } from "./view/memories.ts"

/** Nobody reads one faster. */
const readMs = 150

export const openInbox = (model: Model): Step =>
  readMinds(stay({ ...model, dialog: { _tag: "inbox", selected: null, index: 0, shownAt: model.now } }))

export const inboxKey = (
  model: Model,
  dialog: InboxDialog,
  { key }: Extract<Input, { _tag: "key" }>,
): Step => {
  const id = bindingFor("inbox", key)?.id
  const one = waitingOne(model)
  switch (id) {
    case "cancel":
      return stay({ ...model, dialog: null })
    case "down":
      return stay(movedTo(model, dialog, 1))
    case "up":
      return stay(movedTo(model, dialog, -1))
    case "accept":
    case "reject": {
      if (one === null) return stay(say(model, "nothing waits", "warn"))
      if (model.now - dialog.shownAt < readMs) return stay(say(model, "look first, then answer", "warn"))
      const { columns, rows } = dialogRoom("inbox", model.size)
      if (id === "accept" && !isWhole(model, dialog, columns, rows))
        return stay(say(model, `not all of it is in sight: claw memory accept ${one.id}`, "warn"))
      return stay(model, { _tag: "AnswerMemory", id: one.id, accept: id === "accept" })
    }
    default:
      return stay(model)
  }
}
