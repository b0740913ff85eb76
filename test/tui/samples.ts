/** Suggestions, plans, events and a status for the screen's tests. */
import type { EventRecord } from "../../src/domain/event.ts"
import type { Suggestion } from "../../src/domain/suggestion.ts"
import type { Detail, Moment, PlannedCall, Status, Why } from "../../src/rpc/shapes.ts"
import type { Script } from "../../tui/ScriptedClient.ts"

export const nowMs = Date.parse("2026-11-22T10:00:00.000Z")

export const suggestion = (id: string, over: Partial<Suggestion> = {}): Suggestion => ({
  id,
  workspace: "/home/dev/proj",
  state: "pending",
  mode: "question",
  title: `Install as locked (${id})`,
  rule: "dependencies/out-of-step",
  fingerprint: `f-${id}`,
  risk: "low",
  urgent: false,
  tainted: false,
  why: [{ text: "package-lock.json changed on a pull", seq: 12 }],
  evidence: [12, 13],
  proposed: [{ tool: "bash", input: { command: "npm ci" } }],
  actions: [],
  alternatives: [],
  expiresWhen: [],
  createdAt: "2026-11-22T09:57:00.000Z",
  visibleAt: "2026-11-22T09:58:00.000Z",
  expiresAt: null,
  snoozedUntil: null,
  note: null,
  decidedSeq: 14,
  lastSeq: 20,
  undoable: false,
  ...over,
})

export const plan = (over: Partial<PlannedCall> = {}, digest = "d1"): PlannedCall => ({
  call: { tool: "bash", input: { command: "npm ci" } },
  verdict: {
    verdict: "ask",
    rule: "ask/network",
    file: "presets/default.toml",
    line: 41,
    reason: "it reaches the network",
    effects: [],
    commands: [["npm", "ci"]],
    matched: [],
    missing: null,
    digest,
  },
  summary: "$ npm ci",
  preview: null,
  sandbox: "bubblewrap",
  undoable: false,
  undoReason: "node_modules is not kept",
  commands: [["npm", "ci"]],
  reads: [],
  digest: `plan-${digest}`,
  problem: null,
  ...over,
})

export const detail = (row: Suggestion, plans: ReadonlyArray<PlannedCall> = [plan()]): Detail => ({
  v: 1,
  suggestion: row,
  plans,
})

const hash = "0".repeat(64)

export const event = (seq: number, over: Partial<EventRecord> = {}): EventRecord => ({
  seq,
  id: `e-${seq}`,
  at: new Date(nowMs - 1_000_000 + seq * 10).toISOString(),
  type: "terminal.command",
  v: 1,
  workspace: "/home/dev/proj",
  actor: "source:terminal",
  trust: "untrusted",
  causationId: null,
  correlationId: null,
  payload: {
    command: `make step-${seq}`,
    cwd: "/home/dev/proj",
    exit: seq % 7 === 0 ? 1 : 0,
    durationMs: 12,
    shell: "zsh",
    session: "1",
    authorKind: "user",
  },
  prevHash: hash,
  hash,
  ...over,
})

export const status = (over: Partial<Status> = {}): Status => ({
  v: 1,
  version: "0.1.0",
  pid: 1,
  startedAt: "2026-11-22T09:00:00.000Z",
  log: { dir: "/home/dev/.local/share/claw/log", seq: 0, hash },
  workspaces: ["/home/dev/proj", "/home/dev/other"],
  sources: [
    { component: "source:fs", workspace: "/home/dev/proj", state: "running", backend: null, detail: "" },
    { component: "source:git", workspace: "/home/dev/proj", state: "running", backend: null, detail: "" },
    { component: "source:terminal", workspace: null, state: "degraded", backend: null, detail: "no hook" },
  ],
  queue: { visible: 0, waiting: 0, urgent: 0 },
  paused: false,
  pausedUntil: null,
  degraded: [],
  spentToday: 0,
  lastEvent: null,
  ...over,
})

export const chain = (id: string): Why => ({
  v: 1,
  id,
  steps: [
    { role: "evidence", event: event(12), text: "pull origin/main" },
    { role: "decision", event: event(14, { type: "decision.question" }), text: "install" },
    { role: "verdict", event: event(15, { type: "policy.verdict" }), text: "ask by ask/network" },
  ],
  silence: null,
  taint: [],
  cost: { usd: 0, modelCalls: 0 },
})

/** The log at `seq`: each suggestion is decided at 100, 200, ...; it is shown ten events later and rejected after fifty. */
export const moment = (seq: number, over: Partial<Moment> = {}): Moment => {
  const head = over.head ?? 1_000
  const made = Array.from({ length: Math.floor(Math.min(seq, head) / 100) }, (_, index) => (index + 1) * 100)
  const rows = made.map((decidedSeq) =>
    suggestion(`s_${decidedSeq}`, {
      title: `Made at ${decidedSeq}`,
      decidedSeq,
      lastSeq: Math.min(seq, decidedSeq + 50),
      createdAt: event(decidedSeq).at,
      visibleAt: seq < decidedSeq + 10 ? null : event(decidedSeq + 10).at,
      state: seq < decidedSeq + 50 ? "pending" : "rejected",
    }),
  )
  const decision = made.at(-1)
  return {
    v: 1,
    seq,
    head,
    at: seq === 0 ? null : event(seq).at,
    event: seq === 0 ? null : event(seq),
    status: status({ log: { dir: "/l", seq, hash }, spentToday: seq / 1_000 }),
    queue: rows.toReversed(),
    previousDecision: seq <= 100 ? null : Math.floor((seq - 1) / 100) * 100,
    nextDecision: seq >= head - 100 ? null : (Math.floor(seq / 100) + 1) * 100,
    chain: decision === undefined ? [] : chainAt(decision),
    cost: { usd: 0, modelCalls: 0 },
    ...over,
  }
}

/** What led to the decision at `seq`, and what came of it. */
const chainAt = (seq: number): Moment["chain"] => [
  { role: "evidence", event: event(seq - 3), text: `saw ${seq - 3}` },
  { role: "situation", event: event(seq - 2, { type: "situation.opened" }), text: "command.failed" },
  { role: "decision", event: event(seq, { type: "decision.question" }), text: `made ${seq}` },
  { role: "verdict", event: event(seq + 1, { type: "policy.verdict" }), text: "ask by ask/network" },
  { role: "attention", event: event(seq + 10, { type: "decision.shown" }), text: "a boundary" },
  { role: "approval", event: event(seq + 50, { type: "approval.rejected" }), text: "rejected (tui): wrong" },
]

export const script = (rows: ReadonlyArray<Suggestion>, over: Partial<Script> = {}): Script => ({
  queue: rows,
  details: Object.fromEntries(rows.map((row) => [row.id, detail(row)])),
  chains: Object.fromEntries(rows.map((row) => [row.id, chain(row.id)])),
  status: status({
    log: { dir: "/l", seq: over.head ?? 40, hash },
    queue: { visible: rows.length, waiting: 0, urgent: 0 },
  }),
  head: 40,
  event,
  ...over,
})
