/**
 * Today's reflexes over the past: every recorded situation is decided again with the facts that were read for it, and
 * what they say is held against what was said then, scored by how that was taken.
 * Invariants: the state follows what really happened, never what is said now, so that one difference does not bring
 * forth others; facts that nobody read then are unknown now, which is said and not taken for a silence; changed in
 * place, reads no clock, holds no more than what may still change.
 */
import type { Event, EventDraft, EventOf } from "../../domain/event.ts"
import { OutcomeBook } from "../../domain/OutcomeBook.ts"
import { isMade, type Made, type OutcomeRow } from "../../domain/outcomes.ts"
import { shownAt } from "../attention/attend.ts"
import { canonical } from "../canonical.ts"
import type { Command, Reflex } from "../Decider.ts"
import { onFacts, onOpened } from "../deciding.ts"
import { untrack } from "../endings.ts"
import { append, keyOf } from "../outbox.ts"
import { withOwnRules } from "../corrections/reflexes.ts"
import { ownRulesAfter } from "../rules/ownRules.ts"
import { settingsAfter } from "../settings.ts"
import { initialState, type MachineState } from "../state.ts"
import { clockOf, remember } from "../step.ts"
import { expireStale, onAnswer, onMade } from "../tracking.ts"
import { type ReflexChange, ReflexReport, type ReflexSummary } from "./reflexReport.ts"
import { takenOf } from "./tally.ts"

export interface ReflexOptions {
  readonly reflexes: ReadonlyArray<Reflex>
  /** The names that are off, given those that were off then. */
  readonly disabled: (then: ReadonlyArray<string>) => ReadonlyArray<string>
  /** Decisions from this seq on count. */
  readonly from?: number
}

type Silent = EventOf<"decision.silent">

interface Said {
  readonly draft: EventDraft
  readonly seq: number
  /** Facts it asks for now were not read then. */
  readonly blind: boolean
}

/** What is said now and was not said then is known to be so after this many events. */
const patience = 200

const nobody: ReadonlySet<string> = new Set()

const fingerprintOf = (draft: EventDraft): string =>
  "proposal" in draft.payload ? draft.payload.proposal.fingerprint : ""

const isDecision = (event: Event): event is Made | Silent => event.type === "decision.silent" || isMade(event)

const titleOf = (draft: EventDraft | Event): string =>
  "proposal" in draft.payload
    ? draft.payload.proposal.title
    : draft.type === "decision.silent"
      ? draft.payload.reason
      : ""

const ruleOf = (event: Made | Silent): string =>
  event.type === "decision.silent" ? event.payload.rule : event.payload.proposal.rule

export class ReflexBacktest {
  readonly #options: ReflexOptions
  readonly #from: number
  readonly #book = new OutcomeBook()
  readonly #report = new ReflexReport()
  /** Said now, and not yet met in the log. */
  readonly #said = new Map<string, Said>()
  /** Of suggestions that may still change: how they are said now. */
  readonly #waiting = new Map<string, Omit<ReflexChange, "outcome">>()
  #state: MachineState = initialState
  #disabledThen: ReadonlyArray<string> = []

  constructor(options: ReflexOptions) {
    this.#options = options
    this.#from = options.from ?? 1
    this.#off()
  }

