/** How a call of a client ends other than well. Each is rebuilt as its class on the other side. */
import { Schema } from "effect"
import { PlanDifference } from "../domain/planned.ts"

export class NoSuch extends Schema.TaggedError<NoSuch>()("NoSuch", {
  what: Schema.String,
  id: Schema.String,
}) {
  override get message(): string {
    return `no such ${this.what}: ${this.id}`
  }
}
/** Policy, or the state it is in, forbids it. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  message: Schema.String,
  rule: Schema.NullOr(Schema.String),
}) {}
/** Somebody answered first, or the action is not what was shown: look again. */
export class Stale extends Schema.TaggedError<Stale>()("Stale", {
  message: Schema.String,
  /** What differs of each action from what was shown; absent where that is not the reason. */
  difference: Schema.optionalKey(Schema.Array(PlanDifference)),
}) {}
/** The answer did not come over a trusted channel. */
export class NeedsPerson extends Schema.TaggedError<NeedsPerson>()("NeedsPerson", {
  message: Schema.String,
}) {}
/** Not now: disk full, shutting down. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", {
  message: Schema.String,
}) {}
export class BadInput extends Schema.TaggedError<BadInput>()("BadInput", { message: Schema.String }) {}
