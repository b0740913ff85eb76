/**
 * A tiny driver for the deciding machine: an in-memory log, a clock moved by hand, probes answered from a table,
 * every action judged `ask`. It fulfils the outbox at once, or (for the properties) one command at a time.
 */
import type { Command, Reflex } from "../../src/decide/Decider.ts"
import { makeDecider } from "../../src/decide/step.ts"
import { reflexes as shipped } from "../../src/decide/registry.ts"
import type { MachineState } from "../../src/decide/state.ts"
import {
  draft,
  type Event,
  type EventDraft,
  type EventOf,
  type EventType,
  type PayloadOf,
} from "../../src/domain/event.ts"
import type { Fact, ProbeRequest } from "../../src/domain/probe.ts"
import type { ProbeAnswers } from "../../src/domain/probeAnswers.ts"
import { emptyQueue, evolveQueue, type QueueRow, type QueueState } from "../../src/domain/queue.ts"
import type { Verdict } from "../../src/domain/action.ts"
import type { Triage } from "../../src/domain/events/thought.ts"

export const workspace = "/w"
export const startMs = Date.parse("2026-03-02T09:00:00.000Z")

type Answers = {
  [T in ProbeRequest["_tag"]]?:
    | ProbeAnswers[T]
    | ((request: Extract<ProbeRequest, { readonly _tag: T }>) => ProbeAnswers[T] | undefined)
}

export const verdictFor = (
  call: { readonly tool: string; readonly input: unknown },
  digest = JSON.stringify(call),
): Verdict => ({
  verdict: "ask",
  rule: "default",
  file: "presets/p0.toml",
  line: 1,
  reason: "no rule allows it",
  effects: [],
  commands: [],
  matched: [],
  missing: null,
  digest,
})

export class Driver {
  readonly events: Array<Event> = []
  answers: Answers
  /** What a model says of a situation; a thought that is left open: undefined. */
  thinks: (situation: EventOf<"situation.opened">) => Partial<PayloadOf<"situation.thought">> | undefined =
    () => ({
      skipped: { reason: "unavailable", message: "no model" },
    })
  drafts: (situation: EventOf<"situation.opened">) => Partial<PayloadOf<"situation.drafted">> = () => ({
    skipped: { reason: "failed", message: "no model" },
  })
  nowMs = startMs
  state: MachineState
  queue: QueueState = emptyQueue
  readonly #decider: ReturnType<typeof makeDecider>

  constructor(options: { readonly answers?: Answers; readonly reflexes?: ReadonlyArray<Reflex> } = {}) {
    this.answers = options.answers ?? {}
    this.#decider = makeDecider(options.reflexes ?? shipped)
    this.state = this.#decider.initial
  }

  get projection() {
    return this.#decider
  }

  /** Appends and folds; fulfils nothing. */
  put(made: EventDraft): Event {
    const seq = this.events.length + 1
    const event = {
      ...made,
      seq,
      id: `e${seq}`,
      at: new Date(this.nowMs).toISOString(),
      v: 1,
      prevHash: "",
      hash: "",
    } as Event
    this.events.push(event)
    this.state = this.#decider.evolve(this.state, event)
    this.queue = evolveQueue(this.queue, event)
    return event
  }

  /** An observation, then everything the outbox asks for. */
  see<T extends EventType>(
    type: T,
    payload: PayloadOf<T>,
    at: { readonly workspace?: string | null } = {},
  ): Event {
    const event = this.put(
      draft(type, payload, {
        actor: "source:test",
        workspace: at.workspace === undefined ? workspace : at.workspace,
        trust: "untrusted",
      }),
    )
    this.settle()
    return event
  }

  /** A person's answer, or the executor's word, about a suggestion. */
  answer<T extends EventType>(id: string, type: T, payload: PayloadOf<T>): Event {
    const event = this.put(draft(type, payload, { actor: "user:cli", workspace, correlationId: id }))
    this.settle()
    return event
  }

