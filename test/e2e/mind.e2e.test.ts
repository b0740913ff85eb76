/**
 * One coding task from the first word to the commit, in each protocol: in a chat at a terminal with every call approved by
 * hand, headless with a person at another terminal, and headless under rules of the user's own. What it cost and how it is
 * replayed is read from the log of all three.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ndjson } from "../cli/claws.ts"
import { launcher } from "../launcher.ts"
import { hasTmux, openPane, untilShown } from "../tui/pane.ts"
import { approving, attach, type Mind, mindWorld, ofType, speakers, wholeLog } from "./Mind.ts"
import { solve, task } from "./mindSolver.ts"
import { mindRules } from "./mindRules.ts"

const isSolved = (mind: Mind, dir: string) => {
  assert.strictEqual(readFileSync(join(dir, "sum.js"), "utf8"), task.done)
  assert.strictEqual(mind.git(dir, "log", "--format=%s").trim(), `${task.subject}\nBegin`)
  assert.strictEqual(mind.git(dir, "status", "--porcelain"), "")
  const runs = readFileSync(join(dir, "runs.txt"), "utf8").trim().split("\n")
  assert.lengthOf(runs, 3)
  assert.lengthOf(new Set(runs), 3)
}

const scope = Scope.makeUnsafe()
let mind: Mind
beforeAll(async () => {
  mind = await Effect.runPromise(mindWorld({ answer: solve }).pipe(Effect.provideService(Scope.Scope, scope)))
}, 60_000)
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

/** `claw -p` with the task; answers its one JSON object and its exit code. */
const print = (cwd: string, ...args: ReadonlyArray<string>) =>
  Effect.map(
    mind.clawWith({ cwd }, "-p", task.word, "--output", "json", ...args),
    ({ exit, stderr, stdout }) => ({ exit, stderr, result: ndjson(stdout)[0] ?? {} }),
  )

const solved = { type: "result", ended: "completed", answer: "The sum is mended and committed.", turns: 9 }

describe("a coding task from the word to the commit", () => {
  it.live.skipIf(!hasTmux)("Messages, in a chat, approved by hand", () =>
    Effect.gen(function* () {
      const dir = yield* mind.repositoryOf("messages", task.files)
      const pane = yield* openPane(110, 40)
      for (const [name, value] of Object.entries(mind.env))
        if (name !== "TERM") pane.keys(`export ${name}='${value}'`, "Enter")
      pane.keys(`cd ${dir}; ${process.execPath} ${launcher} chat`, "Enter")
      yield* untilShown(pane, "claude-opus", 30)
      pane.keys(task.word, "Enter")
      const asks = (shot: string) => shot.includes("y yes") || shot.includes("y once more")
      for (let n = 0; n < 14; n++) {
        yield* untilShown(pane, (shot) => asks(shot) || shot.includes(solved.answer), 20)
        if (pane.shot().includes(solved.answer)) break
        // a key that comes sooner was meant for something else
        yield* Effect.sleep(350)
        const before = pane.shot()
        pane.keys("y")
        yield* untilShown(pane, (shot) => shot !== before, 20)
      }
      yield* untilShown(pane, "The sum is mended and committed.", 20)
      isSolved(mind, dir)
    }).pipe(Effect.scoped),
  )

  it.live("Responses, headless, with a person at another terminal", () =>
    Effect.gen(function* () {
      const dir = yield* mind.repositoryOf("responses", task.files)
      const waits = yield* print(dir, "--model", speakers.responses)
      assert.deepInclude(waits, { exit: 6 })
      assert.deepInclude(waits.result, { ended: "waiting" })
      assert.match(waits.stderr, /claw approve s_/)
      const asked = yield* approving(yield* attach(mind))
      const done = yield* mind.clawWith(
        { cwd: dir },
        "--resume",
        String(waits.result["session"]),
        "-p",
        "Go on.",
        "--output",
        "json",
        "--wait",
      )
      assert.deepInclude(ndjson(done.stdout)[0], { ended: "completed", answer: solved.answer }, done.stderr)
      isSolved(mind, dir)
      assert.isAtLeast(asked.length, 7)
    }).pipe(Effect.scoped),
  )

  it.live("Chat Completions, headless, under the user's own rules, asking nobody", () =>
    Effect.gen(function* () {
      const policies = join(mind.directories.config, "policies")
      mkdirSync(policies, { recursive: true })
      writeFileSync(join(policies, "mind.toml"), mindRules)
      const checked = yield* mind.claw("policy", "check")
      assert.strictEqual(checked.exit, 0, checked.stderr)
      assert.deepStrictEqual(yield* (yield* attach(mind)).client.ReloadRules(), [])
      const dir = yield* mind.repositoryOf("chat", task.files)
      const done = yield* print(dir, "--model", speakers.chat)
      assert.deepInclude(done, { exit: 0 }, JSON.stringify(done))
      assert.deepInclude(done.result, solved)
      isSolved(mind, dir)
    }).pipe(Effect.scoped),
  )

  it.live("leaves a log that says who allowed what, and whose calls add up", () =>
    Effect.gen(function* () {
      const events = yield* wholeLog(yield* attach(mind))
      // the first two were approved by a person, call by call; the third by nobody
      const byPerson = ofType(events, "approval.approved").filter(({ actor }) => actor === "user:cli")
      assert.lengthOf(byPerson, 14)
      const started = ofType(events, "tool.started").map(({ payload }) => payload.suggestion)
      assert.strictEqual(new Set(started).size, started.length)
      const ruled = ofType(events, "policy.verdict").filter(({ payload }) =>
        JSON.stringify(payload).includes('"mind-'),
      )
      assert.isAtLeast(ruled.length, 7)

      const requested = ofType(events, "model.requested")
      const answered = ofType(events, "model.answered")
      assert.lengthOf(requested, 27)
      assert.lengthOf(answered, 27)
      const [cost] = ndjson((yield* mind.claw("cost", "--json")).stdout)
      const { total } = cost as unknown as { readonly total: Readonly<Record<string, number>> }
      assert.strictEqual(total["answered"], 27)
      assert.closeTo(
        total["usd"]!,
        answered.reduce((all, { payload }) => all + payload.usd!, 0),
        1e-9,
      )
      for (const key of ["input", "output", "cacheRead", "cacheWrite"] as const)
        assert.strictEqual(
          total[key],
          answered.reduce((all, { payload }) => all + payload.usage[key], 0),
        )
    }).pipe(Effect.scoped),
  )

  it.live("is replayed without any server: every prompt byte for byte, and nothing is asked", () =>
    Effect.gen(function* () {
      const asked = mind.server.journal.length + mind.server.others.length
      const { exit, stderr, stdout } = yield* mind.claw("replay", "--json")
      assert.strictEqual(exit, 0, stderr)
      assert.deepInclude(ndjson(stdout)[0], {
        same: true,
        prompts: { calls: 27, same: 27, changed: 0, otherVersion: 0, firstChanged: null, erased: 0 },
      })
      assert.strictEqual(mind.server.journal.length + mind.server.others.length, asked)
    }).pipe(Effect.scoped),
  )
})
