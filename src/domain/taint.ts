/**
 * Taint: which text an outsider could have written, and what rests on it. One rule for reflexes, tools and
 * conversations, and the fold of it over conversations.
 * Invariants: what is not known to be Claw's own or the person's own words taints; a chain with one untrusted event in it
 * is untrusted from there on, and a conversation that took in one stays so; nothing but a person's approval of the
 * exact action leads out of it.
 */
import type { Trust } from "./action.ts"
import type { Event } from "./event.ts"

/** Tools whose answer is Claw's own words about what it did, or the person's: nobody else can put text into it. */
const ownWords: ReadonlySet<string> = new Set([
  "write_file",
  "edit_file",
  "notify",
  "TodoWrite",
  "Sleep",
  "SendUserMessage",
  "StructuredOutput",
  "Config",
  "ask_user",
  "task_stop",
])

/** The answer of this tool may hold text from files, the web, a terminal or another program. */
export const taints = (tool: string): boolean => !ownWords.has(tool)

/** Untrusted as soon as one of them is. */
export const trustOf = (parts: ReadonlyArray<Trust>): Trust =>
  parts.includes("untrusted") ? "untrusted" : "trusted"

/** Of the end of a call: what it answered, and what it was asked from. */
export const resultTrust = (tool: string, asked: Trust): Trust =>
  trustOf([asked, taints(tool) ? "untrusted" : "trusted"])

export interface TaintState {
  /** Conversation -> seq of the first untrusted event it took in. */
  readonly sessions: Readonly<Record<string, number>>
  /** Request that is not over -> its conversation, and how many of its calls have not ended. */
  readonly requests: Readonly<Record<string, { readonly session: string; readonly left: number }>>
}

const initial: TaintState = { sessions: {}, requests: {} }

/** The event that tainted this conversation; null where none did, and for what belongs to no conversation. */
export const taintedBy = (state: TaintState, session: string | null): number | null =>
  session === null ? null : Object.hasOwn(state.sessions, session) ? state.sessions[session]! : null

/** Trust of what somebody asks for in a conversation: no more than the conversation's own. */
export const requestTrust = (state: TaintState, session: string | null, asked: Trust = "trusted"): Trust =>
  trustOf([asked, taintedBy(state, session) === null ? "trusted" : "untrusted"])

const without = (state: TaintState, request: string): TaintState => {
  const { [request]: _, ...requests } = state.requests
  return { ...state, requests }
}

const over: ReadonlySet<Event["type"]> = new Set([
  "tool.failed",
  "approval.rejected",
  "decision.expired",
] as const)

/** After an event of this conversation. */
const heard = (state: TaintState, session: string, event: Event): TaintState =>
  event.trust === "untrusted" && !Object.hasOwn(state.sessions, session)
    ? { ...state, sessions: { ...state.sessions, [session]: event.seq } }
    : state

const ended = (state: TaintState, request: string, event: Event): TaintState => {
  const known = state.requests[request]!
  if (over.has(event.type)) return without(state, request)
  if (event.type !== "tool.finished") return state
  if (known.left <= 1 || event.payload?.ok === false) return without(state, request)
  return { ...state, requests: { ...state.requests, [request]: { ...known, left: known.left - 1 } } }
}

const evolve = (state: TaintState, event: Event): TaintState => {
  const { correlationId } = event
  if (event.type === "tool.requested" && (event.payload as unknown) !== null) {
    const { calls, session, suggestion } = event.payload
    if (session === null) return state
    const requests = { ...state.requests, [suggestion]: { session, left: calls.length } }
    return heard({ ...state, requests }, session, event)
  }
  if (correlationId === null) return state
  if (Object.hasOwn(state.requests, correlationId)) {
    return ended(heard(state, state.requests[correlationId]!.session, event), correlationId, event)
  }
  return event.type.startsWith("session.") ? heard(state, correlationId, event) : state
}

export const taintProjection = { name: "taint", version: 1, initial, evolve } as const
