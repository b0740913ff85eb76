/**
 * Other attention settings over the past: the attention machine runs free over the recorded decisions, verdicts,
 * boundaries and edits, and when each suggestion would have been seen is held against when it was, scored by how it
 * was taken.
 * Invariants: decisions, answers and endings are the recorded ones; an answer counts for a rule only once the
 * suggestion was seen here too, and one that was answered before that stays for a while as it would have, unanswered;
 * changed in place, reads no clock, holds no more than what may still change.
 */
import type { Event, EventOf } from "../../domain/event.ts"
import { OutcomeBook } from "../../domain/OutcomeBook.ts"
import type { OutcomeRow } from "../../domain/outcomes.ts"
import { attend, attentionTimes } from "../attention/attend.ts"
import { forecastOf } from "../attention/judge.ts"
import type { Reflex } from "../Decider.ts"
import { untrack } from "../endings.ts"
import { presenceAfter } from "../attention/presence.ts"
import { settingsAfter } from "../settings.ts"
import { type DeciderSettings, initialState, type MachineState, type Tracked } from "../state.ts"
import { clockOf } from "../step.ts"
import { expireStale, onAnswer, onMade } from "../tracking.ts"
import { AttentionReport, type AttentionRow, type AttentionSummary, type Shown } from "./attentionReport.ts"
import { takenOf } from "./tally.ts"

export type AttentionOverride = Partial<Omit<DeciderSettings, "disabledReflexes">>

export interface AttentionOptions {
  readonly reflexes: ReadonlyArray<Reflex>
  /** What is otherwise than it was then; the rest is as it was. */
  readonly settings: AttentionOverride
  /** Suggestions made from this seq on count. */
  readonly from?: number
  /** Told of every suggestion that counts, also where nothing changed. */
  readonly each?: (one: Shown) => void
}

interface Seen {
  readonly seq: number
  readonly rule: string
  readonly title: string
  readonly was: number | null
  readonly now: number | null
  readonly keep: number | null
}

/** Answered then, and not yet seen here. */
interface Late {
  readonly item: Tracked
  readonly answer: EventOf<"approval.approved" | "approval.rejected">
  readonly untilMs: number
}

/** So long what was answered may still be seen, where nothing else ends it. */
const lateForMs = 4 * 60 * 60_000

export class AttentionBacktest {
  readonly #options: AttentionOptions
  readonly #book = new OutcomeBook()
  readonly #report = new AttentionReport()
  readonly #seen = new Map<string, Seen>()
  readonly #late = new Map<string, Late>()
  #then: DeciderSettings = initialState.settings
  #state: MachineState
  #last: Event | null = null

  constructor(options: AttentionOptions) {
    this.#options = options
    this.#state = { ...initialState, settings: { ...this.#then, ...options.settings } }
  }

