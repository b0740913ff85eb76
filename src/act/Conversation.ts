/**
 * The user's side of a conversation, as tools see it: a question that waits for its answer, and a word that wakes.
 * The driver gives the layer. Invariant: an answer is a person's; no clock ever gives one.
 */
import { Context, type Effect } from "effect"
import type { Answer } from "../domain/events/conversation.ts"
import type { ToolContext } from "./Tool.ts"

export interface Asking {
  readonly text: string
  readonly options: ReadonlyArray<string>
  readonly multiple: boolean
  readonly expiresAfterMs: number | null
}

export type QuestionEnd =
  | { readonly _tag: "answered"; readonly answer: Answer }
  /** The user would not answer. */
  | { readonly _tag: "declined"; readonly reason: string }
  | { readonly _tag: "closed"; readonly reason: string }

/** Who asks: the call it is asked in, and where. */
export interface Asker extends Pick<ToolContext, "call" | "session" | "trust"> {
  readonly workspace: string | null
}

export class Conversation extends Context.Service<
  Conversation,
  {
    /**
     * Asks, durably, and waits for the end of the question. The same question of the same conversation that is still open
     * is not asked a second time but waited for.
     */
    readonly ask: (asking: Asking, context: Asker) => Effect.Effect<QuestionEnd>
    /** Resolves with the user's next word in this conversation; outside of one, in the workspace. */
    readonly heard: (context: Pick<ToolContext, "session" | "workspace">) => Effect.Effect<void>
  }
>()("claw/act/Conversation") {}
