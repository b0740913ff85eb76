/**
 * From the events of one request, or of a suggestion of Claw's own, to a result for each of its calls. Pure.
 * Invariants: the newest edit and the newest verdicts count; a call without a start in the log has not run; an event
 * whose payload was erased says nothing.
 */
import type { ToolCall } from "../domain/action.ts"
import { type CallResult, type CallVerdict, outputText } from "../domain/callResult.ts"
import type { Event, EventOf } from "../domain/event.ts"
import { callId } from "../domain/ids.ts"

/** Reasons of a `tool.failed` that ends a whole request, before anything of it ran. */
export const requestEnds = { denied: "denied", withdrawn: "withdrawn" } as const

interface Told {
  readonly suggestion: string
  readonly calls: ReadonlyArray<ToolCall>
  readonly edited: boolean
  readonly verdicts: ReadonlyMap<number, CallVerdict>
  readonly started: ReadonlySet<string>
  readonly undoable: ReadonlySet<string>
  readonly finished: ReadonlyMap<string, EventOf<"tool.finished">["payload"]>
  readonly failed: EventOf<"tool.failed">["payload"] | null
  readonly rejected: EventOf<"approval.rejected">["payload"] | null
  readonly expired: string | null
}

const begun = (suggestion: string, calls: ReadonlyArray<ToolCall>): Told => ({
  suggestion,
  calls,
  edited: false,
  verdicts: new Map(),
  started: new Set(),
  undoable: new Set(),
  finished: new Map(),
  failed: null,
  rejected: null,
  expired: null,
})

/** A request, or a suggestion of Claw's own. */
const beginning = (event: Event): Told | null => {
  switch (event.type) {
    case "tool.requested":
      return begun(event.payload.suggestion, event.payload.calls)
    case "decision.digest":
    case "decision.notify":
    case "decision.question":
    case "decision.draft":
      return begun(event.payload.suggestion, event.payload.proposal.actions)
    default:
      return null
  }
}

const told = (events: ReadonlyArray<Event>): Told | null => {
  let state: Told | null = null
  for (const event of events) {
    if ((event.payload as unknown) === null) continue
    state = beginning(event) ?? (state === null ? null : further(state, event))
  }
  return state
}

const further = (state: Told, event: Event): Told => {
  switch (event.type) {
    case "policy.verdict": {
      const { verdict, rule, file, line, reason, missing } = event.payload.verdict
      const own = { verdict, rule, file, line, reason, missing }
      return { ...state, verdicts: new Map([...state.verdicts, [event.payload.index, own]]) }
    }
    case "approval.edited":
      return { ...state, calls: event.payload.actions, edited: true, verdicts: new Map() }
    case "approval.rejected":
      return { ...state, rejected: event.payload }
    case "decision.expired":
      return { ...state, expired: event.payload.reason }
    case "tool.started": {
      const { call, undo } = event.payload
      return {
        ...state,
        started: new Set([...state.started, call]),
        undoable: undo.possible ? new Set([...state.undoable, call]) : state.undoable,
      }
    }
    case "tool.finished":
      return { ...state, finished: new Map([...state.finished, [event.payload.call, event.payload]]) }
    case "tool.failed":
      return { ...state, failed: event.payload }
    case "tool.undone":
      return {
        ...state,
        undoable: new Set([...state.undoable].filter((call) => call !== event.payload.call)),
      }
    default:
      return state
  }
}

const resultOf = (state: Told, index: number): CallResult => {
  const call = callId(state.suggestion, index)
  const { tool, input } = state.calls[index]!
  const verdict = state.verdicts.get(index) ?? null
  const base = {
    v: 1 as const,
    suggestion: state.suggestion,
    call,
    tool,
    input,
    edited: state.edited,
    verdict,
    undoable: state.undoable.has(call),
  }
  const not = (outcome: CallResult["outcome"], text: string, problem: CallResult["problem"]): CallResult => ({
    ...base,
    outcome,
    ok: false,
    exit: null,
    text,
    output: null,
    durationMs: null,
    problem,
  })
  const finished = state.finished.get(call)
  const own = state.failed?.call === call ? state.failed : null
  if (finished !== undefined) {
    const problem = own === null ? null : { reason: own.reason, message: own.message }
    const printed = outputText(finished.output)
    return {
      ...base,
      outcome: finished.ok ? "done" : "failed",
      ok: finished.ok,
      exit: finished.exit,
      text: problem === null ? printed : [printed, problem.message].filter((part) => part !== "").join("\n"),
      output: finished.output,
      durationMs: finished.durationMs,
      problem,
    }
  }
  if (state.rejected !== null) {
    const { reason, surface } = state.rejected
    return not("rejected", reason === "" ? `the user said no (${surface})` : `the user said no: ${reason}`, {
      reason: "rejected",
      message: reason,
    })
  }
  if (state.failed !== null) {
    const { reason, message, output } = state.failed
    if (reason === requestEnds.denied && verdict?.verdict === "deny")
      return not("denied", message, { reason, message })
    if (reason === requestEnds.withdrawn) return not("withdrawn", message, { reason, message })
    if (own !== null && reason !== requestEnds.denied) {
      const printed = output === undefined ? "" : outputText(output)
      return {
        ...not("failed", [printed, message].filter((part) => part !== "").join("\n"), { reason, message }),
        output: output ?? null,
      }
    }
    return not("skipped", `not run: ${message}`, { reason: "skipped", message })
  }
  if (state.expired !== null)
    return not("withdrawn", state.expired, { reason: "expired", message: state.expired })
  return not("skipped", "not run: a call before it did not end well", {
    reason: "skipped",
    message: state.started.has(call)
      ? "its end is not in the log"
      : "a call before it did not end well, or its end was erased",
  })
}

/** A result for each call of the request, in order; null where these events hold no request. */
export const callResults = (events: ReadonlyArray<Event>): ReadonlyArray<CallResult> | null => {
  const state = told(events)
  return state === null ? null : state.calls.map((_, index) => resultOf(state, index))
}
