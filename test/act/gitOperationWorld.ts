/** Typed git operations on a real repository: asked for, answered in records, and taken back to the byte. */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { join } from "node:path"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { ToolPlan } from "../../src/act/Tool.ts"
import { put } from "./sandboxFixture.ts"
import { undoOf, type Tools } from "./toolFixture.ts"
import { differences, factsOf } from "./undo/facts.ts"

export const gitIn = (folder: string, home: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", args, {
    cwd: folder,
    env: { PATH: "/usr/bin:/bin", HOME: home, GIT_EDITOR: "true", LC_ALL: "C" },
    stdio: ["ignore", "pipe", "ignore"],
  }).toString()

export type Git = (...args: ReadonlyArray<string>) => string

/** Two branches that change the same line, one that does not, a tag. */
export const repository = Effect.fnUntraced(function* (tools: Tools, ...init: ReadonlyArray<string>) {
  const { place } = tools
  const git: Git = (...args) => gitIn(place.workspace, place.home, ...args)
  const commit = (message: string, files: Readonly<Record<string, string>>) =>
    Effect.promise(async () => {
      await put(place, files)
      git("add", "-A")
      git("commit", "-qm", message)
    })
  git("init", "-q", "-b", "main", ...init)
  yield* commit("one", { a: "1\n2\n3\n", "dir/only": "x\n" })
  git("tag", "-a", "-m", "a tag", "v1")
  git("switch", "-qc", "other")
  yield* commit("other's", { a: "1\nother\n3\n" })
  git("switch", "-qc", "apart", "main")
  fs.rmSync(join(place.workspace, "dir"), { recursive: true })
  yield* commit("apart", { b: "new\n" })
  git("switch", "-q", "main")
  yield* commit("main's", { a: "1\nmain\n3\n" })
  return git
})

type Row = Readonly<Record<string, unknown>>
/** An answer, or a part of it that is a list or a record. */
export const answer = (tools: Tools, input: Record<string, unknown>) =>
  tools.text("git", input).pipe(Effect.map((text) => JSON.parse(text) as Row))
export const rows = (of: Row, key: string): ReadonlyArray<Row> => of[key] as ReadonlyArray<Row>
export const row = (of: Row, key: string): Row => of[key] as Row
/** The failure that an output ends with. */
export const named = (line: string): Row => row(JSON.parse(line) as Row, "failure")
/** Runs it; the failure's line where it did not end well. */
export const failed = (tools: Tools, input: Record<string, unknown>) =>
  Effect.gen(function* () {
    const plan = yield* tools.plan("git", input)
    const ran = yield* Effect.result(plan.run)
    if (ran._tag === "Failure")
      return { code: ran.failure.code, message: ran.failure.message, files: [], next: [] }
    assert.isFalse(ran.success.ok, JSON.stringify(input))
    const line = ran.success.output.head.trimEnd().split("\n").at(-1) ?? ""
    const failure = named(line)
    if (plan.undo.possible) yield* undoOf(tools.place, plan, ran.success)
    return failure
  })
export const run = (plan: ToolPlan, ok: boolean) =>
  plan.run.pipe(
    Effect.tap((result) => Effect.sync(() => assert.strictEqual(result.ok, ok, result.output.head))),
  )
/** Plans, runs, checks that something changed, takes back, and compares every byte. */
export const thereAndBack = (tools: Tools, input: Record<string, unknown>, ok = true) =>
  Effect.gen(function* () {
    const { workspace } = tools.place
    const before = factsOf(workspace)
    const plan = yield* tools.plan("git", input)
    assert.isTrue(plan.undo.possible, plan.undo.reason ?? "")
    const result = yield* run(plan, ok)
    const after = factsOf(workspace)
    assert.isNotEmpty(differences(before, after), JSON.stringify(input))
    yield* undoOf(tools.place, plan, result)
    assert.deepStrictEqual(differences(before, factsOf(workspace)), [], JSON.stringify(input))
    return result
  })
