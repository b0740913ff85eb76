/** What a person says to a suggestion: first answer wins, only what was shown can be approved, nothing while paused. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { draft } from "../../src/domain/event.ts"
import type { AnswerError } from "../../src/loop/Answers.ts"
import { boot, disk, ended, place, write } from "./loopWorld.ts"

const key = ["AKIA", "IOSFODNN7", "Q3XAMPL", "E"].join("").slice(0, 20)

describe("approving", () => {
  it.live("has one winner of ten; the others are told, and it runs once", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* loop.suggest("s_1", write("a.txt", "one"))
      const results = yield* Effect.forEach(
        Array.from({ length: 10 }),
        () => Effect.result(loop.approve("s_1")),
        { concurrency: "unbounded" },
      )
      const won = results.filter(Result.isSuccess)
      assert.lengthOf(won, 1)
      for (const result of results) {
        if (Result.isFailure(result)) assert.strictEqual(result.failure.reason, "stale")
      }
      assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "done")
      assert.strictEqual(at.read("a.txt"), "one")
      assert.lengthOf(yield* loop.events("approval.approved"), 1)
      assert.lengthOf(yield* loop.events("tool.started"), 1)
    }).pipe(Effect.scoped),
  )

  it.live("and rejecting at once: one of the two is the answer", () =>
    Effect.gen(function* () {
      const loop = yield* boot(yield* place)
      yield* loop.suggest("s_1", write("a.txt", "one"))
      const results = yield* Effect.all(
        [
          Effect.result(loop.approve("s_1")),
          Effect.result(loop.answers.reject("s_1", "no", "tui")),
          Effect.result(loop.answers.snooze("s_1", 1_000, "tui")),
        ],
        { concurrency: "unbounded" },
      )
      assert.lengthOf(results.filter(Result.isSuccess), 1)
    }).pipe(Effect.scoped),
  )

  it.live("is no loser to a word about it that comes in the same moment", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at, memoryBackend(), { executor: false })
      yield* loop.suggest("s_1", write("a.txt", "one"))
      const shown = yield* loop.shown("s_1")
      const withheld = draft(
        "decision.withheld",
        { suggestion: "s_1", reason: "a file was just edited", until: null },
        { actor: "decider", workspace: at.workspace, correlationId: "s_1" },
      )
      const [, approved] = yield* Effect.all(
        [loop.store.append([withheld]), loop.answers.approve("s_1", shown, "cli")],
        { concurrency: "unbounded" },
      )
      assert.strictEqual(approved.state, "approved")
      assert.deepStrictEqual(
        (yield* loop.events("decision.withheld", "approval.approved")).map((event) => event.type),
        ["decision.withheld", "approval.approved"],
      )
    }).pipe(Effect.scoped),
  )

  it.live("takes the digests that were shown and no others, in their order", () =>
    Effect.gen(function* () {
      const loop = yield* boot(yield* place, memoryBackend(), { executor: false })
      const row = yield* loop.suggest("s_1", write("a.txt", "one"), write("b.txt", "two"))
      const [a, b] = row.actions.map((action) => action.digest) as [string, string]
      assert.notStrictEqual(a, b)
      const shown = yield* loop.shown("s_1")
      for (const digests of [[], [a], [b, a], [a, a], [a, b, b], [a, `${b}0`]]) {
        const error = yield* Effect.flip(loop.answers.approve("s_1", { ...shown, digests }, "cli"))
        assert.strictEqual(error.reason, "stale", digests.join())
      }
      const [p, q] = shown.plans as [string, string]
      for (const plans of [[], [p], [q, p], [p, p], [p, q, q], [p, `${q}0`], ["", ""]]) {
        const error = yield* Effect.flip(loop.answers.approve("s_1", { ...shown, plans }, "cli"))
        assert.strictEqual(error.reason, "stale", plans.join())
      }
      const approved = yield* loop.answers.approve("s_1", shown, "cli")
      assert.strictEqual(approved.state, "approved")
    }).pipe(Effect.scoped),
  )

  it.live(
    "is refused while it is not judged, after an edit until it is judged again, with the old digest for ever",
    () =>
      Effect.gen(function* () {
        const loop = yield* boot(yield* place, memoryBackend(), { executor: false })
        yield* loop.suggest("s_1", write("a.txt", "one"))
        const old = yield* loop.shown("s_1")
        yield* loop.answers.edit("s_1", [write("a.txt", "other")], "cli")
        const approve = Effect.flip(loop.answers.approve("s_1", old, "cli"))
        assert.match((yield* approve).message, /still being judged/)
        yield* loop.judge("s_1")
        assert.match((yield* approve).message, /not the ones that were shown/)
        assert.strictEqual((yield* loop.approve("s_1")).state, "approved")
      }).pipe(Effect.scoped),
  )

  it.live("is refused where the gate denies any of it, with rule, file and line", () =>
    Effect.gen(function* () {
      const loop = yield* boot(yield* place, memoryBackend(), { executor: false })
      const row = yield* loop.suggest("s_1", write("a.txt", "one"), write(".env", "x=1"))
      assert.strictEqual(row.actions[1]?.verdict, "deny")
      const error = yield* Effect.flip(loop.approve("s_1"))
      assert.strictEqual(error.reason, "refused")
      assert.strictEqual(error.rule, row.actions[1]!.rule)
      assert.include(error.message, `${row.actions[1]!.file}:${row.actions[1]!.line}`)
      assert.lengthOf(yield* loop.events("approval.approved"), 0)
    }).pipe(Effect.scoped),
  )

  it.live("is refused while paused, and goes on after", () =>
    Effect.gen(function* () {
      const loop = yield* boot(yield* place, memoryBackend(), { executor: false })
      yield* loop.suggest("s_1", write("a.txt", "one"))
      yield* loop.append(draft("daemon.paused", { until: null, reason: "asked" }, { actor: "user" }))
      const error = yield* Effect.flip(loop.approve("s_1"))
      assert.strictEqual(error.reason, "refused")
      assert.include(error.message, "claw resume")
      yield* loop.append(draft("daemon.resumed", { reason: "asked" }, { actor: "user" }))
      assert.strictEqual((yield* loop.approve("s_1")).state, "approved")
    }).pipe(Effect.scoped),
  )

  it.live("fails at once where the disk takes nothing, and counts for nothing", () =>
    Effect.gen(function* () {
      const state = disk()
      const loop = yield* boot(yield* place, memoryBackend(), { disk: state, executor: false })
      yield* loop.suggest("s_1", write("a.txt", "one"))
      state.refuses = "No space left on device"
      const error = yield* Effect.flip(loop.approve("s_1"))
      assert.strictEqual(error.reason, "unavailable")
      assert.include(error.message, "No space left")
      state.refuses = null
      assert.strictEqual((yield* loop.row("s_1")).state, "pending")
      assert.strictEqual((yield* loop.approve("s_1")).state, "approved")
    }).pipe(Effect.scoped),
  )
})

describe("every answer", () => {
  it.live("to what is not there or has ended says so", () =>
    Effect.gen(function* () {
      const loop = yield* boot(yield* place, memoryBackend(), { executor: false })
      yield* loop.suggest("s_1", write("a.txt", "one"))
      yield* loop.answers.reject("s_1", "not mine", "tui")
      const row = yield* loop.row("s_1")
      assert.strictEqual(row.state, "rejected")
      assert.strictEqual(row.note, "not mine")
      const answers = (id: string) => [
        loop.answers.reject(id, "", "cli"),
        loop.answers.snooze(id, 1, "cli"),
        loop.answers.edit(id, [], "cli"),
        loop.answers.undo(id, "cli"),
        loop.answers.approve(id, { digests: [], plans: [], unsandboxed: false }, "cli"),
      ]
      for (const answer of answers("s_1")) {
        const error = yield* Effect.flip(answer)
        assert.strictEqual(error.reason, "stale")
        assert.include(error.message, "rejected")
      }
      for (const answer of answers("s_none")) {
        assert.strictEqual((yield* Effect.flip(answer)).reason, "no-such")
      }
    }).pipe(Effect.scoped),
  )

  it.live("names who answered and where", () =>
    Effect.gen(function* () {
      const loop = yield* boot(yield* place, memoryBackend(), { executor: false })
      yield* loop.suggest("s_1", write("a.txt", "one"))
      yield* loop.answers.snooze("s_1", Date.parse("2030-01-01T00:00:00.000Z"), "tui")
      assert.strictEqual((yield* loop.row("s_1")).snoozedUntil, "2030-01-01T00:00:00.000Z")
      yield* loop.answers.reject("s_1", "", "device")
      const events = yield* loop.events("approval.snoozed", "approval.rejected")
      assert.deepStrictEqual(
        events.map(({ actor, correlationId }) => [actor, correlationId]),
        [
          ["user:tui", "s_1"],
          ["user:device", "s_1"],
        ],
      )
    }).pipe(Effect.scoped),
  )

  it.live("is bounded, and says the bound", () =>
    Effect.gen(function* () {
      const loop = yield* boot(yield* place, memoryBackend(), { executor: false })
      yield* loop.suggest("s_1", write("a.txt", "one"))
      const refused = (answer: Effect.Effect<unknown, AnswerError>) =>
        Effect.map(Effect.flip(answer), ({ message, reason }) => `${reason}: ${message}`)
      const long = write("a.txt", "x".repeat(4 * 1024 * 1024))
      assert.match(yield* refused(loop.answers.edit("s_1", [long], "cli")), /^refused: .*at most 4194304/)
      const many = Array.from({ length: 51 }, () => write("a.txt", "x"))
      assert.match(yield* refused(loop.answers.edit("s_1", many, "cli")), /^refused: .*at most 50 calls/)
      const reason = "no ".repeat(1000)
      assert.match(yield* refused(loop.answers.reject("s_1", reason, "cli")), /^refused: .*at most 2000/)
      assert.lengthOf(yield* loop.events("approval.edited", "approval.rejected"), 0)
    }).pipe(Effect.scoped),
  )

  it.live("keeps secrets out of the log: a reason is redacted, an edit with one is refused", () =>
    Effect.gen(function* () {
      const loop = yield* boot(yield* place, memoryBackend(), { executor: false })
      yield* loop.suggest("s_1", write("a.txt", "one"))
      const error = yield* Effect.flip(loop.answers.edit("s_1", [write("a.txt", `key = "${key}"`)], "cli"))
      assert.strictEqual(error.reason, "refused")
      yield* loop.answers.reject("s_1", `it has ${key} in it`, "cli")
      const all = JSON.stringify(yield* loop.events())
      assert.notInclude(all, key)
      assert.include(all, "in it")
    }).pipe(Effect.scoped),
  )
})
