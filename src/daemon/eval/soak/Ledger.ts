/**
 * Counts, from the events alone, what was shown and how it was taken: at which moment, how soon after an edit, again
 * after a no. It judges boundaries by its own look at the events, not by what attention says of itself.
 */
import type { Event } from "../../../domain/event.ts"
import { isEdit } from "../../../decide/attention/presence.ts"
import { checkKind } from "../../../decide/checks.ts"
import { isOwnCommand } from "../../../decide/words.ts"

export interface ShownItem {
  readonly suggestion: string
  readonly rule: string
  readonly workspace: string | null
  readonly urgent: boolean
  readonly atMs: number
  readonly moment: string
  /** The user came to look for himself. */
  readonly asked: boolean
  readonly sinceEditMs: number
  readonly atBoundary: boolean
  readonly afterNo: boolean
  kept: boolean
  outcome: string
}

export interface MadeItem {
  readonly suggestion: string
  readonly rule: string
  readonly workspace: string | null
  readonly urgent: boolean
  readonly digest: boolean
  readonly sinceEditMs: number
  readonly atBoundary: boolean
}

const boundaryMs = 30_000
const awayMs = 180_000
const keptOutcomes: ReadonlySet<string> = new Set(["accepted", "edited", "resolved"])
const moves: ReadonlySet<string> = new Set(["git.commit", "git.checkout", "git.pull", "git.merge"])

interface Made {
  readonly rule: string
  readonly fingerprint: string
  readonly workspace: string | null
  readonly urgent: boolean
}

export class Ledger {
  readonly shown: Array<ShownItem> = []
  readonly made: Array<MadeItem> = []
  situations = 0
  /** Ends of checks, commits, switches. */
  boundaries = 0
  readonly #byId = new Map<string, ShownItem>()
  readonly #made = new Map<string, Made>()
  readonly #refused = new Set<string>()
  #editMs = Number.NEGATIVE_INFINITY
  #boundaryMs = Number.NEGATIVE_INFINITY
  #activeMs: number | null = null
  #workMs = Number.NEGATIVE_INFINITY

  take(event: Event): void {
    const now = Date.parse(event.at)
    if (event.type === "situation.opened") this.situations += 1
    else if ("proposal" in event.payload) this.#decided(event, now)
    else if (event.type === "decision.shown")
      this.#seen(event.payload.suggestion, event.payload.boundary, now)
    else if (event.type === "decision.outcome") this.#ended(event.payload.suggestion, event.payload.outcome)
    else if (event.type === "approval.rejected") {
      const made = this.#made.get(event.payload.suggestion)
      if (made !== undefined) this.#refused.add(made.fingerprint)
    } else this.#watch(event, now)
  }

  #watch(event: Event, now: number): void {
    const edit = isEdit(event)
    const command =
      event.type === "terminal.command" &&
      event.payload.authorKind === "user" &&
      !isOwnCommand(event.payload.command)
    const looks =
      event.type === "attention.asked" ||
      (event.type === "daemon.health" &&
        event.payload.component === "client:tui" &&
        event.payload.state === "running")
    if (edit) this.#editMs = now
    const active = edit || command || looks
    const back = active && this.#activeMs !== null && now - this.#activeMs >= awayMs
    if (active) this.#activeMs = now
    if (command || looks || back || moves.has(event.type)) this.#boundaryMs = now
    const check = command && checkKind(event.payload.command) !== null
    if (!check && !moves.has(event.type)) return
    if (now - this.#workMs > boundaryMs) this.boundaries += 1
    this.#workMs = now
  }

  #decided(event: Event, now: number): void {
    if (!("proposal" in event.payload)) return
    const { proposal, suggestion } = event.payload
    const { fingerprint, mode, rule, urgent } = proposal
    this.#made.set(suggestion, { rule, fingerprint, workspace: event.workspace, urgent })
    this.made.push({
      suggestion,
      rule,
      workspace: event.workspace,
      urgent,
      digest: mode === "digest",
      sinceEditMs: now - this.#editMs,
      atBoundary: now - this.#boundaryMs <= boundaryMs,
    })
  }

  #seen(suggestion: string, boundary: string | null, now: number): void {
    const made = this.#made.get(suggestion)
    if (made === undefined || this.#byId.has(suggestion)) return
    const item: ShownItem = {
      suggestion,
      rule: made.rule,
      workspace: made.workspace,
      urgent: made.urgent,
      atMs: now,
      moment: boundary ?? "at once",
      asked: boundary === "asked" || boundary === "tui-opened",
      sinceEditMs: now - this.#editMs,
      atBoundary: now - this.#boundaryMs <= boundaryMs,
      afterNo: this.#refused.has(made.fingerprint),
      kept: false,
      outcome: "open",
    }
    this.#byId.set(suggestion, item)
    this.shown.push(item)
  }

  #ended(suggestion: string, outcome: string): void {
    const item = this.#byId.get(suggestion)
    if (item === undefined) return
    item.outcome = outcome
    item.kept = keptOutcomes.has(outcome)
  }
}