  take(event: Event): ReadonlyArray<AttentionRow> {
    const settled = this.#book.take(event)
    this.#last = event
    const nowMs = clockOf(event, this.#state.nowMs)
    this.#ring(nowMs, event)
    this.#state = { ...this.#state, seq: event.seq, nowMs }
    if ((event.payload as unknown) !== null) {
      const { attention, settings } = this.#state
      this.#state = {
        ...this.#state,
        attention: presenceAfter(attention, event, nowMs, settings.awayAfterMs),
      }
      this.#state = expireStale(this.#state, event)
      this.#follow(event)
      this.#attend(event)
    }
    return settled.flatMap((row) => this.#settle(row))
  }

  finish(): { readonly rows: ReadonlyArray<AttentionRow>; readonly summary: AttentionSummary } {
    // what waits for time alone is seen as if nothing else happened
    if (this.#last !== null) this.#ring(this.#state.nowMs + lateForMs, this.#last)
    const rows = this.#book.rest().flatMap((row) => this.#settle(row))
    return { rows, summary: this.#report.summary() }
  }

  /** What fell due for attention since the last event, each at its time. */
  #ring(nowMs: number, event: Event): void {
    for (;;) {
      const { nowMs: at } = this.#state
      const next = attentionTimes(this.#all()).reduce(
        (least, time) => (time > at && time < least ? time : least),
        Number.POSITIVE_INFINITY,
      )
      if (next >= nowMs) return
      this.#state = { ...this.#state, nowMs: next }
      this.#attend(event)
    }
  }

  #all(): MachineState {
    if (this.#late.size === 0) return this.#state
    const late = [...this.#late.values()].map(({ item }) => item)
    return { ...this.#state, tracked: [...this.#state.tracked, ...late] }
  }

  #attend(event: Event): void {
    for (const [id, { untilMs }] of this.#late) if (untilMs <= this.#state.nowMs) this.#late.delete(id)
    const after = attend({ ...this.#all(), outbox: [] }, event)
    const shown = after.outbox.flatMap((command) =>
      command._tag === "append" && command.draft.type === "decision.shown"
        ? [command.draft.payload.suggestion]
        : [],
    )
    const tracked: Array<Tracked> = []
    for (const item of after.tracked) {
      const late = this.#late.get(item.id)
      if (late === undefined) tracked.push(item)
      else this.#late.set(item.id, { ...late, item })
    }
    this.#state = { ...after, tracked, outbox: [] }
    for (const id of shown) this.#show(id, this.#state.nowMs)
  }

  #show(id: string, nowMs: number): void {
    const seen = this.#seen.get(id)
    if (seen?.now === null) this.#seen.set(id, { ...seen, now: nowMs })
    const late = this.#late.get(id)
    if (late === undefined) return
    // now the answer of then is given
    this.#late.delete(id)
    const back = { ...this.#state, tracked: [...this.#state.tracked, late.item] }
    this.#state = untrack(onAnswer(back, late.answer), id)
  }

  #follow(event: Event): void {
    const state = this.#state
    switch (event.type) {
      case "decision.digest":
      case "decision.notify":
      case "decision.question":
      case "decision.draft": {
        const { suggestion, proposal } = event.payload
        const seen = {
          seq: event.seq,
          rule: proposal.rule,
          title: proposal.title,
          was: null,
          now: null,
          keep: null,
        }
        this.#seen.set(suggestion, seen)
        this.#state = onMade(state, this.#options.reflexes, event)
        return
      }
      case "decision.shown": {
        const { boundary, suggestion } = event.payload
        const seen = this.#seen.get(suggestion)
        if (seen?.was !== null) return
        const item = state.tracked.find(({ id }) => id === suggestion)
        const keep = item === undefined ? null : forecastOf(state, item, boundary).p
        this.#seen.set(suggestion, { ...seen, was: state.nowMs, keep })
        return
      }
      case "decision.expired":
        this.#state = untrack(state, event.payload.suggestion)
        return
      case "approval.approved":
      case "approval.rejected":
        this.#answered(event)
        return
      case "approval.snoozed":
        // nobody puts off what he does not see
        if (this.#isShown(event.payload.suggestion)) this.#state = onAnswer(state, event)
        return
      case "daemon.config":
        this.#then = settingsAfter(this.#then, event)
        this.#state = { ...state, settings: { ...this.#then, ...this.#options.settings } }
        return
      default:
        this.#state = onAnswer(state, event)
    }
  }

  #isShown(id: string): boolean {
    return this.#state.tracked.some((item) => item.id === id && item.shown !== null)
  }

  #answered(event: Late["answer"]): void {
    const id = event.payload.suggestion
    const item = this.#state.tracked.find((each) => each.id === id)
    if (item === undefined) return
    if (item.shown !== null) {
      this.#state = onAnswer(this.#state, event)
      return
    }
    const untilMs = Math.min(item.expiresAtMs ?? Number.POSITIVE_INFINITY, this.#state.nowMs + lateForMs)
    this.#late.set(id, { item, answer: event, untilMs })
    this.#state = untrack(this.#state, id)
  }

  #settle(row: OutcomeRow): ReadonlyArray<AttentionRow> {
    const seen = this.#seen.get(row.suggestion)
    if (seen === undefined) return []
    this.#seen.delete(row.suggestion)
    this.#late.delete(row.suggestion)
    if (seen.seq < (this.#options.from ?? 1)) return []
    const { keep, now, rule, seq, title, was } = seen
    const one = { seq, rule, title, shownMs: was, nowMs: now, keep, outcome: takenOf(row) }
    this.#options.each?.(one)
    return this.#report.add(one)
  }
}
