/** Standing answers in the loop: given with an approval, used without a question, lapsing, revoked, never for what is tainted. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { ToolCall } from "../../src/domain/action.ts"
import { draft, type EventOf } from "../../src/domain/event.ts"
import type { Always } from "../../src/loop/Grants.ts"
import { boot, ended, type Loop, type Place, place, proposalOf, write } from "./loopWorld.ts"

const bash = (command: string): ToolCall => ({ tool: "bash", input: { command } })
const always = (scope: Always["scope"], untilMs: number | null = null): Always => ({ scope, untilMs })

const say = (loop: Loop, id: string, wanted: Always) =>
  Effect.flatMap(loop.shown(id), (seen) => loop.answers.approve(id, { ...seen, always: wanted }, "tui"))

/** Suggests, judges, and lets the waiver look at it, as the outbox does. */
const reflex = Effect.fnUntraced(function* (loop: Loop, id: string, ...calls: ReadonlyArray<ToolCall>) {
  yield* loop.suggest(id, ...calls)
  yield* loop.waiver.suggestion(id)
  yield* loop.folds.reached((yield* Effect.orDie(loop.store.head)).seq)
  return yield* loop.row(id)
})

const granted = (loop: Loop) =>
  Effect.map(loop.events("policy.granted"), (events) => events as ReadonlyArray<EventOf<"policy.granted">>)

const inWorld = (
  test: (loop: Loop, at: Place) => Effect.Effect<void, unknown, Scope.Scope>,
  sandboxed = true,
) =>
  Effect.gen(function* () {
    const at = yield* place
    const loop = yield* boot(at, memoryBackend(), { sandboxed })
    yield* test(loop, at)
  }).pipe(Effect.scoped)

