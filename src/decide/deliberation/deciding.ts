/**
 * From a situation that no reflex explains, over a model's thought, to exactly one decision of the rule `deliberation`.
 * Pure: what a model said is an event, and this reads it like any other.
 * Invariants: nothing is asked while no model can be, while paused, or while a ceiling stands; one thought at a time for each
 * kind and workspace; the same evidence is thought about once; the model's word is worth what such words were worth to this
 * user; a draft is a suggestion like others, and rests on outside text.
 */
import type { Event, EventOf } from "../../domain/event.ts"
import { deliberationRule, type Triage, type Weighed } from "../../domain/events/thought.ts"
import type { Situation } from "../../domain/situation.ts"
import type { Mode, Proposal, Reason } from "../../domain/suggestion.ts"
import type { ToolCall } from "../../domain/action.ts"
import { isFull, made, objection, silence, type About } from "../decisions.ts"
import { put } from "../endings.ts"
import { foundNoRoom } from "../overflow.ts"
import { fingerprintOf, propose } from "../proposal.ts"
import { emptyWorkspace, keepLast, limits, type MachineState } from "../state.ts"
import { takenAfter, weigh } from "./calibration.ts"
import { mootWhen, sameness, thoughtKind, type ThoughtKind, thoughtLivesMs } from "./kinds.ts"
import { type OpenThought, thinkingComponent } from "./state.ts"

export const mayThink = (
  { attention, deliberation, nowMs, settings }: MachineState,
  kind: ThoughtKind,
): boolean =>
  deliberation.on &&
  !attention.paused &&
  (deliberation.heldUntilMs === null || nowMs >= deliberation.heldUntilMs) &&
  settings.deliberation.kinds.includes(kind)

export const isThoughtAbout = (state: MachineState, situation: Situation): boolean => {
  const kind = thoughtKind(situation)
  return kind !== null && mayThink(state, kind)
}

export const fingerprintOfThought = (state: MachineState, situation: Situation): string => {
  const memory = situation.workspace === null ? undefined : state.workspaces[situation.workspace]
  return fingerprintOf(deliberationRule, situation, sameness(situation, memory ?? emptyWorkspace))
}

/** Nobody guessed that it is wanted: a comment asked for it. */
const wasAsked = (kind: ThoughtKind): boolean => kind === "comment"

/** Of a decision: what was asked for is not weighed, and not made to wait for a boundary. */
export const isAskedFor = ({
  payload,
}: EventOf<"decision.digest" | "decision.notify" | "decision.question" | "decision.draft">): boolean =>
  payload.proposal.rule === deliberationRule && payload.weighed === undefined

const withThoughts = (
  state: MachineState,
  change: (open: ReadonlyArray<OpenThought>) => ReadonlyArray<OpenThought>,
): MachineState => ({
  ...state,
  deliberation: { ...state.deliberation, open: change(state.deliberation.open) },
})

const isBeside = (a: OpenThought, b: OpenThought): boolean =>
  a.kind === b.kind && a.situation.workspace === b.situation.workspace

const asking = (state: MachineState, { seq, situation }: OpenThought): MachineState => ({
  ...state,
  outbox: [
    ...state.outbox,
    { _tag: "think", key: `think:${seq}`, situation: seq, workspace: situation.workspace },
  ],
})

/** It is over, and the next of its kind that waits is begun. */
export const closeThought = (state: MachineState, seq: number): MachineState => {
  const ended = state.deliberation.open.find((one) => one.seq === seq)
  if (ended === undefined) return state
  const rest = withThoughts(state, (open) => open.filter((one) => one !== ended))
  const next = rest.deliberation.open.find((one) => isBeside(one, ended))
  return next === undefined ? rest : asking(rest, next)
}

const silent = (
  state: MachineState,
  about: About,
  reason: string,
  fingerprint: string | null,
): MachineState => put(state, silence(about, deliberationRule, reason, fingerprint))

/** Asks for a thought, or says why not. Leaves alone what no model is asked about. */
export const deliberate = (state: MachineState, about: About): MachineState => {
  const { openedId, seq, situation, trust } = about
  const kind = thoughtKind(situation)
  if (kind === null || !mayThink(state, kind)) return state
  const fingerprint = fingerprintOfThought(state, situation)
  const { asked, open } = state.deliberation
  if (asked.includes(fingerprint))
    return silent(state, about, "thought about before, and its evidence is the same", fingerprint)
  if (state.rejected.includes(fingerprint))
    return silent(state, about, "you said no to this, and its evidence is the same", fingerprint)
  if (open.length >= limits.thoughts) return silent(state, about, "too much is being thought about", null)
  const thought: OpenThought = { seq, openedId, trust, situation, kind, fingerprint, draft: null }
  const beside = open.some((one) => isBeside(one, thought))
  if (beside && !wasAsked(kind))
    return silent(state, about, "another of its kind is being thought about", null)
  const begun = withThoughts(state, (others) => [...others, thought])
  return beside ? begun : asking(begun, thought)
}

/** How it may be said, by what the word is worth; null: not at all. */
const modeOf = ({ settings }: MachineState, wanted: Mode, weighed: Weighed | undefined): Mode | null => {
  const { drafts, threshold } = settings.deliberation
  const mode = wanted === "draft" && !drafts ? "notify" : wanted
  if (weighed === undefined) return mode
  if (weighed.calibrated >= threshold) return mode
  return weighed.calibrated >= threshold / 2 ? "digest" : null
}

