/**
 * From candidates to situations, from facts to decisions. Every rule that applied gives exactly one decision;
 * where none did, one silence says so. A rule that throws is silent with its error, wherever it threw: it never stops the
 * machine, and is switched off when it does so again and again (`failing.ts`).
 */
import { draft, type Event, type EventOf } from "../domain/event.ts"
import type { Fact, ProbeRequest } from "../domain/probe.ts"
import type { Situation } from "../domain/situation.ts"
import type { Proposal } from "../domain/suggestion.ts"
import type { Memory, Reflex, Silence } from "./Decider.ts"
import { canExpire, expire, put } from "./endings.ts"
import { isFull, made, objection, silence } from "./decisions.ts"
import { addressed, commentRule, commentsSought, saidOf } from "./deliberation/comments.ts"
import { deliberate, isThoughtAbout } from "./deliberation/deciding.ts"
import { failed, isSwitchedOff, messageOf, worked } from "./failing.ts"
import { factsOf, noFacts, uniqueRequests } from "./facts.ts"
import { actor } from "./outbox.ts"
import { nameable } from "./nameable.ts"
import { foundNoRoom, passedOver } from "./overflow.ts"
import { listed, recheck } from "./proposal.ts"
import { isSituation } from "./situationData.ts"
import { limits, type MachineState, type OpenSituation, within } from "./state.ts"
import type { Candidate } from "./watch/found.ts"

const memoryOf = (state: MachineState): Memory => ({
  commands: state.commands,
  refused: state.rejected,
  saidOnce: state.saidOnce,
  nowMs: state.nowMs,
})

const attempt = <A>(run: () => A, instead: (message: string) => A): A => {
  try {
    return run()
  } catch (error) {
    return instead(messageOf(error))
  }
}

/** A rule that is asked about a situation, with what it threw before it had any facts. */
interface Asked {
  readonly reflex: Reflex
  readonly requests: ReadonlyArray<ProbeRequest>
  readonly broken: string | null
}

const knows = (state: MachineState, reflex: Reflex, situation: Situation): boolean =>
  reflex.situations.includes(situation.kind) && !state.settings.disabledReflexes.includes(reflex.name)

const applying = (
  state: MachineState,
  reflexes: ReadonlyArray<Reflex>,
  situation: Situation,
): ReadonlyArray<Asked> =>
  reflexes.flatMap((reflex) => {
    if (!knows(state, reflex, situation) || isSwitchedOff(state, reflex.name)) return []
    // a rule that throws here applies: its silence then says what is wrong with it
    return attempt<ReadonlyArray<Asked>>(
      () => (reflex.applies(situation, memoryOf(state)) ? [{ reflex, requests: [], broken: null }] : []),
      (broken) => [{ reflex, requests: [], broken }],
    )
  })

const withRequests = (state: MachineState, situation: Situation, asked: Asked): Asked =>
  asked.broken !== null
    ? asked
    : attempt(
        () => ({ ...asked, requests: asked.reflex.probes(situation, memoryOf(state)) }),
        (broken) => ({ ...asked, broken }),
      )

/** Nobody had anything on it, and perhaps because who might have is switched off. */
const unknownTo = (state: MachineState, reflexes: ReadonlyArray<Reflex>, situation: Situation): string => {
  const off = reflexes.flatMap((reflex) =>
    knows(state, reflex, situation) && isSwitchedOff(state, reflex.name) ? [reflex.name] : [],
  )
  return off.length === 0
    ? "no rule knows this"
    : `no rule knows this (${listed(off)} failed and is switched off)`
}

const opening = (state: MachineState): number =>
  state.open.length + state.outbox.filter((command) => command.key.startsWith("open:")).length

const minuteMs = 60_000

const openedLately = ({ nowMs, opened }: MachineState): MachineState["opened"] =>
  within(nowMs, opened.sinceMs, minuteMs) ? opened : { sinceMs: nowMs, count: 0 }

/** What guards is looked at however much there is. */
const isGuarding = (situation: Situation): boolean =>
  situation.kind === "index.staged" ||
  situation.kind === "packages.named" ||
  situation.kind === "secret.typed" ||
  (isSituation(situation, "dependencies.changed") && situation.data.lockfiles.length > 0)

/** Asks for the situations that some rule answers. Under a flood the rest is passed over: their evidence stays in the log, and it is said. */
export const openSituations = (
  state: MachineState,
  reflexes: ReadonlyArray<Reflex>,
  candidates: ReadonlyArray<Candidate>,
): MachineState =>
  candidates.reduce((before, { situation, causationId, trust, explain }) => {
    const opened = openedLately(before)
    const guards = isGuarding(situation)
    const room = guards ? 2 * limits.openSituations : limits.openSituations
    if ((!guards && opened.count >= limits.situationsAMinute) || opening(before) >= room)
      // of one event it may be several
      return before.overflow === state.overflow ? passedOver(before) : before
    const asks = explain || isThoughtAbout(before, situation) || commentsSought(before, situation) !== null
    if (!asks && applying(before, reflexes, situation).length === 0) return before
    return put(
      { ...before, opened: { ...opened, count: opened.count + 1 } },
      draft("situation.opened", situation, { actor, workspace: situation.workspace, trust, causationId }),
    )
  }, state)

