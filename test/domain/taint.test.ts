/** What an outsider could have written taints what rests on it, for good; and the gate asks for what is tainted. */
import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { evaluate } from "../../policies/evaluate.ts"
import { grantOffers } from "../../policies/grantOffers.ts"
import type { ToolCall, Trust } from "../../src/domain/action.ts"
import type { Event } from "../../src/domain/event.ts"
import type { GrantInForce } from "../../src/domain/grant.ts"
import { requestTrust, resultTrust, taintedBy, taintProjection, taints } from "../../src/domain/taint.ts"
import { taintOrigins } from "../../src/domain/taintOrigins.ts"
import { shipped, taken, workspace } from "../policies/gate.ts"

let seq = 0
const event = (over: Partial<Record<keyof Event, unknown>>): Event =>
  ({
    seq: ++seq,
    id: `e-${seq}`,
    at: "2026-11-22T10:00:00.000Z",
    v: 1,
    workspace,
    actor: "claw",
    trust: "trusted",
    causationId: null,
    correlationId: null,
    payload: {},
    prevHash: "",
    hash: "",
    ...over,
  }) as unknown as Event

const requested = (id: string, session: string | null, trust: Trust, calls = 1): Event =>
  event({
    type: "tool.requested",
    correlationId: id,
    trust,
    payload: { suggestion: id, title: id, calls: Array.from({ length: calls }, () => ({})), session },
  })
const finished = (id: string, trust: Trust, ok = true): Event =>
  event({ type: "tool.finished", correlationId: id, trust, payload: { suggestion: id, call: `${id}#0`, ok } })

const fold = (events: ReadonlyArray<Event>) => events.reduce(taintProjection.evolve, taintProjection.initial)

const bash = (command: string): ToolCall => ({ tool: "bash", input: { command } })
const risky: ReadonlyArray<ToolCall> = [
  { tool: "write_file", input: { path: "app/main.ts", content: "x" } },
  { tool: "edit_file", input: { path: "README.md", old_string: "a", new_string: "b" } },
  { tool: "git", input: { operation: "commit", message: "x" } },
  { tool: "git", input: { operation: "push", remote: "origin", branch: "main" } },
  bash("rm app/main.ts"),
  bash("npm test"),
  bash("node app/main.ts"),
  bash("git push"),
  bash("curl https://example.com/"),
  bash("echo x > app/main.ts"),
  bash("git commit -m x"),
]
/** Every standing answer a person could have given to any of them. */
const everything: ReadonlyArray<GrantInForce> = risky.flatMap((call, n) => {
  const { fault, offers, rules } = grantOffers(shipped, call, ...taken(call))
  if (fault !== null) return []
  return offers.flatMap(({ name, scope, title }) =>
    scope === null ? [] : [{ grant: `g_${n}_${name}`, seq: n, workspace, scope, title, rules, until: null }],
  )
})
const verdictOf = (call: ToolCall, trust: Trust): string => {
  const [compiled, scope] = taken(call, trust)
  return evaluate(shipped, compiled, { ...scope, grants: everything }).verdict
}

