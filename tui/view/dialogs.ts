/** The dialogs, as a box of lines to be laid over the screen. Pure. */
import { promptOf } from "../../src/domain/prompt.ts"
import type { PlannedCall } from "../../src/rpc/shapes.ts"
import { helpEntries, paletteEntries } from "../keymap.ts"
import type { Size } from "../messages.ts"
import type { Dialog, Model } from "../model.ts"
import { exactly, type Line, line, over, span } from "../spans.ts"
import { fit, harmless, harmlessLines, padEnd, wrap } from "../text.ts"
import { theme } from "../theme.ts"
import { fieldLine, windowed } from "./fields.ts"
import { panel } from "./frame.ts"
import { conflictLines } from "./conflicts.ts"
import { alwaysLines, grantLines } from "./grants.ts"
import { inboxLines } from "./memories.ts"
import { mindLines } from "./minds.ts"
import { formLines, toolsLines } from "./tools.ts"

export interface Box {
  readonly x: number
  readonly y: number
  readonly lines: ReadonlyArray<Line>
}

const button = (text: string, marked: boolean): Line[number] =>
  span(marked ? ` ▸ ${text} ` : `   ${text} `, marked ? theme.button : theme.dim)

const planSummary = (
  plan: PlannedCall,
  workspace: string | null,
  columns: number,
  previewRows: number,
): ReadonlyArray<Line> => {
  const { does, to, undo } = promptOf(plan, workspace)
  const preview = plan.preview === null ? [] : harmlessLines(plan.preview.replace(/\n$/, ""))
  const shown = preview.slice(0, previewRows)
  return [
    ...wrap(does, columns).map((text) => line(text, theme.bold)),
    [span(plan.verdict.verdict, theme.warn), span(` by ${harmless(plan.verdict.rule)}`, theme.dim)],
    ...wrap(to, columns).map((text) => line(text, plan.sandbox === "none" ? theme.alarm : theme.plain)),
    ...wrap(undo, columns).map((text) => line(text, plan.undoable ? theme.good : theme.warn)),
    ...shown.map((text) =>
      line(
        `│ ${fit(text, columns - 2)}`,
        text.startsWith("+") ? theme.good : text.startsWith("-") ? theme.bad : theme.plain,
      ),
    ),
    ...(preview.length > shown.length
      ? [line(`│ … ${preview.length - shown.length} more lines in the detail`, theme.dim)]
      : []),
  ]
}

const confirmLines = (
  dialog: Extract<Dialog, { _tag: "confirm" }>,
  columns: number,
  rows: number,
): ReadonlyArray<Line> => {
  const plans = dialog.detail?.plans ?? []
  const workspace = dialog.detail?.suggestion.workspace ?? null
  const previewRows = Math.max(0, Math.floor((rows - 8) / Math.max(1, plans.length)) - 2)
  const yes = dialog.does === "approve" ? "Approve" : "Take back"
  const head = [
    ...wrap(harmless(dialog.title), columns).map((text) => line(text)),
    line(`asked again because ${harmless(dialog.because)}`, theme.warn),
    [],
  ]
  const body = plans.flatMap((plan) => [...planSummary(plan, workspace, columns, previewRows), []])
  const buttons: Line = [
    button("Leave it", !dialog.yes),
    span("  "),
    button(yes, dialog.yes),
    span("   y yes  n no", theme.dim),
  ]
  const room = Math.max(0, rows - head.length - 1)
  return [...head, ...body.slice(0, room), buttons]
}

const chooseLines = (dialog: Extract<Dialog, { _tag: "choose" }>, columns: number): ReadonlyArray<Line> => {
  return [
    line(fit(harmless(dialog.title), columns), theme.dim),
    [],
    ...dialog.choices.map((choice, index): Line => {
      const row = exactly(
        [
          span(` ${index + 1}  `, theme.key),
          span(choice.hint === "" ? harmless(choice.title) : padEnd(choice.title, 18)),
          span(` ${choice.hint}`, theme.dim),
        ],
        columns,
      )
      return index === dialog.index ? over(row, theme.selected) : row
    }),
  ]
}

const answerLines = (
  { fault, field, question }: Extract<Dialog, { _tag: "answer" }>,
  columns: number,
  rows: number,
): ReadonlyArray<Line> => {
  const asked = harmlessLines(question.text).flatMap((text) => wrap(text, columns))
  const options = question.options.map((option, index) =>
    exactly([span(` ${index + 1}  `, theme.key), span(harmless(option))], columns),
  )
  return [
    ...asked.slice(0, Math.max(1, rows - options.length - 4)).map((text) => line(text, theme.bold)),
    ...options,
    [],
    fieldLine("> ", field, columns),
    ...(fault === null ? [] : [line(fit(harmless(fault), columns), theme.warn)]),
  ]
}

