/**
 * What a tool call would do, as typed effects, and what the gate says of it.
 * Rules see effects, never raw strings; a verdict always names the rule, file and line that gave it.
 */
import { Schema } from "effect"

/** A call as a rule, model or user proposes it; `input` is checked against the tool's own schema. */
export const ToolCall = Schema.Struct({
  tool: Schema.String,
  input: Schema.Record(Schema.String, Schema.Unknown),
  cwd: Schema.optionalKey(Schema.String),
})
export type ToolCall = typeof ToolCall.Type

export const Trust = Schema.Literals(["trusted", "untrusted"])
export type Trust = typeof Trust.Type

/** Paths are absolute and real (symlinks followed) as far as they exist. */
export const ActionEffect = Schema.TaggedUnion({
  read: { path: Schema.String },
  write: { path: Schema.String },
  delete: { path: Schema.String },
  exec: {
    argv: Schema.Array(Schema.String),
    cwd: Schema.String,
    env: Schema.Record(Schema.String, Schema.String),
  },
  net: {
    scheme: Schema.String,
    host: Schema.String,
    port: Schema.NullOr(Schema.Finite),
    addresses: Schema.Array(Schema.String),
  },
  secret: { kind: Schema.String },
  display: { text: Schema.String },
  approve: { id: Schema.String },
})
export type ActionEffect = typeof ActionEffect.Type

/** A tool call compiled to effects. `uncertain` is non-null where parsing could not be sure (gives at least `ask`). */
export const Action = Schema.Struct({
  tool: Schema.String,
  effects: Schema.Array(ActionEffect),
  /** The simple commands found, outermost first, as argv; empty for tools without commands. */
  commands: Schema.Array(Schema.Array(Schema.String)),
  uncertain: Schema.NullOr(Schema.String),
  actor: Schema.String,
  trust: Trust,
  /** SHA-256 of the canonical call and its effects; approvals are bound to it. */
  digest: Schema.String,
})
export type Action = typeof Action.Type

export const VerdictKind = Schema.Literals(["allow", "audit", "ask", "deny"])
export type VerdictKind = typeof VerdictKind.Type

export const RuleMatch = Schema.Struct({
  rule: Schema.String,
  file: Schema.String,
  line: Schema.Finite,
  verdict: VerdictKind,
})
export type RuleMatch = typeof RuleMatch.Type

export const Verdict = Schema.Struct({
  verdict: VerdictKind,
  rule: Schema.String,
  file: Schema.String,
  line: Schema.Finite,
  reason: Schema.String,
  effects: Schema.Array(ActionEffect),
  commands: Schema.Array(Schema.Array(Schema.String)),
  matched: Schema.Array(RuleMatch),
  /** The grants that answered what was asked. */
  grants: Schema.optionalKey(Schema.Array(Schema.String)),
  /** A grant or a rule of the person's own lets a program run of which the table of commands does not know all it does. */
  standing: Schema.optionalKey(Schema.Literal(true)),
  /** What would have made it `allow`, in one line; null where it is allowed or nothing could. */
  missing: Schema.NullOr(Schema.String),
  digest: Schema.String,
})
export type Verdict = typeof Verdict.Type

const strictness: Record<VerdictKind, number> = { allow: 0, audit: 1, ask: 2, deny: 3 }
/** deny > ask > audit > allow */
export const stricter = (a: VerdictKind, b: VerdictKind): VerdictKind =>
  strictness[a] >= strictness[b] ? a : b