describe("a grant", () => {
  it.live("is given with the approval, in the same breath, and spares the next question", () =>
    inWorld((loop, at) =>
      Effect.gen(function* () {
        yield* loop.suggest("s_1", write("docs-a.md", "one"))
        yield* say(loop, "s_1", always("workspace"))
        yield* loop.rowWhen("s_1", ended)
        const [grant] = yield* granted(loop)
        const [approved] = yield* loop.events("approval.approved")
        assert.strictEqual(approved!.seq, grant!.seq + 1)
        assert.strictEqual(grant!.actor, "user:tui")
        assert.deepInclude(grant!.payload, { suggestion: "s_1", verdict: "ask", until: null, surface: "tui" })
        assert.match(grant!.payload.title, /write_file may write any file below the workspace/)

        const row = yield* reflex(loop, "s_2", write("docs-b.md", "two"))
        assert.include(["approved", "done"], row.state)
        yield* loop.rowWhen("s_2", ended)
        assert.strictEqual(at.read("docs-b.md"), "two")
        const [waived] = yield* loop.events("approval.waived")
        assert.isTrue(
          waived?.type === "approval.waived" && waived.payload.reason.includes(grant!.payload.grant),
        )
        const verdicts = yield* loop.events("policy.verdict")
        const last = verdicts.at(-1) as EventOf<"policy.verdict">
        assert.deepInclude(last.payload.verdict, {
          verdict: "allow",
          rule: "granted",
          file: "log",
          line: grant!.seq,
          grants: [grant!.payload.grant],
        })
      }),
    ),
  )

  it.live("runs a program as an approval would: in the sandbox, the workspace open to it", () =>
    inWorld((loop, at) =>
      Effect.gen(function* () {
        at.write("build.sh", "#!/bin/sh\necho built > out.txt\n")
        yield* loop.suggest("s_1", bash("sh ./build.sh"))
        yield* say(loop, "s_1", always("prefix"))
        yield* loop.rowWhen("s_1", ended)
        at.write("out.txt", "")
        yield* reflex(loop, "s_2", bash("sh ./build.sh --again"))
        const end = yield* loop.rowWhen("s_2", ended)
        assert.deepInclude(end, { state: "done", note: null })
        assert.strictEqual(at.read("out.txt"), "built\n")
        assert.isTrue(end.undoable)
      }),
    ),
  )

  it.live("waives nothing that is tainted, paused, edited, partly asked, or without a sandbox", () =>
    inWorld((loop, at) =>
      Effect.gen(function* () {
        yield* loop.suggest("s_1", write("a.md", "1"))
        yield* say(loop, "s_1", always("workspace"))
        yield* loop.rowWhen("s_1", ended)

        const tainted = { situation: 1, suggestion: "s_t", tainted: true, expiresAt: null }
        yield* loop.append(
          draft(
            "decision.draft",
            { ...tainted, proposal: proposalOf("s_t", [write("b.md", "")]) },
            { actor: "decider", workspace: at.workspace, correlationId: "s_t", trust: "untrusted" },
          ),
        )
        yield* loop.judge("s_t")
        yield* loop.waiver.suggestion("s_t")
        assert.deepInclude((yield* loop.row("s_t")).actions[0], { verdict: "ask", rule: "no-rule" })

        assert.strictEqual((yield* reflex(loop, "s_p", write("c.md", ""), bash("make x"))).state, "pending")

        yield* loop.suggest("s_e", bash("make x"))
        yield* loop.answers.edit("s_e", [write("d.md", "")], "tui")
        yield* loop.judge("s_e")
        yield* loop.waiver.suggestion("s_e")
        const edited = yield* loop.row("s_e")
        assert.deepInclude(edited.actions[0], { verdict: "allow", rule: "granted" })
        assert.strictEqual(edited.state, "pending")

        yield* loop.append(draft("daemon.paused", { until: null, reason: "asked" }, { actor: "user" }))
        assert.strictEqual((yield* reflex(loop, "s_z", write("e.md", ""))).state, "pending")
        assert.lengthOf(yield* loop.events("approval.waived"), 0)
      }),
    ),
  )
  it.live("without a sandbox waives nothing", () =>
    inWorld(
      (loop) =>
        Effect.gen(function* () {
          yield* loop.suggest("s_1", write("a.md", "1"))
          yield* say(loop, "s_1", always("workspace"))
          yield* loop.rowWhen("s_1", ended)
          const row = yield* reflex(loop, "s_2", write("b.md", ""))
          assert.strictEqual(row.actions[0]?.rule, "granted")
          assert.strictEqual(row.state, "pending")
        }),
      false,
    ),
  )

  it.live("that was revoked, or whose hour is over by the clock of the log, asks again", () =>
    inWorld((loop) =>
      Effect.gen(function* () {
        const later = Date.now() + 3_600_000
        yield* loop.suggest("s_1", write("a.md", "1"))
        yield* say(loop, "s_1", always("exact", later))
        yield* loop.rowWhen("s_1", ended)
        yield* loop.suggest("s_2", bash("make x"))
        yield* say(loop, "s_2", always("prefix"))
        yield* loop.rowWhen("s_2", ended)
        assert.strictEqual((yield* loop.suggest("s_3", bash("make x"))).actions[0]?.verdict, "allow")
        const [first, second] = yield* granted(loop)
        assert.strictEqual(first!.payload.until, new Date(later).toISOString())

        assert.deepStrictEqual(
          (yield* loop.grants.all).map(({ grant, state }) => [grant, state]),
          [
            [second!.payload.grant, "in force"],
            [first!.payload.grant, "in force"],
          ],
        )
        yield* loop.grants.revoke(second!.payload.grant, "enough", "cli")
        assert.strictEqual((yield* loop.suggest("s_4", bash("make x"))).actions[0]?.verdict, "ask")
        const twice = yield* Effect.flip(loop.grants.revoke(second!.payload.grant, "", "cli"))
        assert.strictEqual(twice.reason, "refused")
        assert.strictEqual((yield* Effect.flip(loop.grants.revoke("g_none", "", "cli"))).reason, "no-such")
        assert.lengthOf(yield* loop.grants.revoke(null, "", "cli"), 1)
        assert.lengthOf(yield* loop.grants.revoke(null, "", "cli"), 0)
      }),
    ),
  )

  it.live(
    "does not change what waits for an answer already, and what was revoked meanwhile does not run",
    () =>
      inWorld((loop) =>
        Effect.gen(function* () {
          yield* loop.suggest("s_1", write("a.md", "1"))
          yield* loop.suggest("s_2", write("b.md", "2"))
          yield* say(loop, "s_1", always("workspace"))
          yield* loop.rowWhen("s_1", ended)
          yield* loop.approve("s_2")
          assert.strictEqual((yield* loop.rowWhen("s_2", ended)).state, "done")

          const free = yield* loop.suggest("s_3", write("c.md", "3"))
          assert.strictEqual(free.actions[0]?.verdict, "allow")
          yield* loop.grants.revoke(null, "", "cli")
          yield* loop.waiver.suggestion("s_3")
          const after = yield* loop.row("s_3")
          assert.deepInclude(after.actions[0], { verdict: "ask", rule: "no-rule" })
          assert.strictEqual(after.state, "pending")
          assert.isFalse(
            (yield* loop.events("tool.started")).some(({ correlationId }) => correlationId === "s_3"),
          )
        }),
      ),
  )

  it.live("is refused where it would be too wide, or answer nothing; then nothing is approved either", () =>
    inWorld((loop) =>
      Effect.gen(function* () {
        yield* loop.suggest("s_1", bash("git push origin main"))
        const { offers } = yield* loop.grants.offers("s_1")
        assert.deepStrictEqual(
          offers.map(({ possible, scope }) => [scope, possible]),
          [
            ["exact", true],
            ["prefix", false],
            ["workspace", false],
          ],
        )
        const refused = yield* Effect.flip(say(loop, "s_1", always("prefix")))
        assert.strictEqual(refused.reason, "refused")
        assert.match(refused.message, /git push can reach others/)
        assert.strictEqual((yield* loop.row("s_1")).state, "pending")
        assert.lengthOf(yield* loop.events("policy.granted"), 0)

        yield* loop.suggest("s_2", bash("ls"))
        assert.match(
          (yield* Effect.flip(say(loop, "s_2", always("exact")))).message,
          /nothing of it is asked/,
        )
      }),
    ),
  )
})

