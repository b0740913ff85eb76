/** What comes next: limits, loops, endings; each with the reason the user is told. */
import { assert, describe, it } from "@effect/vitest"
import { type Circumstances, next, type Step } from "../../../src/agent/session/next.ts"
import { transcriptOf } from "../../../src/agent/session/transcript.ts"
import { cutOffText } from "../../../src/domain/callResult.ts"
import type { AnswerPart, Usage } from "../../../src/domain/modelRequest.ts"
import type { Event, PayloadOf } from "../../../src/domain/event.ts"
import { answered, asked, Log, opened, results, said, session } from "./generatedSession.ts"

const calm: Circumstances = { spentUsd: 0, window: 100_000, maxOutput: 4_000, prepared: true }
const stepAfter = (log: Log, circumstances: Partial<Circumstances> = {}): Step =>
  next(transcriptOf(log.events)!, { ...calm, ...circumstances })

const begun = (more: Partial<PayloadOf<"session.opened">> = {}): { log: Log; word: Event } => {
  const log = new Log()
  opened(log, more)
  log.put("session.prepared", { session, sections: [], tools: "t", deferred: [] })
  return { log, word: said(log, "go") }
}
const call = (name: string, params: unknown): AnswerPart => ({
  type: "tool-call",
  id: "t",
  name,
  params: params as never,
})

/** One step: a call and its result. */
const did = (
  log: Log,
  cause: Event,
  name: string,
  params: unknown,
  text: string,
  ok = true,
  usage: Partial<Usage> = {},
): Event => {
  const id = asked(log, cause)
  answered(log, id, [call(name, params)], {
    usage: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0, ...usage },
  })
  return results(log, id, { id: "t", tool: name, text, ok })
}
const spoke = (
  log: Log,
  cause: Event,
  text: string,
  more: Partial<PayloadOf<"model.answered">> = {},
): Event => answered(log, asked(log, cause), text === "" ? [] : [{ type: "text", text }], more)

describe("a piece of work", () => {
  it("waits for a word, prepares, thinks, calls, thinks again, rests", () => {
    const log = new Log()
    opened(log)
    assert.strictEqual(stepAfter(log)._tag, "wait")
    const word = said(log, "go")
    assert.strictEqual(stepAfter(log)._tag, "prepare")
    log.put("session.prepared", { session, sections: [], tools: "t", deferred: [] })
    assert.strictEqual(stepAfter(log, { prepared: false })._tag, "prepare")
    assert.deepStrictEqual(stepAfter(log), { _tag: "think", cause: { seq: word.seq, id: word.id } })
    const id = asked(log, word)
    answered(log, id, [call("bash", { command: "ls" })])
    const step = stepAfter(log)
    assert.deepStrictEqual(step._tag === "call" ? step.calls.map(({ name }) => name) : [], ["bash"])
    const end = results(log, id, { id: "t", tool: "bash", text: "a b" })
    assert.deepStrictEqual(stepAfter(log), { _tag: "think", cause: { seq: end.seq, id: end.id } })
    spoke(log, end, "done")
    assert.deepStrictEqual(stepAfter(log), { _tag: "rest", reason: "completed", message: "" })
    log.put("session.rested", { session, reason: "completed", message: "" })
    assert.strictEqual(stepAfter(log)._tag, "wait")
  })

  it("that is stopped settles its calls first, and goes on with a word that came since", () => {
    const { log, word } = begun()
    const id = asked(log, word)
    answered(log, id, [call("bash", {})])
    log.put("session.stopped", { session, surface: "cli" })
    assert.strictEqual(stepAfter(log)._tag, "settle")
    results(log, id, { id: "t", tool: "bash", text: "not run", ok: false })
    assert.deepInclude(stepAfter(log), { _tag: "rest", reason: "stopped" })
    said(log, "no, this way")
    assert.strictEqual(stepAfter(log)._tag, "think")
  })

  it("hears a word that came after the answer instead of resting", () => {
    const { log, word } = begun()
    spoke(log, word, "done")
    said(log, "and this too")
    assert.strictEqual(stepAfter(log)._tag, "think")
  })
})

