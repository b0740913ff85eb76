/**
 * A part of the settings in a file of its own, TOML or JSON, to be tried on the past: what is given is checked as in
 * the configuration, what is not given stays as it was.
 * Invariant: an unknown key, or a value out of range, is a problem with its file, line and key.
 */
import { Result, Schema, SchemaIssue } from "effect"
import { nearest } from "../domain/nearest.ts"
import { parseToml } from "../domain/toml.ts"
import { lineOf, type Problem } from "./problems.ts"
import { AttentionSettings } from "./attentionSettings.ts"
import type { Settings } from "./Settings.ts"

export type AttentionPart = Partial<Settings["attention"]>
export interface ReflexPart {
  readonly disabledReflexes: ReadonlyArray<string>
}

interface Parsed {
  readonly value: unknown
  readonly line: (path: ReadonlyArray<string>) => number | null
}

const formatter = SchemaIssue.makeFormatterStandardSchemaV1()
const options = { onExcessProperty: "error", errors: "all" } as const

const ReflexSettings = Schema.Struct({ disabledReflexes: Schema.Array(Schema.String) })
const decodeAttention = Schema.decodeUnknownResult(AttentionSettings, options)
const decodeReflexes = Schema.decodeUnknownResult(ReflexSettings, options)

const parse = (file: string, text: string): Result.Result<Parsed, Problem> => {
  if (text.trimStart().startsWith("{")) {
    try {
      return Result.succeed({
        value: JSON.parse(text),
        line: (path) =>
          lineOf(
            text,
            path.map((key) => `"${key}`),
          ) ?? lineOf(text, path),
      })
    } catch (error) {
      return Result.fail({ file, line: null, key: "", message: (error as Error).message })
    }
  }
  const parsed = parseToml(text)
  if (Result.isFailure(parsed)) {
    const { line, message } = parsed.failure
    return Result.fail({ file, line, key: "", message })
  }
  const { value, locate } = parsed.success
  return Result.succeed({ value, line: (path) => locate(path).line })
}

const problems = (
  file: string,
  parsed: Parsed,
  error: Schema.SchemaError,
  known: ReadonlyArray<string>,
): ReadonlyArray<Problem> =>
  formatter(error.issue).issues.map((issue) => {
    const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part))
    const unknown = issue.message.startsWith("Expected no excess property")
    const meant = unknown ? nearest(path.at(-1) ?? "", known) : null
    return {
      file,
      line: parsed.line(path),
      key: path.join("."),
      message: unknown
        ? `unknown key (${meant === null ? `there are ${known.join(", ")}` : `did you mean ${JSON.stringify(meant)}?`})`
        : issue.message,
    }
  })

const read = <A>(
  file: string,
  text: string,
  decode: (value: unknown) => Result.Result<A, Schema.SchemaError>,
  known: ReadonlyArray<string>,
): Result.Result<{ readonly given: ReadonlyArray<string>; readonly value: A }, ReadonlyArray<Problem>> => {
  const parsed = parse(file, text)
  if (Result.isFailure(parsed)) return Result.fail([parsed.failure])
  const { value } = parsed.success
  const decoded = decode(value)
  return Result.isFailure(decoded)
    ? Result.fail(problems(file, parsed.success, decoded.failure, known))
    : Result.succeed({ given: Object.keys(value as object), value: decoded.success })
}

export const readAttention = (
  file: string,
  text: string,
): Result.Result<AttentionPart, ReadonlyArray<Problem>> =>
  Result.map(read(file, text, decodeAttention, Object.keys(AttentionSettings.fields)), ({ given, value }) =>
    Object.fromEntries(Object.entries(value).filter(([key]) => given.includes(key))),
  )

export const readReflexes = (file: string, text: string): Result.Result<ReflexPart, ReadonlyArray<Problem>> =>
  Result.map(read(file, text, decodeReflexes, ["disabledReflexes"]), ({ value }) => value)
