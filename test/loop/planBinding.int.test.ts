/**
 * A yes is bound to what was seen: the call, its plan, and the files it rests on. What changed before the answer is told
 * with the difference; what changed before the run leaves a question again, and nothing of it ran.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chmodSync, existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { draft, type EventDraft } from "../../src/domain/event.ts"
import type { ToolCall } from "../../src/domain/action.ts"
import { asksAgain, boot, ended, place, write } from "./loopWorld.ts"

const edit = (path: string, from: string, to: string): ToolCall => ({
  tool: "edit_file",
  input: { path, old_string: from, new_string: to },
})
const bash = (command: string): ToolCall => ({ tool: "bash", input: { command } })

describe("between the look and the yes", () => {
  it.live(
    "a file that changed makes it another action: the difference is told, the second look is taken",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        const loop = yield* boot(at)
        at.write("a.txt", "one\ntwo\nthree\n")
        yield* loop.suggest("s_1", edit("a.txt", "two", "2"))
        const seen = yield* loop.shown("s_1")
        at.write("a.txt", "one, but another\ntwo\nthree\n")
        const error = yield* Effect.flip(loop.answers.approve("s_1", seen, "tui"))
        assert.strictEqual(error.reason, "stale")
        assert.match(error.message, /it changed since it was shown: .*a\.txt changed/)
        assert.lengthOf(error.difference, 1)
        assert.deepStrictEqual(error.difference[0]!.changed, [`${at.workspace}/a.txt changed`])
        assert.match(error.difference[0]!.preview ?? "", /^- one$/m)
        assert.match(error.difference[0]!.preview ?? "", /^\+ one, but another$/m)
        assert.strictEqual((yield* loop.row("s_1")).state, "pending")
        assert.lengthOf(yield* loop.events("approval.approved"), 0)

        yield* loop.answers.approve("s_1", yield* loop.shown("s_1"), "tui")
        assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "done")
        assert.strictEqual(at.read("a.txt"), "one, but another\n2\nthree\n")
      }).pipe(Effect.scoped),
  )

  it.live("a file that is gone, or in the way, says why it cannot be done any more", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      at.write("a.txt", "one\n")
      yield* loop.suggest("s_1", edit("a.txt", "one", "1"))
      const seen = yield* loop.shown("s_1")
      at.write("a.txt", "nothing of it\n")
      const error = yield* Effect.flip(loop.answers.approve("s_1", seen, "tui"))
      assert.strictEqual(error.reason, "stale")
      assert.match(error.message, /it cannot be done: a\.txt does not hold the text to replace/)
    }).pipe(Effect.scoped),
  )

  const scripts: Readonly<
    Record<
      string,
      { readonly command: string; readonly files: Record<string, string>; readonly changes: string }
    >
  > = {
    "a script that an interpreter is given": {
      command: "sh build.sh",
      files: { "build.sh": "echo built > built.txt\n" },
      changes: "build.sh",
    },
    "a script that is run by its path": {
      command: "./build.sh",
      files: { "build.sh": "#!/bin/sh\necho built > built.txt\n" },
      changes: "build.sh",
    },
    "the scripts of package.json": {
      command: "npm run make",
      files: { "package.json": '{"scripts":{"make":"echo built > built.txt"}}' },
      changes: "package.json",
    },
    "a file that such a script names": {
      command: "npm run make",
      files: { "package.json": '{"scripts":{"make":"node tools/make.js"}}', "tools/make.js": "1" },
      changes: "tools/make.js",
    },
    "a Makefile": {
      command: "make built",
      files: { Makefile: "built:\n\techo built > built.txt\n" },
      changes: "Makefile",
    },
    "one command of several": {
      command: "echo hello && node tools/make.js",
      files: { "tools/make.js": "1" },
      changes: "tools/make.js",
    },
  }
  for (const [name, { changes, command, files }] of Object.entries(scripts)) {
    it.live(`${name} is part of the action`, () =>
      Effect.gen(function* () {
        const at = yield* place
        const loop = yield* boot(at, memoryBackend(), { executor: false, sandboxed: true })
        mkdirSync(join(at.workspace, "tools"))
        for (const [path, text] of Object.entries(files)) at.write(path, text)
        if (existsSync(join(at.workspace, "build.sh"))) chmodSync(join(at.workspace, "build.sh"), 0o755)
        yield* loop.suggest("s_1", bash(command))
        const seen = yield* loop.shown("s_1")
        at.write("unconcerned.txt", "the user goes on working")
        assert.deepStrictEqual(yield* loop.shown("s_1"), seen)
        at.write(changes, `${files[changes]!}\n`)
        const error = yield* Effect.flip(loop.answers.approve("s_1", seen, "cli"))
        assert.deepStrictEqual(error.difference[0]!.changed, [`${at.workspace}/${changes} changed`])
      }).pipe(Effect.scoped),
    )
  }

  it.live("what a command would delete is part of it", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at, memoryBackend(), { executor: false, sandboxed: true })
      mkdirSync(join(at.workspace, "out"))
      at.write("out/a.txt", "one")
      yield* loop.suggest("s_1", bash("rm -r out"))
      const seen = yield* loop.shown("s_1")
      at.write("out/b.txt", "new since")
      const error = yield* Effect.flip(loop.answers.approve("s_1", seen, "cli"))
      assert.deepStrictEqual(error.difference[0]!.changed, [`${at.workspace}/out changed`])
    }).pipe(Effect.scoped),
  )
})

describe("between the yes and the run", () => {
  it.live("what changed voids the approval: it waits again, says why, and a new yes runs it once", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      at.write("a.txt", "one\n")
      const first = yield* boot(at, backend, { executor: false })
      yield* first.suggest("s_1", edit("a.txt", "one", "1"))
      const approved = yield* first.approval("s_1")
      yield* first.crash
      at.write("a.txt", "one\nand more\n")

      const loop = yield* boot(at, backend)
      yield* loop.append(approved)
      const row = yield* loop.rowWhen("s_1", asksAgain)
      assert.strictEqual(row.note, `it changed since it was approved; ${at.workspace}/a.txt changed`)
      assert.strictEqual(at.read("a.txt"), "one\nand more\n")
      const voided = (yield* loop.events("approval.voided"))[0]!
      assert.deepInclude(voided.payload, { suggestion: "s_1", changed: [`${at.workspace}/a.txt changed`] })
      assert.lengthOf(yield* loop.events("tool.started", "tool.failed"), 0)

      yield* loop.approve("s_1")
      assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "done")
      assert.strictEqual(at.read("a.txt"), "1\nand more\n")
      assert.lengthOf(yield* loop.events("tool.started"), 1)
    }).pipe(Effect.scoped),
  )

  it.live("a kill after the yes was void leaves the question; one before it leaves what can be retried", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      at.write("a.txt", "one\n")
      const first = yield* boot(at, backend, { executor: false })
      yield* first.suggest("s_1", edit("a.txt", "one", "1"))
      yield* first.suggest("s_2", edit("a.txt", "one", "I"))
      const approved = yield* first.approval("s_1")
      // killed before anything came of it
      yield* first.append(yield* first.approval("s_2"))
      yield* first.crash
      at.write("a.txt", "one\nand more\n")

      const second = yield* boot(at, backend)
      yield* second.append(approved)
      yield* second.rowWhen("s_1", asksAgain)
      yield* second.crash

      const third = yield* boot(at, backend)
      const waiting = yield* third.row("s_1")
      assert.strictEqual(waiting.state, "pending")
      assert.match(waiting.note ?? "", /a\.txt changed/)
      yield* third.approve("s_1")
      assert.strictEqual((yield* third.rowWhen("s_1", ended)).state, "done")

      const interrupted = yield* third.row("s_2")
      assert.strictEqual(interrupted.state, "failed")
      at.write("a.txt", "one\n")
      const { suggestion } = yield* Effect.flip(third.retrier.retry("s_1", "cli")).pipe(
        Effect.tap((error) => Effect.sync(() => assert.match(error.message, /is done, and did not fail/))),
        Effect.andThen(third.retrier.retry("s_2", "cli")),
      )
      const again = yield* third.row(suggestion)
      assert.strictEqual(again.state, "pending")
      assert.deepStrictEqual(again.proposed, interrupted.proposed)
      assert.strictEqual((yield* third.row("s_2")).state, "failed")
      assert.match((yield* third.row("s_2")).note ?? "", new RegExp(`asked for once more as ${suggestion}`))
      assert.match((yield* Effect.flip(third.retrier.retry("s_2", "cli"))).message, new RegExp(suggestion))
      assert.lengthOf(yield* third.events("tool.started"), 1, "only s_1 ever ran")
    }).pipe(Effect.scoped),
  )

  const of = (event: EventDraft, over: object): EventDraft =>
    ({ ...event, payload: { ...event.payload, ...over } }) as EventDraft

  it.live("an approval that names no plan, or another one, runs nothing", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* loop.suggest("s_1", write("a.txt", "one"))
      yield* loop.suggest("s_2", write("a.txt", "two"))
      const [mine, other] = [yield* loop.approval("s_1"), yield* loop.approval("s_2")]
      assert.isTrue(mine.type === "approval.approved" && other.type === "approval.approved")
      if (mine.type !== "approval.approved" || other.type !== "approval.approved") return
      const { plans: _, ...without } = mine.payload
      const wrong = [
        { ...mine, payload: without } as EventDraft,
        of(mine, { plans: [] }),
        of(mine, { plans: other.payload.plans }),
      ]
      for (const event of wrong) {
        yield* loop.append(event)
        yield* loop.rowWhen("s_1", asksAgain)
      }
      assert.lengthOf(yield* loop.events("approval.voided"), wrong.length)
      assert.lengthOf(yield* loop.events("tool.started"), 0)
      yield* loop.append(mine)
      assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "done")
    }).pipe(Effect.scoped),
  )

  it.live("what nobody was asked about is bound as well: once it changed, a person is asked", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      at.write("a.txt", "one\n")
      yield* loop.suggest("s_1", edit("a.txt", "one", "1"))
      const approval = yield* loop.approval("s_1")
      assert.isTrue(approval.type === "approval.approved")
      if (approval.type !== "approval.approved") return
      const { digests, plans } = approval.payload
      at.write("a.txt", "one\nand more\n")
      const header = { actor: "gate", workspace: at.workspace, correlationId: "s_1" }
      const waived = draft(
        "approval.waived",
        { suggestion: "s_1", digests, ...(plans === undefined ? {} : { plans }), reason: "granted" },
        header,
      )
      yield* loop.append(waived)
      assert.match((yield* loop.rowWhen("s_1", asksAgain)).note ?? "", /a\.txt changed/)
      assert.strictEqual(at.read("a.txt"), "one\nand more\n")
    }).pipe(Effect.scoped),
  )

  it.live(
    "a later action may find what an earlier one of the same yes wrote, and nothing else",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        const loop = yield* boot(at, memoryBackend(), { sandboxed: true })
        at.write("a.txt", "one\n")
        yield* loop.suggest(
          "s_1",
          edit("a.txt", "one", "two"),
          write("a.txt", "three\n"),
          bash("sh -c 'cat a.txt > b.txt'"),
        )
        yield* loop.approve("s_1")
        assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "done")
        assert.strictEqual(at.read("b.txt"), "three\n")

        // the command changes what the next action reads, and the one after it does not know of that
        at.write("a.txt", "one\n")
        at.write("run.sh", "echo ran >> log.txt\n")
        yield* loop.suggest("s_2", bash("sh -c 'echo other > c.txt'"), bash("sh run.sh"))
        yield* loop.approve("s_2")
        assert.strictEqual((yield* loop.rowWhen("s_2", ended)).state, "done")
        assert.strictEqual(at.read("log.txt"), "ran\n")
      }).pipe(Effect.scoped),
    60_000,
  )
})

it.live("who comes second hears who was first, where and when", () =>
  Effect.gen(function* () {
    const loop = yield* boot(yield* place, memoryBackend(), { executor: false })
    yield* loop.suggest("s_1", write("a.txt", "one"))
    yield* loop.suggest("s_2", write("b.txt", "one"))
    const seen = yield* loop.shown("s_1")
    yield* loop.answers.approve("s_1", seen, "tui")
    yield* loop.answers.reject("s_2", "not mine", "device")
    const late = yield* Effect.flip(loop.answers.approve("s_1", seen, "cli"))
    assert.match(late.message, /^s_1 was already approved by tui at \d{4}-\d\d-\d\dT[\d:.]+Z$/)
    const other = yield* Effect.flip(loop.answers.approve("s_2", seen, "cli"))
    assert.match(other.message, /^s_2 was already rejected by device at [^ ]+: not mine$/)
  }).pipe(Effect.scoped),
)
