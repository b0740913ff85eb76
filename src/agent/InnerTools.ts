/**
 * Tools whose engine is the conversation itself: they touch nothing outside the log, so they are no requests and pass no
 * gate. They are shown to models and to nobody else.
 * Invariant: a run may be repeated after a crash: what it does a second time is what it did the first.
 */
import { Context, type Effect } from "effect"
import type { Trust } from "../domain/action.ts"
import type { EventDraft } from "../domain/event.ts"
import type { ModelTool } from "../domain/modelRequest.ts"
import type { Prepared } from "./Preparation.ts"
import type { Transcript } from "./session/transcript.ts"

export interface InnerResult {
  readonly ok: boolean
  readonly text: string
  /** Of the text. */
  readonly trust: Trust
  /** Appended with the result, as one. */
  readonly drafts?: ReadonlyArray<EventDraft>
}

export interface InnerTool {
  readonly definition: ModelTool
  /** Made together with other calls that only look. */
  readonly readOnly: boolean
  /** Left out of prompts until it is looked for. */
  readonly deferred?: true
  /** Whether a conversation is shown it; absent: every one. */
  readonly offered?: (about: Prepared) => Effect.Effect<boolean>
  readonly run: (
    input: Readonly<Record<string, unknown>>,
    context: {
      readonly transcript: Transcript
      /** The request this call would be: an id that is the same after a crash. */
      readonly id: string
      readonly causationId: string
      /** Of the answer it stands in, as `causationId`. */
      readonly seq: number
    },
  ) => Effect.Effect<InnerResult>
}

export class InnerTools extends Context.Service<InnerTools, { readonly tools: ReadonlyArray<InnerTool> }>()(
  "claw/agent/InnerTools",
) {}
