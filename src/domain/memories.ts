/**
 * What Claw knows and what it would like to know: a pure fold of `memory.*`.
 * Invariants: only what was accepted counts; what was replaced or forgotten stays, out of sight, until there are more than
 * 20,000 in all; a rule or fact whose text was erased is gone with it.
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
  /** Last event of it, uses apart. */
  readonly seq: number
  /** The event that proposed it. */
  readonly since: number
  readonly proposedAt: string
  readonly usedAt: string | null
  readonly uses: number
}

/**
 * On shelves by their ids, each of them small, so that an event costs nearly the same however many there are.
 */
export interface MemoriesState {
  readonly shelves: Readonly<Record<string, Readonly<Record<string, Memory>>>>
  readonly count: number
}

const kept = 20_000
const shelfCount = 128

/** The last digits of an id are as good as random. */
export const shelfOf = (id: string): string => {
  let sum = 0
  for (const c of id.slice(-4)) sum = (sum * 31 + c.codePointAt(0)!) % shelfCount
  return String(sum)
}

export const memoryOf = (state: MemoriesState, id: string): Memory | null => {
  const shelf = state.shelves[shelfOf(id)]
  return shelf !== undefined && Object.hasOwn(shelf, id) ? shelf[id]! : null
}

/** In no order. */
const everyMemory = (state: MemoriesState): ReadonlyArray<Memory> =>
  Object.values(state.shelves).flatMap((shelf) => Object.values(shelf))

/** The oldest first. */
export const allMemories = (state: MemoriesState): ReadonlyArray<Memory> =>
  everyMemory(state).toSorted((one, other) => one.since - other.since)

const put = (state: MemoriesState, memory: Memory): MemoriesState => {
  const at = shelfOf(memory.id)
  const shelf = state.shelves[at] ?? {}
  const count = Object.hasOwn(shelf, memory.id) ? state.count : state.count + 1
  return { shelves: { ...state.shelves, [at]: { ...shelf, [memory.id]: memory } }, count }
}

/** Of those out of sight the oldest, a tenth of all at a time, so that it is seldom looked for; else the oldest of all. */
const bounded = (state: MemoriesState): MemoriesState => {
  if (state.count <= kept) return state
  const all = allMemories(state)
  const away = all.filter((memory) => memory.state === "rejected" || memory.state === "forgotten")
  const going = new Set((away.length === 0 ? all : away).slice(0, kept / 10).map(({ id }) => id))
  const shelves = Object.fromEntries(
    Object.entries(state.shelves).map(([at, shelf]) => [
      at,
      Object.fromEntries(Object.entries(shelf).filter(([id]) => !going.has(id))),
    ]),
  )
  return { shelves, count: state.count - going.size }
}

const change = (
  state: MemoriesState,
  id: string,
  event: Event,
  fields: (memory: Memory) => Partial<Memory> | null,
): MemoriesState => {
  const memory = memoryOf(state, id)
  const changes = memory === null ? null : fields(memory)
  return memory === null || changes === null ? state : put(state, { ...memory, ...changes, seq: event.seq })
}

const proposed = (
  state: MemoriesState,
  event: Extract<Event, { type: "memory.proposed" }>,
): MemoriesState => {
  const { confidence, evidence, layer, memory, origin, replaces, scope, session, text, topic } = event.payload
  if (memoryOf(state, memory) !== null) return state
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
    since: event.seq,
    proposedAt: event.at,
    usedAt: null,
    uses: 0,
  }
  return bounded(put(state, row))
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
  return memoryOf(known, memory)!.replaces.reduce(
    (all, old) =>
      change(all, old, event, (row) =>
        row.state === "known" ? { state: "forgotten", reason: "replaced" } : null,
      ),
    known,
  )
}

const used = (state: MemoriesState, event: Extract<Event, { type: "memory.used" }>): MemoriesState =>
  event.payload.memories.reduce((all, id) => {
    const memory = memoryOf(all, id)
    return memory === null ? all : put(all, { ...memory, usedAt: event.at, uses: memory.uses + 1 })
  }, state)

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
  initial: { shelves: {}, count: 0 } as MemoriesState,
  evolve,
} as const

/** What counts in a workspace: its own and the user's. In no order. */
export const knownIn = (state: MemoriesState, workspace: string | null): ReadonlyArray<Memory> =>
  everyMemory(state).filter(
    (memory) => memory.state === "known" && (memory.scope === "user" || memory.workspace === workspace),
  )

/** What waits for the user's yes or no, the oldest first. */
export const inbox = (state: MemoriesState): ReadonlyArray<Memory> =>
  allMemories(state).filter((memory) => memory.state === "proposed")
