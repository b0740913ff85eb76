/**
 * Decisions as drafts: a silence, a suggestion, and what speaks against making one. Pure.
 * Invariant: an answer that was given is kept to: what was refused, is in the queue or was left alone is not made again.
 */
import { draft, type Event, type EventDraft } from "../domain/event.ts"
import type { Weighed } from "../domain/events/thought.ts"
import type { Proposal } from "../domain/suggestion.ts"
import { canonical } from "./canonical.ts"
import { givesWay } from "./endings.ts"
import { actor, isDecided } from "./outbox.ts"
import { suggestionId } from "./proposal.ts"
import { limits, type MachineState, type OpenSituation, within } from "./state.ts"
import { eitherTrust } from "./watch/found.ts"

/** Shown and left alone: not made again before this. */
const ignoredForMs = 2 * 60 * 60_000

/** What it is decided about. */
export type About = Omit<OpenSituation, "rules" | "broken">

interface More {
  readonly weighed?: Weighed
  readonly evidence?: ReadonlyArray<number>
}

export const silence = (
  open: About,
  rule: string,
  reason: string,
  fingerprint: string | null,
  { evidence = open.situation.evidence, weighed }: More = {},
): EventDraft =>
  draft(
    "decision.silent",
    {
      situation: open.seq,
      rule,
      reason,
      evidence,
      fingerprint,
      ...(weighed === undefined ? {} : { weighed }),
    },
    { actor, workspace: open.situation.workspace, trust: open.trust, causationId: open.openedId },
  )

export const made = (open: About, event: Event, proposal: Proposal, weighed?: Weighed): EventDraft => {
  const suggestion = suggestionId(proposal.fingerprint, open.seq)
  const trust = eitherTrust(open.trust, event.trust)
  const payload = {
    situation: open.seq,
    suggestion,
    proposal,
    tainted: trust === "untrusted",
    expiresAt: proposal.ttlMs === null ? null : new Date(Date.parse(event.at) + proposal.ttlMs).toISOString(),
    ...(weighed === undefined ? {} : { weighed }),
  }
  const header = {
    actor,
    workspace: open.situation.workspace,
    trust,
    causationId: event.id,
    correlationId: suggestion,
  }
  switch (proposal.mode) {
    case "digest":
      return draft("decision.digest", payload, header)
    case "notify":
      return draft("decision.notify", payload, header)
    case "question":
      return draft("decision.question", payload, header)
    case "draft":
      return draft("decision.draft", payload, header)
  }
}

/** What it would have ended with came before it was made: the user is faster than the probes. */
export const wentOn = ({ commands }: MachineState, { evidence, expiresWhen }: Proposal): boolean => {
  const newest = Math.max(...evidence)
  return commands.some(({ seq, session }) => seq > newest && expiresWhen.includes(`session:${session}`))
}

/** Another rule that offers the very same already, in the queue or about to be there. */
const offeredBy = (
  state: MachineState,
  { actions, rule }: Proposal,
  workspace: string | null,
): string | null => {
  if (actions.length === 0) return null
  const wanted = canonical(actions)
  const queued = state.tracked.find(
    (item) =>
      item.rule !== rule &&
      item.workspace === workspace &&
      `[${item.calls.map(({ call }) => call).join(",")}]` === wanted,
  )
  if (queued !== undefined) return queued.rule
  for (const command of state.outbox) {
    if (command._tag !== "append" || !("proposal" in command.draft.payload)) continue
    const { proposal } = command.draft.payload
    if (
      proposal.rule !== rule &&
      command.draft.workspace === workspace &&
      canonical(proposal.actions) === wanted
    )
      return proposal.rule
  }
  return null
}

export const isFull = "the queue is full of what is urgent"

/** Why a proposal is not made after all; null where it is. */
export const objection = (
  state: MachineState,
  proposal: Proposal,
  workspace: string | null,
): string | null => {
  const { fingerprint } = proposal
  if (wentOn(state, proposal)) return "you went on to another command"
  if (state.rejected.includes(fingerprint)) return "you said no to this, and its evidence is the same"
  // of what is urgent, what another rule says of the same may be of a moment that is over: nothing later would say this
  const saysIt = (rule: string) => !proposal.urgent || rule === proposal.rule
  if (
    state.tracked.some((item) => item.fingerprint === fingerprint && saysIt(item.rule)) ||
    isDecided(state.outbox, fingerprint, saysIt)
  ) {
    return "already in the queue"
  }
  // what is urgent waits for nothing that is not
  const other = proposal.urgent ? null : offeredBy(state, proposal, workspace)
  if (other !== null) return `${other} offers the same already`
  const left = state.ignored.findLast((each) => each.fingerprint === fingerprint)
  if (left !== undefined && within(state.nowMs, left.atMs, ignoredForMs))
    return "shown a while ago and left alone"
  return state.tracked.length >= limits.tracked && !state.tracked.some(givesWay) ? isFull : null
}
