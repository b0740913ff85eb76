/** The line shapes of `claw policy test`: a call in, a verdict out. Pure. */
import { Schema } from "effect"
import { Trust, type Verdict } from "../src/domain/action.ts"

export const TestCall = Schema.Struct({
  tool: Schema.String,
  input: Schema.Record(Schema.String, Schema.Unknown),
  cwd: Schema.optionalKey(Schema.String),
  actor: Schema.optionalKey(Schema.String),
  trust: Schema.optionalKey(Trust),
})
export type TestCall = typeof TestCall.Type

/** One line of standard input; fails with a `SchemaError` that says what does not fit. */
export const decodeTestCall = Schema.decodeUnknownEffect(Schema.fromJsonString(TestCall))

export const testLine = (verdict: Verdict): string => {
  const { verdict: kind, rule, file, reason, commands } = verdict
  return JSON.stringify({ v: 1, verdict: kind, rule, file, reason, commands })
}
