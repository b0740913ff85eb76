/**
 * Settings of deliberation: about which situations a model may think, and how sure it must be to be heard. Schema, no IO.
 * Invariants: without a model none of it does anything; only the user's own file says it; each kind can be switched off.
 */
import { Effect, Schema } from "effect"

const orElse = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))
const on = orElse(Schema.Boolean, true)

export const DeliberationSettings = Schema.Struct({
  enabled: on,
  kinds: orElse(
    Schema.Struct({
      /** A test, build, type check or linter failed. */
      check: on,
      /** A commit or the like failed, as where a hook refuses it. */
      hook: on,
      push: on,
      /** A merge or rebase left conflicts. */
      conflict: on,
      /** A comment in a saved file is addressed to Claw. */
      comment: on,
      /** You come back after hours, and work lies half done. */
      return: on,
    }),
    {},
  ),
  /** False: it says what it saw, and prepares nothing. */
  drafts: on,
  /** What its word must be worth, by how such words of it were taken, to be shown; half of it is enough for the digest. */
  threshold: orElse(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })), 0.5),
  /** Tokens of the log and the workspace that a triage is given, and a draft twice as many. */
  contextTokens: orElse(Schema.Int.check(Schema.isBetween({ minimum: 500, maximum: 100_000 })), 6_000),
})
export type DeliberationSettings = typeof DeliberationSettings.Type
