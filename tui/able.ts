/** What can be done with the selected item now, and if not, why not: one line for a person. Pure. */
import type { ToolCall } from "../src/domain/action.ts"
import { isFinal } from "../src/domain/prompt.ts"
import type { Detail } from "../src/rpc/shapes.ts"
import type { Suggestion } from "../src/domain/suggestion.ts"
import { currentDetail, isOpen, type Model, selectedRow } from "./model.ts"
import { cursorEvent } from "./log.ts"
import { panelRects } from "./layout.ts"

const answerable = (model: Model): string | null => {
  if (model.connection !== "connected") return "not connected to the daemon"
  const row = selectedRow(model)
  if (row === null) return "nothing is selected"
  if (model.answering.has(row.id)) return "an answer is on its way"
  return isOpen(row) ? null : `it is ${row.state}`
}

export const approveReason = (model: Model): string | null => {
  const refused = answerable(model)
  if (refused !== null) return refused
  if (selectedRow(model)?.question !== undefined) return "it is a question (w answers it)"
  if (model.subject._tag !== "suggestion") return "its actions are not on the screen (esc goes back to them)"
  const detail = currentDetail(model)
  if (detail === null)
    return model.detail?.state === "failed"
      ? `its actions are not known: ${model.detail.reason ?? ""}`
      : "its actions are still being read"
  const problem = detail.plans.find((plan) => plan.problem !== null)
  if (problem !== undefined) return `it cannot be done: ${problem.problem}`
  const denied = detail.plans.find((plan) => plan.verdict.verdict === "deny")
  return denied === undefined ? null : `policy forbids it: ${denied.verdict.rule}`
}

const printing: ReadonlySet<string> = new Set(["done", "failed", "undone"])

/** What was done of the selected row, whose output is not yet the one at hand; null where there is nothing of it. */
export const doneCall = (model: Model): ToolCall | null => {
  const row = selectedRow(model)
  return row === null || row.id === model.run?.suggestion || !printing.has(row.state)
    ? null
    : (row.proposed[0] ?? null)
}

export const outputReason = (model: Model): string | null =>
  model.run === null && doneCall(model) === null ? "no tool was run from here yet" : null

const settleMs = 250

/** What just came onto the screen was not read yet: a key that was meant for another item must not reach it. */
export const justCame = (model: Model): boolean =>
  model.now - (model.detail?.loadedAt ?? model.now) < settleMs || model.now - model.selectedAt < settleMs

/** For how long an item has been before the person: selected, and on the screen. */
export const lookedMs = (model: Model, id: string): number =>
  model.selected === id ? Math.max(0, model.now - model.selectedAt) : 0

/** Why an approval is asked about again; null where one key is enough. */
export const confirmBecause = (model: Model, detail: Detail): string | null => {
  const row = detail.suggestion
  if (detail.plans.some((plan) => plan.sandbox === "none")) return "it runs WITHOUT a sandbox"
  if (row.risk !== "low") return `it is of ${row.risk} risk`
  if (row.rule === "requested" && detail.plans.some(isFinal)) return "it cannot be undone"
  return panelRects(model).detail === null ? "its details are not on the screen" : null
}

export const editReason = (model: Model): string | null =>
  answerable(model) ?? (selectedRow(model)!.proposed.length === 0 ? "it has no actions to edit" : null)

export const otherReason = (model: Model): string | null =>
  answerable(model) ?? (selectedRow(model)!.alternatives.length === 0 ? "there is no other fix" : null)

/** Words are only for what was asked in words. */
export const answerReason = (model: Model): string | null =>
  answerable(model) ??
  (selectedRow(model)!.question === undefined ? "it asks for an approval (a approves it)" : null)

export const rejectReason = answerable
export const snoozeReason = answerable

/** The selected row if it can be taken back, else the last that was answered here. */
export const undoTarget = (model: Model): Suggestion | null => {
  const row = model.panel === "log" ? null : selectedRow(model)
  if (row !== null && row.undoable) return row
  if (row !== null && !isOpen(row)) return null
  const known = new Map(model.recent.map((one) => [one.id, one]))
  for (const id of model.answered.toReversed()) {
    const found = known.get(id)
    if (found?.undoable === true) return found
  }
  return null
}

export const undoReason = (model: Model): string | null => {
  if (model.connection !== "connected") return "not connected to the daemon"
  const target = undoTarget(model)
  if (target !== null) return model.answering.has(target.id) ? "an answer is on its way" : null
  const row = selectedRow(model)
  return row !== null && !isOpen(row)
    ? `it is ${row.state} and cannot be taken back`
    : "nothing was approved here that can be taken back"
}

export const retryReason = (model: Model): string | null => {
  if (model.connection !== "connected") return "not connected to the daemon"
  const row = selectedRow(model)
  if (row === null) return "nothing is selected"
  return row.state === "failed" ? null : `it is ${row.state}, and did not fail`
}

export const whyReason = (model: Model): string | null =>
  model.panel === "log"
    ? cursorEvent(model.log) === null
      ? "no event is selected"
      : null
    : selectedRow(model) === null
      ? "nothing is selected"
      : null

export const copyReason = (model: Model): string | null => (model.timeline === null ? whyReason(model) : null)
