/** A tool call in one line: its name and what it is about, how it stands, how it ended. Pure; all text is made harmless here. */
import { harmless } from "../../../tui/text.ts"
import { type Line, line, span } from "./styled.ts"
import type { Role, Theme } from "./theme.ts"

/** What says most of a call, the first that is there. */
const telling = [
  "command",
  "path",
  "file_path",
  "pattern",
  "query",
  "url",
  "operation",
  "description",
  "title",
  "prompt",
]

const longest = 160

const short = (text: string): string => {
  const one = text.replaceAll(/\s+/g, " ").trim()
  return one.length > longest ? `${one.slice(0, longest - 1)}…` : one
}

const about = (params: unknown): string => {
  if (typeof params !== "object" || params === null || Array.isArray(params)) return ""
  const fields = params as Readonly<Record<string, unknown>>
  const named = telling.flatMap((key) => (typeof fields[key] === "string" ? [fields[key]] : []))
  return short(named[0] ?? (Object.keys(fields).length === 0 ? "" : JSON.stringify(fields)))
}

export type ToolState = "called" | "asks" | "runs" | "done" | "failed"

const marks: Readonly<Record<ToolState, readonly [string, Role]>> = {
  called: ["○", "dim"],
  asks: ["?", "warn"],
  runs: ["◌", "accent"],
  done: ["●", "good"],
  failed: ["●", "bad"],
}

export interface ToolCall {
  readonly name: string
  readonly params: unknown
}

export const toolLine = ({ name, params }: ToolCall, state: ToolState, note: string, theme: Theme): Line => {
  const [mark, role] = marks[state]
  const words = about(params)
  return [
    span(`${mark} `, theme[role]),
    span(harmless(name), theme.strong),
    ...line(words === "" ? "" : ` ${harmless(words)}`),
    ...line(note === "" ? "" : `  ${harmless(short(note))}`, theme.dim),
  ]
}

/** The first line of what came back, and how much more there is. */
export const resultNote = (text: string): string => {
  const lines = text.trim().split("\n")
  const first = lines[0] ?? ""
  return lines.length <= 1 ? first : `${first} (+${lines.length - 1} lines)`
}
