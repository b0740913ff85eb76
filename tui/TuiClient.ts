/** What the screen needs of a daemon. The command line makes one of its RPC client; tests and the bench script one. */
import { type Effect, Schema, type Stream } from "effect"
import type { ToolCall, Verdict } from "../src/domain/action.ts"
import type { CallResult, Requested } from "../src/domain/callResult.ts"
import type { EventRecord } from "../src/domain/event.ts"
import type { Answer as Words } from "../src/domain/events/conversation.ts"
import { PlanDifference } from "../src/domain/planned.ts"
import type { Suggestion } from "../src/domain/suggestion.ts"
import { UndoConflict, type UndoChoice } from "../src/domain/undoConflict.ts"
import type { Always, GrantView, OffersView } from "../src/rpc/grants.ts"
import type { Detail, Moment, Point, Status, Why } from "../src/rpc/shapes.ts"
import type { SessionPart } from "../src/rpc/sessions.ts"
import type { Shown } from "../src/rpc/shown.ts"
import type { ToolRow } from "../src/rpc/toolShapes.ts"
import type { Mark } from "./marks.ts"
import type { Minds } from "./minds.ts"

/** `lost`: the connection is gone; `refused`: the daemon said no, and why. */
export class TuiError extends Schema.TaggedError<TuiError>()("TuiError", {
  reason: Schema.Literals(["lost", "refused"]),
  message: Schema.String,
  /** What is not as it was shown, where that is why. */
  difference: Schema.optionalKey(Schema.Array(PlanDifference)),
  /** What changed since, in the way of an undo. */
  conflicts: Schema.optionalKey(Schema.Array(UndoConflict)),
}) {}

type Answer<A> = Effect.Effect<A, TuiError>

export interface TuiClient {
  /** The newest seq. */
  readonly head: Answer<number>
  /** Each begins with how it is now; none ends while the connection holds. */
  readonly status: Stream.Stream<Status, TuiError>
  readonly queue: Stream.Stream<ReadonlyArray<Suggestion>, TuiError>
  readonly tail: (from: number) => Stream.Stream<ReadonlyArray<EventRecord>, TuiError>

  /** Every suggestion that is still known, ended ones of the last day too. */
  readonly all: Answer<ReadonlyArray<Suggestion>>
  readonly range: (from: number, to: number) => Answer<ReadonlyArray<EventRecord>>
  /** At most `limit` matches in `from`..`to`; the newest where `newest`. */
  readonly matches: (query: {
    readonly text: string
    readonly from: number
    readonly to: number
    readonly newest: boolean
    readonly limit: number
  }) => Answer<ReadonlyArray<EventRecord>>
  readonly show: (id: string) => Answer<Detail>
  readonly why: (id: string) => Answer<Why>
  /** Everything as it was then. */
  readonly moment: (point: Point) => Answer<Moment>
  /** Where decisions and actions lie: the newest `limit` of them up to `to`, in any order. */
  readonly marks: (to: number, limit: number) => Answer<ReadonlyArray<Mark>>

  readonly approve: (id: string, shown: Shown, always?: Always) => Answer<Suggestion>
  /** What can be allowed once for all with it. */
  readonly offers: (id: string) => Answer<OffersView>
  /** What was always allowed, also what is over. */
  readonly grants: Answer<ReadonlyArray<GrantView>>
  readonly revoke: (grant: string) => Answer<ReadonlyArray<GrantView>>
  /** Resolves when what was approved has ended. */
  readonly ended: (id: string) => Answer<Suggestion>
  readonly edit: (id: string, actions: ReadonlyArray<ToolCall>) => Answer<Suggestion>
  readonly answer: (id: string, words: Words) => Answer<Suggestion>
  readonly reject: (id: string, reason: string, lookedMs: number) => Answer<Suggestion>
  readonly snooze: (id: string, untilMs: number) => Answer<Suggestion>
  readonly undo: (id: string, choice?: UndoChoice) => Answer<Suggestion>
  /** Asks once more for what failed; the new request. */
  readonly retry: (id: string) => Answer<Requested>
  readonly tools: Answer<ReadonlyArray<ToolRow>>
  /** What the gate would say; asks for nothing. */
  readonly judge: (call: ToolCall) => Answer<Verdict>
  readonly runTool: (call: ToolCall) => Answer<Requested>
  /** Resolves when all calls of a request have ended. */
  readonly results: (id: string) => Answer<ReadonlyArray<CallResult>>
  /** Conversations, the agents at work (with `ended`: all), and the memories that wait. */
  readonly minds: (ended: boolean) => Answer<Minds>
  /** The last of what was said and done in a conversation, and then what comes. */
  readonly follow: (session: string) => Stream.Stream<SessionPart, TuiError>
  readonly stopMind: (session: string, agent: boolean) => Answer<unknown>
  /** Lets a memory that waits in, or turns it down. */
  readonly answerMemory: (id: string, accept: boolean) => Answer<unknown>
  readonly sayTo: (session: string, agent: boolean, text: string) => Answer<unknown>
  readonly pause: (untilMs: number | null) => Answer<Status>
  readonly resume: Answer<Status>
  readonly presence: (present: boolean) => Answer<boolean>
}
