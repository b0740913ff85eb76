/**
 * What a skill declares of tools, in the names of the open convention or in Claw's own, and whether a call keeps to it. Pure.
 * Invariants: a declaration only ever narrows: the gate judges every call as before; two in force at once leave what both
 * allow; what cannot be read as the declared command is outside it.
 */

/** Names other agents give their tools, and what does the same here. */
const ours: Readonly<Record<string, ReadonlyArray<string>>> = {
  Read: ["read_file", "call_output"],
  Write: ["write_file"],
  Edit: ["edit_file", "apply_patch"],
  MultiEdit: ["edit_file", "apply_patch"],
  NotebookEdit: ["NotebookEdit"],
  Grep: ["grep_search"],
  Glob: ["glob_search"],
  LS: ["glob_search"],
  Bash: ["bash", "git", "task_output", "task_stop"],
  BashOutput: ["task_output"],
  KillShell: ["task_stop"],
  Task: ["Agent"],
  LSP: ["lsp"],
}

/** Of the conversation itself: they touch nothing. */
const always: ReadonlySet<string> = new Set([
  "Skill",
  "ToolSearch",
  "call_output",
  "memory_search",
  "ask_user",
  "TodoWrite",
  "StructuredOutput",
])

interface Declared {
  readonly tool: string
  /** Beginning of a command; null: any input. */
  readonly command: string | null
}

const read = (entry: string): Declared => {
  const found = /^([\w-]+)\((.*)\)$/s.exec(entry)
  return found === null ? { tool: entry, command: null } : { tool: found[1]!, command: found[2]! }
}
const written = ({ command, tool }: Declared): string => (command === null ? tool : `${tool}(${command})`)

/** `Bash(git log:*), Read` or `Bash(jq:*) Read` as Claw's own entries: `bash(git log)`, `read_file`. */
export const declaredTools = (value: unknown): ReadonlyArray<string> | null => {
  const text = Array.isArray(value) ? value.filter((one) => typeof one === "string").join(" ") : value
  if (typeof text !== "string" || text.trim() === "") return null
  const entries = [...text.slice(0, 10_000).matchAll(/([A-Za-z_][\w-]*)(\([^()]*\))?/g)].flatMap((found) => {
    const [, name, inner] = found
    const mapped = Object.hasOwn(ours, name!) ? ours[name!]! : [name!]
    if (inner === undefined) return mapped
    const command = inner
      .slice(1, -1)
      .replace(/(?::\*|\s*\*)$/, "")
      .trim()
    // only of commands is a part meant that can be told; of other tools it is less than the whole
    if (command === "" || !mapped.includes("bash")) return command === "" ? mapped : []
    return [written({ tool: "bash", command })]
  })
  return [...new Set(entries)]
}

/** More than one plain command. */
const joined = /[;&|<>`$(){}\\\n\r]/

const keepsTo = (declared: Declared, tool: string, input: Readonly<Record<string, unknown>>): boolean => {
  if (declared.tool !== tool) return false
  if (declared.command === null) return true
  const { command } = input
  if (typeof command !== "string" || joined.test(command)) return false
  const typed = command.trim()
  return typed === declared.command || typed.startsWith(`${declared.command} `)
}

/** Null: nothing was declared. */
export type Allowed = ReadonlyArray<string> | null

export const allows = (allowed: Allowed, tool: string, input: Readonly<Record<string, unknown>>): boolean =>
  allowed === null || always.has(tool) || allowed.some((entry) => keepsTo(read(entry), tool, input))

/** What the first leaves of an entry of the second. */
const within = (outer: ReadonlyArray<Declared>, entry: Declared): ReadonlyArray<Declared> =>
  outer.flatMap((other) => {
    if (other.tool !== entry.tool) return []
    if (other.command === null) return [entry]
    if (entry.command === null) return [other]
    if (entry.command === other.command || entry.command.startsWith(`${other.command} `)) return [entry]
    return other.command.startsWith(`${entry.command} `) ? [other] : []
  })

export const narrowed = (one: Allowed, other: Allowed): Allowed => {
  if (one === null || other === null) return one ?? other
  const outer = one.map(read)
  return [...new Set(other.flatMap((entry) => within(outer, read(entry)).map(written)))]
}