describe("taint", () => {
  it("comes with the answers of tools that read what others write, and not with Claw's own words", () => {
    for (const tool of [
      "read_file",
      "grep_search",
      "glob_search",
      "bash",
      "git",
      "WebFetch",
      "WebSearch",
      "REPL",
      "lsp",
      "task_output",
      "something_new",
    ])
      expect(taints(tool), tool).toBe(true)
    for (const tool of ["write_file", "edit_file", "TodoWrite", "Sleep", "ask_user"])
      expect(taints(tool), tool).toBe(false)
    expect(resultTrust("write_file", "trusted")).toBe("trusted")
    expect(resultTrust("write_file", "untrusted")).toBe("untrusted")
    expect(resultTrust("read_file", "trusted")).toBe("untrusted")
  })

  it("stays with a conversation from its first untrusted event on, and with no other", () => {
    const first = finished("r1", "untrusted")
    const state = fold([
      requested("r1", "A", "trusted"),
      requested("r2", "B", "trusted"),
      first,
      finished("r2", "trusted"),
      requested("r3", "A", "trusted"),
      finished("r3", "untrusted"),
    ])
    expect(taintedBy(state, "A")).toBe(first.seq)
    expect(requestTrust(state, "A")).toBe("untrusted")
    expect(taintedBy(state, "B")).toBeNull()
    expect(requestTrust(state, "B")).toBe("trusted")
    expect(requestTrust(state, null)).toBe("trusted")
    expect(requestTrust(state, null, "untrusted")).toBe("untrusted")
    expect(state.requests).toEqual({})
  })

  it("outlives the payload of what brought it, and names that are properties of every object", () => {
    const erased = { ...finished("r1", "untrusted"), payload: null, erased: true } as unknown as Event
    const state = fold([
      requested("r1", "__proto__", "trusted"),
      erased,
      requested("r2", "constructor", "trusted"),
    ])
    expect(taintedBy(state, "__proto__")).toBe(erased.seq)
    expect(taintedBy(state, "constructor")).toBeNull()
    expect(taintedBy(state, "toString")).toBeNull()
  })

  it("knows what it asks about: all of it is allowed where nothing is tainted", () => {
    expect(everything.length).toBeGreaterThan(5)
    const free = risky.filter((call) => verdictOf(call, "trusted") === "allow")
    expect(free.length).toBeGreaterThan(4)
  })

  const step = fc.oneof(
    fc.record({
      does: fc.constant("ask" as const),
      session: fc.constantFrom("A", "B", null),
      call: fc.constantFrom(...risky),
    }),
    fc.record({
      does: fc.constant("read" as const),
      session: fc.constantFrom("A", "B", null),
      tool: fc.constantFrom("read_file", "bash", "WebFetch", "write_file", "ask_user", "Sleep"),
      ok: fc.boolean(),
    }),
    fc.record({
      does: fc.constant("rest" as const),
      session: fc.constantFrom("A", "B"),
      trust: fc.constantFrom<Trust>("trusted", "untrusted"),
    }),
  )
  it("lets no chain that holds an untrusted event write, delete, run or reach out unasked, whatever was granted", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let state = taintProjection.initial
        const heard = new Set<string>()
        let number = 0
        const put = (one: Event): void => {
          state = taintProjection.evolve(state, one)
        }
        for (const one of steps) {
          const id = `r${++number}`
          const trust = one.does === "rest" ? one.trust : requestTrust(state, one.session)
          const tainted = one.session !== null && heard.has(one.session)
          if (one.does !== "rest") expect(trust).toBe(tainted ? "untrusted" : "trusted")
          put(requested(id, one.session, trust))
          if (one.does === "rest" && trust === "untrusted") heard.add(one.session)
          if (one.does === "ask") {
            const verdict = verdictOf(one.call, trust)
            if (tainted) expect(["ask", "deny"]).toContain(verdict)
          }
          if (one.does === "read") {
            const answer = resultTrust(one.tool, trust)
            put(finished(id, answer, one.ok))
            if (answer === "untrusted" && one.session !== null) heard.add(one.session)
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe("the origins of a taint", () => {
  it("are the observations, and the answers of tools, that came before; with the file, page or command they are of", () => {
    const started = event({
      type: "tool.started",
      correlationId: "r1",
      payload: {
        suggestion: "r1",
        call: "r1#0",
        tool: "read_file",
        input: { path: "docs/from-elsewhere.md" },
      },
    })
    const answer = { ...finished("r1", "untrusted"), causationId: started.id } as Event
    const chain = [started, answer, requested("r2", "A", "untrusted"), finished("r2", "untrusted")]
    expect(taintOrigins(chain)).toEqual([
      { seq: answer.seq, text: "what read_file docs/from-elsewhere.md answered" },
    ])
    expect(taintOrigins([started, answer, requested("r2", null, "trusted")])).toEqual([])
  })

  it("are told without their words where these were erased", () => {
    const seen = event({ type: "terminal.command", trust: "untrusted", payload: null })
    const made = event({
      type: "decision.draft",
      trust: "untrusted",
      payload: { proposal: { rule: "r", title: "t" } },
    })
    expect(taintOrigins([seen, made])).toEqual([{ seq: seen.seq, text: "terminal.command (erased)" }])
  })
})
