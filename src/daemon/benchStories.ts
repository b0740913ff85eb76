/**
 * A log to look back on: commands and saved files, and every two hundred events a suggestion from its evidence to its
 * outcome. Every story has ended, so that a daemon that opens the log finds nothing to do.
 */
import { Effect } from "effect"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { draft, type Event, type EventDraft } from "../domain/event.ts"
import { callId } from "../domain/ids.ts"

const between = 190
const digest = "d".repeat(64)
const workspace = "/bench/shop"

const command = (seq: number, text: string, exit: number): EventDraft =>
  draft(
    "terminal.command",
    {
      command: text,
      cwd: workspace,
      exit,
      durationMs: 400 + (seq % 90),
      shell: "zsh",
      session: "zsh-1-1",
      authorKind: "user",
      startedAt: "2026-11-22T09:00:00.000Z",
      position: { file: "zsh-1", offset: seq },
    },
    { actor: "source:terminal", trust: "untrusted" },
  )

const saved = (seq: number): EventDraft =>
  draft(
    "fs.changed",
    {
      changes: [
        { path: `src/server/routes/part-${seq % 300}.ts`, kind: "change", bytes: 900 + (seq % 4_000) },
      ],
      counts: { add: 0, change: 1, unlink: 0, rename: 0 },
      truncated: false,
      cause: "watch",
    },
    { actor: "source:fs", trust: "untrusted" },
  )

/** What nobody needs to be asked about; of no workspace, so that no rule looks at it. */
const quiet = (from: number): ReadonlyArray<EventDraft> =>
  Array.from({ length: between }, (_, index) =>
    index % 3 === 0 ? saved(from + index) : command(from + index, `npm run step-${from + index}`, 0),
  )

const header = (id: string, actor: string) => ({ actor, workspace, correlationId: id })

/** From the evidence to the verdict, `from` being the seq of the first. */
const decided = (id: string, from: number): ReadonlyArray<EventDraft> => {
  const call = { tool: "bash", input: { command: `npm ci --prefix packages/${id}` }, cwd: workspace }
  const proposal = {
    rule: "bench/install",
    mode: "question" as const,
    title: `Install what the lockfile of packages/${id} says`,
    why: [{ text: "package-lock.json changed on a pull, node_modules did not", seq: from }],
    evidence: [from, from + 1],
    actions: [call],
    risk: "low" as const,
    urgent: true,
    fingerprint: `bench/install:${id}`,
    expiresWhen: [`file:packages/${id}/package-lock.json`],
    ttlMs: null,
    alternatives: [],
  }
  const verdict = {
    verdict: "ask" as const,
    rule: "ask/network",
    file: "presets/default.toml",
    line: 41,
    reason: "it reaches the network",
    effects: [],
    commands: [["npm", "ci"]],
    matched: [],
    missing: null,
    digest,
  }
  return [
    command(from, "git pull", 0),
    draft(
      "situation.opened",
      { kind: "bench.pulled", workspace, subject: id, evidence: [from], data: { id } },
      { actor: "decider", workspace },
    ),
    draft(
      "decision.silent",
      {
        situation: from + 1,
        rule: "none",
        reason: "no rule knows this",
        evidence: [from],
        fingerprint: null,
      },
      { actor: "decider", workspace },
    ),
    draft(
      "decision.question",
      { situation: from + 1, suggestion: id, proposal, tainted: false, expiresAt: null },
      header(id, "decider"),
    ),
    draft("policy.verdict", { suggestion: id, index: 0, call, verdict }, header(id, "gate")),
  ]
}

/** From the verdict to the outcome. */
const ended = (id: string, verdict: Event): ReadonlyArray<EventDraft> => {
  const call = callId(id, 0)
  return [
    draft(
      "decision.shown",
      { suggestion: id, reason: "urgent", boundary: null },
      { ...header(id, "decider"), causationId: verdict.id },
    ),
    draft(
      "approval.approved",
      { suggestion: id, digests: [digest], unsandboxed: false, surface: "tui" },
      header(id, "user:tui"),
    ),
    draft(
      "tool.started",
      {
        suggestion: id,
        call,
        tool: "bash",
        input: { command: "npm ci" },
        commands: [["npm", "ci"]],
        sandbox: "bubblewrap",
        digest,
        undo: { possible: false, reason: "package trees are not kept", before: [], refs: {} },
      },
      header(id, "executor"),
    ),
    draft(
      "tool.finished",
      {
        suggestion: id,
        call,
        ok: true,
        exit: 0,
        output: { head: "added 312 packages in 4s", tail: "", bytes: 24, blob: null },
        durationMs: 4_000,
        after: [],
        refs: {},
      },
      header(id, "executor"),
    ),
    draft(
      "decision.outcome",
      { suggestion: id, outcome: "accepted", evidence: [verdict.seq + 4] },
      header(id, "decider"),
    ),
  ]
}

/** A log of at least so many events below `dir`; answers how many. */
export const writeStories = (dir: string, events: number) =>
  Effect.gen(function* () {
    const store = yield* LogStore
    let seq = 0
    for (let story = 0; seq < events; story++) {
      const id = `s_${story.toString(16).padStart(16, "0")}`
      const before = quiet(seq + 1)
      const appended = yield* store.append([...before, ...decided(id, seq + 1 + before.length)])
      const verdict = appended.at(-1)!
      seq = (yield* store.append(ended(id, verdict))).at(-1)!.seq
    }
    return seq
  }).pipe(Effect.provide(LmdbLogStore.layer({ dir })), Effect.orDie)
