/**
 * A link that is flipped between the gate's look and the tool's: what a plan opens is what was judged, or there is no
 * plan. The flip is made in exactly that moment, and by another process as fast as it can.
 */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Result, Stream, SubscriptionRef } from "effect"
import { compile } from "../../policies/compile.ts"
import { evaluate } from "../../policies/evaluate.ts"
import { loadRuleSet } from "../../policies/load.ts"
import { nodeOracle } from "../../policies/nodeOracle.ts"
import { readShipped, shippedDirectory } from "../../policies/shipped.ts"
import { scopeOf } from "../../policies/Scope.ts"
import { Sandbox } from "../../src/act/Sandbox.ts"
import { ToolRegistry } from "../../src/act/ToolRegistry.ts"
import type { ToolCall } from "../../src/domain/action.ts"
import { Judge } from "../../src/loop/Judge.ts"
import { Folds, type Snapshot } from "../../src/loop/Folds.ts"
import { Planner } from "../../src/loop/Planner.ts"
import { put } from "../act/sandboxFixture.ts"
import { type Tools, withTools } from "../act/toolFixture.ts"

const rules = loadRuleSet(readShipped(shippedDirectory(), ["default"]))

/** The real gate over the real disk; `between` happens once it has spoken. */
const plannerOf = ({ place, registry }: Tools, between: () => void) =>
  Effect.gen(function* () {
    const { home, workspace } = place
    const judge = Judge.of({
      call: (call) =>
        Effect.sync(() => {
          const context = { workspace, cwd: workspace, home, actor: "claw", trust: "trusted" as const }
          const scope = scopeOf(call, context, { own: [] })
          const verdict = evaluate(rules, compile(call, scope, nodeOracle, rules.table), scope)
          between()
          return verdict
        }),
      suggestion: () => Effect.void,
      recheck: () => Effect.succeed(true),
    })
    const sandbox = Sandbox.of({
      state: Effect.succeed({ _tag: "available", seccomp: true, limits: true }),
      find: () => Effect.succeed(null),
      run: () => Effect.die("nothing is run"),
      runOutside: () => Effect.die("nothing is run"),
      sweep: () => Effect.void,
      selfTest: Effect.succeed([]),
      probes: [],
    })
    const folds = Folds.of({
      snapshot: yield* SubscriptionRef.make({ agents: {} } as unknown as Snapshot),
      follow: () => Stream.empty,
      reached: () => Effect.void,
      checkpoint: Effect.void,
      adopt: () => Effect.die("nothing is folded"),
      run: Effect.never,
    })
    const services = yield* Layer.build(
      Planner.layer({ home }).pipe(
        Layer.provide([
          Layer.succeed(Judge, judge),
          Layer.succeed(ToolRegistry, registry),
          Layer.succeed(Sandbox, sandbox),
          Layer.succeed(Folds, folds),
        ]),
      ),
    )
    const planner = Context.get(services, Planner)
    return (action: ToolCall) =>
      planner.plan(
        {
          workspace,
          actor: "claw",
          trust: "trusted",
          call: "s_1#0",
          action,
          session: null,
        },
        { unsandboxed: false },
      )
  })

const notebook = '{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}\n'
const files = {
  "safe/a.txt": "one\n",
  "other/a.txt": "one\n",
  "safe/n.ipynb": notebook,
  "other/n.ipynb": notebook,
}
const update = "*** Begin Patch\n*** Update File: link/a.txt\n@@\n-one\n+two\n*** End Patch\n"
const add = "*** Begin Patch\n*** Add File: link/new/b.txt\n+two\n*** End Patch\n"
const calls: ReadonlyArray<ToolCall> = [
  { tool: "read_file", input: { path: "link/a.txt" } },
  { tool: "write_file", input: { path: "link/a.txt", content: "two\n" } },
  { tool: "write_file", input: { path: "link/new/b.txt", content: "two\n" } },
  { tool: "edit_file", input: { path: "link/a.txt", old_string: "one", new_string: "two" } },
  {
    tool: "NotebookEdit",
    input: { notebook_path: "link/n.ipynb", edit_mode: "insert", new_source: "1", cell_type: "code" },
  },
  { tool: "apply_patch", input: { patch: update } },
  { tool: "apply_patch", input: { patch: add } },
  { tool: "glob_search", input: { path: "link", pattern: "*" } },
  { tool: "grep_search", input: { path: "link", pattern: "one" } },
  { tool: "bash", input: { command: "touch link/a.txt" } },
  { tool: "bash", input: { command: "cp link/a.txt link/new.txt" } },
]

