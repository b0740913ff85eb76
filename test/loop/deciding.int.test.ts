/** From an observation to an answered suggestion on a log in memory: the outbox, the chain of why, exact replay. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream, SubscriptionRef } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { draft, type EventDraft } from "../../src/domain/event.ts"
import type { Suggestion } from "../../src/domain/suggestion.ts"
import { replayLog } from "./replayLog.ts"
import { why } from "../../src/loop/why.ts"
import { boot, ended, type Loop, place, type Place } from "./loopWorld.ts"

const typed = (at: Place, command: string, exit: number, offset: number): EventDraft =>
  draft(
    "terminal.command",
    {
      command,
      cwd: at.workspace,
      exit,
      durationMs: 3,
      shell: "bash",
      session: "bash-1-1",
      authorKind: "user",
      startedAt: new Date().toISOString(),
      position: { file: "/spool/bash-1-1", offset },
    },
    { actor: "source:terminal", workspace: at.workspace, trust: "untrusted" },
  )

/** The one suggestion, once it is judged and may be seen. */
const suggested = (loop: Loop): Effect.Effect<Suggestion> =>
  SubscriptionRef.changes(loop.folds.snapshot).pipe(
    Stream.map(({ queue }) => Object.values(queue.suggestions)[0]),
    Stream.filter(
      (row): row is NonNullable<typeof row> =>
        row !== undefined && row.visibleAt !== null && row.actions.length > 0,
    ),
    Stream.runHead,
    Effect.flatMap(Effect.fromOption),
    Effect.orDie,
  )

const begin = (at: Place): EventDraft =>
  draft(
    "daemon.workspace",
    { action: "added", path: at.workspace },
    { actor: "user", workspace: at.workspace },
  )

describe("a mistyped command", () => {
  it.live("becomes a judged suggestion that rests on it, and why tells the whole chain in order", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at, memoryBackend(), { deciding: true, sandboxed: true })
      yield* loop.append(begin(at), typed(at, "gti --version", 127, 10))
      const row = yield* suggested(loop)
      assert.strictEqual(row.rule, "mistyped-command")
      assert.deepStrictEqual(row.evidence, [2])
      assert.deepStrictEqual(
        row.actions.map(({ tool, input }) => [tool, input]),
        [["bash", { command: "git --version" }]],
      )
      yield* loop.approve(row.id)
      assert.strictEqual((yield* loop.rowWhen(row.id, ended)).state, "done")

      const steps = (yield* why(loop.store, row.id))!
      const seqs = steps.map(({ event }) => event.seq)
      assert.deepStrictEqual(
        seqs,
        seqs.toSorted((a, b) => a - b),
      )
      const roles = steps.map(({ role }) => role)
      for (const role of [
        "evidence",
        "situation",
        "facts",
        "decision",
        "verdict",
        "attention",
        "approval",
        "action",
      ]) {
        assert.include(roles, role)
      }
      assert.strictEqual(steps.find(({ role }) => role === "evidence")?.event.seq, 2)
      // by a call, by the seq of what it rests on, by the id of an event: the same story
      const byCall = (yield* why(loop.store, `${row.id}#0`))!
      assert.deepStrictEqual(
        byCall.map(({ event }) => event.seq),
        seqs,
      )
      const bySeq = (yield* why(loop.store, "2"))!
      assert.include(
        bySeq.map(({ event }) => event.type),
        "situation.opened",
      )
      assert.isNull(yield* why(loop.store, "s_none"))
      assert.isNull(yield* why(loop.store, "999999"))
    }).pipe(Effect.scoped),
  )

  it.live("is decided once, also where the loop ended between each of its steps", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      const first = yield* boot(at, backend)
      yield* first.append(begin(at), typed(at, "gti --version", 127, 10))
      yield* first.crash
      let head = 0
      for (let n = 0; n < 12; n++) {
        const loop = yield* boot(at, backend, { deciding: true })
        const before = (yield* loop.store.head).seq
        // as soon as anything more is in the log, everything ends
        if (before === head) {
          yield* suggested(loop)
          yield* loop.crash
          break
        }
        head = before
        yield* loop.store
          .tail(before + 1)
          .pipe(Stream.runHead, Effect.timeoutOption("1 second"), Effect.orDie)
        yield* loop.crash
      }
      const last = yield* boot(at, backend, { deciding: true })
      yield* suggested(last)
      assert.lengthOf(yield* last.events("situation.opened"), 1)
      assert.lengthOf(yield* last.events("decision.draft"), 1)
      assert.isTrue((yield* replayLog(last.store, { from: null, to: null })).same)
    }).pipe(Effect.scoped),
  )
})

