/**
 * The outbox: what the driver shall do, in order, and how an event takes a command out.
 * Invariants: a command to append is never taken back once made, because the driver may be at it; keys are
 * derived from what an event carries, so the event that fulfils a command names it.
 */
import type { Event, EventDraft } from "../domain/event.ts"
import type { Command } from "./Decider.ts"

export const actor = "decider"

/** The part of an event that a draft decides. */
type Keyed = EventDraft | Event

/** The key of a decider's draft, as of its event; null for what the decider never writes. */
export const keyOf = (draft: Keyed): string | null => {
  switch (draft.type) {
    case "situation.opened":
      return `open:${draft.causationId}:${draft.payload.kind}:${draft.payload.subject}`
    case "decision.silent":
      return `decide:${draft.payload.situation}:${draft.payload.rule}`
    case "decision.digest":
    case "decision.notify":
    case "decision.question":
    case "decision.draft":
      return `decide:${draft.payload.situation}:${draft.payload.proposal.rule}`
    case "decision.shown":
      return `show:${draft.payload.suggestion}:${draft.causationId}`
    case "decision.withheld":
      return `withhold:${draft.payload.suggestion}:${draft.payload.reason}`
    case "decision.expired":
      return `expire:${draft.payload.suggestion}`
    case "decision.outcome":
      return `outcome:${draft.payload.suggestion}:${draft.payload.outcome}`
    case "daemon.health":
      return draft.actor === actor ? `health:${draft.payload.component}:${draft.causationId}` : null
    default:
      return null
  }
}

export const append = (draft: EventDraft): Command => {
  const key = keyOf(draft)
  if (key === null) throw new Error(`the decider does not write ${draft.type}`)
  return { _tag: "append", key, draft }
}

/** Is a suggestion of this fingerprint decided on, though not yet in the log? */
export const isDecided = (
  outbox: ReadonlyArray<Command>,
  fingerprint: string,
  by: (rule: string) => boolean,
): boolean =>
  outbox.some(
    (command) =>
      command._tag === "append" &&
      "proposal" in command.draft.payload &&
      command.draft.payload.proposal.fingerprint === fingerprint &&
      by(command.draft.payload.proposal.rule),
  )

const without = (
  outbox: ReadonlyArray<Command>,
  done: (command: Command) => boolean,
): ReadonlyArray<Command> => (outbox.some(done) ? outbox.filter((command) => !done(command)) : outbox)

/** Takes out what this event shows to be done (a judgement is done when all its verdicts are there: see `tracking`). */
export const fulfil = (outbox: ReadonlyArray<Command>, event: Event): ReadonlyArray<Command> => {
  if (outbox.length === 0) return outbox
  if (event.type === "decision.tick") {
    const due = event.payload.dueMs
    return without(outbox, (command) => command._tag === "wake" && command.atMs <= due)
  }
  if (event.type === "situation.facts") {
    const situation = event.payload.situation
    return without(outbox, (command) => command._tag === "probe" && command.situation === situation)
  }
  if (event.type === "situation.thought" || event.type === "situation.drafted") {
    const { situation } = event.payload
    const done = event.type === "situation.thought" ? "think" : "draft"
    return without(outbox, (command) => command._tag === done && command.situation === situation)
  }
  const key = keyOf(event)
  return key === null
    ? outbox
    : without(outbox, (command) => command._tag === "append" && command.key === key)
}

/** The one wake that stands: `atMs` null where nothing waits for time alone. Its key names the time, so a new time is a new command. */
export const wakeAt = (outbox: ReadonlyArray<Command>, atMs: number | null): ReadonlyArray<Command> => {
  const standing = outbox.find((command) => command._tag === "wake")
  if (standing?._tag === "wake" ? standing.atMs === atMs : atMs === null) return outbox
  const rest = outbox.filter((command) => command._tag !== "wake")
  return atMs === null ? rest : [...rest, { _tag: "wake", key: `wake:${atMs}`, atMs }]
}
