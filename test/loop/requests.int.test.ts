/** Requests beside their results: one id is one request, what cannot be leaves nothing, the decider learns nothing of them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream, SubscriptionRef } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { draft } from "../../src/domain/event.ts"
import { replayLog } from "./replayLog.ts"
import { askedBy, boot, ended, place, read, write } from "./loopWorld.ts"

const token = ["ghp", "_16C7e42F292c6912E7", "710c838347Ae178B4a"].join("")

describe("a request of a given id", () => {
  it.live("is one request, however often and whenever it is asked for", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\n")
      const backend = memoryBackend()
      const loop = yield* boot(at, backend)
      const asking = {
        id: "s_00000000000000aa",
        workspace: at.workspace,
        actor: "agent",
        trust: "trusted" as const,
        session: null,
        calls: [{ tool: "read_file", input: { path: "a.txt" } }],
      }
      const all = yield* Effect.all(
        [loop.calls.request(asking), loop.calls.request(asking), loop.calls.request(asking)],
        { concurrency: 3 },
      )
      assert.deepStrictEqual(new Set(all.map(({ suggestion }) => suggestion)), new Set([asking.id]))
      yield* loop.calls.results(asking.id)
      yield* loop.crash
      const again = yield* boot(at, backend)
      assert.strictEqual((yield* again.calls.request(asking)).suggestion, asking.id)
      assert.include((yield* again.calls.results(asking.id))[0]!.text, "one")
      assert.lengthOf(yield* again.events("tool.requested"), 1)
      assert.lengthOf(yield* again.events("tool.started"), 1)
    }).pipe(Effect.scoped),
  )
})

describe("a request that cannot be", () => {
  it.live("leaves nothing in the log, and says what is wrong and what there is", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const wrong = [
        [{ tool: "raed_file", input: { path: "a" } }, "did you mean read_file?"],
        [{ tool: "read_file", input: {} }, "path"],
        [{ tool: "read_file", input: { path: "a", linse: 3 } }, "linse"],
        [{ tool: "write_file", input: { path: "a", content: 7 } }, "content"],
        [{ tool: "write_file", input: { path: "a", content: "x".repeat(5_000_000) } }, "at most"],
      ] as const
      for (const [call, said] of wrong) {
        const result = yield* loop.calls.call({ ...askedBy(at), call })
        assert.strictEqual(result.outcome, "failed")
        assert.strictEqual(result.problem?.reason, "input")
        assert.include(result.text, said)
        assert.isBelow(result.text.length, 800)
      }
      assert.lengthOf(yield* loop.events(), 0)
    }).pipe(Effect.scoped),
  )

  it.live("because it holds a secret is told without it, and refused", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const result = yield* loop.calls.call({
        ...askedBy(at),
        title: `write ${token}`,
        call: write("a.txt", `token=${token}`),
      })
      assert.strictEqual(result.outcome, "failed")
      assert.include(result.text, "secret")
      const events = yield* loop.events()
      assert.notInclude(JSON.stringify(events), token)
      assert.deepStrictEqual(
        events.map(({ type }) => type),
        ["tool.requested", "tool.failed"],
      )
    }).pipe(Effect.scoped),
  )

  it.live("nobody knows an id that was never given", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* loop.suggest("s_1", write("a.txt", "one"))
      yield* loop.answers.reject("s_1", "", "cli")
      const found = yield* Effect.flip(loop.calls.results("s_0000000000000000"))
      assert.strictEqual(found.reason, "no-such")
      // Claw's own has results to show, and nobody who could withdraw it
      assert.strictEqual((yield* loop.calls.results("s_1"))[0]?.outcome, "rejected")
      assert.strictEqual((yield* Effect.flip(loop.calls.withdraw("s_1", "x"))).reason, "no-such")
    }).pipe(Effect.scoped),
  )
})

describe("the decider", () => {
  it.live("neither learns from requests nor replays otherwise for them", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\n")
      const loop = yield* boot(at, memoryBackend(), { deciding: true })
      const failed = (command: string) =>
        draft(
          "terminal.command",
          {
            command,
            cwd: at.workspace,
            exit: 1,
            durationMs: 10,
            shell: "bash",
            session: "bash-1",
            authorKind: "user",
            startedAt: new Date().toISOString(),
            output:
              "git: 'sattus' is not a git command. See 'git --help'.\n\nThe most similar command is\n\tstatus\n",
            position: { file: "spool", offset: 1 },
          },
          { actor: "source:terminal", workspace: at.workspace, trust: "untrusted" },
        )
      yield* loop.append(failed("git sattus"))
      yield* loop.calls.call({ ...askedBy(at), call: read("a.txt") })
      yield* loop.calls.call({ ...askedBy(at), call: read("/etc/passwd") })
      const asked = yield* loop.calls.request({ ...askedBy(at), calls: [write("a.txt", "two")] })
      yield* loop.answers.edit(asked.suggestion, [write("a.txt", "three")], "cli")
      yield* loop.rowWhen(asked.suggestion, (row) => row.actions.length === 1)
      yield* loop.approve(asked.suggestion)
      yield* loop.calls.results(asked.suggestion)
      yield* loop.answers.undo(asked.suggestion, "cli")
      const no = yield* loop.calls.request({ ...askedBy(at), calls: [write("a.txt", "four")] })
      yield* loop.answers.reject(no.suggestion, "", "cli")
      const late = yield* loop.calls.request({ ...askedBy(at), calls: [write("a.txt", "five")] })
      yield* loop.answers.snooze(late.suggestion, Date.now() + 60_000, "cli")
      yield* loop.rowWhen(late.suggestion, (row) => row.state === "snoozed")
      yield* loop.append(failed("git psuh"))
      const decided = (type: string) => type === "decision.draft" || type === "decision.silent"
      yield* loop.folds.follow(0).pipe(
        Stream.filter((events) => events.some(({ type }) => decided(type))),
        Stream.runHead,
      )

      const report = yield* replayLog(loop.store, { from: null, to: null })
      assert.isTrue(report.same, JSON.stringify(report.difference))
      const { decider, rules } = yield* SubscriptionRef.get(loop.folds.snapshot)
      assert.notInclude(JSON.stringify(decider), "requested")
      assert.notInclude(JSON.stringify(decider), asked.suggestion)
      assert.notInclude(JSON.stringify(decider.rejected), no.suggestion)
      assert.notProperty(rules.reflexes, "requested")
      assert.isFalse(ended(yield* loop.row(late.suggestion)))
    }).pipe(Effect.scoped),
  )
})
