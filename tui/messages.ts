/** What reaches the model, and what it asks for in return. Both are data; only the driver (`App.ts`) does anything. */
import type { ToolCall, Verdict } from "../src/domain/action.ts"
import type { CallResult, Requested } from "../src/domain/callResult.ts"
import type { EventRecord } from "../src/domain/event.ts"
import type { Answer } from "../src/domain/events/conversation.ts"
import type { PlanDifference } from "../src/domain/planned.ts"
import type { UndoChoice, UndoConflict } from "../src/domain/undoConflict.ts"
import type { Suggestion } from "../src/domain/suggestion.ts"
import type { Detail, Moment, Point, Status, Why } from "../src/rpc/shapes.ts"
import type { Shown } from "../src/rpc/shown.ts"
import type { ToolRow } from "../src/rpc/toolShapes.ts"
import type { SessionPart } from "../src/rpc/sessions.ts"
import type { Always, GrantView, OffersView } from "../src/rpc/grants.ts"
import type { Input } from "./input.ts"
import type { Mark } from "./marks.ts"
import type { Minds } from "./minds.ts"

export interface Size {
  readonly columns: number
  readonly rows: number
}

export type Message = { readonly at: number } & (
  | { readonly _tag: "Input"; readonly input: Input }
  | { readonly _tag: "Resized"; readonly size: Size }
  | { readonly _tag: "Ticked" }
  | { readonly _tag: "Connected"; readonly head: number }
  | { readonly _tag: "Disconnected"; readonly reason: string }
  | { readonly _tag: "StatusCame"; readonly status: Status }
  | { readonly _tag: "QueueCame"; readonly visible: ReadonlyArray<Suggestion> }
  | { readonly _tag: "RecentCame"; readonly all: ReadonlyArray<Suggestion> }
  | { readonly _tag: "TailCame"; readonly events: ReadonlyArray<EventRecord> }
  | {
      readonly _tag: "RangeCame"
      readonly from: number
      readonly to: number
      /** It is for the timeline's window onto the log. */
      readonly past?: true
      /** Null: it could not be read; it will be asked for again. */
      readonly events: ReadonlyArray<EventRecord> | null
    }
  | {
      readonly _tag: "MatchesCame"
      readonly text: string
      readonly older: boolean
      readonly events: ReadonlyArray<EventRecord> | null
      readonly upTo: number
    }
  | { readonly _tag: "DetailCame"; readonly id: string; readonly detail: Detail }
  | { readonly _tag: "DetailFailed"; readonly id: string; readonly reason: string }
  | { readonly _tag: "WhyCame"; readonly id: string; readonly why: Why }
  | { readonly _tag: "WhyFailed"; readonly id: string; readonly reason: string }
  /** `point` is what was asked for. */
  | { readonly _tag: "MomentCame"; readonly point: Point; readonly moment: Moment }
  | { readonly _tag: "MomentFailed"; readonly point: Point; readonly reason: string }
  /** The newest marks up to `to`, at most a page. */
  | { readonly _tag: "MarksCame"; readonly to: number; readonly marks: ReadonlyArray<Mark> }
  | { readonly _tag: "EditorClosed"; readonly id: string; readonly before: string; readonly after: string }
  | { readonly _tag: "EditorFailed"; readonly reason: string }
  /** An answer was taken; `row` is the suggestion as it is now. */
  | { readonly _tag: "Answered"; readonly row: Suggestion; readonly ended: boolean }
  | {
      readonly _tag: "AnswerFailed"
      readonly id: string
      readonly reason: string
      /** What is not as it was when it was shown; empty where that is not the reason. */
      readonly difference: ReadonlyArray<PlanDifference>
      /** What changed since, in the way of an undo. */
      readonly conflicts?: ReadonlyArray<UndoConflict>
    }
  /** What can be allowed once for all with it. */
  | { readonly _tag: "OffersCame"; readonly id: string; readonly offers: OffersView }
  | { readonly _tag: "GrantsCame"; readonly grants: ReadonlyArray<GrantView> }
  | { readonly _tag: "GrantGone"; readonly grant: string }
  | { readonly _tag: "ToolsCame"; readonly tools: ReadonlyArray<ToolRow> }
  /** What the gate says of a call that was not asked for yet; without a verdict, why it does not say. */
  | {
      readonly _tag: "ToolJudged"
      readonly call: ToolCall
      readonly verdict: Verdict | null
      readonly reason: string | null
    }
  | { readonly _tag: "ToolTaken"; readonly call: ToolCall; readonly requested: Requested }
  | { readonly _tag: "ToolRefused"; readonly call: ToolCall; readonly reason: string }
  | { readonly _tag: "ResultsCame"; readonly id: string; readonly results: ReadonlyArray<CallResult> }
  /** Conversations and agents; null: they could not be read. */
  | { readonly _tag: "MindsCame"; readonly minds: Minds | null }
  | { readonly _tag: "PartCame"; readonly session: string; readonly part: SessionPart }
  /** Nothing more comes of that conversation. */
  | { readonly _tag: "FollowEnded"; readonly session: string; readonly reason: string }
  | { readonly _tag: "Said"; readonly text: string; readonly tone: Tone }
)