  /** Moves the clock, ringing every wake on the way. */
  advance(ms: number): void {
    const until = this.nowMs + ms
    for (let rung = 0; rung < 1_000; rung += 1) {
      const wake = this.state.outbox.find((command) => command._tag === "wake")
      if (wake?._tag !== "wake" || wake.atMs > until) break
      this.nowMs = Math.max(this.nowMs, wake.atMs)
      this.fulfil(wake)
      this.settle()
    }
    this.nowMs = until
  }

  settle(): void {
    for (let done = 0; done < 10_000; done += 1) {
      const command = this.state.outbox.find(
        (each) => each._tag !== "wake" && !(each._tag === "think" && this.#leftOpen(each.situation)),
      )
      if (command === undefined) return
      this.fulfil(command)
    }
    throw new Error(`the outbox does not empty: ${this.state.outbox.map((each) => each.key).join(", ")}`)
  }

  #opened(situation: number): EventOf<"situation.opened"> {
    return this.events[situation - 1] as EventOf<"situation.opened">
  }

  #leftOpen(situation: number): boolean {
    return this.thinks(this.#opened(situation)) === undefined
  }

  /** A model was asked and answers. */
  thought(situation: number, said: Partial<PayloadOf<"situation.thought">>): Event {
    const none = { situation, skipped: null, triage: null, dropped: [], call: null }
    return this.put(
      draft(
        "situation.thought",
        { ...none, ...said },
        { actor: "thinker", workspace, trust: "untrusted", causationId: this.#opened(situation).id },
      ),
    )
  }

  drafted(situation: number, said: Partial<PayloadOf<"situation.drafted">>): Event {
    const none = { session: null, skipped: null, title: "", why: [], actions: [], dropped: [] }
    return this.put(
      draft(
        "situation.drafted",
        { situation, ...none, ...said },
        { actor: "thinker", workspace, trust: "untrusted", causationId: this.#opened(situation).id },
      ),
    )
  }

  fulfil(command: Command): void {
    switch (command._tag) {
      case "think":
        this.thought(command.situation, this.thinks(this.#opened(command.situation)) ?? {})
        return
      case "draft":
        this.drafted(command.situation, this.drafts(this.#opened(command.situation)))
        return
      case "append":
        this.put(command.draft)
        return
      case "wake":
        this.put(draft("decision.tick", { dueMs: command.atMs }, { actor: "attention" }))
        return
      case "probe": {
        const opened = this.events[command.situation - 1]
        this.put(
          draft(
            "situation.facts",
            { situation: command.situation, facts: command.requests.map((request) => this.#factOf(request)) },
            {
              actor: "probe",
              workspace: command.workspace,
              trust: "untrusted",
              causationId: opened?.id ?? null,
            },
          ),
        )
        return
      }
      case "judge": {
        const row = this.queue.suggestions[command.suggestion]
        for (const [index, call] of (row?.proposed ?? []).entries()) {
          this.put(
            draft(
              "policy.verdict",
              { suggestion: command.suggestion, index, call, verdict: verdictFor(call) },
              { actor: "gate", workspace: row!.workspace, correlationId: command.suggestion },
            ),
          )
        }
        return
      }
    }
  }

  #factOf(probe: ProbeRequest): Fact {
    const entry = this.answers[probe._tag] as ((request: ProbeRequest) => unknown) | object | null | undefined
    const answer = typeof entry === "function" ? (entry as (request: ProbeRequest) => unknown)(probe) : entry
    return answer === undefined
      ? { probe, answer: null, unavailable: "not in the table" }
      : { probe, answer, unavailable: null }
  }

  of<T extends EventType>(type: T): ReadonlyArray<EventOf<T>> {
    return this.events.filter((event): event is EventOf<T> => event.type === type)
  }

  /** Suggestions made, oldest first. */
  get rows(): ReadonlyArray<QueueRow> {
    return Object.values(this.queue.suggestions)
  }

  row(rule: string): QueueRow {
    const found = this.rows.filter((each) => each.rule === rule)
    if (found.length !== 1) {
      const silences = this.of("decision.silent").map(
        (event) => `${event.payload.rule}: ${event.payload.reason}`,
      )
      throw new Error(`${found.length} suggestions by ${rule}; silences: ${silences.join("; ")}`)
    }
    return found[0]!
  }

  silence(rule: string): string {
    return (
      this.of("decision.silent").findLast((event) => event.payload.rule === rule)?.payload.reason ?? "none"
    )
  }

  /** What was shown, as rules. */
  get shown(): ReadonlyArray<string> {
    return this.of("decision.shown").map((event) => this.ruleOf(event.payload.suggestion))
  }

  ruleOf(id: string): string {
    return this.queue.suggestions[id]?.rule ?? id
  }
}

let offset = 0
/** A command that just ended. */
export const command = (
  driver: Driver,
  line: string,
  exit = 0,
  more: Partial<PayloadOf<"terminal.command">> = {},
): PayloadOf<"terminal.command"> => ({
  command: line,
  cwd: workspace,
  exit,
  durationMs: 10,
  shell: "zsh",
  session: "zsh-1-1",
  authorKind: "user",
  startedAt: new Date(driver.nowMs - 10).toISOString(),
  position: { file: "/spool/zsh-1", offset: (offset += 1) },
  ...more,
})

export const run = (
  driver: Driver,
  line: string,
  exit = 0,
  more: Partial<PayloadOf<"terminal.command">> = {},
): Event => driver.see("terminal.command", command(driver, line, exit, more))

/** A person says yes to it, and what it does ends well. */
export const approveRow = (driver: Driver, id: string): void => {
  driver.answer(id, "approval.approved", { suggestion: id, digests: [], unsandboxed: false, surface: "cli" })
  driver.answer(id, "tool.finished", {
    suggestion: id,
    call: `${id}#0`,
    ok: true,
    exit: 0,
    output: { head: "", tail: "", bytes: 0, blob: null },
    durationMs: 1,
    after: [],
    refs: {},
  })
}

export const saved = (...paths: ReadonlyArray<string>): PayloadOf<"fs.changed"> => ({
  changes: paths.map((path) => ({ path, kind: "change" as const })),
  counts: { add: 0, change: paths.length, unlink: 0, rename: 0 },
  truncated: false,
  cause: "watch",
})

export const save = (driver: Driver, ...paths: ReadonlyArray<string>): Event =>
  driver.see("fs.changed", saved(...paths))

export const branch = (over: Partial<ProbeAnswers["gitBranch"]> = {}): ProbeAnswers["gitBranch"] => ({
  head: "a".repeat(40),
  branch: "feature",
  upstream: null,
  upstreamSha: null,
  ahead: null,
  behind: null,
  remotes: ["origin"],
  branches: ["main", "feature"],
  operation: null,
  ...over,
})

let index = 0
export const stagedEvent = (...paths: ReadonlyArray<string>): PayloadOf<"git.staged"> => ({
  files: paths.map((path) => ({ path, status: "M" as const })),
  count: paths.length,
  truncated: false,
  index: `index-${(index += 1)}`,
})

export const stagedLines = (
  path: string,
  lines: ReadonlyArray<string>,
  over: Partial<ProbeAnswers["gitStaged"]["files"][number]> = {},
): ProbeAnswers["gitStaged"] => ({
  files: [
    {
      path,
      status: "M",
      bytes: lines.join("\n").length,
      binary: false,
      added: lines.map((text, at) => ({ line: at + 1, text })),
      truncated: false,
      ...over,
    },
  ],
  truncated: false,
})

/** From here on a model can be asked. */
export const withModel = (driver: Driver): Event =>
  driver.see(
    "daemon.health",
    { component: "thinking", state: "running", backend: null, detail: "local/small" },
    { workspace: null },
  )

export const triageOf = (over: Partial<Triage> = {}): Triage => ({
  decision: "notify",
  confidence: 0.95,
  reason: "the assertion compares with the old total",
  title: "cart.test.ts expects the old total",
  evidence: [1],
  ...over,
})

/** What a rule's suggestion would do: each call as one object of its tool and its input. */
export const calls = (driver: Driver, rule: string) =>
  driver.row(rule).actions.map((action): Record<string, unknown> => ({ tool: action.tool, ...action.input }))
