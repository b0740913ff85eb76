/**
 * Tools that a conversation is shown from its first child on: behind those it has, so that nothing before them changes.
 */
import { Effect } from "effect"
import type { EventDraft } from "../../domain/event.ts"
import type { ModelTool } from "../../domain/modelRequest.ts"
import type { AgentLog } from "../AgentLog.ts"
import { preparedDraft } from "../engine/drafts.ts"
import { toolsBlob } from "../engine/prepare.ts"
import { toolsOf } from "../session/prompt.ts"
import type { Transcript } from "../session/transcript.ts"

/** None where all of them are shown. */
export const lateTools = Effect.fnUntraced(function* (
  log: AgentLog["Service"],
  transcript: Transcript,
  tools: ReadonlyArray<ModelTool>,
): Effect.fn.Return<ReadonlyArray<EventDraft>> {
  const { prepared } = transcript
  const bytes = prepared === null ? null : yield* log.blob(prepared.tools)
  if (prepared === null || bytes === null) return []
  const shown = toolsOf(transcript, new Map([[prepared.tools, bytes]]))
  const missing = tools.filter((tool) => shown.every(({ name }) => name !== tool.name))
  if (missing.length === 0) return []
  const { blob, hash } = toolsBlob([...shown, ...missing])
  const payload = { sections: [...prepared.sections], tools: hash, deferred: [...prepared.deferred] }
  return [preparedDraft(transcript, payload, [blob])]
})
