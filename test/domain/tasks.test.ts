/** The fold of background commands. */
import { assert, describe, it } from "@effect/vitest"
import type { Event, EventType, PayloadOf } from "../../src/domain/event.ts"
import { describe as say } from "../../src/domain/describe.ts"
import { tasksProjection, type TasksState } from "../../src/domain/tasks.ts"

let seq = 0
const event = <T extends EventType>(type: T, payload: PayloadOf<T> | null): Event =>
  ({
    seq: ++seq,
    id: `e${seq}`,
    at: "2026-01-01T00:00:00.000Z",
    type,
    payload,
    workspace: "/w",
  }) as unknown as Event

const started = (n: number) =>
  event("task.started", {
    task: `t_${n}`,
    call: `s_${n}#0`,
    suggestion: `s_${n}`,
    session: null,
    tool: "bash",
    title: `make ${n}`,
    commands: [["make"]],
    sandbox: "bubblewrap",
    lifetimeMs: 1000,
    watched: false,
  })
const ended = (n: number) =>
  event("task.ended", {
    task: `t_${n}`,
    call: `s_${n}#0`,
    suggestion: `s_${n}`,
    reason: "exited",
    exit: n,
    message: "",
    output: { head: "x", tail: "", bytes: 1, blob: null },
    durationMs: 5,
    after: [],
    refs: {},
  })
const fold = (...events: ReadonlyArray<Event>): TasksState =>
  events.reduce(tasksProjection.evolve, tasksProjection.initial)

describe("the fold of background commands", () => {
  it("knows what runs, and how what ended did", () => {
    const state = fold(
      started(1),
      started(2),
      ended(1),
      event("task.lines", { task: "t_2", lines: ["a"], dropped: 0 }),
    )
    assert.deepStrictEqual(Object.keys(state.running), ["t_2"])
    assert.deepStrictEqual(
      state.ended.map(({ ended: end, task, title }) => [task, title, end?.reason, end?.exit]),
      [["t_1", "make 1", "exited", 1]],
    )
  })

  it("ends a task once, and one it does not know never", () => {
    const state = fold(started(1), ended(1), ended(1), ended(7))
    assert.lengthOf(state.ended, 1)
    assert.deepStrictEqual(state.running, {})
  })

  it("keeps the newest hundred that ended, and is not moved by what was erased", () => {
    const all = Array.from({ length: 150 }, (_, n) => [started(n), ended(n)]).flat()
    const state = fold(...all, event("task.started", null), event("task.ended", null))
    assert.lengthOf(state.ended, 100)
    assert.strictEqual(state.ended[0]?.task, "t_149")
  })

  it("is told of in a line each", () => {
    assert.strictEqual(say(started(1)), "bash in the background (t_1): make 1")
    assert.strictEqual(say(ended(2)), "t_2 exited, exit 2")
    assert.strictEqual(
      say(event("task.lines", { task: "t_1", lines: ["a", "b"], dropped: 3 })),
      "t_1: a / b (3 more lines not kept)",
    )
  })
})
