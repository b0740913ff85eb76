/** Conversations as clients see them: rows of the list, items of one, what fills its window. Pure. */
import { blockTokens, tokensIn } from "../agent/session/window.ts"
import { shownBlocks } from "../agent/session/blocks.ts"
import type { Transcript } from "../agent/session/transcript.ts"
import type { Spent } from "../domain/costs.ts"
import type { Event } from "../domain/event.ts"
import type { QueueState } from "../domain/queue.ts"
import type { SessionRow } from "../domain/sessions.ts"
import { nameOf } from "../model/ceilings.ts"
import type { OpenRequest, SessionContext, SessionItem, SessionView } from "../rpc/sessions.ts"

export const viewOf = (row: SessionRow, { calls, unpriced, usd }: Spent): SessionView => ({
  v: 1,
  session: row.id,
  kind: row.kind,
  title: row.title,
  model: row.model,
  workspace: row.workspace,
  cwd: row.cwd,
  actor: row.actor,
  parent: row.parent === null ? null : { session: row.parent.session, agent: row.parent.agent },
  state: row.state,
  rested: row.rested?.reason ?? null,
  openedAt: row.openedAt,
  lastAt: row.lastAt,
  lastSeq: row.lastSeq,
  words: row.words,
  spent: { usd, calls, unpriced },
})

type Files = Extract<SessionItem, { readonly _tag: "said" }>["files"]

const itemOf = (event: Event, files: Files): SessionItem | null => {
  const at = { seq: event.seq, at: event.at }
  switch (event.type) {
    case "session.said":
      return { _tag: "said", ...at, text: event.payload.text, actor: event.actor, files }
    case "model.answered": {
      const { call, content, finish, served, usage, usd } = event.payload
      return { _tag: "answered", ...at, call, served, parts: content, finish, usage, usd }
    }
    case "session.results":
      return { _tag: "results", ...at, call: event.payload.call, results: event.payload.results }
    case "session.noted":
      return { _tag: "noted", ...at, kind: event.payload.kind, text: event.payload.text }
    case "session.stopped":
      return { _tag: "stopped", ...at }
    case "session.rested":
      return { _tag: "rested", ...at, reason: event.payload.reason, message: event.payload.message }
    case "session.changed": {
      const { effort, model, title } = event.payload
      return {
        _tag: "changed",
        ...at,
        ...(model === undefined ? {} : { model }),
        ...(effort === undefined ? {} : { effort }),
        ...(title === undefined ? {} : { title }),
      }
    }
    case "session.prepared":
      return { _tag: "prepared", ...at, sections: event.payload.sections, deferred: event.payload.deferred }
    case "session.compacted": {
      const { lines, reason, upTo } = event.payload
      return { _tag: "compacted", ...at, upTo, lines, reason }
    }
    case "session.rewound":
      return { _tag: "rewound", ...at, to: event.payload.to, files: event.payload.files }
    case "model.warned": {
      const { limitUsd, spentUsd } = event.payload
      return { _tag: "warned", ...at, what: nameOf(event.payload), limitUsd, spentUsd }
    }
    case "model.failed": {
      const { call, cure, message, reason } = event.payload
      return { _tag: "failed", ...at, call, reason, message, cure }
    }
    default:
      return null
  }
}

/** Whether it stands among the items. */
export const isItem = (event: Event): boolean =>
  (event.payload as unknown) !== null && itemOf(event, []) !== null

/** In the log's order; `files` are those attached before the first of these events. */
export const itemsOf = (
  events: ReadonlyArray<Event>,
  files: Files = [],
): { readonly items: ReadonlyArray<SessionItem>; readonly files: Files } => {
  let waiting = files
  const items: Array<SessionItem> = []
  for (const event of events) {
    if ((event.payload as unknown) === null) continue
    if (event.type === "session.attached") {
      const added = event.payload.files.map(({ bytes, cut, mediaType, path }) => ({
        path,
        bytes,
        mediaType,
        cut,
      }))
      waiting = [...waiting, ...added]
      continue
    }
    const item = itemOf(event, waiting)
    if (event.type === "session.said") waiting = []
    if (item !== null) items.push(item)
  }
  return { items, files: waiting }
}

export const openRequests = (queue: QueueState, session: string): ReadonlyArray<OpenRequest> =>
  Object.values(queue.suggestions).flatMap((row): ReadonlyArray<OpenRequest> => {
    if (row.session !== session) return []
    const asks = row.state === "pending" || row.state === "snoozed"
    if (!asks && row.state !== "approved") return []
    return [
      {
        suggestion: row.id,
        title: row.title,
        state: asks ? "asks" : "runs",
        question: row.question !== undefined,
      },
    ]
  })

/** `tools`: bytes of their definitions. */
export const contextOf = (transcript: Transcript, window: number | null, tools: number): SessionContext => {
  const { compacted, model, prepared, session } = transcript
  const record = (compacted?.lines ?? []).reduce((sum, { text }) => sum + text.length + 20, 0)
  const blocks = shownBlocks(transcript)
  const of = (tag: string): number =>
    blocks.reduce((sum, block) => sum + (block._tag === tag ? blockTokens(block) : 0), 0)
  const parts = [
    ...(prepared?.sections ?? []).map(({ bytes, kind, source }) => ({
      name: source === "claw" ? kind : `${kind}: ${source}`,
      tokens: tokensIn(bytes),
    })),
    { name: "tools", tokens: tokensIn(tools) },
    { name: "record of what was said before", tokens: tokensIn(record) },
    { name: "your words", tokens: of("word") },
    { name: "answers, calls and results", tokens: of("turn") },
    { name: "notes", tokens: of("note") },
  ].filter(({ tokens }) => tokens > 0)
  return {
    session,
    model,
    window,
    tokens: parts.reduce((sum, part) => sum + part.tokens, 0),
    parts,
    sections: (prepared?.sections ?? []).map(({ bytes, cut, kind, source, trust }) => ({
      kind,
      source,
      bytes,
      trust,
      cut,
    })),
    deferred: prepared?.deferred ?? [],
    compactedAt: compacted?.seq ?? null,
  }
}
