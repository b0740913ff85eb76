/**
 * A call without what changes from time to time though it means the same: how long it may take, how it is described.
 * Pure. What is left is what a grant of this very call names, and what "the same call again" means.
 */
import { createHash } from "node:crypto"
import type { ToolCall } from "./action.ts"

const volatile: ReadonlySet<string> = new Set(["description", "timeout", "timeoutMs", "timeout_ms"])

export const lastingInput = (input: ToolCall["input"]): ToolCall["input"] =>
  Object.fromEntries(Object.entries(input).filter(([key]) => !volatile.has(key)))

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  )
}

/** Equal where two calls are the same call in the same place. */
export const callKey = (call: ToolCall, workspace: string | null): string => {
  const same = [workspace, call.tool, call.cwd ?? workspace, sorted(lastingInput(call.input))]
  return createHash("sha256").update(JSON.stringify(same)).digest("hex").slice(0, 32)
}
