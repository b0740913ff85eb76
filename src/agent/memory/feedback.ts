/**
 * What a person's answer to a suggestion says about how to work here: a rejection with a reason, a call that was changed
 * before it was approved. In the person's own words, without a model. Pure.
 * Invariants: nothing is guessed: no reason, no rule; what stands beside the person's words is Claw's own names of tools and
 * rules, never a text that others could have written.
 */
import type { ToolCall } from "../../domain/action.ts"
import type { Event, EventOf } from "../../domain/event.ts"
import type { Proposal } from "./memoryDrafts.ts"

type Rejected = EventOf<"approval.rejected">
type Edited = EventOf<"approval.edited">
export type Feedback = Rejected | Edited

export const isFeedback = (event: Event): event is Feedback =>
  (event.type === "approval.rejected" || event.type === "approval.edited") &&
  (event.payload as unknown) !== null &&
  event.actor.startsWith("user:")

/** "no", "not now": an answer to this one alone. */
const leastWords = 3
/** Of a changed word of a call: a path, a command; what is longer is content. */
const longestChange = 200

const wordCount = (text: string): number => text.split(/\s+/).filter((word) => word !== "").length

/** The calls a suggestion is about, as its events say before `seq`. */
const callsOf = (events: ReadonlyArray<Event>, seq: number): ReadonlyArray<ToolCall> => {
  let calls: ReadonlyArray<ToolCall> = []
  for (const event of events) {
    if (event.seq >= seq || (event.payload as unknown) === null) continue
    if (event.type === "tool.requested") calls = event.payload.calls
    else if (event.type === "approval.edited") calls = event.payload.actions
    else if (
      event.type === "decision.draft" ||
      event.type === "decision.question" ||
      event.type === "decision.notify" ||
      event.type === "decision.digest"
    )
      calls = event.payload.proposal.actions
  }
  return calls
}

const ruleOf = (events: ReadonlyArray<Event>): string | null => {
  for (const event of events)
    if (
      event.type.startsWith("decision.") &&
      (event.payload as unknown) !== null &&
      "proposal" in event.payload
    )
      return event.payload.proposal.rule
  return null
}

const aboutOf = (events: ReadonlyArray<Event>, seq: number): string => {
  const tools = [...new Set(callsOf(events, seq).map(({ tool }) => tool))]
  return [ruleOf(events), ...tools].filter((word) => word !== null && /^[\w./:-]{1,60}$/.test(word)).join(" ")
}

const common = (event: Feedback, about: string) => ({
  layer: "rule" as const,
  scope: "workspace" as const,
  workspace: event.workspace,
  topic: about,
  evidence: [event.seq],
  origin: "feedback" as const,
  session: null,
  call: null,
  from: `feedback ${event.id}`,
  causationId: event.id,
})

const rejection = (event: Rejected, events: ReadonlyArray<Event>): Proposal | null => {
  const reason = event.payload.reason.trim()
  if (wordCount(reason) < leastWords) return null
  const about = aboutOf(events, event.seq)
  const text = about === "" ? reason : `${reason} (said when a proposal of ${about} was rejected)`
  return { ...common(event, about), text, confidence: 0.6, trust: "trusted" }
}

const change = (before: ToolCall, after: ToolCall): string | null => {
  if (before.tool !== after.tool) return null
  const keys = Object.keys(after.input).filter(
    (key) => JSON.stringify(before.input[key]) !== JSON.stringify(after.input[key]),
  )
  const [key] = keys
  if (key === undefined || keys.length > 1) return null
  const [old, now] = [before.input[key], after.input[key]]
  if (typeof old !== "string" || typeof now !== "string") return null
  if (old.length > longestChange || now.length > longestChange || /[\n\r]/.test(old + now)) return null
  return `${after.tool} with ${key} ${JSON.stringify(old)} was changed to ${JSON.stringify(now)} before it was approved`
}

const edit = (event: Edited, events: ReadonlyArray<Event>): Proposal | null => {
  const before = callsOf(events, event.seq)
  const { actions } = event.payload
  if (before.length !== actions.length) return null
  const changes = actions.flatMap((after, n) => change(before[n]!, after) ?? [])
  // the call that was proposed is a model's or a rule's text: only a person's yes makes it more than that
  return changes.length === 0
    ? null
    : {
        ...common(event, aboutOf(events, event.seq)),
        text: changes.join("; "),
        confidence: 0.4,
        trust: "untrusted",
      }
}

/** `events`: those that correlate with the suggestion, oldest first. Null: it says nothing beyond this one case. */
export const feedbackOf = (event: Feedback, events: ReadonlyArray<Event>): Proposal | null =>
  event.type === "approval.rejected" ? rejection(event, events) : edit(event, events)
