/** What the log says of a request becomes one result for each call, whatever happened, was edited or was erased. */
import { assert, it } from "@effect/vitest"
import { draft, type Event, type EventDraft } from "../../src/domain/event.ts"
import { callResults } from "../../src/loop/callResults.ts"

const on = { actor: "agent", workspace: "/w", correlationId: "s_1" }
const call = (n: number) => ({ tool: "bash", input: { command: `echo ${n}` } })
const output = (head: string) => ({ head, tail: "", bytes: head.length, blob: null })

const stored = (...drafts: ReadonlyArray<EventDraft>): ReadonlyArray<Event> =>
  drafts.map(
    (one, index) =>
      ({ ...one, seq: index + 1, id: `e${index}`, at: "2026-04-01T08:00:00.000Z", v: 1 }) as unknown as Event,
  )
const requested = (count: number) =>
  draft(
    "tool.requested",
    { suggestion: "s_1", title: "t", calls: Array.from({ length: count }, (_, n) => call(n)), session: null },
    on,
  )
const started = (n: number) =>
  draft(
    "tool.started",
    {
      suggestion: "s_1",
      call: `s_1#${n}`,
      ...call(n),
      commands: [],
      sandbox: "bubblewrap",
      digest: "d",
      undo: { possible: true, reason: null, before: [], refs: {} },
    },
    on,
  )
const finished = (n: number, ok: boolean, text: string) =>
  draft(
    "tool.finished",
    {
      suggestion: "s_1",
      call: `s_1#${n}`,
      ok,
      exit: ok ? 0 : 3,
      output: output(text),
      durationMs: 7,
      after: [],
      refs: {},
    },
    on,
  )
const failed = (n: number, reason: string, message: string) =>
  draft("tool.failed", { suggestion: "s_1", call: `s_1#${n}`, reason, message }, on)

const outcomes = (events: ReadonlyArray<Event>) => callResults(events)?.map(({ outcome }) => outcome)

it("gives what each printed, and skips what comes behind one that went wrong", () => {
  const events = stored(requested(3), started(0), finished(0, true, "a"), started(1), finished(1, false, "b"))
  const results = callResults(events)!
  assert.deepStrictEqual(outcomes(events), ["done", "failed", "skipped"])
  assert.deepStrictEqual(
    results.map(({ text, exit }) => [text, exit]),
    [
      ["a", 0],
      ["b", 3],
      ["not run: a call before it did not end well", null],
    ],
  )
  assert.isTrue(results[0]!.undoable)
  assert.isFalse(results[2]!.undoable)
})

it("keeps what was printed before the end, with the tool's reason", () => {
  const events = stored(
    requested(1),
    started(0),
    finished(0, false, "so far"),
    failed(0, "timeout", "too long"),
  )
  const [result] = callResults(events)!
  assert.strictEqual(result!.outcome, "failed")
  assert.strictEqual(result!.text, "so far\ntoo long")
  assert.deepStrictEqual(result!.problem, { reason: "timeout", message: "too long" })
})

it("says of a call that could not begin why, and of the others that they were not run", () => {
  const events = stored(requested(2), failed(0, "refused", "no sandbox"))
  assert.deepStrictEqual(outcomes(events), ["failed", "skipped"])
  assert.strictEqual(callResults(events)![0]!.text, "no sandbox")
})

it("is not undoable once it was undone", () => {
  const undone = draft("tool.undone", { suggestion: "s_1", call: "s_1#0", paths: [] }, on)
  const [result] = callResults(stored(requested(1), started(0), finished(0, true, ""), undone))!
  assert.isFalse(result!.undoable)
})

it("is that of the calls as they were edited", () => {
  const edited = draft("approval.edited", { suggestion: "s_1", actions: [call(9)], surface: "cli" }, on)
  const [result, ...more] = callResults(stored(requested(2), edited, started(0), finished(0, true, "nine")))!
  assert.lengthOf(more, 0)
  assert.deepStrictEqual(result!.input, { command: "echo 9" })
  assert.isTrue(result!.edited)
})

it("gives what a suggestion of Claw's own printed once it was approved", () => {
  const decided = {
    ...started(0),
    type: "decision.draft",
    payload: { suggestion: "s_1", proposal: { actions: [call(1)] } },
  } as unknown as EventDraft
  const [result] = callResults(stored(decided, started(0), finished(0, true, "on main")))!
  assert.deepInclude(result!, { outcome: "done", text: "on main", tool: "bash", undoable: true })
})

it("does not take for done what is erased", () => {
  const erased = stored(requested(1), started(0), finished(0, true, "x")).map((event) =>
    event.type === "tool.finished" ? ({ ...event, payload: null, erased: true } as unknown as Event) : event,
  )
  assert.deepStrictEqual(outcomes(erased), ["skipped"])
  assert.isNull(callResults(stored(started(0), finished(0, true, "x"))))
})

it("says who refused", () => {
  const no = draft("approval.rejected", { suggestion: "s_1", reason: "", surface: "tui" }, on)
  assert.strictEqual(callResults(stored(requested(1), no))![0]!.text, "the user said no (tui)")
  const left = draft("decision.expired", { suggestion: "s_1", reason: "too old", evidence: [] }, on)
  assert.deepStrictEqual(outcomes(stored(requested(1), left)), ["withdrawn"])
})
