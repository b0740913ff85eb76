/**
 * The state of the screen, and what can be read off it. Pure data; `update.ts` is the only writer.
 * Invariants: rows are selected by id, so a changing queue never moves the cursor to another item unseen;
 * `detail` belongs to the selected row; a dialog that approves holds the digests that it shows.
 */
import type { EventRecord } from "../src/domain/event.ts"
import type { Question } from "../src/domain/question.ts"
import type { PlanDifference } from "../src/domain/planned.ts"
import type { Suggestion } from "../src/domain/suggestion.ts"
import type { Detail, Status, Why } from "../src/rpc/shapes.ts"
import type { ToolRow } from "../src/rpc/toolShapes.ts"
import type { Shown } from "../src/rpc/shown.ts"
import type { Choice } from "./choices.ts"
import type { ConflictsDialog } from "./conflicts.ts"
import type { AlwaysDialog, GrantsDialog } from "./grants.ts"
import { emptyLog, type LogModel } from "./log.ts"
import type { Size, Tone } from "./messages.ts"
import type { InboxDialog } from "./memories.ts"
import type { MindDialog, Minds } from "./minds.ts"
import type { Timeline } from "./timeline.ts"
import type { FormDialog, ToolRun, ToolsDialog } from "./toolDialogs.ts"
import type { Words } from "./words.ts"

export type Panel = "queue" | "detail" | "log"

/** The plan of the selected row; `lastSeq` is the state of the row it was asked for. */
export interface DetailModel {
  readonly id: string
  readonly lastSeq: number
  readonly state: "loading" | "loaded" | "failed"
  readonly detail: Detail | null
  readonly reason: string | null
  /** When it came onto the screen. */
  readonly loadedAt: number
}

/** What the detail panel shows. */
export type Subject =
  | { readonly _tag: "suggestion" }
  | { readonly _tag: "event"; readonly event: EventRecord }
  | { readonly _tag: "output" }
  | {
      readonly _tag: "why"
      readonly id: string
      readonly of: string
      readonly why: Why | null
      readonly reason: string | null
    }

export interface TextField {
  readonly text: string
  /** In code points. */
  readonly cursor: number
}

export type Dialog =
  | InboxDialog
  | {
      readonly _tag: "confirm"
      readonly does: "approve" | "undo"
      readonly id: string
      readonly title: string
      readonly detail: Detail | null
      readonly shown: Shown
      readonly because: string
      readonly openedAt: number
      readonly yes: boolean
    }
  | {
      readonly _tag: "choose"
      readonly does: "reject" | "snooze" | "other" | "answer"
      readonly choices: ReadonlyArray<Choice>
      readonly id: string
      readonly title: string
      readonly index: number
    }
  | { readonly _tag: "reason"; readonly id: string; readonly title: string; readonly field: TextField }
  /** Words to a question: free ones, or the numbers of several options. */
  | {
      readonly _tag: "answer"
      readonly id: string
      readonly question: Question
      readonly field: TextField
      /** Why what was typed is no answer. */
      readonly fault: string | null
    }
  | { readonly _tag: "filter"; readonly panel: Panel; readonly field: TextField; readonly before: string }
  | { readonly _tag: "palette"; readonly field: TextField; readonly index: number }
  | { readonly _tag: "goto"; readonly field: TextField }
  | ToolsDialog
  | FormDialog
  | AlwaysDialog
  | GrantsDialog
  | ConflictsDialog
  | MindDialog
  | {
      readonly _tag: "help"
      readonly panel: Panel | "timeline"
      readonly field: TextField
      readonly top: number
    }