const paletteLines = (
  model: Model,
  dialog: Extract<Dialog, { _tag: "palette" }>,
  columns: number,
  rows: number,
): ReadonlyArray<Line> => {
  const entries = paletteEntries(model, dialog.field.text)
  const [shown, top] = windowed(entries, dialog.index, Math.max(1, rows - 2))
  return [
    fieldLine(": ", dialog.field, columns),
    [],
    ...shown.map((entry, offset): Line => {
      const row = exactly(
        [
          span(` ${padEnd(entry.name, 10)}`, entry.reason === null ? theme.bold : theme.dim),
          span(entry.reason === null ? entry.binding.title : harmless(entry.reason), theme.dim),
        ],
        columns,
      )
      return top + offset === dialog.index ? over(row, theme.selected) : row
    }),
    ...(entries.length === 0 ? [line("no such command", theme.dim)] : []),
  ]
}

const helpLines = (
  model: Model,
  dialog: Extract<Dialog, { _tag: "help" }>,
  columns: number,
  rows: number,
): ReadonlyArray<Line> => {
  const entries = helpEntries(model, dialog.panel, dialog.field.text)
  const room = Math.max(1, rows - 2)
  const top = Math.min(dialog.top, Math.max(0, entries.length - room))
  return [
    fieldLine("type to filter: ", dialog.field, columns),
    [],
    ...entries
      .slice(top, top + room)
      .map((entry): Line => [
        span(`${padEnd(entry.keys, 14)} `, entry.reason === null ? theme.key : theme.dim),
        span(entry.title, entry.reason === null ? theme.plain : theme.dim),
        span(entry.reason === null ? "" : `  (${harmless(entry.reason)})`, theme.dim),
      ]),
    ...(entries.length === 0 ? [line("no key does that here", theme.dim)] : []),
  ]
}

const narrow: ReadonlySet<Dialog["_tag"]> = new Set(["choose", "reason", "answer", "word", "stop"])
const wider: ReadonlySet<Dialog["_tag"]> = new Set(["agents", "talk", "inbox"])
const chooseTitles = { reject: "reject", snooze: "snooze", other: "another fix", answer: "answer" } as const
const titles: Readonly<Record<Exclude<Dialog["_tag"], "filter" | "goto" | "choose" | "form">, string>> = {
  confirm: "are you sure?",
  reason: "reject: why?",
  answer: "answer",
  palette: "commands",
  tools: "run a tool",
  always: "always allow",
  grants: "always allowed",
  conflicts: "changed since",
  agents: "conversations and agents",
  talk: "last words",
  word: "send a word",
  stop: "stop it?",
  inbox: "what Claw would like to remember",
  help: "keys",
}

const contentOf = (model: Model, dialog: Dialog, columns: number, rows: number): ReadonlyArray<Line> => {
  switch (dialog._tag) {
    case "confirm":
      return confirmLines(dialog, columns, rows)
    case "choose":
      return chooseLines(dialog, columns)
    case "reason":
      return [
        line(fit(harmless(dialog.title), columns), theme.dim),
        [],
        fieldLine("> ", dialog.field, columns),
      ]
    case "answer":
      return answerLines(dialog, columns, rows)
    case "palette":
      return paletteLines(model, dialog, columns, rows)
    case "help":
      return helpLines(model, dialog, columns, rows)
    case "tools":
      return toolsLines(model, dialog, columns, rows)
    case "form":
      return formLines(dialog, columns, rows)
    case "always":
      return alwaysLines(dialog, columns)
    case "grants":
      return grantLines(dialog, model.now, columns, rows)
    case "conflicts":
      return conflictLines(dialog, columns, rows)
    case "agents":
    case "talk":
    case "word":
    case "stop":
      return mindLines(model, dialog, columns, rows)
    case "inbox":
      return inboxLines(model, dialog, columns, rows)
    case "filter":
    case "goto":
      return []
  }
}

const outer = (tag: Dialog["_tag"], { columns, rows }: Size) => ({
  wide: Math.min(columns, narrow.has(tag) ? 64 : wider.has(tag) ? 110 : 84),
  highest: Math.max(3, rows - 2),
})

/** The most that is in sight inside the border. */
export const dialogRoom = (tag: Dialog["_tag"], size: Size): Size => {
  const { highest, wide } = outer(tag, size)
  return { columns: Math.max(1, wide - 4), rows: highest - 2 }
}

/** The open dialog as a box in the middle of the screen; null for none, or for one that is a line. */
export const dialogBox = (model: Model, { columns, rows }: Size): Box | null => {
  const { dialog } = model
  if (dialog === null || dialog._tag === "filter" || dialog._tag === "goto") return null
  const { highest, wide } = outer(dialog._tag, { columns, rows })
  const room = dialogRoom(dialog._tag, { columns, rows })
  const content = contentOf(model, dialog, room.columns, room.rows)
  const height = Math.min(highest, content.length + 2)
  const title =
    dialog._tag === "choose"
      ? chooseTitles[dialog.does]
      : dialog._tag === "form"
        ? harmless(dialog.tool.name)
        : titles[dialog._tag]
  const rect = { x: 0, y: 0, width: wide, height }
  return {
    x: Math.floor((columns - wide) / 2),
    y: Math.max(0, Math.floor((rows - 2 - height) / 2)),
    lines: panel(rect, title, content, true, null),
  }
}
