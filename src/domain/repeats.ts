/**
 * What was asked for over and over: how often in a row each actor of a session wanted the very same call, and which
 * calls were denied in a session. A projection of the log.
 * Invariants: the count of a request is fixed when it is logged, so that it is judged the same until it has run; a
 * person's yes begins the count anew; a person's no holds for its session until that person grants something there;
 * everything is bounded, the oldest goes first.
 */
import type { ToolCall } from "./action.ts"
import { callKey } from "./canonicalCall.ts"
import type { Event, EventOf } from "./event.ts"

/** Further apart than this, two calls are not in a row. */
const rowMs = 10 * 60_000
const mostRequests = 300
const mostRuns = 100
const mostSessions = 50
const mostRefusals = 200

interface Run {
  readonly call: string
  readonly times: number
  readonly atMs: number
}
interface Request {
  readonly session: string | null
  readonly run: string
  readonly workspace: string | null
  readonly calls: ReadonlyArray<string>
  readonly times: ReadonlyArray<number>
}
/** `by` the gate: its verdict stands as long as its rules do. */
export interface Refusal {
  readonly by: "gate" | "person"
  readonly reason: string
}

export interface RepeatsState {
  readonly runs: Readonly<Record<string, Run>>
  readonly requests: Readonly<Record<string, Request>>
  /** By session, then by call. */
  readonly refusals: Readonly<
    Record<string, Readonly<Record<string, Refusal & { readonly workspace: string | null }>>>
  >
}

export const emptyRepeats: RepeatsState = { runs: {}, requests: {}, refusals: {} }

export interface Requester {
  readonly actor: string
  readonly session: string | null
  readonly workspace: string | null
}

const runKey = ({ actor, session, workspace }: Requester): string =>
  JSON.stringify(session === null ? [actor, workspace] : [actor, session])

/** Puts a member last, and lets the first go where there are too many. */
const put = <A>(
  record: Readonly<Record<string, A>>,
  key: string,
  value: A,
  most: number,
): Readonly<Record<string, A>> => {
  const { [key]: _, ...others } = record
  const entries = Object.entries(others)
  const kept = entries.length < most ? others : Object.fromEntries(entries.slice(entries.length - most + 1))
  return { ...kept, [key]: value }
}

const own = <A>(record: Readonly<Record<string, A>>, key: string): A | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

const next = (before: Run | undefined, call: string, atMs: number): Run => ({
  call,
  times: before !== undefined && before.call === call && atMs - before.atMs <= rowMs ? before.times + 1 : 1,
  atMs,
})

const requested = (state: RepeatsState, event: EventOf<"tool.requested">): RepeatsState => {
  const { actor, workspace } = event
  const { calls, session, suggestion } = event.payload
  const key = runKey({ actor, session, workspace })
  const atMs = Date.parse(event.at)
  const keys = calls.map((call) => callKey(call, workspace))
  const times: Array<number> = []
  let run = own(state.runs, key)
  for (const call of keys) {
    run = next(run, call, atMs)
    times.push(run.times)
  }
  if (run === undefined) return state
  const request: Request = { session, run: key, workspace, calls: keys, times }
  return {
    ...state,
    runs: put(state.runs, key, run, mostRuns),
    requests: put(state.requests, suggestion, request, mostRequests),
  }
}

const refuse = (state: RepeatsState, request: Request, call: string, refusal: Refusal): RepeatsState => {
  if (request.session === null) return state
  const known = own(state.refusals, request.session) ?? {}
  const refusals = put(known, call, { ...refusal, workspace: request.workspace }, mostRefusals)
  return { ...state, refusals: put(state.refusals, request.session, refusals, mostSessions) }
}

const approved = (state: RepeatsState, request: Request): RepeatsState => {
  const run = own(state.runs, request.run)
  return run === undefined || !request.calls.includes(run.call)
    ? state
    : { ...state, runs: { ...state.runs, [request.run]: { ...run, times: 0 } } }
}

/** What Claw's own end cut off was no try of who asked. */
const cutOff = (state: RepeatsState, request: Request): RepeatsState => {
  const run = own(state.runs, request.run)
  return run === undefined || run.times === 0 || !request.calls.includes(run.call)
    ? state
    : { ...state, runs: { ...state.runs, [request.run]: { ...run, times: run.times - 1 } } }
}

const forgiven = (state: RepeatsState, workspace: string | null): RepeatsState => ({
  ...state,
  refusals: Object.fromEntries(
    Object.entries(state.refusals).map(([session, calls]) => [
      session,
      Object.fromEntries(
        Object.entries(calls).filter(([, each]) => each.by === "gate" || each.workspace !== workspace),
      ),
    ]),
  ),
})

export const evolveRepeats = (state: RepeatsState, event: Event): RepeatsState => {
  if ((event.payload as unknown) === null) return state
  if (event.type === "tool.requested") return requested(state, event)
  if (event.type === "policy.granted") return forgiven(state, event.workspace)
  const request = event.correlationId === null ? undefined : own(state.requests, event.correlationId)
  if (request === undefined) return state
  switch (event.type) {
    case "policy.verdict": {
      const { call, verdict } = event.payload
      return verdict.verdict === "deny"
        ? refuse(state, request, callKey(call, request.workspace), { by: "gate", reason: verdict.reason })
        : state
    }
    case "approval.rejected":
      return request.calls.reduce(
        (after, call) => refuse(after, request, call, { by: "person", reason: event.payload.reason }),
        state,
      )
    case "approval.approved":
      return approved(state, request)
    case "tool.failed":
      return event.payload.reason === "interrupted" ? cutOff(state, request) : state
    case "approval.edited": {
      const { [event.payload.suggestion]: _, ...requests } = state.requests
      return { ...state, requests }
    }
    default:
      return state
  }
}

export const repeatsProjection = {
  name: "repeats",
  version: 2,
  initial: emptyRepeats,
  evolve: evolveRepeats,
} as const

/** How often in a row, with this time; for action `index` of a request that is in the log. */
export const timesOf = (state: RepeatsState, suggestion: string, index: number): number =>
  own(state.requests, suggestion)?.times[index] ?? 1

/** The same for a call that is about to be asked for, behind others of the same request. */
export const timesNext = (
  state: RepeatsState,
  requester: Requester,
  calls: ReadonlyArray<ToolCall>,
  nowMs: number,
): number => {
  let run = own(state.runs, runKey(requester))
  for (const call of calls) run = next(run, callKey(call, requester.workspace), nowMs)
  return run?.times ?? 1
}

/** What was said of this call in this session before, where it was a no. */
export const refusalOf = (state: RepeatsState, requester: Requester, call: ToolCall): Refusal | null => {
  if (requester.session === null) return null
  const found = own(own(state.refusals, requester.session) ?? {}, callKey(call, requester.workspace))
  return found === undefined ? null : { by: found.by, reason: found.reason }
}