describe("replay", () => {
  const story = (loop: Loop, at: Place) =>
    Effect.gen(function* () {
      yield* loop.append(begin(at), typed(at, "gti --version", 127, 10))
      const row = yield* suggested(loop)
      yield* loop.answers.reject(row.id, "no", "cli")
      yield* loop.append(typed(at, "gti --version", 127, 20), typed(at, "ls", 0, 30))
      return row
    })

  it.live("gives the same decisions, also of a part, and acts on nothing", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      const loop = yield* boot(at, backend, { deciding: true })
      yield* story(loop, at)
      yield* loop.crash
      const still = yield* boot(at, backend, { executor: false })
      const { seq } = yield* still.store.head
      const whole = yield* replayLog(still.store, { from: null, to: null })
      assert.deepInclude(whole, { v: 1, same: true, difference: null, events: seq })
      assert.isAtLeast(whole.decisions, 2)
      const none = yield* replayLog(still.store, { from: seq + 1, to: null })
      assert.deepInclude(none, { same: true, decisions: 0, events: seq })
      const part = yield* replayLog(still.store, { from: null, to: 3 })
      assert.strictEqual(part.events, 3)
      assert.strictEqual((yield* still.store.head).seq, seq, "nothing was appended")
    }).pipe(Effect.scoped),
  )

  it.live("names the first decision that nobody made, with what was due and what is there", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      const loop = yield* boot(at, backend, { deciding: true })
      const row = yield* story(loop, at)
      yield* loop.crash
      const still = yield* boot(at, backend, { executor: false })
      const [made] = yield* still.events("decision.draft")
      assert.strictEqual(made?.type, "decision.draft")
      const [forged] = yield* still.append({
        type: "decision.draft",
        payload: { ...made!.payload, suggestion: "s_forged" },
        workspace: at.workspace,
        actor: made!.actor,
        trust: "trusted",
        causationId: made!.causationId,
        correlationId: "s_forged",
      } as EventDraft)
      const report = yield* replayLog(still.store, { from: null, to: null })
      assert.isFalse(report.same)
      assert.strictEqual(report.difference?.seq, forged!.seq)
      assert.include(report.difference!.found, "s_forged")
      assert.notInclude(report.difference!.expected, "s_forged")
      assert.isTrue((yield* replayLog(still.store, { from: null, to: forged!.seq - 1 })).same)
      assert.strictEqual(row.rule, "mistyped-command")
    }).pipe(Effect.scoped),
  )
})

describe("a pause with an end", () => {
  it.live("ends by itself, also where it ran out while nothing ran", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      const paused = (ms: number) =>
        draft(
          "daemon.paused",
          { until: new Date(Date.now() + ms).toISOString(), reason: "asked" },
          { actor: "user" },
        )
      const first = yield* boot(at, backend, { deciding: true })
      const active = (loop: Loop) =>
        SubscriptionRef.changes(loop.folds.snapshot).pipe(
          Stream.filter(({ control }) => control.last !== null && !control.paused),
          Stream.runHead,
        )
      yield* first.append(paused(150))
      assert.isTrue((yield* SubscriptionRef.get(first.folds.snapshot)).control.paused)
      yield* active(first)
      yield* first.append(paused(3_600_000))
      // a second pause replaces the first one's timer
      yield* first.append(paused(150))
      yield* active(first)
      yield* first.crash
      const quiet = yield* boot(at, backend)
      yield* quiet.append(paused(-1))
      yield* quiet.crash
      const second = yield* boot(at, backend, { deciding: true })
      yield* active(second)
      const events = yield* second.events("daemon.resumed")
      assert.deepStrictEqual(
        events.map(({ payload }) => "reason" in payload && payload.reason),
        ["the pause ended", "the pause ended", "the pause ended"],
      )
    }).pipe(Effect.scoped),
  )
})
