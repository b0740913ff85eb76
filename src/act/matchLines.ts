/**
 * Finds lines: a literal by plain search, a regular expression in a context of its own with a time limit, because
 * JavaScript's engine can take for ever on a hostile pattern; the limit interrupts it inside a match.
 * Invariant: no pattern holds the process longer than `limitMs` for one file; a pattern that does is not tried again.
 */
import { createContext, Script } from "node:vm"
import { wrongInput } from "./attempt.ts"
import type { ToolError } from "./Tool.ts"

const limitMs = 250
const maxLine = 10_000

export type LineMatcher = (lines: ReadonlyArray<string>, most: number) => ReadonlyArray<number>

const literalMatcher = (pattern: string, ignoreCase: boolean): LineMatcher => {
  const wanted = ignoreCase ? pattern.toLowerCase() : pattern
  return (lines, most) => {
    const found: Array<number> = []
    for (let index = 0; index < lines.length && found.length < most; index++) {
      const line = lines[index]!
      if ((ignoreCase ? line.toLowerCase() : line).includes(wanted)) found.push(index)
    }
    return found
  }
}

const search = new Script(`
  found = "";
  for (let index = 0, count = 0; index < lines.length && count < most; index++) {
    expression.lastIndex = 0;
    if (expression.test(lines[index])) { found += index + ","; count++; }
  }
`)

const compiled = (pattern: string, flags: string): RegExp | null => {
  try {
    return new RegExp(pattern, flags)
  } catch {
    return null
  }
}

const expressionMatcher = (pattern: string, ignoreCase: boolean): LineMatcher | ToolError => {
  const flags = ignoreCase ? "i" : ""
  // patterns written for other engines often escape what the strict mode forbids to escape
  const expression = compiled(pattern, `${flags}u`) ?? compiled(pattern, flags)
  if (expression === null) return wrongInput("grep_search: the pattern is not a regular expression")
  const context = createContext({ expression, lines: [], most: 0, found: "" })
  return (lines, most) => {
    context["lines"] = lines.map((line) => (line.length > maxLine ? line.slice(0, maxLine) : line))
    context["most"] = most
    try {
      search.runInContext(context, { timeout: limitMs })
    } catch {
      throw wrongInput(
        "grep_search: the regular expression takes too long; make it simpler or search literally",
      )
    }
    return String(context["found"]).split(",").slice(0, -1).map(Number)
  }
}

export const lineMatcher = (options: {
  readonly pattern: string
  readonly regex: boolean
  readonly ignoreCase: boolean
}): LineMatcher | ToolError =>
  options.regex
    ? expressionMatcher(options.pattern, options.ignoreCase)
    : literalMatcher(options.pattern, options.ignoreCase)
