/**
 * What Claw knows and what it would like to know: a pure fold of `memory.*`.
 * Invariants: only what was accepted counts; what was replaced or forgotten stays, out of sight, until the newest 20,000
 * are more; a rule or fact whose text was erased is gone with it.
 */
import type { Trust } from "./action.ts"
import type { Event } from "./event.ts"
import type { MemoryLayer, MemoryOrigin, MemoryScope } from "./events/memories.ts"

export interface Memory {
  readonly id: string
  readonly layer: MemoryLayer
  readonly scope: MemoryScope
  /** Of the events that proposed it; null for the user's own. */
  readonly workspace: string | null
  readonly text: string
  readonly topic: string
  readonly evidence: ReadonlyArray<number>
  readonly confidence: number
  readonly origin: MemoryOrigin
  readonly replaces: ReadonlyArray<string>
  readonly session: string | null
  readonly trust: Trust
  readonly state: "proposed" | "known" | "rejected" | "forgotten"
  /** Why it is rejected or forgotten. */
  readonly reason: string | null
  /** Last event of it. */
  readonly seq: number
  readonly proposedAt: string
  readonly usedAt: string | null
  readonly uses: number
}

/** By id, the oldest first. */
export type MemoriesState = Readonly<Record<string, Memory>>

const kept = 20_000

const bounded = (state: MemoriesState): MemoriesState => {
  const ids = Object.keys(state)
  if (ids.length <= kept) return state
  const oldest =
    ids.find((id) => state[id]!.state === "rejected" || state[id]!.state === "forgotten") ?? ids[0]!
  const { [oldest]: _, ...left } = state
  return left
}

const change = (
  state: MemoriesState,
  id: string,
  event: Event,
  fields: (memory: Memory) => Partial<Memory> | null,
): MemoriesState => {
  const memory = Object.hasOwn(state, id) ? state[id]! : null
  const changes = memory === null ? null : fields(memory)
  return memory === null || changes === null
    ? state
    : { ...state, [id]: { ...memory, ...changes, seq: event.seq } }
}

const proposed = (
  state: MemoriesState,
  event: Extract<Event, { type: "memory.proposed" }>,
): MemoriesState => {
  const { confidence, evidence, layer, memory, origin, replaces, scope, session, text, topic } = event.payload
  if (Object.hasOwn(state, memory)) return state
  const row: Memory = {
    id: memory,
    layer,
    scope,
    workspace: scope === "user" ? null : event.workspace,
    text,
    topic,
    evidence,
    confidence,
    origin,
    replaces,
    session,
    trust: event.trust,
    state: "proposed",
    reason: null,
    seq: event.seq,
    proposedAt: event.at,
    usedAt: null,
    uses: 0,
  }
  return bounded({ ...state, [memory]: row })
}

const accepted = (
  state: MemoriesState,
  event: Extract<Event, { type: "memory.accepted" }>,
): MemoriesState => {
  const { memory, surface, text } = event.payload
  const known = change(state, memory, event, (row) =>
    row.state === "proposed"
      ? {
          state: "known",
          // a person who put it into his own words answers for them
          ...(text === undefined ? {} : { text }),
          ...(surface === null ? {} : { trust: "trusted" as const }),
        }
      : null,
  )
  if (known === state) return state
  return known[memory]!.replaces.reduce(
    (all, old) =>
      change(all, old, event, (row) =>
        row.state === "known" ? { state: "forgotten", reason: "replaced" } : null,
      ),
    known,
  )
}

const used = (state: MemoriesState, event: Extract<Event, { type: "memory.used" }>): MemoriesState => {
  const rows = event.payload.memories.filter((id) => Object.hasOwn(state, id))
  if (rows.length === 0) return state
  const changed = rows.map(
    (id) => [id, { ...state[id]!, usedAt: event.at, uses: state[id]!.uses + 1 }] as const,
  )
  return { ...state, ...Object.fromEntries(changed) }
}

const evolve = (state: MemoriesState, event: Event): MemoriesState => {
  if ((event.payload as unknown) === null) return state
  switch (event.type) {
    case "memory.proposed":
      return proposed(state, event)
    case "memory.accepted":
      return accepted(state, event)
    case "memory.rejected": {
      const { memory, reason } = event.payload
      return change(state, memory, event, (row) =>
        row.state === "proposed" ? { state: "rejected", reason } : null,
      )
    }
    case "memory.forgotten": {
      const { memory, reason } = event.payload
      return change(state, memory, event, (row) =>
        row.state === "known" ? { state: "forgotten", reason } : null,
      )
    }
    case "memory.restored":
      return change(state, event.payload.memory, event, (row) =>
        row.state === "forgotten" || row.state === "rejected" ? { state: "known", reason: null } : null,
      )
    case "memory.used":
      return used(state, event)
    default:
      return state
  }
}

export const memoriesProjection = {
  name: "memories",
  version: 1,
  initial: {} as MemoriesState,
  evolve,
} as const

/** What counts in a workspace: its own and the user's. */
export const knownIn = (state: MemoriesState, workspace: string | null): ReadonlyArray<Memory> =>
  Object.values(state).filter(
    (memory) => memory.state === "known" && (memory.scope === "user" || memory.workspace === workspace),
  )

/** What waits for the user's yes or no, the oldest first. */
export const inbox = (state: MemoriesState): ReadonlyArray<Memory> =>
  Object.values(state).filter((memory) => memory.state === "proposed")
