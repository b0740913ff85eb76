/** What an evaluation gives: the contract's JSON object, and a text a person reads; or why it could not. */
import { Schema } from "effect"

export class EvalError extends Schema.TaggedError<EvalError>()("EvalError", { message: Schema.String }) {}

export interface Evaluated {
  readonly report: Readonly<Record<string, unknown>>
  readonly text: string
}
