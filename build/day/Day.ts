/**
 * Drives a made day: appends what is observed and answered to a real log, folds it with the real decider, and does
 * what the outbox asks for: decisions are the decider's own, verdicts the real gate's. Only the clock, the machine's
 * answers to probes and the people are made.
 * Invariants: nothing of `decision.*`, `situation.*` or `policy.*` is written but from the outbox, so that a replay of
 * the log finds every decision the same; the clock only moves forward.
 */
import { Clock, Effect } from "effect"
import type { LogError, LogStore } from "../../log-store/LogStore.ts"
import type { Policies } from "../../policies/Policies.ts"
import type { Command } from "../../src/decide/Decider.ts"
import { deciderProjection, type MachineState } from "../../src/decide/step.ts"
import { draft, type Event, type EventDraft, type EventType, type PayloadOf } from "../../src/domain/event.ts"
import { emptyQueue, evolveQueue, type QueueRow, type QueueState } from "../../src/domain/queue.ts"
import { redactFact } from "../../src/loop/redact.ts"
import type { Random } from "./Random.ts"
import { answerProbe } from "./probes.ts"
import type { MadeWorkspace } from "./workspaces.ts"

export type Appended = Effect.Effect<ReadonlyArray<Event>, LogError>

interface Later {
  readonly atMs: number
  readonly run: () => Effect.Effect<void, LogError>
}

/** Nobody waits on this clock: it stands until the day moves it. */
const standing = (nowMs: () => number): Clock.Clock => ({
  currentTimeMillisUnsafe: nowMs,
  currentTimeMillis: Effect.sync(nowMs),
  currentTimeNanosUnsafe: () => BigInt(nowMs()) * 1_000_000n,
  currentTimeNanos: Effect.sync(() => BigInt(nowMs()) * 1_000_000n),
  monotonicTimeNanosUnsafe: () => BigInt(nowMs()) * 1_000_000n,
  monotonicTimeNanos: Effect.sync(() => BigInt(nowMs()) * 1_000_000n),
  sleep: () => Effect.void,
})

export interface DayParts {
  readonly store: LogStore["Service"]
  readonly policies: Policies["Service"]
  readonly random: Random
  readonly workspaces: ReadonlyArray<MadeWorkspace>
  readonly home: string
  readonly startMs: number
}

export class Day {
  readonly parts: DayParts
  readonly random: Random
  nowMs: number
  events = 0
  queue: QueueState = emptyQueue
  #decider: MachineState = deciderProjection.initial
  #later: Array<Later> = []
  readonly #clock: Clock.Clock
  /** Called for every event, once it is folded. */
  onEvent: (event: Event) => void = () => undefined

  constructor(parts: DayParts) {
    this.parts = parts
    this.random = parts.random
    this.nowMs = parts.startMs
    this.#clock = standing(() => this.nowMs)
  }

  workspace(path: string | null): MadeWorkspace | undefined {
    return this.parts.workspaces.find((each) => each.path === path)
  }

  #append(drafts: ReadonlyArray<EventDraft>): Appended {
    return this.parts.store.append(drafts).pipe(
      Effect.provideService(Clock.Clock, this.#clock),
      Effect.tap((events) =>
        Effect.sync(() => {
          for (const event of events) {
            this.events += 1
            this.#decider = deciderProjection.evolve(this.#decider, event)
            this.queue = evolveQueue(this.queue, event)
          }
          for (const event of events) this.onEvent(event)
        }),
      ),
    )
  }

