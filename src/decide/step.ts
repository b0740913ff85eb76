/**
 * The pure machine: every event in seq order in, an outbox of commands out (see `Decider.ts`). Observations are
 * watched for situations, situations get facts and decisions, decisions are followed to their end, and attention
 * looks whenever something changed.
 * Invariants: reads no clock (an event's `at` is the clock), no random, no world; the state is JSON; an erased event
 * advances the position, and what it did is not done again (`erased.ts`).
 */
import type { Event } from "../domain/event.ts"
import { attend, attentionTimes } from "./attention/attend.ts"
import { onDrafted, onThought, thinkingAfter } from "./deliberation/deciding.ts"
import { withOwnRules } from "./corrections/reflexes.ts"
import type { Reflex } from "./Decider.ts"
import { onFacts, onOpened, openSituations } from "./deciding.ts"
import { fulfil, wakeAt } from "./outbox.ts"
import { presenceAfter } from "./attention/presence.ts"
import { reflexes as shippedReflexes } from "./registry.ts"
import { ownRulesAfter } from "./rules/ownRules.ts"
import { settingsAfter } from "./settings.ts"
import {
  emptyWorkspace,
  initialState,
  limits,
  type MachineState,
  setBackMs,
  type WorkspaceMemory,
} from "./state.ts"
import { afterErased } from "./erased.ts"
import { triedAgain } from "./failing.ts"
import { overflowTimes, sayOverflow } from "./overflow.ts"
import { expireStale, onAnswer, onMade } from "./tracking.ts"
import { openFlaky, rememberChange, watchRun } from "./watch/checkRuns.ts"
import { watchCommand } from "./watch/commands.ts"
import { dueTimes, openDue, openResumed, openUncommitted, setBack } from "./watch/due.ts"
import { watchFiles } from "./watch/edits.ts"
import type { Candidate, Watched } from "./watch/found.ts"
import { isGit, watchGit } from "./watch/git.ts"
import { openWaiting } from "./watch/gitWork.ts"
import { happenings } from "./watch/happenings.ts"
import { isBack, openEnded, seenIn, watchLongRun } from "./watch/longRuns.ts"
import { openFailed, openSilenced } from "./watch/rules.ts"
import { openElsewhere, watchWaiting } from "./watch/waiting.ts"
import { isOwnCommand } from "./words.ts"

export type { MachineState } from "./state.ts"

/** The moment of an event: a tick is never earlier than what it was due at. */
export const clockOf = (event: Event, before: number): number => {
  const at = Date.parse(event.at)
  if (Number.isNaN(at)) return before
  return event.type === "decision.tick" ? Math.max(at, event.payload.dueMs) : at
}

/** Where the clock was set back, what waits for a time of it waits as long as it had to. */
const withClock = (before: MachineState, nowMs: number): MachineState => {
  const byMs = before.nowMs - nowMs
  if (byMs <= setBackMs) return before
  const workspaces = Object.entries(before.workspaces).map(([name, memory]) => [name, setBack(memory, byMs)])
  return { ...before, workspaces: Object.fromEntries(workspaces) }
}

/** The user's commands, for rules to look back on. */
export const remember = (state: MachineState, event: Event): MachineState => {
  if (event.type !== "terminal.command" || event.payload.authorKind !== "user") return state
  const { command, cwd, exit, position, session, startedAt } = event.payload
  if (isOwnCommand(command)) return state
  const { offset } = position
  const seen = { seq: event.seq, command, cwd, exit, atMs: state.nowMs, session, startedAt, offset }
  return { ...state, commands: [seen, ...state.commands].slice(0, limits.commands) }
}

/** The record of a command that was read before: the log has it twice, and it happened once. */
const isRepeated = ({ commands }: MachineState, event: Event): boolean =>
  event.type === "terminal.command" &&
  commands.some(
    ({ command, offset, session, startedAt }) =>
      command === event.payload.command &&
      session === event.payload.session &&
      offset === event.payload.position.offset &&
      startedAt === event.payload.startedAt,
  )

/** One after the other, each with the memory the one before left. */
const inTurn = (
  memory: WorkspaceMemory,
  ...watchers: ReadonlyArray<(memory: WorkspaceMemory) => Watched>
): Watched =>
  watchers.reduce<Watched>(
    (before, watcher) => {
      const next = watcher(before.memory)
      return { memory: next.memory, found: [...before.found, ...next.found] }
    },
    { memory, found: [] },
  )

const watchEvent = (state: MachineState, event: Event, workspace: string, idleMs: number): Watched | null => {
  const memory = rememberChange(state.workspaces[workspace] ?? emptyWorkspace, event, state.nowMs)
  if (event.type === "terminal.command") {
    if (isOwnCommand(event.payload.command)) return watchCommand(memory, event, workspace, state.nowMs)
    return inTurn(
      seenIn(memory, event),
      (last) => watchCommand(last, event, workspace, state.nowMs),
      (last) => watchRun(last, event, workspace, state.nowMs),
      (last) => watchLongRun(last, event, workspace, { ...state, idleMs }),
    )
  }
  if (event.type === "terminal.waiting") return watchWaiting(memory, event, workspace, state)
  if (event.type === "fs.changed") {
    const { workedMs } = state.attention
    const quietMs = state.settings.quietAfterEditMs
    return watchFiles(memory, event, workspace, state.nowMs, { quietMs, workedMs })
  }
  if (isGit(event)) return watchGit(memory, event, workspace, state.nowMs)
  return memory === state.workspaces[workspace] || memory === emptyWorkspace ? null : { memory, found: [] }
}

