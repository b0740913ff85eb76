/** Words as an answer to a question, and a question in the queue. */
import { assert, describe, it } from "vitest"
import { answerFault, type Question, readAnswer } from "../../src/domain/question.ts"
import type { Event } from "../../src/domain/event.ts"
import { emptyQueue, evolveQueue, type QueueState } from "../../src/domain/queue.ts"
import { todosProjection } from "../../src/domain/todos.ts"

const question = (over: Partial<Question> = {}): Question => ({
  session: null,
  call: "s_1#0",
  text: "Which?",
  options: ["main", "next release", "3"],
  multiple: false,
  answer: null,
  ...over,
})

describe("words as an answer", () => {
  it.each([
    ["1", ["main"]],
    ["MAIN", ["main"]],
    ["next release", ["next release"]],
    // a name goes before a number
    ["3", ["3"]],
    [" 2 ", ["next release"]],
  ])("%j is %j", (typed, chosen) => {
    const read = readAnswer(question(), typed)
    assert.deepEqual(read._tag === "Success" ? read.success.chosen : null, chosen)
  })

  it.each(["", "4", "0", "mai", "1 2", "1,1", "yes", "1; rm -rf /"])("%j is none", (typed) => {
    assert.strictEqual(readAnswer(question(), typed)._tag, "Failure")
  })

  it("takes several where several may be chosen, each once", () => {
    const many = question({ multiple: true })
    const read = readAnswer(many, "main, 2")
    assert.deepEqual(read._tag === "Success" && read.success.chosen, ["main", "next release"])
    assert.strictEqual(readAnswer(many, "1 1")._tag, "Failure")
    assert.strictEqual(readAnswer(many, "1 9")._tag, "Failure")
  })

  it("holds words to their length and options to what was offered", () => {
    const free = question({ options: [] })
    assert.isNull(answerFault(free, { chosen: [], text: "x".repeat(10_000) }))
    assert.isString(answerFault(free, { chosen: [], text: "x".repeat(10_001) }))
    assert.isString(answerFault(free, { chosen: ["main"], text: null }))
    assert.isNull(answerFault(question(), { chosen: ["main"], text: "because" }))
  })
})

let seq = 0
const event = (type: Event["type"], correlationId: string, payload: unknown): Event =>
  ({
    seq: ++seq,
    id: `e${seq}`,
    at: new Date(1_700_000_000_000 + seq * 1000).toISOString(),
    type,
    v: 1,
    workspace: "/w",
    actor: "claw",
    trust: "trusted",
    causationId: null,
    correlationId,
    payload,
    prevHash: "",
    hash: "",
  }) as Event
const asked = (id: string, session: string | null, call: string) =>
  event("session.asked", id, {
    question: id,
    session,
    call,
    text: "Which?",
    options: [],
    multiple: false,
    expiresAt: null,
  })
const fold = (...events: ReadonlyArray<Event>): QueueState => events.reduce(evolveQueue, emptyQueue)
const failure = event("tool.failed", "s_1", {
  suggestion: "s_1",
  call: "s_1#0",
  reason: "stopped",
  message: "stopped",
})

describe("a question in the queue", () => {
  it("goes with the call that asked it, unless a conversation may still hear the answer", () => {
    const state = fold(
      asked("q_1", null, "s_1#0"),
      asked("q_2", "c_1", "s_1#0"),
      asked("q_3", null, "s_2#0"),
      failure,
    )
    assert.deepEqual(
      Object.values(state.suggestions).map((row) => [row.id, row.state]),
      [
        ["q_1", "expired"],
        ["q_2", "pending"],
        ["q_3", "pending"],
      ],
    )
  })

  it("keeps its first answer, and none after its end", () => {
    const answer = (text: string) =>
      event("session.answered", "q_1", { question: "q_1", answer: { chosen: [], text }, surface: "cli" })
    const closed = event("session.closed", "q_1", { question: "q_1", reason: "late" })
    const first = fold(asked("q_1", null, "s_1#0"), answer("one"), answer("two"), closed).suggestions["q_1"]
    assert.strictEqual(first?.question?.answer?.text, "one")
    assert.strictEqual(first?.state, "done")
    const late = fold(asked("q_1", null, "s_1#0"), closed, answer("one")).suggestions["q_1"]
    assert.isNull(late?.question?.answer)
    assert.strictEqual(late?.state, "expired")
  })

  it("whose answer was erased is not open again", () => {
    const erased = { ...event("session.answered", "q_1", null), erased: true } as Event
    assert.strictEqual(fold(asked("q_1", null, "s_1#0"), erased).suggestions["q_1"]?.state, "expired")
  })
})

describe("lists of things to do", () => {
  it("are kept for the fifty conversations that wrote last", () => {
    const list = (session: string) => event("session.todos", session, { session, call: "s_1#0", todos: [] })
    const sessions = Array.from({ length: 60 }, (_, n) => `c_${n}`)
    const state = [...sessions, "c_20"].map(list).reduce(todosProjection.evolve, todosProjection.initial)
    const kept = Object.values(state).map(({ session }) => session)
    assert.lengthOf(kept, 50)
    assert.strictEqual(kept.at(-1), "c_20")
    assert.notInclude(kept, "c_9")
  })
})
