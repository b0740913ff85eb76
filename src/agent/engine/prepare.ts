/**
 * Looks at sections and tools again and says in the log what changed. Invariant: where nothing changed nothing is appended,
 * so the prompt stays what the provider's cache holds.
 */
import { Effect } from "effect"
import { createHash } from "node:crypto"
import type { EventDraft } from "../../domain/event.ts"
import type { PromptSection } from "../../domain/events/sessions.ts"
import type { ModelTool } from "../../domain/modelRequest.ts"
import { redactSecrets } from "../../domain/secrets/findSecrets.ts"
import type { AgentLog } from "../AgentLog.ts"
import { touchedIn } from "../context/touched.ts"
import type { Preparation, SectionText } from "../Preparation.ts"
import { callerOf } from "../session/caller.ts"
import { toolsOf } from "../session/prompt.ts"
import type { Transcript } from "../session/transcript.ts"
import { preparedDraft } from "./drafts.ts"

const encoder = new TextEncoder()
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const sectionOf = ({ cut, kind, pinned, source, text, trust }: SectionText) => {
  const blob = encoder.encode(redactSecrets(text))
  const section: PromptSection = { kind, source, trust, hash: sha256(blob), bytes: blob.length, cut, pinned }
  return { section, blob }
}

/** What is looked up once stays as it was, until a compaction makes the prompt anew anyhow. */
const standing = ({ compacted, prepared }: Transcript): ReadonlyArray<PromptSection> =>
  prepared === null || (compacted?.seq ?? 0) > prepared.seq ? [] : prepared.sections

const kept = (before: ReadonlyArray<PromptSection>, found: SectionText): PromptSection | null =>
  found.once === true
    ? (before.find(({ kind, source }) => kind === found.kind && source === found.source) ?? null)
    : null

export const toolsBlob = (
  tools: ReadonlyArray<ModelTool>,
): { readonly hash: string; readonly blob: Uint8Array } => {
  const blob = encoder.encode(JSON.stringify(tools))
  return { hash: sha256(blob), blob }
}

/** Names of the tools that the prompt shows now. */
export const shownNames = Effect.fnUntraced(function* (log: AgentLog["Service"], transcript: Transcript) {
  const hash = transcript.prepared?.tools
  const bytes = hash === undefined ? null : yield* log.blob(hash)
  if (hash === undefined || bytes === null) return []
  return toolsOf(transcript, new Map([[hash, bytes]])).map(({ name }) => name)
})

/** Null: everything is as it was. */
export const preparing = Effect.fnUntraced(function* (
  log: AgentLog["Service"],
  preparation: Preparation["Service"],
  transcript: Transcript,
): Effect.fn.Return<EventDraft | null> {
  const { cwd, kind, openedAt, parent, session, tools, trust, workspace } = transcript
  const standingNow = standing(transcript)
  const found = yield* preparation.prepare({
    session,
    kind,
    workspace,
    cwd,
    actor: callerOf(transcript),
    trust,
    openedAt,
    tools,
    shown: yield* shownNames(log, transcript),
    agent: parent?.agent ?? null,
    touched: touchedIn(transcript),
    before: standingNow,
  })
  const parts = found.sections.map((text) => {
    const before = kept(standingNow, text)
    return before === null ? sectionOf(text) : { section: before, blob: null }
  })
  const shown = toolsBlob(found.tools)
  const payload = {
    sections: parts.map(({ section }) => section),
    tools: shown.hash,
    deferred: found.deferred.map(({ name }) => name),
  }
  const { prepared } = transcript
  const same =
    prepared !== null &&
    JSON.stringify(payload) ===
      JSON.stringify({ sections: prepared.sections, tools: prepared.tools, deferred: prepared.deferred })
  if (same) return null
  const blobs = [...parts.flatMap(({ blob }) => (blob === null ? [] : [blob])), shown.blob]
  return preparedDraft(transcript, payload, blobs)
})
