/**
 * A past written by hand: suggestions, verdicts, answers and ends as events, without a log and without a decider. Each
 * event is a minute later than the one before it.
 */
import type { ToolCall, Trust, Verdict } from "../../src/domain/action.ts"
import { draft, type Event, type EventType, type PayloadOf } from "../../src/domain/event.ts"
import { callId } from "../../src/domain/ids.ts"

const workspace = "/home/ada/shop"
const startMs = Date.parse("2026-03-02T09:00:00.000Z")

export class Past {
  readonly events: Array<Event> = []
  readonly #calls = new Map<string, ReadonlyArray<ToolCall>>()
  readonly #verdictOf: (call: ToolCall) => Verdict
  readonly #trust: Trust
  stepMs = 60_000

  constructor(verdictOf: (call: ToolCall) => Verdict, trust: Trust = "untrusted") {
    this.#verdictOf = verdictOf
    this.#trust = trust
  }

  put<T extends EventType>(type: T, payload: PayloadOf<T>, suggestion: string | null): Event {
    const made = draft(type, payload, {
      actor: "test",
      workspace,
      trust: this.#trust,
      correlationId: suggestion,
    })
    const seq = this.events.length + 1
    const event = {
      ...made,
      seq,
      id: `e${seq}`,
      at: new Date(startMs + seq * this.stepMs).toISOString(),
      v: 1,
      prevHash: "",
      hash: "",
    } as Event
    this.events.push(event)
    return event
  }

  suggest(id: string, ...calls: ReadonlyArray<ToolCall>): void {
    this.#calls.set(id, calls)
    this.put(
      "decision.draft",
      {
        situation: 1,
        suggestion: id,
        proposal: {
          rule: "test-rule",
          mode: "draft",
          title: id,
          why: [],
          evidence: [],
          actions: [...calls],
          risk: "low",
          urgent: false,
          fingerprint: id,
          expiresWhen: [],
          ttlMs: null,
          alternatives: [],
        },
        tainted: this.#trust === "untrusted",
        expiresAt: null,
      },
      id,
    )
    this.judge(id)
  }

  judge(id: string): void {
    for (const [index, call] of (this.#calls.get(id) ?? []).entries())
      this.put("policy.verdict", { suggestion: id, index, call, verdict: this.#verdictOf(call) }, id)
  }

  show(id: string): void {
    this.put("decision.shown", { suggestion: id, reason: "at a boundary", boundary: "commit" }, id)
  }

  /** Agrees; then each call runs, to a good end if `ok`. */
  approve(id: string, ok = true): void {
    this.put("approval.approved", { suggestion: id, digests: [], unsandboxed: false, surface: "tui" }, id)
    for (const [index, call] of (this.#calls.get(id) ?? []).entries()) {
      this.start(id, index, call)
      this.finish(id, index, ok)
      if (!ok) return
    }
  }

  start(id: string, index: number, call: ToolCall): void {
    this.put(
      "tool.started",
      {
        suggestion: id,
        call: callId(id, index),
        tool: call.tool,
        input: call.input,
        commands: [],
        sandbox: "none",
        digest: "",
        undo: { possible: true, reason: null, before: [], refs: {} },
      },
      id,
    )
  }

  finish(id: string, index: number, ok: boolean): void {
    this.put(
      "tool.finished",
      {
        suggestion: id,
        call: callId(id, index),
        ok,
        exit: ok ? 0 : 1,
        output: { head: "", tail: "", bytes: 0, blob: null },
        durationMs: 1,
        after: [],
        refs: {},
      },
      id,
    )
  }

  reject(id: string): void {
    this.put("approval.rejected", { suggestion: id, reason: "no", surface: "tui" }, id)
  }

  expire(id: string, resolved = false): void {
    this.put("decision.expired", { suggestion: id, reason: "moot", evidence: [] }, id)
    if (resolved) this.put("decision.outcome", { suggestion: id, outcome: "resolved", evidence: [] }, id)
  }

  edit(id: string, ...calls: ReadonlyArray<ToolCall>): void {
    this.#calls.set(id, calls)
    this.put("approval.edited", { suggestion: id, actions: [...calls], surface: "tui" }, id)
    this.judge(id)
  }

  undo(id: string): void {
    for (const [index] of (this.#calls.get(id) ?? []).entries())
      this.put("tool.undone", { suggestion: id, call: callId(id, index), paths: [] }, id)
  }

  eraseVerdicts(id: string): void {
    for (const [at, event] of this.events.entries()) {
      if (event.type !== "policy.verdict" || event.correlationId !== id) continue
      this.events[at] = { ...event, payload: null, erased: true } as unknown as Event
    }
  }
}