const proposalOf = (
  thought: OpenThought,
  parts: {
    readonly mode: Mode
    readonly title: string
    readonly why: ReadonlyArray<Reason>
    readonly evidence: ReadonlyArray<number>
    readonly actions: ReadonlyArray<ToolCall>
  },
): Proposal => ({
  ...propose(deliberationRule, thought.situation, {
    title: parts.title,
    why: parts.why,
    same: null,
    mode: parts.mode,
    actions: parts.actions,
    risk: parts.actions.length === 0 ? "low" : "medium",
    expiresWhen: mootWhen(thought.situation),
    ttlMs: thoughtLivesMs,
  }),
  evidence: parts.evidence,
  fingerprint: thought.fingerprint,
})

const suggest = (
  state: MachineState,
  thought: OpenThought,
  event: Event,
  proposal: Proposal,
  weighed: Weighed | undefined,
): MachineState => {
  const because = objection(state, proposal, thought.situation.workspace)
  return put(
    because === isFull ? foundNoRoom(state) : state,
    because === null
      ? made(thought, event, proposal, weighed)
      : silence(thought, deliberationRule, because, proposal.fingerprint, more(weighed)),
  )
}

const more = (weighed: Weighed | undefined) => (weighed === undefined ? {} : { weighed })

/** Ceilings count days of UTC. */
const dayEnd = (ms: number): number => (Math.floor(ms / 86_400_000) + 1) * 86_400_000

export const onThought = (state: MachineState, event: EventOf<"situation.thought">): MachineState => {
  const thought = state.deliberation.open.find((one) => one.seq === event.payload.situation)
  if (thought === undefined) return state
  const { skipped, triage } = event.payload
  const ended = closeThought(state, thought.seq)
  if (triage === null && skipped?.reason === "paused") {
    const held = { ...ended.deliberation, heldUntilMs: dayEnd(state.nowMs) }
    return silent({ ...ended, deliberation: held }, thought, skipped.message, null)
  }
  // what could not be thought about may be tried again; an answer that does not hold would come again
  const kept = triage === null && skipped?.reason !== "invalid" && skipped?.reason !== "uncited"
  const asked = kept
    ? ended.deliberation.asked
    : keepLast([...ended.deliberation.asked, thought.fingerprint], limits.asked)
  const next = { ...ended, deliberation: { ...ended.deliberation, asked } }
  return triage === null
    ? silent(next, thought, `${skipped?.reason ?? "failed"}: ${skipped?.message ?? ""}`, null)
    : onTriage(state, next, thought, event, triage)
}

const onTriage = (
  before: MachineState,
  state: MachineState,
  thought: OpenThought,
  event: EventOf<"situation.thought">,
  triage: Triage,
): MachineState => {
  const { confidence, decision, evidence, reason, title } = triage
  const { fingerprint } = thought
  if (decision === "silent")
    return put(state, silence(thought, deliberationRule, reason, fingerprint, { evidence }))
  const weighed = wasAsked(thought.kind) ? undefined : weigh(state.deliberation.taken, event.seq, confidence)
  const mode = modeOf(state, decision, weighed)
  if (mode === null) {
    const said = `not sure enough to say: ${title}`
    return put(state, silence(thought, deliberationRule, said, fingerprint, { evidence, ...more(weighed) }))
  }
  if (mode === "draft") {
    const { asked } = state.deliberation
    const open = before.deliberation.open.map((one) =>
      one === thought ? { ...one, draft: { triage, weighed: weighed ?? null } } : one,
    )
    return {
      ...before,
      deliberation: { ...before.deliberation, asked, open },
      outbox: [
        ...before.outbox,
        {
          _tag: "draft",
          key: `draft:${thought.seq}`,
          situation: thought.seq,
          workspace: thought.situation.workspace,
          thought: event.seq,
        },
      ],
    }
  }
  const why = [{ text: reason, seq: evidence[0] ?? null }]
  return suggest(
    state,
    thought,
    event,
    proposalOf(thought, { mode, title, why, evidence, actions: [] }),
    weighed,
  )
}

export const onDrafted = (state: MachineState, event: EventOf<"situation.drafted">): MachineState => {
  const thought = state.deliberation.open.find((one) => one.seq === event.payload.situation)
  if (thought === undefined || thought.draft === null) return state
  const { actions, skipped, title, why } = event.payload
  const { triage, weighed } = thought.draft
  const ended = closeThought(state, thought.seq)
  if (skipped !== null) {
    const said = `no draft (${skipped.reason}): ${skipped.message}`
    return put(
      ended,
      silence(thought, deliberationRule, said, thought.fingerprint, {
        evidence: triage.evidence,
        ...more(weighed ?? undefined),
      }),
    )
  }
  const mode = actions.length === 0 ? "notify" : "draft"
  const proposal = proposalOf(thought, { mode, title, why, evidence: triage.evidence, actions })
  return suggest(ended, thought, event, proposal, weighed ?? undefined)
}

/** Whether a model can be asked, and how its suggestions were taken. */
export const thinkingAfter = (state: MachineState, event: Event): MachineState => {
  const { deliberation } = state
  if (event.type === "daemon.health" && event.payload.component === thinkingComponent) {
    return { ...state, deliberation: { ...deliberation, on: event.payload.state === "running" } }
  }
  if (event.type === "model.raised" && deliberation.heldUntilMs !== null)
    return { ...state, deliberation: { ...deliberation, heldUntilMs: null } }
  const taken = takenAfter(deliberation.taken, event)
  return taken === deliberation.taken ? state : { ...state, deliberation: { ...deliberation, taken } }
}
