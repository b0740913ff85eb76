/**
 * Reads a rule file: TOML, the schema, what the schema cannot say, and the examples.
 * Invariants: every problem names file, line, key and what was meant; a rule with a problem is left out, the others are
 * in force; the same text always gives the same rules.
 */
import { Result, Schema, SchemaIssue } from "effect"
import { CorrectionData } from "../../config/correctionRules.ts"
import { ReflexData } from "../../config/reflexRules.ts"
import { keysBeside, type RuleTable, ruleTables } from "../../config/ruleFile.ts"
import { nearest } from "../../domain/nearest.ts"
import { parseToml, type TomlDocument, type TomlPath, type TomlProblem } from "../../domain/toml.ts"
import { checkData } from "./check.ts"
import { checkReflexData } from "./checkReflex.ts"
import { checkExamples } from "./examples.ts"
import { checkReflexExamples } from "./reflexExamples.ts"

export interface RuleProblem {
  readonly file: string
  readonly line: number | null
  readonly key: string
  readonly message: string
}

export interface ReadRules {
  readonly rules: ReadonlyArray<CorrectionData>
  readonly reflexes: ReadonlyArray<ReflexData>
  readonly problems: ReadonlyArray<RuleProblem>
}

interface Asked {
  /** Names that are taken, by what ships or by a file before. */
  readonly known?: ReadonlySet<string>
  /** It is a workspace's, and not the user's own. */
  readonly workspace?: boolean
}

const limits = { fileBytes: 65_536, rules: 200 } as const

const strict = { onExcessProperty: "error", errors: "all" } as const
const decoders = {
  correction: Schema.decodeUnknownResult(CorrectionData, strict),
  reflex: Schema.decodeUnknownResult(ReflexData, strict),
}
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

const unknownKey = (key: string, known: ReadonlyArray<string>): string => {
  const meant = nearest(key, known)
  return `unknown key${meant === null ? "" : `, did you mean "${meant}"?`}`
}

const refusals = (table: RuleTable, error: Schema.SchemaError): ReadonlyArray<Found> => {
  const found = format(error.issue).issues.map((issue): Found => {
    const path = (issue.path ?? []).map((part) => {
      const key = typeof part === "object" ? part.key : part
      return typeof key === "number" ? key : String(key)
    })
    return issue.message.startsWith("Expected no excess property")
      ? { path, message: unknownKey(String(path.at(-1)), keysBeside(table, path)) }
      : { path, message: issue.message }
  })
  return found.filter(
    (one, at) =>
      found.findIndex((other) => shown(other.path) === shown(one.path) && other.message === one.message) ===
      at,
  )
}

const checkedCorrection = (rule: CorrectionData): ReadonlyArray<Found> => {
  const wrong = checkData(rule)
  return wrong.length > 0 ? wrong : checkExamples(rule)
}

const checkedReflex = (rule: ReflexData, workspace: boolean): ReadonlyArray<Found> => {
  const wrong = checkReflexData(rule, workspace)
  return wrong.length > 0 ? wrong : checkReflexExamples(rule)
}

export const readRules = (file: string, text: string, asked: Asked = {}): ReadRules => {
  const whole = (line: number | null, message: string): ReadRules => ({
    rules: [],
    reflexes: [],
    problems: [{ file, line, key: "", message }],
  })
  if (text.length > limits.fileBytes) return whole(null, `longer than ${limits.fileBytes} bytes`)
  const parsed = file.endsWith(".toml") ? parseToml(text) : parseJson(text)
  if (Result.isFailure(parsed)) return whole(parsed.failure.line, parsed.failure.message)
  return readDocument(file, parsed.success, asked)
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

const readDocument = (
  file: string,
  document: TomlDocument,
  { known, workspace = false }: Asked,
): ReadRules => {
  const problems: Array<RuleProblem> = []
  const names = new Set(known)
  const note = ({ path, message }: Found): void => {
    // what is written as [[name]] stands at its first table
    const place = path.length === 1 ? [...path, 0] : path
    const { line } = document.locate(place)
    problems.push({ file, line: line === 0 ? null : line, key: shown(path), message })
  }
  for (const key of Object.keys(document.value))
    if (!ruleTables.some((table) => table === key))
      note({ path: [key], message: unknownKey(key, ruleTables) })

  /** The rules of one table that hold. */
  const read = <A extends { readonly name: string }>(
    table: RuleTable,
    decode: (raw: unknown) => Result.Result<A, Schema.SchemaError>,
    check: (rule: A) => ReadonlyArray<Found>,
  ): ReadonlyArray<A> => {
    const list = document.value[table] ?? []
    if (!Array.isArray(list)) {
      note({ path: [table], message: `write rules as [[${table}]]` })
      return []
    }
    if (list.length > limits.rules)
      note({ path: [table], message: `more than ${limits.rules} rules in a file` })
    return list.slice(0, limits.rules).flatMap((raw, at): ReadonlyArray<A> => {
      const decoded = decode(raw)
      const wrong = Result.isFailure(decoded)
        ? refusals(table, decoded.failure)
        : names.has(decoded.success.name)
          ? [{ path: ["name"], message: `the name "${decoded.success.name}" is taken` }]
          : check(decoded.success)
      for (const found of wrong) note({ ...found, path: [table, at, ...found.path] })
      if (wrong.length > 0 || Result.isFailure(decoded)) return []
      names.add(decoded.success.name)
      return [decoded.success]
    })
  }

  return {
    rules: read("correction", decoders.correction, checkedCorrection),
    reflexes: read("reflex", decoders.reflex, (rule) => checkedReflex(rule, workspace)),
    problems,
  }
}

export const showRuleProblem = ({ file, line, key, message }: RuleProblem): string =>
  `${file}${line === null ? "" : `:${line}`}${key === "" ? "" : `: ${key}`}: ${message}`
