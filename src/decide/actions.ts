/**
 * The tool calls rules propose, in one place, so that each tool's input is written down once. Outside text goes
 * into typed fields; into a command line only through `shellWord`.
 */
import type { ToolCall } from "../domain/action.ts"

const git = (operation: string, input: Readonly<Record<string, unknown>> = {}): ToolCall => ({
  tool: "git",
  input: { operation, ...input },
})

export const stage = (paths: ReadonlyArray<string>): ToolCall => git("stage", { paths: [...paths] })
export const unstage = (paths: ReadonlyArray<string>): ToolCall => git("unstage", { paths: [...paths] })
export const commit = (message: string): ToolCall => git("commit", { message })
export const pushWithUpstream = (remote: string, branch: string): ToolCall =>
  git("push", { remote, branch, setUpstream: true })
export const pull = (how: "rebase" | "ff-only" | "merge"): ToolCall => git("pull", { how })
export const fetch = (remote: string): ToolCall => git("fetch", { remote })
export const push = (remote: string, branch: string): ToolCall => git("push", { remote, branch })
export const branchCreate = (
  name: string,
  more: { readonly from?: string; readonly switch?: true } = {},
): ToolCall => git("branch-create", { name, ...more })
export const branchSwitch = (name: string): ToolCall => git("branch-switch", { name })
/** Also where the trunk here is older than what has its work. */
export const branchDelete = (name: string): ToolCall => git("branch-delete", { name, unmerged: true })
export const stashPop = (index: number): ToolCall => git("stash-pop", { index })
export const goOn = (operation: "merge" | "rebase" | "cherry-pick" | "revert"): ToolCall =>
  git(`${operation}-continue`)
export const removeStaleLock = (): ToolCall => git("remove-stale-lock")

export const bash = (command: string, cwd: string): ToolCall => ({ tool: "bash", input: { command }, cwd })

export const notify = (title: string, body: string, urgency: "normal" | "critical"): ToolCall => ({
  tool: "notify",
  input: { title, body, urgency },
})

export const editFile = (path: string, before: string, after: string): ToolCall => ({
  tool: "edit_file",
  input: { path, old_string: before, new_string: after },
})
