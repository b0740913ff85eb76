/**
 * The calls of the past with what became of them: handed over, suggestion by suggestion, once nothing can change them
 * any more. Changed in place, because it goes over whole logs.
 * Invariants: of a call judged more than once the newest verdict counts; only rows that may still change are held; what
 * was erased is counted, never guessed.
 */
import type { RuleMatch, ToolCall, Trust, Verdict } from "../src/domain/action.ts"
import type { Event, EventOf, EventType } from "../src/domain/event.ts"
import type { GrantInForce } from "../src/domain/grant.ts"
import { agentsProjection, isOwnTree, ruledBy } from "../src/domain/agents.ts"
import { emptyGrants, evolveGrants, grantsIn } from "../src/domain/grants.ts"
import { OutcomeBook } from "../src/domain/OutcomeBook.ts"
import { type JudgedFate, type OutcomeRow, outcomeTypes } from "../src/domain/outcomes.ts"
import { taintedRule } from "./grants.ts"

/** A call as the gate judged it, with where and for whom. */
export interface PastCall {
  readonly seq: number
  readonly at: string
  readonly suggestion: string
  readonly index: number
  readonly call: ToolCall
  readonly workspace: string
  /** Who asked for it by name; `claw` for a reflex's. */
  readonly actor: string
  /** The conversation that wanted it. */
  readonly session: string | null
  /** The workspace it was a worktree of, and whether an agent had it to itself. */
  readonly ruledBy: string | null
  readonly ownWorktree: boolean
  readonly trust: Trust
  readonly digest: string
  /** Every rule that spoke then. */
  readonly matched: ReadonlyArray<RuleMatch>
  /** What a person had granted by then. */
  readonly grants: ReadonlyArray<GrantInForce>
  /** Nothing but the origin of the call made it a question. */
  readonly heldByTaint: boolean
}

export interface Settled {
  readonly row: OutcomeRow
  /** Those of its calls that can be judged again. */
  readonly calls: ReadonlyArray<{ readonly past: PastCall; readonly was: JudgedFate }>
}

/** All that is looked at. */
export const pastTypes: ReadonlyArray<EventType> = [
  ...outcomeTypes,
  "policy.granted",
  "policy.revoked",
  "agent.queued",
  "agent.tree",
  "agent.succeeded",
  "agent.failed",
  "agent.timed-out",
  "agent.cancelled",
  "agent.lost",
]

/** It would have been allowed, were it not for text an outsider could have written. */
export const heldByTaint = (verdict: Verdict): boolean =>
  verdict.verdict === "ask" &&
  verdict.matched.every((match) => match.verdict !== "ask" || match.rule === taintedRule)

export class PastCalls {
  readonly #from: number
  readonly #home: string
  readonly #book = new OutcomeBook(true)
  /** By the seq of the newest verdict on each call. */
  readonly #calls = new Map<number, PastCall>()
  /** Of suggestions that are still open. */
  readonly #askers = new Map<string, { readonly actor: string; readonly session: string | null }>()
  #agents = agentsProjection.initial
  #grants = emptyGrants
  #counts = { verdicts: 0, replaced: 0, unjudged: 0 }

  constructor(options: { readonly from?: number; readonly home: string }) {
    this.#from = options.from ?? 1
    this.#home = options.home
  }

  get counts(): { readonly verdicts: number; readonly replaced: number; readonly unjudged: number } {
    return this.#counts
  }

  /** What is settled with this event. */
  take(event: Event): ReadonlyArray<Settled> {
    this.#grants = evolveGrants(this.#grants, event)
    this.#agents = agentsProjection.evolve(this.#agents, event)
    const before = event.correlationId === null ? undefined : this.#book.find(event.correlationId)
    const settled = this.#book.take(event)
    if (event.type === "tool.requested" && event.correlationId !== null)
      this.#askers.set(event.correlationId, {
        actor: event.actor,
        session: (event.payload as typeof event.payload | null)?.session ?? null,
      })
    if (event.type === "policy.verdict") this.#remember(event, before)
    else if (event.type === "approval.edited" && before !== undefined) this.#forget(before, event)
    return settled.map((row) => this.#handOver(row))
  }

  /** What is left at the end of the log. */
  rest(): ReadonlyArray<Settled> {
    return this.#book.rest().map((row) => this.#handOver(row))
  }

  #handOver(row: OutcomeRow): Settled {
    const calls = row.calls.flatMap((was) => {
      const past = this.#calls.get(was.seq)
      this.#calls.delete(was.seq)
      return past === undefined ? [] : [{ past, was }]
    })
    this.#askers.delete(row.suggestion)
    return { row, calls }
  }

  #remember(event: EventOf<"policy.verdict">, before: OutcomeRow | undefined): void {
    if (event.seq < this.#from || (before !== undefined && before.madeSeq < this.#from)) return
    this.#counts.verdicts += 1
    if ((event.payload as unknown) === null) {
      this.#counts.unjudged += 1
      return
    }
    const { suggestion, index, call, verdict } = event.payload
    const row = this.#book.find(suggestion)
    if (row === undefined) {
      this.#counts.unjudged += 1
      return
    }
    if (row.calls[index]?.seq !== event.seq) {
      this.#counts.replaced += 1
      return
    }
    const old = before?.calls[index]
    if (old !== undefined && this.#calls.delete(old.seq)) this.#counts.replaced += 1
    const workspace = event.workspace ?? this.#home
    const { actor, session } = this.#askers.get(suggestion) ?? { actor: "claw", session: null }
    this.#calls.set(event.seq, {
      seq: event.seq,
      at: event.at,
      suggestion,
      index,
      call,
      workspace,
      actor,
      session,
      ruledBy: ruledBy(this.#agents, workspace),
      ownWorktree: isOwnTree(this.#agents, session, workspace),
      trust: event.trust,
      digest: verdict.digest,
      matched: verdict.matched,
      grants: grantsIn(this.#grants, workspace),
      heldByTaint: heldByTaint(verdict),
    })
  }

  #forget(before: OutcomeRow, event: Event): void {
    if (this.#book.find(before.suggestion)?.calls === before.calls || (event.payload as unknown) === null)
      return
    for (const { seq } of before.calls) if (this.#calls.delete(seq)) this.#counts.replaced += 1
  }
}
