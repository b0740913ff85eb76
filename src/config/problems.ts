/**
 * Turns what a schema refuses into lines a person can act on: file, line, key, what was wrong, what was meant.
 * Lines are found by the key path in the source text, which holds for literal objects; where the value is
 * computed the line is left out rather than guessed.
 */
import { Schema, SchemaIssue } from "effect"
import { nearest } from "../domain/nearest.ts"
import { Settings } from "./Settings.ts"

export interface Problem {
  readonly file: string
  readonly line: number | null
  readonly key: string
  readonly message: string
}

const formatter = SchemaIssue.makeFormatterStandardSchemaV1()

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** 1-based line of the last key of a path, searching each segment behind the one before it. */
export const lineOf = (source: string, path: ReadonlyArray<string>): number | null => {
  let from = 0
  for (const segment of path) {
    const found = new RegExp(`(?:^|[\\s{,'"])${escape(segment)}['"]?\\s*:`, "g")
    found.lastIndex = from
    const match = found.exec(source)
    if (match === null) return null
    from = match.index + match[0].length - 1
  }
  return source.slice(0, from).split("\n").length
}

type Keyed = {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly patternProperties?: Readonly<Record<string, unknown>>
  readonly additionalProperties?: unknown
}

const document = Schema.toJsonSchemaDocument(Settings)

/** Names allowed beside the last key of a path. */
const siblings = (path: ReadonlyArray<string>): ReadonlyArray<string> => {
  let node = document.schema as Keyed & { readonly $ref?: string }
  for (const segment of path.slice(0, -1)) {
    const named = Object.values(node.patternProperties ?? {})[0] ?? node.additionalProperties
    node = (node.properties?.[segment] ?? (typeof named === "object" ? named : {})) as typeof node
  }
  return Object.keys(node.properties ?? {})
}

const unplaced = Number.MAX_SAFE_INTEGER

/** In the order of the file; those without a line at its end. */
export const problemsOf = (file: string, source: string, error: Schema.SchemaError): ReadonlyArray<Problem> =>
  formatter(error.issue)
    .issues.map((issue) => {
      const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part))
      const unknown = issue.message.startsWith("Expected no excess property")
      const meant = unknown ? nearest(path.at(-1) ?? "", siblings(path)) : null
      return {
        file,
        line: lineOf(source, path),
        key: path.join("."),
        message: unknown
          ? `unknown key${meant === null ? "" : ` (did you mean ${JSON.stringify(meant)}?)`}`
          : issue.message,
      }
    })
    .toSorted((a, b) => (a.line ?? unplaced) - (b.line ?? unplaced))

export const showProblem = (problem: Problem): string =>
  `${problem.file}${problem.line === null ? "" : `:${problem.line}`}${problem.key === "" ? "" : `: ${problem.key}`}: ${problem.message}`