/** What this event, or the time it brought, adds up to. */
const watch = (
  state: MachineState,
  event: Event,
  awayMs: number,
): { state: MachineState; found: ReadonlyArray<Candidate> } => {
  const found: Array<Candidate> = []
  const workspaces: Record<string, MachineState["workspaces"][string]> = { ...state.workspaces }
  let changed = false
  const take = (workspace: string, watched: Watched): void => {
    changed ||= workspaces[workspace] !== watched.memory
    workspaces[workspace] = watched.memory
    found.push(...watched.found)
  }
  for (const [workspace, memory] of Object.entries(state.workspaces)) {
    if (dueTimes(memory).some((due) => due <= state.nowMs)) {
      take(
        workspace,
        inTurn(
          memory,
          (last) => openDue(last, workspace, state.nowMs),
          (last) => openFlaky(last, workspace, state.nowMs),
        ),
      )
    }
  }
  const { workspace } = event
  if (event.type === "daemon.workspace" && event.payload.action === "removed") {
    changed ||= Object.hasOwn(workspaces, event.payload.path)
    delete workspaces[event.payload.path]
  } else if (workspace !== null) {
    const watched = watchEvent({ ...state, workspaces }, event, workspace, awayMs)
    if (watched !== null) take(workspace, watched)
    found.push(...happenings(event, workspace, state.nowMs))
    const memory = workspaces[workspace]
    // at its boundaries a workspace is asked after work that lies uncommitted, and what git waits with
    if (memory !== undefined && state.attention.boundary?.seq === event.seq) {
      const uncommitted = openUncommitted(memory, workspace, event, state)
      take(workspace, uncommitted)
      const { kind } = state.attention.boundary
      take(workspace, openWaiting(uncommitted.memory, workspace, event, kind, state.nowMs))
      if (state.attention.boundary.kind === "return")
        found.push(...openResumed(memory, workspace, event, awayMs))
    }
  }
  for (const [each, memory] of Object.entries(workspaces))
    if (memory.waiting.length > 0 && event.type !== "terminal.waiting")
      take(each, openElsewhere(memory, each, event, state))
  if (isBack(state, event)) {
    for (const [each, memory] of Object.entries(workspaces))
      if (memory.longRuns.length > 0) take(each, openEnded(memory, each, event, state))
  }
  return { state: changed ? { ...state, workspaces } : state, found }
}

const answer = (state: MachineState, reflexes: ReadonlyArray<Reflex>, event: Event): MachineState => {
  switch (event.type) {
    case "situation.opened":
      return onOpened(state, reflexes, event)
    case "situation.facts":
      return onFacts(state, reflexes, event)
    case "situation.thought":
      return onThought(state, event)
    case "situation.drafted":
      return onDrafted(state, event)
    case "decision.digest":
    case "decision.notify":
    case "decision.question":
    case "decision.draft":
      return onMade(state, reflexes, event)
    case "daemon.config":
      return { ...state, settings: settingsAfter(state.settings, event) }
    case "daemon.reflexes":
      return { ...state, ownRules: ownRulesAfter(state.ownRules, event) }
    default:
      return onAnswer(state, event)
  }
}

const nextWake = (state: MachineState): number | null => {
  const times = [
    ...Object.values(state.workspaces).flatMap(dueTimes),
    ...attentionTimes(state),
    ...overflowTimes(state),
  ]
  return times.length === 0 ? null : Math.min(...times)
}

const stepWith =
  (shipped: ReadonlyArray<Reflex>) =>
  (earlier: MachineState, event: Event): MachineState => {
    const nowMs = clockOf(event, earlier.nowMs)
    const before = withClock(earlier, nowMs)
    const reflexes = withOwnRules(shipped, before.ownRules)
    if ((event.payload as unknown) === null) return afterErased({ ...before, seq: event.seq, nowMs }, event)
    if (isRepeated(before, event)) return { ...before, seq: event.seq, nowMs }
    const here: MachineState = {
      ...before,
      seq: event.seq,
      nowMs,
      outbox: fulfil(before.outbox, event),
      attention: presenceAfter(before.attention, event, nowMs, before.settings.awayAfterMs),
    }
    const last = before.attention.lastActivityMs
    const thinking = thinkingAfter(remember(triedAgain(here, event), event), event)
    const watched = watch(expireStale(thinking, event), event, last === null ? 0 : nowMs - last)
    const opened = openSituations(watched.state, reflexes, watched.found)
    const answered = answer(opened, reflexes, event)
    const told = openSituations(answered, reflexes, [
      ...openSilenced(before, answered, event),
      ...openFailed(before, answered, event),
    ])
    const after = sayOverflow(attend(told, event), event)
    return { ...after, outbox: wakeAt(after.outbox, nextWake(after)) }
  }

/** The machine over a set of rules, as a projection of the log. Raise `version` whenever the state's shape or its meaning changes. */
export const makeDecider = (reflexes: ReadonlyArray<Reflex>) =>
  ({ name: "decider", version: 29, initial: initialState, evolve: stepWith(reflexes) }) as const

export const deciderProjection = makeDecider(shippedReflexes)