  /** What a source, a person or the executor appends, and everything the decider has to say to it. */
  put(...drafts: ReadonlyArray<EventDraft>): Effect.Effect<ReadonlyArray<Event>, LogError> {
    return Effect.tap(this.#append(drafts), () => this.#settle())
  }

  see<T extends EventType>(
    at: MadeWorkspace,
    source: "fs" | "git" | "terminal",
    type: T,
    payload: PayloadOf<T>,
    trust: "trusted" | "untrusted" = "untrusted",
  ) {
    return this.put(draft(type, payload, { actor: `source:${source}`, workspace: at.path, trust }))
  }

  /** Does this when the clock gets there. */
  after(ms: number, run: () => Effect.Effect<void, LogError>): void {
    this.#later.push({ atMs: this.nowMs + ms, run })
    this.#later.sort((a, b) => a.atMs - b.atMs)
  }

  /** Lets time go by: what falls due on the way happens at its time. */
  readonly pass = Effect.fnUntraced(function* (this: Day, ms: number): Effect.fn.Return<void, LogError> {
    const until = this.nowMs + Math.max(0, Math.round(ms))
    for (;;) {
      const wake = this.#wake()
      const next = this.#later[0]
      const first = Math.min(wake?.atMs ?? Infinity, next?.atMs ?? Infinity)
      if (first > until) break
      this.nowMs = Math.max(this.nowMs, first)
      if (wake !== undefined && wake.atMs === first) {
        yield* this.put(draft("decision.tick", { dueMs: wake.atMs }, { actor: "attention" }))
      } else {
        this.#later.shift()
        yield* next!.run()
      }
    }
    this.nowMs = Math.max(this.nowMs, until)
  })

  #wake(): Extract<Command, { readonly _tag: "wake" }> | undefined {
    return this.#decider.outbox.find((command) => command._tag === "wake")
  }

  #settle(): Effect.Effect<void, LogError> {
    return Effect.gen({ self: this }, function* () {
      for (;;) {
        const appends = this.#decider.outbox.flatMap((each) => (each._tag === "append" ? [each.draft] : []))
        if (appends.length > 0) {
          this.nowMs += this.random.int(1, 4)
          yield* this.#append(appends)
          continue
        }
        const next = this.#decider.outbox.find((each) => each._tag !== "wake")
        if (next === undefined) return
        if (next._tag === "probe") yield* this.#probe(next)
        else if (next._tag === "judge") yield* this.judge(next.suggestion)
        else if (next._tag === "think") yield* this.#think(next)
      }
    })
  }

  /** A model that has nothing to say: what a day asks of it is counted. */
  #think(command: Extract<Command, { readonly _tag: "think" }>) {
    return Effect.gen({ self: this }, function* () {
      const opened = yield* this.parts.store.get(command.situation)
      this.nowMs += this.random.int(800, 3_000)
      const triage = {
        decision: "silent" as const,
        confidence: 0.5,
        reason: "nothing that the developer does not see",
        title: "",
        evidence: [command.situation],
      }
      yield* this.#append([
        draft(
          "situation.thought",
          { situation: command.situation, skipped: null, triage, dropped: [], call: null },
          {
            actor: "thinker",
            workspace: command.workspace,
            trust: "untrusted",
            causationId: opened?.id ?? null,
          },
        ),
      ])
    })
  }

  #probe(command: Extract<Command, { readonly _tag: "probe" }>) {
    return Effect.gen({ self: this }, function* () {
      const opened = yield* this.parts.store.get(command.situation)
      const at = this.workspace(command.workspace)
      const facts = command.requests.map((probe) =>
        redactFact(
          at === undefined ? { probe, answer: null, unavailable: "no workspace" } : answerProbe(probe, at),
        ),
      )
      this.nowMs += this.random.int(2, 30)
      yield* this.#append([
        draft(
          "situation.facts",
          { situation: command.situation, facts },
          {
            actor: "probe",
            workspace: command.workspace,
            trust: "untrusted",
            causationId: opened?.id ?? null,
          },
        ),
      ])
    })
  }

  row(id: string): QueueRow | undefined {
    return this.queue.suggestions[id]
  }

  /** As the loop's judge does it: every action of the suggestion, in one append. */
  judge(id: string): Effect.Effect<void, LogError> {
    return Effect.gen({ self: this }, function* () {
      const row = this.row(id)
      if (row === undefined) return
      const trust = row.tainted ? "untrusted" : "trusted"
      const workspace = row.workspace ?? this.parts.home
      const decided = yield* this.parts.store.get(row.decidedSeq)
      const drafts: Array<EventDraft> = []
      for (const [index, call] of row.proposed.entries()) {
        const verdict = yield* this.parts.policies.judge(call, {
          workspace,
          cwd: call.cwd ?? workspace,
          home: this.parts.home,
          actor: "claw",
          trust,
        })
        drafts.push(
          draft(
            "policy.verdict",
            { suggestion: id, index, call, verdict },
            {
              actor: "gate",
              workspace: row.workspace,
              trust,
              causationId: decided?.id ?? null,
              correlationId: id,
            },
          ),
        )
      }
      yield* this.#append(drafts)
    })
  }
}
