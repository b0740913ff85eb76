/**
 * What changed since, in the way of an undo: one after the other is shown with its sides, and each is kept, merged, or
 * everything is left as it is. Pure.
 * Invariants: nothing is taken back before all are decided; leaving is the way out at every step; no key that comes
 * sooner than anybody reads decides anything.
 */
import type { UndoConflict } from "../src/domain/undoConflict.ts"
import type { Input } from "./input.ts"
import { bindingFor } from "./keymap.ts"
import type { Model } from "./model.ts"
import { say, send, stay, type Step } from "./step.ts"

type Key = Extract<Input, { _tag: "key" }>

export interface ConflictsDialog {
  readonly _tag: "conflicts"
  readonly id: string
  readonly conflicts: ReadonlyArray<UndoConflict>
  /** The one that is shown. */
  readonly index: number
  readonly said: Readonly<Record<string, "keep" | "merge">>
  /** First line of its sides in sight. */
  readonly top: number
  readonly shownAt: number
}

/** Nobody reads a difference faster. */
const readMs = 150

export const conflictsCame = (
  model: Model,
  id: string,
  reason: string,
  conflicts: ReadonlyArray<UndoConflict>,
): Model => ({
  ...say(model, reason, "warn"),
  dialog: { _tag: "conflicts", id, conflicts, index: 0, said: {}, top: 0, shownAt: model.now },
})

const decide = (model: Model, dialog: ConflictsDialog, word: "keep" | "merge"): Step => {
  const conflict = dialog.conflicts[dialog.index]
  if (conflict === undefined) return stay(model)
  if (model.now - dialog.shownAt < readMs) return stay(say(model, "look first, then answer", "warn"))
  if (word === "merge" && !conflict.mergeable) {
    return stay(say(model, "there is no clean merge: keep mine, or leave everything", "warn"))
  }
  const said = { ...dialog.said, [conflict.path]: word }
  const index = dialog.index + 1
  return index < dialog.conflicts.length
    ? stay({ ...model, dialog: { ...dialog, index, said, top: 0, shownAt: model.now } })
    : send(model, dialog.id, {
        _tag: "Undo",
        id: dialog.id,
        choice: { stance: "stop", paths: said },
      })
}

export const conflictsKey = (model: Model, dialog: ConflictsDialog, key: Key): Step => {
  switch (bindingFor("conflicts", key.key)?.id) {
    case "keep-mine":
      return decide(model, dialog, "keep")
    case "merge":
      return decide(model, dialog, "merge")
    case "down":
      return stay({ ...model, dialog: { ...dialog, top: dialog.top + 1 } })
    case "up":
      return stay({ ...model, dialog: { ...dialog, top: Math.max(0, dialog.top - 1) } })
    case "cancel":
      return stay(say({ ...model, dialog: null }, "left as it was"))
    default:
      return stay(model)
  }
}
