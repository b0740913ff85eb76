/**
 * Kinds of children: what each is told of itself, which tools it may use, how far it may go. Pure.
 * Invariant: a child never may more than its parent: a list narrows what the parent has.
 */
import type { Trust } from "../../domain/action.ts"
import type { SessionLimits } from "../../domain/events/sessions.ts"
import { readingOf } from "../session/toolChoice.ts"

export interface AgentType {
  readonly name: string
  readonly description: string
  /** Null: what the parent may. */
  readonly tools: ReadonlyArray<string> | null
  readonly model: string | null
  readonly limits: Partial<SessionLimits>
  /** What it is told of itself. */
  readonly prompt: string
  /** `claw`, or the file it was read from. */
  readonly source: string
  readonly trust: Trust
}

const reading = [
  "read_file",
  "glob_search",
  "grep_search",
  "lsp",
  readingOf("git"),
  "WebSearch",
  "WebFetch",
  "TodoWrite",
] as const

export const readingTools: ReadonlyArray<string> = reading

const own = (
  name: string,
  description: string,
  tools: ReadonlyArray<string> | null,
  prompt: string,
): AgentType => ({
  name,
  description,
  tools,
  model: null,
  limits: {},
  prompt,
  source: "claw",
  trust: "trusted",
})

export const builtIn: ReadonlyArray<AgentType> = [
  own(
    "general",
    "does a piece of work, with changes in a worktree of its own that come back as a patch",
    null,
    "You do one piece of work, whole. Your folder is a worktree of your own: nobody else works in it, and the changes you leave there are shown to the developer as one patch. Leave nothing behind that does not belong to the task.",
  ),
  own(
    "explore",
    "only reads: finds things and explains them",
    reading,
    "You find things out and change nothing. Search wide first, then read what matters; stop when you can answer. Give places as path:line and quote the few lines that prove it. Say what you looked for and did not find.",
  ),
  own(
    "plan",
    "only reads: says how something is best done",
    reading,
    "You work out how something is best done, and change nothing. Read what is there before you propose anything. Give steps in order, each with its files and the check that shows it is done; name what could go wrong and what you are not sure of.",
  ),
  own(
    "verify",
    "reads and runs tests: says whether something holds",
    [...reading, "bash", "task_output", "task_stop"],
    "You check whether something holds, and repair nothing. Run the checks the project itself uses, read what they cover, and try to show that the claim is wrong. Answer with a verdict (holds, does not hold, cannot be told), the commands you ran with their ends, and what was not covered.",
  ),
]

/** Tools that change files of the workspace: who may use one works in a worktree. */
const changing: ReadonlySet<string> = new Set(["write_file", "edit_file", "apply_patch", "NotebookEdit"])

export const mayWrite = (tools: ReadonlyArray<string> | null): boolean =>
  tools === null || tools.some((name) => changing.has(name))

const whole = (name: string): string => name.replace(/:read$/, "")

/** What both lists let. */
export const narrowed = (
  parent: ReadonlyArray<string> | null,
  child: ReadonlyArray<string> | null,
): ReadonlyArray<string> | null => {
  if (parent === null) return child
  if (child === null) return parent
  const both = child.filter((name) => parent.includes(name) || parent.includes(whole(name)))
  return [...both, ...parent.filter((name) => name.endsWith(":read") && child.includes(whole(name)))]
}
