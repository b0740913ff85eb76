/**
 * What a log's situations asked of models: for each kind of situation how many there were, how many were thought about,
 * what came of it and what it cost; and whether any call was made that no situation, conversation or person brought about.
 * A pure fold; the log is only read.
 */
import type { Event } from "../../domain/event.ts"
import { deliberationRule } from "../../domain/events/thought.ts"

export interface KindRow {
  readonly kind: string
  readonly situations: number
  readonly thoughts: number
  /** Thoughts that gave no word: no model, a ceiling, a failure, an answer that did not hold. */
  readonly skipped: number
  readonly drafts: number
  readonly silent: number
  readonly suggested: number
  readonly kept: number
  readonly calls: number
  readonly usd: number
}

export interface ThoughtsReport {
  readonly v: 1
  readonly events: number
  readonly kinds: ReadonlyArray<KindRow>
  readonly situations: number
  readonly thoughts: number
  readonly calls: number
  /** Calls of triage and drafts that name no situation: none, if all is well. */
  readonly uncaused: number
}

type Counts = { -readonly [K in Exclude<keyof KindRow, "kind">]: number }

const none = (): Counts => ({
  situations: 0,
  thoughts: 0,
  skipped: 0,
  drafts: 0,
  silent: 0,
  suggested: 0,
  kept: 0,
  calls: 0,
  usd: 0,
})

export class ThoughtCounts {
  readonly #kinds = new Map<string, Counts>()
  /** Situation -> its kind; call -> its situation; suggestion -> its situation. */
  readonly #kindOf = new Map<number, string>()
  readonly #calls = new Map<string, number>()
  readonly #suggestions = new Map<string, number>()
  #events = 0
  #uncaused = 0

  #add(situation: number, what: Partial<Counts>): void {
    const kind = this.#kindOf.get(situation) ?? "unknown"
    const counts = this.#kinds.get(kind) ?? none()
    this.#kinds.set(kind, counts)
    for (const [key, more] of Object.entries(what)) counts[key as keyof Counts] += more
  }

  take(event: Event): void {
    this.#events += 1
    if ((event.payload as unknown) === null) return
    switch (event.type) {
      case "situation.opened":
        this.#kindOf.set(event.seq, event.payload.kind)
        return this.#add(event.seq, { situations: 1 })
      case "situation.thought":
        return this.#add(event.payload.situation, {
          thoughts: 1,
          skipped: event.payload.triage === null ? 1 : 0,
        })
      case "situation.drafted":
        return this.#add(event.payload.situation, { drafts: event.payload.skipped === null ? 1 : 0 })
      case "decision.silent":
        return event.payload.rule === deliberationRule
          ? this.#add(event.payload.situation, { silent: 1 })
          : undefined
      case "decision.digest":
      case "decision.notify":
      case "decision.question":
      case "decision.draft": {
        const { proposal, situation, suggestion } = event.payload
        if (proposal.rule !== deliberationRule) return
        this.#suggestions.set(suggestion, situation)
        return this.#add(situation, { suggested: 1 })
      }
      case "decision.outcome": {
        const situation = this.#suggestions.get(event.payload.suggestion)
        if (situation === undefined) return
        const { outcome } = event.payload
        const kept = outcome === "accepted" || outcome === "resolved" ? 1 : outcome === "reverted" ? -1 : 0
        return this.#add(situation, { kept })
      }
      case "model.requested": {
        const { call, purpose, situation } = event.payload
        if (situation === null) {
          if (purpose === "triage" || purpose === "draft") this.#uncaused += 1
          return
        }
        this.#calls.set(call, situation)
        return this.#add(situation, { calls: 1 })
      }
      case "model.answered":
      case "model.failed": {
        const situation = this.#calls.get(event.payload.call)
        return situation === undefined ? undefined : this.#add(situation, { usd: event.payload.usd ?? 0 })
      }
      default:
    }
  }

  get report(): ThoughtsReport {
    const kinds = [...this.#kinds]
      .map(([kind, counts]) => ({ kind, ...counts }))
      .toSorted(
        (a, b) => b.thoughts - a.thoughts || b.situations - a.situations || (a.kind < b.kind ? -1 : 1),
      )
    const sum = (key: keyof Counts): number => kinds.reduce((total, row) => total + row[key], 0)
    return {
      v: 1,
      events: this.#events,
      kinds,
      situations: sum("situations"),
      thoughts: sum("thoughts"),
      calls: sum("calls"),
      uncaused: this.#uncaused,
    }
  }
}

const columns = [
  "situations",
  "thoughts",
  "skipped",
  "drafts",
  "silent",
  "suggested",
  "kept",
  "calls",
] as const

/** A line for each kind of situation. */
export const thoughtsText = (report: ThoughtsReport): string => {
  const width = Math.max(20, ...report.kinds.map(({ kind }) => kind.length + 2))
  const head = `${"situation".padEnd(width)}${columns.map((name) => name.padStart(11)).join("")}        USD`
  const rows = report.kinds.map(
    (row) =>
      `${row.kind.padEnd(width)}${columns.map((name) => String(row[name]).padStart(11)).join("")} ${row.usd.toFixed(4).padStart(10)}`,
  )
  const { calls, events, situations, thoughts, uncaused } = report
  return [
    head,
    ...rows,
    `${events} events: ${situations} situations, ${thoughts} thought about, ${calls} calls of models for them; ${uncaused} calls without a situation`,
  ].join("\n")
}
