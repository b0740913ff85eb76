/**
 * A conversation of many turns in a log, as if it had been had: each turn a word, its request, its answer and its rest, each
 * request recorded as what it adds to the one before.
 */
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { draft, type EventDraft } from "../domain/event.ts"

export const longSession = "c_00000000000be4c1"
const model = "anthropic/claude-opus-5-5"

const sha = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")
const callId = (turn: number): string => `m_${turn.toString(16).padStart(16, "0")}`
const wordOf = (turn: number): string => `What does part ${turn} do?`
const answerOf = (turn: number): string => `Part ${turn} adds up what part ${turn + 1} counts.`

const rest = { effort: null, format: null, maxOutput: 4_000, model, stable: 1, toolChoice: "auto", tools: [] }

const recordOf = (turn: number): Uint8Array => {
  const said = (n: number) => ({ role: "user", content: [{ type: "text", text: wordOf(n) }] })
  const answered = { role: "assistant", content: [{ type: "text", text: answerOf(turn - 1) }] }
  const record =
    turn === 0
      ? { base: null, messages: [said(0)], rest }
      : { base: { call: callId(turn - 1), keep: turn * 2 - 1 }, messages: [answered, said(turn)], rest: null }
  return new TextEncoder().encode(JSON.stringify(record))
}

const turnOf = (turn: number, header: object): ReadonlyArray<EventDraft> => {
  const record = recordOf(turn)
  const call = callId(turn)
  return [
    draft(
      "session.said",
      { session: longSession, text: wordOf(turn), surface: "cli" },
      {
        ...header,
        actor: "user:cli",
      },
    ),
    {
      ...draft(
        "model.requested",
        {
          call,
          purpose: "chat",
          session: longSession,
          situation: null,
          rule: null,
          model,
          digest: sha(`request ${turn}`),
          record: sha(record),
          bytes: 200 * (turn + 1),
          worstUsd: 0,
          of: null,
          attempt: 1,
        },
        { ...header, actor: "claw" },
      ),
      blobs: [record],
    },
    draft(
      "model.answered",
      {
        call,
        served: "claude-opus-5-5",
        content: [{ type: "text", text: answerOf(turn) }],
        finish: "stop",
        usage: { input: 40 * (turn + 1), output: 20, cacheRead: 0, cacheWrite: 0 },
        usd: 0,
        prices: "bench",
        requestId: null,
        firstTokenMs: 200,
        durationMs: 900,
      },
      { ...header, actor: "claw" },
    ),
    draft(
      "session.rested",
      { session: longSession, reason: "completed", message: "" },
      {
        ...header,
        actor: "claw",
      },
    ),
  ]
}

/** Into the log below `dir`. */
export const writeConversation = (dir: string, workspace: string, turns: number) =>
  Effect.gen(function* () {
    const store = yield* LogStore
    const header = { workspace, correlationId: longSession }
    yield* store.append([
      draft(
        "session.opened",
        {
          session: longSession,
          kind: "chat",
          title: "A long one",
          model,
          effort: null,
          tools: null,
          limits: { steps: null, tokens: null, usd: null, ms: null },
          format: null,
          parent: null,
          fork: null,
          situation: null,
          cwd: workspace,
        },
        { ...header, actor: "user:cli" },
      ),
    ])
    const together = 100
    for (let turn = 0; turn < turns; turn += together)
      yield* store.append(
        Array.from({ length: Math.min(together, turns - turn) }, (_, n) => turnOf(turn + n, header)).flat(),
      )
  }).pipe(Effect.provide(LmdbLogStore.layer({ dir })), Effect.orDie)
