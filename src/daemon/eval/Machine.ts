/**
 * The real deciding machine over a made past: events in, a clock moved by hand, probes answered by whoever knows the
 * made world, every action judged `ask`. What a measure counts, it counts from the events that come out.
 * Invariants: situations, decisions and what attention says come from the machine alone; time only moves forward;
 * no process, no network, no log on disk.
 */
import type { Verdict } from "../../domain/action.ts"
import { draft, type Event, type EventDraft, type EventType, type PayloadOf } from "../../domain/event.ts"
import type { Fact, ProbeRequest } from "../../domain/probe.ts"
import type { ToolCall } from "../../domain/action.ts"
import type { Command, Reflex } from "../../decide/Decider.ts"
import { reflexes as shipped } from "../../decide/registry.ts"
import { makeDecider, type MachineState } from "../../decide/step.ts"
import { redactFact } from "../../loop/redact.ts"

export interface MachineOptions {
  readonly startMs: number
  /** What the made world answers; `undefined`: it cannot be known there. */
  readonly answer: (probe: ProbeRequest, workspace: string | null) => unknown
  readonly onEvent: (event: Event) => void
  readonly reflexes?: ReadonlyArray<Reflex>
}

interface Later {
  readonly atMs: number
  readonly run: () => Promise<void>
}

const asked: Verdict = {
  verdict: "ask",
  rule: "default",
  file: "",
  line: 1,
  reason: "every action is asked here",
  effects: [],
  commands: [],
  matched: [],
  missing: null,
  digest: "",
}

export class Machine {
  nowMs: number
  state: MachineState
  readonly #options: MachineOptions
  readonly #decider: ReturnType<typeof makeDecider>
  /** Actions of each suggestion, until they are judged. */
  readonly #actions = new Map<string, ReadonlyArray<ToolCall>>()
  readonly #opened = new Map<number, { readonly id: string; readonly workspace: string | null }>()
  #seq = 0
  #later: Array<Later> = []

  constructor(options: MachineOptions) {
    this.#options = options
    this.nowMs = options.startMs
    this.#decider = makeDecider(options.reflexes ?? shipped)
    this.state = this.#decider.initial
  }

  /** What a source, a person or the executor says, and everything the machine has to say to it. */
  async put(made: EventDraft): Promise<void> {
    this.#append(made)
    await this.#settle()
  }

  async see<T extends EventType>(type: T, payload: PayloadOf<T>, workspace: string | null): Promise<void> {
    await this.put(draft(type, payload, { actor: "source:made", workspace, trust: "untrusted" }))
  }

  /** Done when the clock gets there. */
  after(ms: number, run: () => Promise<void>): void {
    const atMs = this.nowMs + Math.max(0, ms)
    const at = this.#later.findLastIndex((each) => each.atMs <= atMs)
    this.#later.splice(at + 1, 0, { atMs, run })
  }

  /** Lets time go by; what falls due on the way happens at its time. */
  async advanceTo(untilMs: number): Promise<void> {
    for (;;) {
      const wake = this.state.outbox.find((command) => command._tag === "wake")
      const wakeMs = wake?._tag === "wake" ? wake.atMs : Number.POSITIVE_INFINITY
      const next = this.#later[0]
      const first = Math.min(wakeMs, next?.atMs ?? Number.POSITIVE_INFINITY)
      if (first > untilMs) break
      this.nowMs = Math.max(this.nowMs, first)
      if (next !== undefined && next.atMs <= wakeMs) {
        this.#later.shift()
        await next.run()
      } else await this.put(draft("decision.tick", { dueMs: wakeMs }, { actor: "attention" }))
    }
    this.nowMs = Math.max(this.nowMs, untilMs)
  }

  #append(made: EventDraft): void {
    this.#seq += 1
    const event = {
      ...made,
      seq: this.#seq,
      id: `e${this.#seq}`,
      at: new Date(this.nowMs).toISOString(),
      v: 1,
      prevHash: "",
      hash: "",
    } as Event
    if (event.type === "situation.opened")
      this.#opened.set(event.seq, { id: event.id, workspace: event.workspace })
    if ("proposal" in event.payload)
      this.#actions.set(event.payload.suggestion, event.payload.proposal.actions)
    this.state = this.#decider.evolve(this.state, event)
    this.#options.onEvent(event)
  }

  async #settle(): Promise<void> {
    for (;;) {
      const command = this.state.outbox.find((each) => each._tag !== "wake")
      if (command === undefined) return
      await this.#fulfil(command)
    }
  }

  async #fulfil(command: Command): Promise<void> {
    switch (command._tag) {
      case "append":
        return this.#append(command.draft)
      case "probe":
        return this.#facts(command)
      case "judge": {
        const calls = this.#actions.get(command.suggestion) ?? []
        for (const [index, call] of calls.entries())
          this.#append(
            draft(
              "policy.verdict",
              { suggestion: command.suggestion, index, call, verdict: asked },
              { actor: "gate", correlationId: command.suggestion },
            ),
          )
        return
      }
      case "think":
      case "draft":
      case "wake":
        // no model is there to be asked, and so none is
        throw new Error(`the machine wants ${command.key}, which nobody does here`)
    }
  }

  async #facts({
    requests,
    situation,
    workspace,
  }: Extract<Command, { readonly _tag: "probe" }>): Promise<void> {
    const facts: Array<Fact> = []
    for (const probe of requests) {
      const answer = await this.#options.answer(probe, workspace)
      facts.push(
        redactFact(
          answer === undefined
            ? { probe, answer: null, unavailable: "not to be known here" }
            : { probe, answer, unavailable: null },
        ),
      )
    }
    this.#append(
      draft(
        "situation.facts",
        { situation, facts },
        {
          actor: "probe",
          workspace,
          trust: "untrusted",
          causationId: this.#opened.get(situation)?.id ?? null,
        },
      ),
    )
    this.#opened.delete(situation)
  }
}