describe("a limit", () => {
  const none = { steps: null, tokens: null, usd: null, ms: null }
  const reasonAt = (limits: Readonly<Record<string, number>>, circumstances: Partial<Circumstances> = {}) => {
    const { log, word } = begun({ limits: { ...none, ...limits } })
    let cause = word
    const reasons: Array<string> = []
    for (let n = 0; n < 4; n++) {
      const step = stepAfter(log, circumstances)
      reasons.push(step._tag === "rest" ? step.reason : step._tag)
      cause = did(log, cause, "read_file", { path: `f${n}` }, `text ${n}`)
    }
    return reasons
  }
  it("of steps, tokens, time and money ends in a rest", () => {
    assert.deepStrictEqual(reasonAt({ steps: 2 }), ["think", "think", "steps", "steps"])
    assert.deepStrictEqual(reasonAt({ tokens: 20 }), ["think", "think", "tokens", "tokens"])
    assert.deepStrictEqual(reasonAt({ usd: 0.5 }, { spentUsd: 0.5 }), ["money", "money", "money", "money"])
    // an answer takes a second in these logs, and a tool 5 ms
    assert.deepStrictEqual(reasonAt({ ms: 2_000 }), ["think", "think", "time", "time"])
  })
  it("counts from the last word", () => {
    const { log, word } = begun({ limits: { ...none, steps: 1 } })
    did(log, word, "read_file", { path: "a" }, "x")
    assert.deepInclude(stepAfter(log), { _tag: "rest", reason: "steps" })
    said(log, "go on")
    assert.strictEqual(stepAfter(log)._tag, "think")
  })
})

describe("a loop", () => {
  const reasonOf = (...steps: ReadonlyArray<readonly [string, unknown, string, boolean?]>) => {
    const { log, word } = begun()
    let cause = word
    let at = 0
    for (const [name, params, text, ok] of steps) {
      const step = stepAfter(log)
      if (step._tag === "rest") return [step.reason, at, step.message] as const
      cause = did(log, cause, name, params, text, ok)
      at++
    }
    const step = stepAfter(log)
    return step._tag === "rest" ? ([step.reason, at, step.message] as const) : ([step._tag, at, ""] as const)
  }
  const times = <A>(n: number, one: A): Array<A> => Array.from({ length: n }, () => one)

  it("of the same call with the same result is asked about at the fourth, and not where the result differs", () => {
    assert.deepStrictEqual(
      reasonOf(...times(6, ["grep_search", { pattern: "x" }, "none"] as const)).slice(0, 2),
      ["loop", 4],
    )
    assert.strictEqual(
      reasonOf(...times(6, 0).map((_, n) => ["task_output", { id: "t" }, `line ${n}`] as const))[0],
      "think",
    )
    assert.match(
      reasonOf(...times(4, ["bash", { command: "ls", description: "look" }, "a"] as const))[2],
      /bash.*shall it go on/,
    )
  })
  it("of the same error is asked about at the third, whatever was tried", () => {
    assert.deepStrictEqual(
      reasonOf(
        ...times(5, 0).map((_, n) => ["bash", { command: `make ${n}` }, "no rule", false] as const),
      ).slice(0, 2),
      ["loop", 3],
    )
  })
  it("is none where Claw's own ends cut off one call and another, but is where it is one and the same each time", () => {
    const cutOff = (command: string) => ["bash", { command }, cutOffText, false] as const
    assert.strictEqual(reasonOf(...times(5, 0).map((_, n) => cutOff(`make ${n}`)))[0], "think")
    assert.deepStrictEqual(reasonOf(...times(5, cutOff("kill -9 -1"))).slice(0, 2), ["loop", 4])
  })
  it("between two calls is asked about after three rounds", () => {
    const pair = (n: number) =>
      n % 2 === 0
        ? (["read_file", { path: "a" }, "1"] as const)
        : (["read_file", { path: "b" }, "2"] as const)
    assert.deepStrictEqual(reasonOf(...times(8, 0).map((_, n) => pair(n))).slice(0, 2), ["loop", 6])
  })
  it("with others between is asked about at the sixth in ten", () => {
    const steps = times(10, 0).map((_, n) =>
      n % 5 === 2
        ? (["read_file", { path: `p${n}` }, `${n}`] as const)
        : (["bash", { command: "t" }, "same"] as const),
    )
    assert.strictEqual(reasonOf(...steps)[0], "loop")
  })
  it("is none where it sleeps", () => {
    assert.strictEqual(reasonOf(...times(6, ["Sleep", { duration_ms: 1 }, "slept"] as const))[0], "think")
  })
  it("of talk is asked about", () => {
    const { log, word } = begun()
    let cause = word
    for (let n = 0; n < 3; n++) cause = spoke(log, cause, "I shall begin.", { finish: "pause" })
    assert.deepInclude(stepAfter(log), { _tag: "rest", reason: "loop" })
  })
  it("ends with the user's word", () => {
    const { log, word } = begun()
    let cause = word
    for (let n = 0; n < 4; n++) cause = did(log, cause, "bash", { command: "x" }, "same")
    assert.strictEqual(stepAfter(log)._tag, "rest")
    said(log, "yes, go on")
    assert.strictEqual(stepAfter(log)._tag, "think")
  })
})