const inWorkspace = (body: (tools: Tools) => Effect.Effect<void, unknown>) =>
  withTools((tools) =>
    Effect.gen(function* () {
      yield* Effect.promise(() => put(tools.place, files))
      fs.symlinkSync("safe", join(tools.place.workspace, "link"))
      yield* body(tools)
    }),
  )

describe("what a plan opens", () => {
  for (const call of calls) {
    const name = `${call.tool} ${JSON.stringify(call.input).slice(0, 60)}`
    it.live(`is what was judged, and nothing where the link was flipped: ${name}`, () =>
      inWorkspace((tools) =>
        Effect.gen(function* () {
          const link = join(tools.place.workspace, "link")
          let flip = false
          const plan = yield* plannerOf(tools, () => {
            if (!flip) return
            fs.rmSync(link)
            fs.symlinkSync("other", link)
          })
          const still = yield* plan(call)
          assert.isTrue(
            Result.isSuccess(still.plan),
            String(Result.isFailure(still.plan) && still.plan.failure),
          )
          flip = true
          const flipped = yield* plan(call)
          assert.isNull(flipped.bound)
          assert(Result.isFailure(flipped.plan))
          assert.strictEqual(flipped.plan.failure.reason, "refused")
          assert.match(flipped.plan.failure.message, /other.*, which was not judged/)
        }).pipe(Effect.scoped),
      ),
    )
  }

  it.live("lies in what was judged while another process flips the link as fast as it can", () =>
    inWorkspace((tools) =>
      Effect.gen(function* () {
        const { workspace } = tools.place
        const flipper = yield* Effect.acquireRelease(
          Effect.promise(async () => {
            const child = spawn(
              process.execPath,
              [
                "-e",
                `const fs = require("node:fs")
                 process.on("disconnect", () => process.exit())
                 let i = 0
                 const turn = () => {
                   for (let n = 0; n < 20; n++) {
                     fs.symlinkSync(i++ % 2 === 0 ? "other" : "safe", "next")
                     fs.renameSync("next", "link")
                   }
                   if (i === 20) process.send("started")
                   setImmediate(turn)
                 }
                 turn()`,
              ],
              { cwd: workspace, stdio: ["ignore", "ignore", "inherit", "ipc"] },
            )
            await new Promise((started) => child.once("message", started))
            return child
          }),
          (child) =>
            Effect.promise(async () => {
              const ended = new Promise((done) => child.once("exit", done))
              child.disconnect()
              await ended
            }),
        )
        assert.isNotNull(flipper.pid)
        const plan = yield* plannerOf(tools, () => {})
        let planned = 0
        for (let round = 0; round < 40; round++) {
          for (const call of calls.slice(0, 7)) {
            const one = yield* plan(call)
            if (Result.isFailure(one.plan)) continue
            planned++
            const judged = one.verdict.effects.flatMap((effect) => ("path" in effect ? [effect.path] : []))
            for (const path of one.plan.success.opens ?? []) assert.include(judged, path)
            for (const { path } of one.plan.success.reads ?? []) assert.include(judged, path)
          }
        }
        assert.isAbove(planned, 0)
      }).pipe(Effect.scoped),
    ),
  )
})
