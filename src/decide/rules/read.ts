/**
 * Reads a rule file: TOML, the schema, what the schema cannot say, and the examples.
 * Invariants: every problem names file, line, key and what was meant; a rule with a problem is left out, the others are
 * in force; the same text always gives the same rules.
 */
import { Result, Schema, SchemaIssue } from "effect"
import { CorrectionData, CorrectionsFile, keysBeside } from "../../config/correctionRules.ts"
import { nearest } from "../../domain/nearest.ts"
import { parseToml, type TomlDocument, type TomlPath, type TomlProblem } from "../../domain/toml.ts"
import { checkData } from "./check.ts"
import { checkExamples } from "./examples.ts"

export interface RuleProblem {
  readonly file: string
  readonly line: number | null
  readonly key: string
  readonly message: string
}

export interface ReadRules {
  readonly rules: ReadonlyArray<CorrectionData>
  readonly problems: ReadonlyArray<RuleProblem>
}

export const limits = { fileBytes: 65_536, rules: 200 } as const

const decode = Schema.decodeUnknownResult(CorrectionData, { onExcessProperty: "error", errors: "all" })
const format = SchemaIssue.makeFormatterStandardSchemaV1()

const shown = (path: TomlPath): string =>
  path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "")

interface Found {
  readonly path: TomlPath
  readonly message: string
}

const refusals = (error: Schema.SchemaError): ReadonlyArray<Found> => {
  const found = format(error.issue).issues.map((issue): Found => {
    const path = (issue.path ?? []).map((part) => {
      const key = typeof part === "object" ? part.key : part
      return typeof key === "number" ? key : String(key)
    })
    if (!issue.message.startsWith("Expected no excess property")) return { path, message: issue.message }
    const meant = nearest(String(path.at(-1)), keysBeside(["correction", 0, ...path]))
    return { path, message: `unknown key${meant === null ? "" : `, did you mean "${meant}"?`}` }
  })
  return found.filter(
    (one, at) =>
      found.findIndex((other) => shown(other.path) === shown(one.path) && other.message === one.message) ===
      at,
  )
}

const checked = (rule: CorrectionData): ReadonlyArray<Found> => {
  const wrong = checkData(rule)
  return wrong.length > 0 ? wrong : checkExamples(rule)
}

/** `known`: names that are taken, by what ships or by a file before. */
export const readRules = (file: string, text: string, known: ReadonlySet<string> = new Set()): ReadRules => {
  const whole = (line: number | null, message: string): ReadRules => ({
    rules: [],
    problems: [{ file, line, key: "", message }],
  })
  if (text.length > limits.fileBytes) return whole(null, `longer than ${limits.fileBytes} bytes`)
  const parsed = file.endsWith(".toml") ? parseToml(text) : parseJson(text)
  if (Result.isFailure(parsed)) return whole(parsed.failure.line, parsed.failure.message)
  return readDocument(file, parsed.success, known)
}

/** Rules that came out of a program, as JSON: they have no lines. */
const parseJson = (text: string): Result.Result<TomlDocument, TomlProblem> => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null
      ? Result.succeed({ value: { ...value }, locate: () => ({ line: 0, column: 0 }) })
      : Result.fail({ message: "no rules", line: 0, column: 0 })
  } catch (error) {
    return Result.fail({ message: String(error), line: 0, column: 0 })
  }
}

const readDocument = (file: string, document: TomlDocument, known: ReadonlySet<string>): ReadRules => {
  const problems: Array<RuleProblem> = []
  const rules: Array<CorrectionData> = []
  const note = ({ path, message }: Found): void => {
    // what is written as [[name]] stands at its first table
    const place = path.length === 1 ? [...path, 0] : path
    const { line } = document.locate(place)
    problems.push({ file, line: line === 0 ? null : line, key: shown(path), message })
  }
  for (const key of Object.keys(document.value)) {
    if (Object.hasOwn(CorrectionsFile.fields, key)) continue
    const meant = nearest(key, keysBeside([key]))
    note({ path: [key], message: `unknown key${meant === null ? "" : `, did you mean "${meant}"?`}` })
  }
  const list = document.value["correction"] ?? []
  if (!Array.isArray(list)) {
    note({ path: ["correction"], message: `write rules as [[correction]]` })
    return { rules, problems }
  }
  if (list.length > limits.rules)
    note({ path: ["correction"], message: `more than ${limits.rules} rules in a file` })
  const names = new Set(known)
  for (const [at, raw] of list.slice(0, limits.rules).entries()) {
    const under = (found: Found): Found => ({ ...found, path: ["correction", at, ...found.path] })
    const decoded = decode(raw)
    const wrong = Result.isFailure(decoded)
      ? refusals(decoded.failure)
      : names.has(decoded.success.name)
        ? [{ path: ["name"], message: `the name "${decoded.success.name}" is taken` }]
        : checked(decoded.success)
    for (const each of wrong) note(under(each))
    if (wrong.length > 0 || Result.isFailure(decoded)) continue
    names.add(decoded.success.name)
    rules.push(decoded.success)
  }
  return { rules, problems }
}

export const showRuleProblem = ({ file, line, key, message }: RuleProblem): string =>
  `${file}${line === null ? "" : `:${line}`}${key === "" ? "" : `: ${key}`}: ${message}`