export interface Model {
  readonly size: Size
  readonly now: number
  readonly connection: "connecting" | "connected" | "lost"
  /** Why it is lost, and what brings it back. */
  readonly lost: string | null
  readonly status: Status | null
  /** What may be seen now, as the daemon orders it; null before it is known. */
  readonly visible: ReadonlyArray<Suggestion> | null
  /** What was answered or ran in the last day. */
  readonly recent: ReadonlyArray<Suggestion>
  readonly selected: string | null
  readonly selectedAt: number
  /** The user moved there; else the cursor may still find the first question by itself. */
  readonly chosen: boolean
  /** Where the cursor was, for when its row goes. */
  readonly queueIndex: number
  readonly queueTop: number
  readonly queueFilter: string
  readonly detail: DetailModel | null
  /** A yes that did not count, because what was on the screen is not what would be done by now. */
  readonly changed: { readonly id: string; readonly difference: ReadonlyArray<PlanDifference> } | null
  readonly subject: Subject
  readonly detailTop: number
  readonly detailFind: string
  readonly log: LogModel
  readonly panel: Panel
  readonly zoomed: boolean
  readonly dialog: Dialog | null
  /** Not null while the past is on the screen; the present goes on unseen. */
  readonly timeline: Timeline | null
  readonly notice: { readonly text: string; readonly tone: Tone; readonly until: number } | null
  /** Answers on their way, by suggestion. */
  readonly answering: ReadonlySet<string>
  /** Answered here, newest last: what `undo` means without a selection. */
  readonly answered: ReadonlyArray<string>
  readonly focused: boolean
  /** What can be run; null before it was asked for. */
  readonly tools: ReadonlyArray<ToolRow> | null
  /** The last tool that was run from here. */
  readonly run: ToolRun | null
  /** A question that was asked from here, and whose row is not there yet. */
  readonly wanted: string | null
  /** Conversations, agents and what waits in the inbox; null before it is known. */
  readonly minds: Minds | null
  /** Whether they are being read, and have to be read again after that. */
  readonly mindsAsked: "no" | "asked" | "again"
  /** Of the conversation that is looked at. */
  readonly words: Words | null
}

export const emptyField: TextField = { text: "", cursor: 0 }

export const initialModel = (size: Size, now: number): Model => ({
  size,
  now,
  connection: "connecting",
  lost: null,
  status: null,
  visible: null,
  recent: [],
  selected: null,
  selectedAt: now,
  chosen: false,
  queueIndex: 0,
  queueTop: 0,
  queueFilter: "",
  detail: null,
  changed: null,
  subject: { _tag: "suggestion" },
  detailTop: 0,
  detailFind: "",
  log: emptyLog,
  panel: "queue",
  zoomed: false,
  dialog: null,
  timeline: null,
  notice: null,
  answering: new Set(),
  answered: [],
  focused: true,
  tools: null,
  run: null,
  wanted: null,
  minds: null,
  mindsAsked: "no",
  words: null,
})

/** Of what ended, as many as the queue panel shows. */
export const shownRecent = 30

const matches = (row: Suggestion, filter: string): boolean => {
  const inverse = filter.startsWith("!")
  const wanted = (inverse ? filter.slice(1) : filter).toLowerCase()
  if (wanted === "") return true
  const found = `${row.title} ${row.rule} ${row.state} ${row.id}`.toLowerCase().includes(wanted)
  return found !== inverse
}

/** What ran by name without a question is in the log, and not among what was answered. */
const wasSeen = (row: Suggestion): boolean => row.rule !== "requested" || row.visibleAt !== null

/** The rows of the queue panel: what waits for an answer, then what was answered of late. */
export const queueRows = (model: Model): ReadonlyArray<Suggestion> => {
  const visible = model.visible ?? []
  const ids = new Set(visible.map((row) => row.id))
  const recent = model.recent
    .filter((row) => !ids.has(row.id) && row.state !== "expired" && wasSeen(row))
    .slice(0, shownRecent)
  return [...visible, ...recent].filter((row) => matches(row, model.queueFilter))
}

export const isOpen = (row: Suggestion): boolean => row.state === "pending" || row.state === "snoozed"

export const selectedRow = (model: Model): Suggestion | null =>
  model.selected === null ? null : (queueRows(model).find((row) => row.id === model.selected) ?? null)

/** The plan of the selected row as it is now; null while it is not known or out of date. */
export const currentDetail = (model: Model): Detail | null => {
  const { detail } = model
  return detail !== null && detail.id === model.selected && detail.state === "loaded" ? detail.detail : null
}