export type Tone = "good" | "warn" | "bad" | "plain"

export type Command =
  | { readonly _tag: "LoadDetail"; readonly id: string }
  | { readonly _tag: "LoadWhy"; readonly id: string }
  | { readonly _tag: "LoadRange"; readonly from: number; readonly to: number; readonly past?: true }
  | { readonly _tag: "LoadMoment"; readonly point: Point }
  | { readonly _tag: "LoadMarks"; readonly to: number; readonly limit: number }
  | {
      readonly _tag: "LoadMatches"
      readonly text: string
      /** Inclusive bounds; `older` reads backwards from `to`. */
      readonly from: number
      readonly to: number
      readonly older: boolean
    }
  | { readonly _tag: "LoadRecent" }
  | { readonly _tag: "Approve"; readonly id: string; readonly shown: Shown; readonly always?: Always }
  | { readonly _tag: "LoadOffers"; readonly id: string }
  | { readonly _tag: "LoadGrants" }
  | { readonly _tag: "RevokeGrant"; readonly grant: string }
  | { readonly _tag: "Edit"; readonly id: string; readonly actions: ReadonlyArray<ToolCall> }
  | { readonly _tag: "OpenEditor"; readonly id: string; readonly text: string }
  /** `lookedMs`: for how long it was before the person, to the key that said no. */
  | { readonly _tag: "Reject"; readonly id: string; readonly reason: string; readonly lookedMs: number }
  | { readonly _tag: "Answer"; readonly id: string; readonly answer: Answer }
  | { readonly _tag: "Snooze"; readonly id: string; readonly untilMs: number }
  | { readonly _tag: "Undo"; readonly id: string; readonly choice?: UndoChoice }
  /** `call` is what is said to be run meanwhile. */
  | { readonly _tag: "Retry"; readonly id: string; readonly call: ToolCall }
  | { readonly _tag: "LoadTools" }
  | { readonly _tag: "JudgeTool"; readonly call: ToolCall }
  | { readonly _tag: "RunTool"; readonly call: ToolCall }
  | { readonly _tag: "AwaitResults"; readonly id: string }
  /** `ended`: also agents that ended. */
  | { readonly _tag: "LoadMinds"; readonly ended: boolean }
  /** This conversation and no other, from behind that event; null: none. */
  | { readonly _tag: "Follow"; readonly session: string | null }
  | { readonly _tag: "StopMind"; readonly session: string; readonly agent: boolean }
  | { readonly _tag: "AnswerMemory"; readonly id: string; readonly accept: boolean }
  | { readonly _tag: "SayTo"; readonly session: string; readonly agent: boolean; readonly text: string }
  | { readonly _tag: "Pause"; readonly untilMs: number | null }
  | { readonly _tag: "Resume" }
  | { readonly _tag: "Presence"; readonly present: boolean }
  | { readonly _tag: "Copy"; readonly text: string }
  | { readonly _tag: "Redraw" }
  | { readonly _tag: "Suspend" }
  | { readonly _tag: "Quit"; readonly interrupted: boolean }
