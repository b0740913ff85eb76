/** What is wanted again and again, and what was refused in a session. */
import { describe, expect, it } from "@effect/vitest"
import type { ToolCall, VerdictKind } from "../../src/domain/action.ts"
import { draft, type Event, type EventDraft } from "../../src/domain/event.ts"
import { emptyRepeats, evolveRepeats, refusalOf, timesNext, timesOf } from "../../src/domain/repeats.ts"

const workspace = "/w"
const ls: ToolCall = { tool: "bash", input: { command: "ls" } }
const pwd: ToolCall = { tool: "bash", input: { command: "pwd" } }

const world = () => {
  let state = emptyRepeats
  let seq = 0
  let nowMs = Date.parse("2026-03-02T09:00:00.000Z")
  const put = (made: EventDraft) => {
    seq += 1
    const at = new Date(nowMs).toISOString()
    state = evolveRepeats(state, { ...made, seq, id: `e${seq}`, at, v: 1, prevHash: "", hash: "" } as Event)
  }
  const who = (session: string | null = "c_1", actor = "agent") => ({ actor, session, workspace })
  return {
    wait: (minutes: number) => {
      nowMs += minutes * 60_000
    },
    ask: (id: string, calls: ReadonlyArray<ToolCall>, session: string | null = "c_1", actor = "agent") =>
      put(
        draft(
          "tool.requested",
          { suggestion: id, title: id, calls: [...calls], session },
          { actor, workspace, correlationId: id },
        ),
      ),
    judge: (id: string, call: ToolCall, verdict: VerdictKind) =>
      put(
        draft(
          "policy.verdict",
          {
            suggestion: id,
            index: 0,
            call,
            verdict: {
              verdict,
              rule: "r",
              file: "f",
              line: 1,
              reason: "it is so",
              effects: [],
              commands: [],
              matched: [],
              missing: null,
              digest: "",
            },
          },
          { actor: "gate", workspace, correlationId: id },
        ),
      ),
    reject: (id: string) =>
      put(
        draft(
          "approval.rejected",
          { suggestion: id, reason: "no", surface: "tui" },
          { actor: "user:tui", workspace, correlationId: id },
        ),
      ),
    fail: (id: string, reason: "interrupted" | "failed") =>
      put(
        draft(
          "tool.failed",
          { suggestion: id, call: `${id}#0`, reason, message: "" },
          { actor: "loop", workspace, correlationId: id },
        ),
      ),
    approve: (id: string) =>
      put(
        draft(
          "approval.approved",
          { suggestion: id, digests: [], unsandboxed: false, surface: "tui" },
          { actor: "user:tui", workspace, correlationId: id },
        ),
      ),
    grant: () =>
      put(
        draft(
          "policy.granted",
          {
            grant: "g_1",
            scope: { _tag: "exact", call: "" },
            title: "",
            verdict: "ask",
            rules: [],
            until: null,
            suggestion: "s",
            index: 0,
            surface: "tui",
          },
          { actor: "user:tui", workspace },
        ),
      ),
    next: (calls: ReadonlyArray<ToolCall>, session: string | null = "c_1", actor = "agent") =>
      timesNext(state, who(session, actor), calls, nowMs),
    times: (id: string, index = 0) => timesOf(state, id, index),
    refusal: (call: ToolCall, session: string | null = "c_1") => refusalOf(state, who(session), call),
    state: () => state,
  }
}

describe("the same call in a row", () => {
  it("is counted by actor and session, and told before it is logged as it is counted after", () => {
    const { ask, next, times } = world()
    for (const n of [1, 2, 3]) {
      expect(next([ls])).toBe(n)
      ask(`s_${n}`, [{ ...ls, input: { ...ls.input, description: `try ${n}`, timeoutMs: n } }])
      expect(times(`s_${n}`)).toBe(n)
    }
    expect(next([ls], "c_2")).toBe(1)
    expect(next([ls], "c_1", "sub-agent")).toBe(1)
    expect(times("s_1")).toBe(1)
  })
  it("is counted within one request too", () => {
    const { ask, next, times } = world()
    ask("s_1", [ls, ls, ls, pwd])
    expect([0, 1, 2, 3].map((index) => times("s_1", index))).toEqual([1, 2, 3, 1])
    expect(next([ls, ls])).toBe(2)
  })
  it("begins anew after another call, after a while, and after a person said yes", () => {
    const { approve, ask, next, times, wait } = world()
    ask("s_1", [ls])
    ask("s_2", [pwd])
    expect(next([ls])).toBe(1)
    ask("s_3", [ls])
    wait(11)
    expect(next([ls])).toBe(1)
    for (const n of [4, 5, 6]) ask(`s_${n}`, [ls])
    expect(times("s_6")).toBe(3)
    approve("s_6")
    expect(times("s_6")).toBe(3)
    expect(next([ls])).toBe(1)
  })
})

describe("a call that Claw's own end cut off", () => {
  it("was no try, one that failed was", () => {
    const { ask, fail, next } = world()
    ask("s_1", [ls])
    fail("s_1", "interrupted")
    ask("s_2", [ls])
    fail("s_2", "interrupted")
    expect(next([ls])).toBe(1)
    ask("s_3", [ls])
    fail("s_3", "failed")
    expect(next([ls])).toBe(2)
  })
  it("says nothing of another one that was asked for since", () => {
    const { ask, fail, next } = world()
    ask("s_1", [ls])
    ask("s_2", [pwd])
    fail("s_1", "interrupted")
    expect(next([pwd])).toBe(2)
  })
})

describe("a refusal", () => {
  it("holds for its session: the gate's as the gate's, a person's as a person's", () => {
    const { ask, judge, refusal, reject } = world()
    ask("s_1", [ls])
    judge("s_1", ls, "deny")
    ask("s_2", [pwd])
    judge("s_2", pwd, "ask")
    expect(refusal(pwd)).toBeNull()
    reject("s_2")
    expect(refusal(ls)).toEqual({ by: "gate", reason: "it is so" })
    expect(refusal({ ...pwd, input: { command: "pwd", timeoutMs: 5 } })).toEqual({
      by: "person",
      reason: "no",
    })
    expect(refusal(pwd, "c_2")).toBeNull()
    expect(refusal({ ...pwd, cwd: "/w/sub" })).toBeNull()
  })
  it("of somebody without a session is none", () => {
    const { ask, refusal, reject } = world()
    ask("s_1", [ls], null)
    reject("s_1")
    expect(refusal(ls, null)).toBeNull()
  })
  it("of a person ends when that person grants something there", () => {
    const { ask, grant, judge, refusal, reject } = world()
    ask("s_1", [ls])
    judge("s_1", ls, "deny")
    ask("s_2", [pwd])
    reject("s_2")
    grant()
    expect(refusal(pwd)).toBeNull()
    expect(refusal(ls)?.by).toBe("gate")
  })
})

describe("what is remembered", () => {
  it("is bounded", () => {
    const { ask, reject, state } = world()
    for (let n = 0; n < 400; n++) {
      ask(`s_${n}`, [{ tool: "bash", input: { command: `echo ${n}` } }], `c_${n % 120}`)
      reject(`s_${n}`)
    }
    expect(Object.keys(state().requests)).toHaveLength(300)
    expect(Object.keys(state().runs)).toHaveLength(100)
    expect(Object.keys(state().refusals)).toHaveLength(50)
  })
})
