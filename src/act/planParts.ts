/** Parts every tool's plan is put together from: results of text, plans that change nothing. Pure but for the effects handed in. */
import { Effect, Schema } from "effect"
import { changesNothing } from "../domain/prompt.ts"
import { collect } from "./boundedOutput.ts"
import type { ContentCache } from "./ContentCache.ts"
import { impossible } from "./recordUndo.ts"
import type { SnapshotBounds } from "./snapshot.ts"
import type { ToolError, ToolPlan, ToolResult } from "./Tool.ts"

/** What tools are given besides their context. */
export interface ActSettings {
  readonly bounds: SnapshotBounds
  readonly holdsSecret: (bytes: Uint8Array) => boolean
  /** Takes secrets out of a text before it may be logged. */
  readonly redact: (text: string) => string
  /** What is known of files and of the log, so that undo records what changed and not everything. */
  readonly contents?: ContentCache
  /** How long a conversation waits for a command; 15 s if absent. */
  readonly blockingMs?: number
  /** Whether a conversation can be told later how a command ended; absent: all can. */
  readonly yields?: (session: string) => Effect.Effect<boolean>
}

export const PathInput = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(4096))

export const textResult = (
  text: string,
  settings: ActSettings,
  more: Partial<Pick<ToolResult, "ok" | "exit" | "after" | "refs" | "kept">> = {},
): ToolResult => {
  const bytes = new TextEncoder().encode(text)
  const { output, blobs } = collect(bytes, bytes.length, settings.redact)
  return { ok: true, exit: null, after: [], refs: {}, output, blobs, ...more }
}

export const readingPlan = (
  summary: string,
  run: Effect.Effect<ToolResult, ToolError>,
  opens: ReadonlyArray<string> = [],
): ToolPlan => {
  const { undo, blobs, aftermath } = impossible(changesNothing)
  return { summary, preview: null, sandbox: "not-needed", commands: [], opens, undo, blobs, aftermath, run }
}
