/** What was always allowed holds for the scripts that were there then: another one behind the same words is asked, and told. */
import { chmodSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { ToolCall } from "../../src/domain/action.ts"
import { draft, type EventOf } from "../../src/domain/event.ts"
import type { Always } from "../../src/loop/Grants.ts"
import { boot, ended, type Loop, type Place, place, write } from "./loopWorld.ts"

const bash = (command: string): ToolCall => ({ tool: "bash", input: { command } })
const grant = Effect.fnUntraced(function* (loop: Loop, id: string, call: ToolCall, scope: Always["scope"]) {
  yield* loop.suggest(id, call)
  const seen = yield* loop.shown(id)
  yield* loop.answers.approve(id, { ...seen, always: { scope, untilMs: null } }, "tui")
  yield* loop.rowWhen(id, ended)
})
const verdictOf = Effect.fnUntraced(function* (loop: Loop, id: string, call: ToolCall) {
  yield* loop.suggest(id, call)
  const events = yield* loop.events("policy.verdict")
  return (events.at(-1) as EventOf<"policy.verdict">).payload.verdict
})

const inWorld = (test: (loop: Loop, at: Place) => Effect.Effect<void, unknown, Scope.Scope>) =>
  Effect.gen(function* () {
    const at = yield* place
    mkdirSync(join(at.workspace, "tools"))
    yield* test(yield* boot(at, memoryBackend(), { sandboxed: true }), at)
  }).pipe(Effect.scoped)

const cases: Readonly<
  Record<
    string,
    {
      readonly scope: Always["scope"]
      readonly command: string
      readonly again: string
      readonly files: Readonly<Record<string, string>>
      readonly script: string
    }
  >
> = {
  "a script run by its path": {
    scope: "prefix",
    command: "./build.sh",
    again: "./build.sh --again",
    files: { "build.sh": "#!/bin/sh\nexit 0\n" },
    script: "build.sh",
  },
  "the scripts of package.json": {
    scope: "prefix",
    command: "npm run make",
    again: "npm run make",
    files: { "package.json": '{"scripts":{"make":"true"}}' },
    script: "package.json",
  },
  "a file that such a script names": {
    scope: "prefix",
    command: "npm run make",
    again: "npm run make",
    files: { "package.json": '{"scripts":{"make":"sh tools/make.sh"}}', "tools/make.sh": "true\n" },
    script: "tools/make.sh",
  },
  "a program of this very call": {
    scope: "exact",
    command: "sh tools/make.sh",
    again: "sh tools/make.sh",
    files: { "tools/make.sh": "true\n" },
    script: "tools/make.sh",
  },
  "one that this very call needs a shell for": {
    scope: "exact",
    command: "sh tools/make.sh $((1 + 1))",
    again: "sh tools/make.sh $((1 + 1))",
    files: { "tools/make.sh": "true\n" },
    script: "tools/make.sh",
  },
}

describe("a grant is bound to scripts", () => {
  for (const [name, { again, command, files, scope, script }] of Object.entries(cases)) {
    it.live(name, () =>
      inWorld((loop, at) =>
        Effect.gen(function* () {
          for (const [path, text] of Object.entries(files)) {
            at.write(path, text)
            chmodSync(join(at.workspace, path), 0o755)
          }
          yield* grant(loop, "s_1", bash(command), scope)
          const [given] = (yield* loop.events("policy.granted")) as ReadonlyArray<EventOf<"policy.granted">>
          assert.include(
            (given!.payload.scripts ?? []).map(({ path }) => path),
            `${at.workspace}/${script}`,
          )

          at.write("unconcerned.ts", "the user goes on working")
          assert.deepInclude(yield* verdictOf(loop, "s_2", bash(again)), {
            verdict: "allow",
            rule: "granted",
          })

          at.write(script, `${files[script]!} `)
          const asked = yield* verdictOf(loop, "s_3", bash(again))
          assert.deepInclude(asked, { verdict: "ask", rule: "grant-changed" })
          assert.isUndefined(asked.grants)
          assert.include(asked.reason, given!.payload.grant)
          assert.include(asked.reason, `${at.workspace}/${script} changed`)
          yield* loop.waiver.suggestion("s_3")
          assert.strictEqual((yield* loop.row("s_3")).state, "pending")

          // the new one can be granted in its turn
          yield* grant(loop, "s_4", bash(again), scope)
          assert.deepInclude(yield* verdictOf(loop, "s_5", bash(again)), {
            verdict: "allow",
            rule: "granted",
          })

          at.write(script, files[script]!)
          assert.deepInclude(yield* verdictOf(loop, "s_6", bash(again)), {
            verdict: "allow",
            rule: "granted",
          })
        }),
      ),
    )
  }

  it.live("which that was not there then is another one too", () =>
    inWorld((loop, at) =>
      Effect.gen(function* () {
        at.write("Makefile", "built:\n\ttrue\n")
        yield* grant(loop, "s_1", bash("make built"), "prefix")
        assert.strictEqual((yield* verdictOf(loop, "s_2", bash("make built"))).verdict, "allow")
        at.write("GNUmakefile", "built:\n\ttrue\n")
        const asked = yield* verdictOf(loop, "s_3", bash("make built"))
        assert.deepInclude(asked, { verdict: "ask", rule: "grant-changed" })
        assert.include(asked.reason, "GNUmakefile is new")
      }),
    ),
  )

  it.live("and not to the files that it works on", () =>
    inWorld((loop, at) =>
      Effect.gen(function* () {
        at.write("a.md", "one")
        at.write("a.ts", "1")
        yield* grant(loop, "s_1", write("a.md", "two"), "workspace")
        at.write("a.md", "three")
        assert.strictEqual((yield* verdictOf(loop, "s_2", write("a.md", "four"))).verdict, "allow")
        yield* grant(loop, "s_3", bash("cp a.ts b.ts"), "workspace")
        at.write("a.ts", "2")
        assert.strictEqual((yield* verdictOf(loop, "s_4", bash("cp a.ts b.ts"))).verdict, "allow")
      }),
    ),
  )

  it.live("unless it was given before grants were: that one goes on as it did", () =>
    inWorld((loop, at) =>
      Effect.gen(function* () {
        at.write("build.sh", "#!/bin/sh\nexit 0\n")
        yield* loop.suggest("s_1", bash("sh build.sh"))
        const rules = (yield* loop.row("s_1")).actions.map(({ file, rule }) => ({ file, rule }))
        yield* loop.append(
          draft(
            "policy.granted",
            {
              grant: "g_0123456789abcdef",
              scope: { _tag: "prefix", argvs: [["sh", "build.sh"]], classes: ["runs", "unknown-program"] },
              title: "anything that begins with sh build.sh",
              verdict: "ask",
              rules,
              until: null,
              suggestion: "s_1",
              index: 0,
              surface: "tui",
            },
            { actor: "user:tui", workspace: at.workspace, correlationId: "s_1" },
          ),
        )
        yield* loop.folds.reached((yield* Effect.orDie(loop.store.head)).seq)
        assert.strictEqual((yield* verdictOf(loop, "s_2", bash("sh build.sh"))).verdict, "allow")
        at.write("build.sh", "#!/bin/sh\nexit 1\n")
        assert.strictEqual((yield* verdictOf(loop, "s_3", bash("sh build.sh"))).verdict, "allow")
      }),
    ),
  )
})
