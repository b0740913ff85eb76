/**
 * Which tools a prompt shows, and which are only found by a search. Pure.
 * A tool's definition is paid for in every prompt, so what is rarely used is left out until it is looked for. A conversation
 * with a list of its own is shown exactly that list.
 * Invariants: shown ones are sorted by name, found ones stand behind them in the order they were found, so that a find
 * changes nothing before it; whoever has nothing deferred is shown no search.
 */
import type { Tool } from "../../act/Tool.ts"
import type { ModelTool } from "../../domain/modelRequest.ts"
import type { InnerTool } from "../InnerTools.ts"

export const searchTool = "ToolSearch"

/** Always in the prompt: what most work is made of. */
const usual: ReadonlySet<string> = new Set([
  "read_file",
  "write_file",
  "edit_file",
  "apply_patch",
  "glob_search",
  "grep_search",
  "bash",
  "git",
  "ask_user",
  "TodoWrite",
  "task_output",
  "WebFetch",
])

/** Is what the answer itself does, in a conversation. */
const needless: ReadonlySet<string> = new Set(["StructuredOutput", "SendUserMessage"])

export const modelTool = (tool: Pick<Tool, "name" | "description" | "inputSchema">): ModelTool => ({
  name: tool.name,
  description: tool.description,
  inputSchema: tool.inputSchema as ModelTool["inputSchema"],
})

const byName = (a: ModelTool, b: ModelTool): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

/** Of a tool that reads in some of its forms, only those. */
export const readingOf = (name: string): string => `${name}:read`

/** Whether a list lets a call be made; `reads`: it only looks. */
export const isAllowed = (list: ReadonlyArray<string> | null, name: string, reads: boolean): boolean =>
  list === null || list.includes(name) || (reads && list.includes(readingOf(name)))

export const arranged = (
  about: { readonly tools: ReadonlyArray<string> | null; readonly shown: ReadonlyArray<string> },
  offered: ReadonlyArray<Tool>,
  inner: ReadonlyArray<InnerTool>,
): { readonly tools: ReadonlyArray<ModelTool>; readonly deferred: ReadonlyArray<ModelTool> } => {
  const allowed = (name: string): boolean =>
    about.tools === null ? !needless.has(name) : isAllowed(about.tools, name, true)
  const outer = offered
    .filter(({ name }) => allowed(name) && inner.every(({ definition }) => definition.name !== name))
    .map(modelTool)
  const late = inner.filter(({ deferred }) => deferred === true).map(({ definition }) => definition)
  const own = inner.filter(({ deferred }) => deferred !== true).map(({ definition }) => definition)
  if (about.tools !== null) {
    const named = late.filter(({ name }) => allowed(name))
    const kept = [...own.filter(({ name }) => name !== searchTool), ...named]
    return { tools: outer.length === 0 ? [] : [...outer, ...kept].toSorted(byName), deferred: [] }
  }
  const rare = [...outer.filter(({ name }) => !usual.has(name)), ...late].toSorted(byName)
  const found = about.shown.flatMap((name) => rare.find((tool) => tool.name === name) ?? [])
  const deferred = rare.filter((tool) => !found.includes(tool))
  const always = [...outer.filter(({ name }) => usual.has(name)), ...own]
    .filter(({ name }) => name !== searchTool || rare.length > 0)
    .toSorted(byName)
  return { tools: [...always, ...found], deferred }
}
