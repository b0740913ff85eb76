/** The scorer of corrections on rows of its own. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer } from "effect"
import {
  type CorrectionRow,
  evalCorrections,
  scoreCorrections,
} from "../../../src/daemon/eval/corrections.ts"

const row = (over: Partial<CorrectionRow>): CorrectionRow => ({
  id: "r",
  rule: "x",
  kind: "correction",
  command: "mkdir a/b",
  output: "mkdir: cannot create directory 'a/b': No such file or directory\n",
  expected: ["mkdir -p a/b"],
  ...over,
})
const score = (...rows: ReadonlyArray<CorrectionRow>) => {
  let now = 0
  return scoreCorrections(rows, () => (now += 1))
}

describe("the scorer of corrections", () => {
  it("counts a right first line, and has the contract's fields", () => {
    const { failures, baselines, ...figures } = score(row({}))
    assert.deepStrictEqual(figures, {
      v: 1,
      name: "corrections",
      rows: 1,
      due: 1,
      recall: 1,
      top1: 1,
      top3: 1,
      silentRows: 0,
      falseFires: 0,
      p50Ms: 1,
      p95Ms: 1,
    })
    assert.deepStrictEqual(failures, [])
    assert.deepStrictEqual(baselines.alwaysSilent, { recall: 0, top1: 0, top3: 0, falseFires: 0 })
  })
  it("a wrong line is recall and no agreement, and stands among the failures", () => {
    const result = score(row({ id: "w", expected: ["mkdir -v a/b"] }), row({}))
    assert.deepStrictEqual([result.recall, result.top1, result.top3], [1, 0.5, 0.5])
    assert.deepStrictEqual(
      result.failures.map(({ id, proposed }) => [id, proposed.map(({ command }) => command)]),
      [["w", ["mkdir -p a/b"]]],
    )
  })
  it("nothing said where a line is due is neither", () => {
    const result = score(row({ command: "true", output: "" }), row({}))
    assert.deepStrictEqual([result.recall, result.top1], [0.5, 0.5])
  })
  it("a second line that is right counts for the first three only", () => {
    const output = "git: 'st' is not a git command.\n\nThe most similar commands are\n\tstash\n\tstage\n"
    const result = score(row({ command: "git st", output, expected: ["git stage"] }))
    assert.deepStrictEqual([result.top1, result.top3], [0, 1])
  })
  it("takes what a match produced, `accept` before the rest, and only the first where only it was checked", () => {
    const right = (over: Partial<CorrectionRow>): number => score(row(over)).top1
    assert.strictEqual(right({ kind: "match", expected: true, produced: ["mkdir -p a/b"] }), 1)
    assert.strictEqual(right({ kind: "match", expected: true, produced: ["x"] }), 0)
    assert.strictEqual(right({ expected: ["x", "mkdir -p a/b"] }), 1)
    assert.strictEqual(right({ expected: ["x", "mkdir -p a/b"], asserted: "first" }), 0)
    assert.strictEqual(right({ expected: ["x"], accept: ["mkdir -p a/b"] }), 1)
    assert.strictEqual(score(row({ kind: "match", expected: true, produced: null })).recall, 1)
  })
  it("any line on a silent row is a false fire; rows that ask for less are passed over", () => {
    const result = score(
      row({ id: "f", kind: "no_match", expected: false, silent: true }),
      row({ kind: "no_match", expected: false, silent: true, command: "ls x", output: "x\n" }),
      row({ kind: "no_match", expected: false, silent: false }),
      row({ end_to_end: false }),
    )
    assert.deepStrictEqual([result.due, result.silentRows, result.falseFires], [0, 2, 1])
    assert.deepStrictEqual(
      result.failures.map(({ id }) => id),
      ["f"],
    )
    assert.strictEqual(result.baselines.alwaysSpeak.falseFires, 2)
  })
  it("reads the context as facts", () => {
    const due = (over: Partial<CorrectionRow>): number => score(row(over)).top1
    const beside = { command: "main", output: "main: command not found", expected: ["./main"] }
    assert.strictEqual(due({ ...beside, context: { exists: ["main"] } }), 1)
    assert.strictEqual(due(beside), 0)
    const glued = { command: "gitlog", output: "", expected: ["git log"] }
    assert.strictEqual(due({ ...glued, context: { executables: ["git"] } }), 1)
    assert.strictEqual(due({ ...glued, context: { executables: ["git", "gitlog"] } }), 0)
    const editing = {
      command: "sh a.sh",
      output: "a.sh: line 3: x: bad\n",
      expected: ["vi a.sh +3 && sh a.sh"],
    }
    assert.strictEqual(due({ ...editing, context: { files: ["a.sh"], env: { EDITOR: "vi" } } }), 1)
    assert.strictEqual(due({ ...editing, context: { files: ["a.sh"], env: {} } }), 0)
    const task = {
      command: "gulp srve",
      output: "Task 'srve' is not in your gulpfile",
      expected: ["gulp serve"],
    }
    const probes = [{ argv: ["gulp", "--tasks-simple"], stdout: "serve\n" }]
    assert.strictEqual(due({ ...task, context: { probes } }), 1)
    const port = {
      command: "./app",
      output: "Error: listen EADDRINUSE :::8080",
      expected: ["kill 42 && ./app"],
    }
    const lsof = (stdout: string) => [{ argv: ["lsof", "-i", ":8080"], stdout }]
    assert.strictEqual(due({ ...port, context: { probes: lsof("COMMAND PID USER\nnode    42 me\n") } }), 1)
    assert.strictEqual(due({ ...port, context: { probes: lsof("") } }), 0)
  })
  it.effect("a bad line fails with its number", () =>
    Effect.gen(function* () {
      const table = `${JSON.stringify(row({}))}\n{"id":1}\n`
      const files = Layer.succeed(
        FileSystem.FileSystem,
        FileSystem.makeNoop({ readFileString: () => Effect.succeed(table) }),
      )
      const error = yield* evalCorrections("t.jsonl").pipe(Effect.provide(files), Effect.flip)
      assert.include(error.message, "line 2 of the table")
    }),
  )
})