describe("a request", () => {
  const request = (loop: Loop, at: Place, call: ToolCall, session: string | null = "c_1") =>
    loop.calls.request({ workspace: at.workspace, actor: "agent", trust: "trusted", session, calls: [call] })

  it.live("for the same call three times in a row asks, though it is allowed; then it counts anew", () =>
    inWorld((loop, at) =>
      Effect.gen(function* () {
        at.write("x.txt", "x")
        const read: ToolCall = { tool: "read_file", input: { path: "x.txt" } }
        const states: Array<string> = []
        for (let n = 0; n < 2; n++) {
          const { state, suggestion } = yield* request(loop, at, read)
          states.push(state)
          yield* loop.calls.results(suggestion)
        }
        const third = yield* request(loop, at, read)
        assert.deepStrictEqual([...states, third.state], ["running", "running", "asking"])
        assert.deepInclude((yield* loop.row(third.suggestion)).actions[0], {
          verdict: "ask",
          rule: "repeated",
        })
        yield* loop.approve(third.suggestion)
        assert.strictEqual((yield* loop.rowWhen(third.suggestion, ended)).state, "done")
        assert.strictEqual((yield* request(loop, at, read)).state, "running")
        assert.strictEqual((yield* request(loop, at, read, "c_2")).state, "running")
      }),
    ),
  )

  it.live("that was denied or rejected in its session is refused at once, and not asked", () =>
    inWorld((loop, at) =>
      Effect.gen(function* () {
        const denied = bash("sudo ls")
        const reasonOf = (id: string) => Effect.map(loop.row(id), (row) => row.actions[0]!.reason)
        const one = yield* request(loop, at, denied)
        const two = yield* request(loop, at, denied)
        assert.deepStrictEqual([one.state, two.state], ["refused", "refused"])
        assert.strictEqual(
          yield* reasonOf(two.suggestion),
          `already denied in this session: ${yield* reasonOf(one.suggestion)}`,
        )

        const asked = yield* request(loop, at, bash("make x"))
        yield* loop.answers.reject(asked.suggestion, "not today", "tui")
        const again = yield* request(loop, at, bash("make x"))
        assert.strictEqual(again.state, "refused")
        assert.deepInclude((yield* loop.row(again.suggestion)).actions[0], {
          verdict: "deny",
          rule: "already-denied",
          reason: "already denied in this session: not today",
        })
        assert.strictEqual((yield* request(loop, at, bash("make x"), "c_2")).state, "asking")
      }),
    ),
  )
})
