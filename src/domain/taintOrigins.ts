/**
 * From a causal chain to the outside text it rests on: which observation, or which answer of a tool, could have been
 * written by somebody else. Pure; the caller neutralises outside text on display.
 * Invariant: what is untrusted in the end has at least one origin here, as long as the chain still holds it.
 */
import { describe } from "./describe.ts"
import type { Event, EventOf } from "./event.ts"

export interface TaintOrigin {
  readonly seq: number
  /** One line: what it was, and of which file, page or command. */
  readonly text: string
}

const told = (event: Event): boolean => (event.payload as unknown) !== null

const isWanted = (event: Event): boolean =>
  event.type === "tool.requested" ||
  event.type === "decision.digest" ||
  event.type === "decision.notify" ||
  event.type === "decision.question" ||
  event.type === "decision.draft"

const isObserved = (event: Event): boolean => /^(?:fs|git|terminal)\./.test(event.type)
const isAnswer = (event: Event): boolean => event.type === "tool.finished" || event.type === "tool.failed"

/** What a call was about, by the first of its inputs that says so. */
const subjectOf = ({ payload: { input, tool } }: EventOf<"tool.started">): string => {
  for (const key of [
    "path",
    "file_path",
    "notebook_path",
    "url",
    "query",
    "command",
    "pattern",
    "operation",
  ]) {
    const value = Object.hasOwn(input, key) ? input[key] : undefined
    if (typeof value === "string" && value !== "") return `${tool} ${value.split("\n")[0]!.slice(0, 200)}`
  }
  return tool
}

const textOf = (event: Event, events: ReadonlyArray<Event>): string => {
  if (!told(event)) return `${event.type} (erased)`
  if (!isAnswer(event)) return `${event.type}: ${describe(event)}`
  const start = events.find(
    (one): one is EventOf<"tool.started"> => one.type === "tool.started" && one.id === event.causationId,
  )
  return start === undefined || !told(start) ? `the answer of a tool` : `what ${subjectOf(start)} answered`
}

/** Where the taint of what was wanted first in this chain comes from; empty where it is trusted. */
export const taintOrigins = (chain: ReadonlyArray<Event>): ReadonlyArray<TaintOrigin> => {
  const events = chain.toSorted((a, b) => a.seq - b.seq)
  const wanted = events.findLast((event) => isWanted(event))
  if (wanted !== undefined && wanted.trust === "trusted") return []
  return events
    .filter(
      (event) =>
        event.trust === "untrusted" &&
        (wanted === undefined || event.seq < wanted.seq) &&
        (isObserved(event) || isAnswer(event)),
    )
    .map((event) => ({ seq: event.seq, text: textOf(event, events) }))
}