  take(event: Event): ReadonlyArray<ReflexChange> {
    const settled = this.#book.take(event)
    const before = this.#state
    const nowMs = clockOf(event, before.nowMs)
    if ((event.payload as unknown) === null) this.#state = { ...before, seq: event.seq, nowMs }
    else {
      this.#state = expireStale(remember({ ...before, seq: event.seq, nowMs }, event), event)
      if (isDecision(event)) this.#compare(event)
      const blind = this.#blind(event)
      this.#follow(event)
      this.#harvest(event, blind)
    }
    this.#overdue(event.seq)
    return [...this.#report.taken(), ...settled.flatMap((row) => this.#settle(row))]
  }

  finish(): { readonly rows: ReadonlyArray<ReflexChange>; readonly summary: ReflexSummary } {
    this.#overdue(Number.POSITIVE_INFINITY)
    const rows = [...this.#report.taken(), ...this.#book.rest().flatMap((row) => this.#settle(row))]
    return { rows, summary: this.#report.summary() }
  }

  #off(): void {
    const disabledReflexes = this.#options.disabled(this.#disabledThen)
    this.#state = { ...this.#state, settings: { ...this.#state.settings, disabledReflexes } }
  }

  get #reflexes(): ReadonlyArray<Reflex> {
    return withOwnRules(this.#options.reflexes, this.#state.ownRules)
  }

  #follow(event: Event): void {
    const state = this.#state
    const reflexes = this.#reflexes
    switch (event.type) {
      case "situation.opened":
        if (event.seq >= this.#from) this.#report.situation()
        this.#state = onOpened(state, reflexes, event)
        return
      case "situation.facts":
        this.#state = onFacts(state, reflexes, event)
        return
      case "decision.digest":
      case "decision.notify":
      case "decision.question":
      case "decision.draft":
        this.#state = onMade(state, reflexes, event)
        return
      case "decision.shown":
        this.#state = {
          ...state,
          tracked: state.tracked.map((item) =>
            item.id === event.payload.suggestion
              ? { ...item, shown: shownAt(state, item, event.payload.boundary), phase: "shown" }
              : item,
          ),
        }
        return
      case "decision.expired":
        this.#state = untrack(state, event.payload.suggestion)
        return
      case "daemon.reflexes":
        this.#state = { ...state, ownRules: ownRulesAfter(state.ownRules, event) }
        return
      case "daemon.config":
        this.#state = { ...state, settings: settingsAfter(state.settings, event) }
        this.#disabledThen = this.#state.settings.disabledReflexes
        this.#off()
        return
      default:
        this.#state = onAnswer(state, event)
    }
  }

  /** What the rules said at this event stands in the outbox; nothing else there is of use. */
  #harvest(event: Event, blind: ReadonlySet<string>): void {
    const { outbox } = this.#state
    if (outbox.length === 0) return
    for (const command of outbox) {
      if (command._tag !== "append" || !command.key.startsWith("decide:") || this.#said.has(command.key))
        continue
      const { draft } = command
      const isBlind = draft.type === "decision.silent" && blind.has(draft.payload.rule)
      this.#said.set(command.key, { draft, seq: event.seq, blind: isBlind })
    }
    this.#keepSaid()
  }

  /** A rule must know what was said already, though it is not in the log. */
  #keepSaid(): void {
    const outbox = [...this.#said.values()].map(({ draft }): Command => append(draft))
    this.#state = { ...this.#state, outbox }
  }

  /** Rules of the situation that ask for what was not read then. */
  #blind(event: Event): ReadonlySet<string> {
    if (event.type !== "situation.facts") return nobody
    const open = this.#state.open.find((each) => each.seq === event.payload.situation)
    if (open === undefined) return nobody
    const read = new Set(event.payload.facts.map((fact) => canonical(fact.probe)))
    const memory = { commands: this.#state.commands }
    const asks = (rule: string): boolean => {
      const reflex = this.#reflexes.find((each) => each.name === rule)
      try {
        return reflex?.probes(open.situation, memory).some((probe) => !read.has(canonical(probe))) === true
      } catch {
        return false
      }
    }
    return new Set(open.rules.filter(asks))
  }

  #compare(event: Made | Silent): void {
    const { situation } = event.payload
    if (this.#state.open.some((each) => each.seq === situation)) {
      // nobody read facts for it then, and it was decided: now it is decided without them
      const without = {
        ...event,
        type: "situation.facts",
        payload: { situation, facts: [] },
      } as EventOf<"situation.facts">
      const blind = this.#blind(without)
      this.#state = onFacts(this.#state, this.#reflexes, without)
      this.#harvest(event, blind)
    }
    const key = keyOf(event)!
    const said = this.#said.get(key)
    if (this.#said.delete(key)) this.#keepSaid()
    const now = said === undefined ? "it is off, or not there any more" : titleOf(said.draft)
    const speaks = said !== undefined && said.draft.type !== "decision.silent"
    const base = { seq: event.seq, rule: ruleOf(event), was: titleOf(event), now }
    if (event.seq < this.#from) return
    if (event.type === "decision.silent") {
      if (speaks) this.#report.anew({ ...base, change: "anew" }, fingerprintOf(said.draft))
      else this.#report.silence(said !== undefined && now !== base.was)
      return
    }
    const same =
      said !== undefined &&
      said.draft.type === event.type &&
      canonical(said.draft.payload) === canonical(event.payload)
    const change = same ? "same" : speaks ? "otherwise" : said?.blind === true ? "unknown" : "silenced"
    this.#waiting.set(event.payload.suggestion, { ...base, change })
  }

  /** Said now where the log has no word of that rule. */
  #overdue(seq: number): void {
    let changed = false
    for (const [key, said] of this.#said) {
      if (seq - said.seq <= patience) break
      this.#said.delete(key)
      changed = true
      if (said.seq < this.#from || !("proposal" in said.draft.payload)) continue
      this.#report.anew(
        {
          seq: said.seq,
          rule: said.draft.payload.proposal.rule,
          was: "",
          now: titleOf(said.draft),
          change: "anew",
        },
        fingerprintOf(said.draft),
      )
    }
    if (changed) this.#keepSaid()
  }

  #settle(row: OutcomeRow): ReadonlyArray<ReflexChange> {
    const change = this.#waiting.get(row.suggestion)
    if (change === undefined) return []
    this.#waiting.delete(row.suggestion)
    return this.#report.settled({ ...change, outcome: takenOf(row) })
  }
}