/** What the same rule said before of the same subject no longer holds. */
const supersede = (
  state: MachineState,
  open: OpenSituation,
  event: Event,
  rule: string,
  fingerprint: string | null,
): MachineState => {
  const key = recheck(open.situation.kind, open.situation.subject)
  return state.tracked
    .filter(
      (item) =>
        item.rule === rule &&
        item.workspace === open.situation.workspace &&
        item.fingerprint !== fingerprint &&
        item.expiresWhen.includes(key) &&
        canExpire(item),
    )
    .reduce(
      (before, item) =>
        expire(
          before,
          item,
          event,
          fingerprint === null ? "no longer so" : "what it rested on changed",
          fingerprint === null,
        ),
      state,
    )
}

const answered = (
  state: MachineState,
  open: OpenSituation,
  event: Event,
  rule: string,
  said: Proposal | Silence,
): MachineState => {
  if ("silent" in said) {
    const after = put(state, silence(open, rule, said.silent, null))
    return said.unknown === true ? after : supersede(after, open, event, rule, null)
  }
  const settled = supersede(state, open, event, rule, said.fingerprint)
  const because = objection(settled, said, open.situation.workspace)
  return put(
    because === isFull ? foundNoRoom(settled) : settled,
    because === null ? made(open, event, said) : silence(open, rule, because, said.fingerprint),
  )
}

const decide = (
  state: MachineState,
  reflexes: ReadonlyArray<Reflex>,
  open: OpenSituation,
  event: Event,
  facts: ReadonlyArray<Fact>,
): MachineState => {
  const known = facts.length === 0 ? noFacts : factsOf(facts)
  const after = open.rules.reduce((before, rule) => {
    if (rule === commentRule) {
      const found = addressed(before, open, event, known)
      const opened = openSituations(before, reflexes, found)
      return put(opened, silence(open, rule, saidOf(found.length), null))
    }
    const reflex = reflexes.find((each) => each.name === rule)
    if (reflex === undefined) return put(before, silence(open, rule, "the rule is not there any more", null))
    const fails = (message: string): MachineState => {
      const because = silence(open, rule, `the rule failed: ${message}`, null)
      return failed(put(before, because), rule, open.seq, message)
    }
    const broken = Object.hasOwn(open.broken, rule) ? open.broken[rule] : undefined
    if (broken !== undefined) return fails(broken)
    // a proposal that is not of its shape is the rule's failure too, and must not become the machine's
    return attempt(() => {
      const said = reflex.propose(open.situation, known, memoryOf(before))
      const told = "silent" in said ? said : nameable(said)
      return worked(answered(before, open, event, rule, told), rule)
    }, fails)
  }, state)
  return isExplained(after, open) ? after : deliberate(after, open)
}

/** Some rule had a proposal, though it may not be made a second time. */
const isExplained = ({ outbox }: MachineState, { seq }: OpenSituation): boolean =>
  outbox.some(
    (command) =>
      command._tag === "append" &&
      command.key.startsWith(`decide:${seq}:`) &&
      (command.draft.type !== "decision.silent" || command.draft.payload.fingerprint !== null),
  )

export const onOpened = (
  state: MachineState,
  reflexes: ReadonlyArray<Reflex>,
  event: EventOf<"situation.opened">,
): MachineState => {
  const situation = event.payload
  const asked = applying(state, reflexes, situation).map((each) => withRequests(state, situation, each))
  const sought = commentsSought(state, situation)
  const open: OpenSituation = {
    seq: event.seq,
    openedId: event.id,
    trust: event.trust,
    situation,
    rules: [...asked.map(({ reflex }) => reflex.name), ...(sought === null ? [] : [commentRule])],
    broken: Object.fromEntries(
      asked.flatMap(({ broken, reflex }) => (broken === null ? [] : [[reflex.name, broken]])),
    ),
  }
  if (open.rules.length === 0) {
    return isThoughtAbout(state, situation)
      ? deliberate(state, open)
      : put(state, silence(open, "none", unknownTo(state, reflexes, situation), null))
  }
  const requests = uniqueRequests([
    ...asked.flatMap(({ requests }) => requests),
    ...(sought === null ? [] : [sought]),
  ])
  if (requests.length === 0) return decide(state, reflexes, open, event, [])
  return {
    ...state,
    open: [...state.open, open],
    outbox: [
      ...state.outbox,
      {
        _tag: "probe",
        key: `probe:${event.seq}`,
        situation: event.seq,
        workspace: situation.workspace,
        requests,
      },
    ],
  }
}

export const onFacts = (
  state: MachineState,
  reflexes: ReadonlyArray<Reflex>,
  event: EventOf<"situation.facts">,
): MachineState => {
  const open = state.open.find((each) => each.seq === event.payload.situation)
  if (open === undefined) return state
  const rest = { ...state, open: state.open.filter((each) => each !== open) }
  return decide(rest, reflexes, open, event, event.payload.facts)
}
