/** Events of memories, each correlating with its memory. Pure. */
import { createHash } from "node:crypto"
import type { Trust } from "../../domain/action.ts"
import { draft, type EventDraft } from "../../domain/event.ts"
import type { Surface } from "../../domain/events/acted.ts"
import type { MemoryLayer, MemoryOrigin, MemoryScope } from "../../domain/events/memories.ts"
import type { Kept } from "./memoryText.ts"

/** Something that could be kept. */
export interface Proposal {
  readonly layer: MemoryLayer
  readonly scope: MemoryScope
  readonly workspace: string | null
  readonly text: string
  readonly topic?: string
  readonly evidence: ReadonlyArray<number>
  readonly confidence: number
  readonly origin: MemoryOrigin
  readonly session: string | null
  readonly call: string | null
  readonly trust: Trust
  /** Of what proposed it: the same gives the same memory, however often it is proposed. */
  readonly from: string
  readonly causationId: string | null
}

export const memoryId = (from: string): string =>
  `k_${createHash("sha256").update(from).digest("hex").slice(0, 16)}`

const actorOf = (surface: Surface | null): string => (surface === null ? "claw" : `user:${surface}`)

export const proposedDraft = (
  memory: string,
  proposal: Proposal,
  kept: Kept,
  replaces: ReadonlyArray<string>,
  surface: Surface | null,
): EventDraft => {
  const { call, causationId, confidence, evidence, layer, origin, scope, session, trust, workspace } =
    proposal
  return draft(
    "memory.proposed",
    {
      memory,
      layer,
      scope,
      text: kept.text,
      topic: kept.topic,
      evidence: [...evidence],
      confidence,
      origin,
      replaces: [...replaces],
      session,
      call,
    },
    { actor: actorOf(surface), workspace, trust, causationId, correlationId: memory },
  )
}

type Answer = "memory.accepted" | "memory.rejected" | "memory.forgotten" | "memory.restored"

/** What becomes of one that is there. */
export const answerDraft = <T extends Answer>(
  type: T,
  payload: Extract<EventDraft, { readonly type: T }>["payload"],
  workspace: string | null,
): EventDraft => {
  const { memory, surface } = payload as { readonly memory: string; readonly surface: Surface | null }
  return draft(type, payload as never, {
    actor: actorOf(surface),
    workspace,
    trust: "trusted",
    correlationId: memory,
  })
}