describe("an answer", () => {
  it("that was cut at its length is gone on with three times, then it says so", () => {
    const { log, word } = begun()
    let cause = word
    for (let n = 0; n < 3; n++) {
      spoke(log, cause, `part ${n}`, { finish: "length" })
      assert.deepInclude(stepAfter(log), { _tag: "note", kind: "length" })
      cause = log.put("session.noted", { session, kind: "length", text: "go on" })
    }
    spoke(log, cause, "part 4", { finish: "length" })
    assert.deepInclude(stepAfter(log), { _tag: "rest", reason: "completed" })
  })
  it("that the server pauses is asked on as it is", () => {
    const { log, word } = begun()
    const end = spoke(log, word, "half", { finish: "pause" })
    assert.deepStrictEqual(stepAfter(log), { _tag: "think", cause: { seq: end.seq, id: end.id } })
  })
  it("that is empty is asked for once more", () => {
    const { log, word } = begun()
    spoke(log, word, "")
    assert.deepInclude(stepAfter(log), { _tag: "note", kind: "empty" })
    spoke(log, log.put("session.noted", { session, kind: "empty", text: "?" }), "")
    assert.deepInclude(stepAfter(log), { _tag: "rest", reason: "failed" })
  })
  it("that a filter held back is refused", () => {
    const { log, word } = begun()
    spoke(log, word, "", { finish: "content-filter" })
    assert.deepInclude(stepAfter(log), { _tag: "rest", reason: "refused" })
  })
  it("that must be of a form is asked for twice more, with what is wrong", () => {
    const format = {
      type: "object",
      properties: { n: { type: "integer" } },
      required: ["n"],
      additionalProperties: false,
    }
    const { log, word } = begun({ format })
    let cause = word
    for (const text of ["no json", '{"n": "one"}']) {
      spoke(log, cause, text)
      assert.deepInclude(stepAfter(log), { _tag: "note", kind: "format" })
      cause = log.put("session.noted", { session, kind: "format", text: "again" })
    }
    spoke(log, cause, '```json\n{"n": 1}\n```')
    assert.deepInclude(stepAfter(log), { _tag: "rest", reason: "completed" })
    log.events.pop()
    spoke(log, cause, "{}")
    assert.deepInclude(stepAfter(log), { _tag: "rest", reason: "failed" })
  })
})

describe("a full window", () => {
  it("is made room in before the next answer, and never twice for the same words", () => {
    const { log, word } = begun()
    let cause = word
    for (let n = 0; n < 3; n++)
      cause = did(log, cause, "read_file", { path: `f${n}` }, "x".repeat(40_000), true, {
        input: 12_000 * (n + 1),
      })
    assert.strictEqual(stepAfter(log, { window: 40_000 })._tag, "compact")
    assert.strictEqual(stepAfter(log, { window: 400_000 })._tag, "think")
    assert.strictEqual(stepAfter(log, { window: null })._tag, "think")
    log.put("session.compacted", { session, upTo: word.seq, lines: [], reason: "window", call: null })
    assert.strictEqual(stepAfter(log, { window: 40_000 })._tag, "think")
  })
})
