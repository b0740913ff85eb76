/** Conversations made at random, as logs have them: words while it thinks, results in any order, stops, records, rewinds. */
import type { Event, EventType, PayloadOf } from "../../../src/domain/event.ts"
import type { AnswerPart } from "../../../src/domain/modelRequest.ts"
import { openedOf } from "../../loop/openedSession.ts"

export const session = "c_0123456789abcdef"

/** Mulberry32: the same seed gives the same conversation. */
export const randomFrom = (seed: number) => {
  let state = seed >>> 0
  return (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

export class Log {
  readonly events: Array<Event> = []
  #seq = 0

  /** Others write between. */
  skip(): void {
    this.#seq++
  }

  put<T extends EventType>(type: T, payload: PayloadOf<T>, more: Partial<Event> = {}): Event {
    const seq = ++this.#seq
    const event = {
      seq,
      id: `e${seq}`,
      at: new Date(Date.UTC(2026, 0, 1) + seq * 1_000).toISOString(),
      type,
      v: 1,
      workspace: "/w",
      actor: "user:cli",
      trust: "trusted",
      causationId: null,
      correlationId: session,
      payload,
      prevHash: "",
      hash: "",
      ...more,
    } as unknown as Event
    this.events.push(event)
    return event
  }
}

export const opened = (log: Log, more: Partial<PayloadOf<"session.opened">> = {}): Event =>
  log.put("session.opened", openedOf(session, more))

export const said = (log: Log, text: string): Event =>
  log.put("session.said", { session, text, surface: "cli" })

let made = 0
export const asked = (log: Log, cause: Event): string => {
  const call = `m_${(++made).toString(16).padStart(16, "0")}`
  log.put(
    "model.requested",
    {
      call,
      purpose: "chat",
      session,
      situation: null,
      rule: null,
      model: "test/one",
      digest: "0",
      record: "0",
      bytes: 1,
      worstUsd: null,
      of: null,
      attempt: 0,
    },
    { causationId: cause.id },
  )
  return call
}

export const answered = (
  log: Log,
  call: string,
  content: ReadonlyArray<AnswerPart>,
  more: Partial<PayloadOf<"model.answered">> = {},
): Event =>
  log.put("model.answered", {
    call,
    served: "one",
    content: [...content],
    finish: content.some(({ type }) => type === "tool-call") ? "tool-calls" : "stop",
    usage: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 },
    usd: 0.01,
    prices: "none",
    requestId: null,
    firstTokenMs: null,
    durationMs: 1,
    ...more,
  })

export const results = (
  log: Log,
  call: string,
  ...ends: ReadonlyArray<{
    readonly id: string
    readonly tool: string
    readonly text: string
    readonly ok?: boolean
  }>
): Event =>
  log.put("session.results", {
    session,
    call,
    results: ends.map(({ id, ok = true, text, tool }) => ({ id, tool, text, ok, suggestion: null, ms: 5 })),
  })

const tools = ["read_file", "bash", "write_file", "no_such_tool"]

const partsFrom = (random: (below: number) => number): ReadonlyArray<AnswerPart> => {
  const parts: Array<AnswerPart> = []
  if (random(3) > 0) parts.push({ type: "text", text: random(5) === 0 ? " " : `words ${random(100)}` })
  if (random(4) === 0) parts.unshift({ type: "reasoning", text: `thought ${random(100)}` })
  for (let n = random(4); n > 0; n--) {
    const id = random(6) === 0 ? "same" : random(8) === 0 ? "" : `t${random(1_000)}`
    const params = random(5) === 0 ? "{broken" : { path: `f${random(9)}` }
    parts.push({ type: "tool-call", id, name: tools[random(tools.length)]!, params })
  }
  return parts
}

/** A conversation of about `length` events, with the ids that the program would give its calls. */
export const generated = (
  seed: number,
  length: number,
  idsOf: (parts: ReadonlyArray<AnswerPart>) => ReadonlyArray<string>,
): ReadonlyArray<Event> => {
  const random = randomFrom(seed)
  const log = new Log()
  opened(log)
  const words: Array<number> = []
  const open: Array<{ call: string; ids: Array<string> }> = []
  let cause = log.put("session.prepared", { session, sections: [], tools: "t".repeat(64), deferred: [] })
  while (log.events.length < length) {
    if (random(4) === 0) log.skip()
    switch (random(9)) {
      case 0:
      case 1:
        cause = said(log, `word ${log.events.length}`)
        words.push(cause.seq)
        break
      case 2:
      case 3:
      case 4: {
        if (words.length === 0) break
        const call = asked(log, cause)
        if (random(4) === 0) words.push(said(log, `meanwhile ${log.events.length}`).seq)
        const parts = partsFrom(random)
        cause = answered(log, call, parts, random(8) === 0 ? { finish: "length" } : {})
        open.push({ call, ids: [...idsOf(parts)] })
        break
      }
      case 5:
      case 6: {
        const one = open[random(Math.max(1, open.length))]
        const id = one?.ids.splice(random(Math.max(1, one.ids.length)), 1)[0]
        if (one !== undefined && id !== undefined)
          cause = results(log, one.call, { id, tool: "read_file", text: `out ${log.events.length}` })
        break
      }
      case 7:
        if (random(3) === 0) log.put("session.stopped", { session, surface: "cli" })
        else if (random(2) === 0) log.put("session.rested", { session, reason: "completed", message: "" })
        else cause = log.put("session.noted", { session, kind: "note", text: `note ${log.events.length}` })
        break
      case 8:
        if (random(4) === 0 && words.length > 1) {
          const to = words.pop()!
          log.put("session.rewound", { session, to, files: false })
        }
        break
    }
  }
  return log.events
}
