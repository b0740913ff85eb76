/**
 * A kind of agent that somebody wrote down: Markdown with a head (name, description, tools, model, limits) whose body is what
 * it is told. Pure and total.
 * Names of tools as other agents know them are taken for ours.
 */
import { Result, Schema } from "effect"
import type { Trust } from "../../domain/action.ts"
import type { SessionLimits } from "../../domain/events/sessions.ts"
import { frontMatter, stringsOf } from "../../domain/frontMatter.ts"
import { neutralise } from "../../domain/neutralise.ts"
import type { AgentType } from "./types.ts"

const ours: Readonly<Record<string, string>> = {
  Read: "read_file",
  Write: "write_file",
  Edit: "edit_file",
  MultiEdit: "edit_file",
  Bash: "bash",
  Grep: "grep_search",
  Glob: "glob_search",
  LS: "glob_search",
  Task: "Agent",
}

const named = /^[a-z0-9][a-z0-9_-]{0,59}$/i
const longestBody = 40_000

const Limits = Schema.Struct({
  steps: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))),
  tokens: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1_000, maximum: 1_000_000_000 }))),
  usd: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))),
  minutes: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0.1, maximum: 1_440 }))),
})
const decodeLimits = Schema.decodeUnknownResult(Limits, { onExcessProperty: "error" })

const limitsOf = (fields: Readonly<Record<string, unknown>>): Partial<SessionLimits> | null => {
  const { limits, maxTurns } = fields
  const read = decodeLimits(limits ?? (typeof maxTurns === "number" ? { steps: maxTurns } : {}))
  if (Result.isFailure(read)) return null
  const { minutes, ...others } = read.success
  return { ...others, ...(minutes === undefined ? {} : { ms: Math.round(minutes * 60_000) }) }
}

/** `Bash(git diff:*)` narrows by command, which the gate does here: the tool is what counts. */
const toolName = (name: string): string => {
  const bare = name.replace(/\(.*$/s, "").trim()
  return Object.hasOwn(ours, bare) ? ours[bare]! : bare
}

export interface Unreadable {
  readonly problem: string
}

/** `file`: its name without the folder. */
export const definitionOf = (
  file: string,
  source: string,
  text: string,
  trust: Trust,
): AgentType | Unreadable => {
  const { body, fields, problem } = frontMatter(text)
  if (problem !== null) return { problem }
  const name = typeof fields["name"] === "string" ? fields["name"].trim() : file.replace(/\.md$/i, "")
  if (!named.test(name)) return { problem: `${neutralise(name.slice(0, 60))} is no name of an agent` }
  const limits = limitsOf(fields)
  if (limits === null)
    return { problem: "its limits are not a list of steps, tokens, usd and minutes, each a number" }
  const { description, model, tools } = fields
  const list = stringsOf(tools).map(toolName)
  const wish = typeof model === "string" && model !== "inherit" && /^\S{1,200}$/.test(model) ? model : null
  return {
    name,
    description:
      typeof description === "string" ? neutralise(description.replaceAll(/\s+/g, " ").slice(0, 300)) : "",
    tools: tools === undefined || list.includes("*") ? null : [...new Set(list)],
    model: wish,
    limits,
    prompt: body.trim().slice(0, longestBody),
    source,
    trust,
  }
}
