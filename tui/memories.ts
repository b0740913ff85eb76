/**
 * Memories that wait for a yes or no, as the screen lists them. Pure.
 * Invariant: the cursor stays on the same one whatever comes and goes; where that is gone, a look is due at what it is on now.
 */
import type { MemoryView } from "../src/rpc/memories.ts"
import type { Model } from "./model.ts"

export interface InboxDialog {
  readonly _tag: "inbox"
  readonly selected: string | null
  /** Where the cursor was, for when its row goes. */
  readonly index: number
  /** Since when what it is on is on the screen. */
  readonly shownAt: number
}

const waiting = (model: Model): ReadonlyArray<MemoryView> => model.minds?.inbox ?? []

export const inboxIndex = (rows: ReadonlyArray<MemoryView>, { index, selected }: InboxDialog): number => {
  const same = rows.findIndex(({ id }) => id === selected)
  return same >= 0 ? same : Math.max(0, Math.min(index, rows.length - 1))
}

/** The one the cursor is on. */
export const waitingOne = (model: Model): MemoryView | null => {
  const { dialog } = model
  const rows = waiting(model)
  return dialog?._tag === "inbox" ? (rows[inboxIndex(rows, dialog)] ?? null) : null
}

export const movedTo = (model: Model, dialog: InboxDialog, by: number): Model => {
  const rows = waiting(model)
  const index = Math.max(0, Math.min(rows.length - 1, inboxIndex(rows, dialog) + by))
  const selected = rows[index]?.id ?? null
  return { ...model, dialog: { ...dialog, index, selected, shownAt: model.now } }
}

/** After the list was read again. */
export const inboxCame = (before: Model, now: Model): Model =>
  now.dialog?._tag === "inbox" && waitingOne(before)?.id !== waitingOne(now)?.id
    ? movedTo(now, now.dialog, 0)
    : now
