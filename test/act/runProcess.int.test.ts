/** A process and all it started: its output, its time, and that nothing of it is left. */
import { readFile } from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { runProcess, type ProcessSpec } from "../../src/act/runProcess.ts"

const spec = (script: string, more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  file: "/bin/sh",
  args: ["-c", script],
  cwd: "/tmp",
  env: { PATH: "/usr/bin:/bin" },
  timeoutMs: 20_000,
  ...more,
})
const text = (result: {
  output: { finish: (redact: (t: string) => string) => { output: { head: string } } }
}) => result.output.finish((t) => t).output.head

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
/** A zombie that nobody reaped yet does not run. */
const running = async (pid: number): Promise<boolean> =>
  alive(pid) && !/^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State: Z"))
const gone = (pid: number) =>
  Effect.gen(function* () {
    while (yield* Effect.promise(() => running(pid))) yield* Effect.sleep("10 millis")
  })
/** Waits until a file holds a number: the process under test wrote its pid. */
const pidIn = (file: string) =>
  Effect.gen(function* () {
    for (;;) {
      const found = Number(yield* Effect.promise(() => readFile(file, "utf8").catch(() => "")))
      if (found > 0) return found
      yield* Effect.sleep("5 millis")
    }
  })
let files = 0
const pidFile = (): string => `/tmp/claw-run-${process.pid}-${files++}`

describe("runProcess", () => {
  it.live("gives exit code and both streams, with exactly the given environment", () =>
    Effect.gen(function* () {
      const result = yield* runProcess(spec("env; echo err >&2; exit 7"))
      assert.strictEqual(result.exit, 7)
      assert.match(text(result), /^PWD=\/tmp\nPATH=\/usr\/bin:\/bin\n|^PATH=\/usr\/bin:\/bin\nPWD=\/tmp\n/)
      assert.include(text(result), "err\n")
    }),
  )

  it.live("closes standard input, so that a reader ends", () =>
    Effect.gen(function* () {
      const result = yield* runProcess(spec("cat; echo end"))
      assert.strictEqual(text(result), "end\n")
    }),
  )

  it.live("says that a program does not exist", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(runProcess(spec("", { file: "/nonexistent/program" })))
      assert.strictEqual(error.reason, "failed")
      assert.match(error.message, /no such program/)
    }),
  )

  it.live(
    "counts a gigabyte, keeps its first 8 MiB, head and tail",
    () =>
      Effect.gen(function* () {
        const result = yield* runProcess(spec("yes 0123456789abcde | head -c 1073741824; echo; echo THE END"))
        const { output, blobs } = result.output.finish((t) => t)
        assert.strictEqual(output.bytes, 1073741824 + 9)
        assert.strictEqual(output.head.length, 8192)
        assert.isTrue(output.tail.endsWith("THE END\n"))
        assert.strictEqual(blobs[0]?.length, 8 * 1024 * 1024)
        assert.match(output.blob ?? "", /^[0-9a-f]{64}$/)
      }),
    60_000,
  )

  it.live("ends a process that ignores SIGTERM, with its children", () =>
    Effect.gen(function* () {
      const file = pidFile()
      const result = yield* runProcess(
        spec(
          `trap '' TERM; sh -c 'trap "" TERM; echo $$ > ${file}; while :; do sleep 1; done' & wait; sleep 60`,
          {
            timeoutMs: 300,
          },
        ),
      )
      assert.isTrue(result.timedOut)
      yield* gone(yield* pidIn(file))
    }),
  )

  it.live("gives SIGTERM a chance before SIGKILL", () =>
    Effect.gen(function* () {
      const result = yield* runProcess(
        spec("trap 'echo cleaned; exit 3' TERM; while :; do sleep 0.05; done", { timeoutMs: 1000 }),
      )
      assert.deepStrictEqual([result.exit, result.timedOut], [3, true])
      assert.include(text(result), "cleaned\n")
    }),
  )

  it.live("stops the whole tree when interrupted", () =>
    Effect.gen(function* () {
      const file = pidFile()
      const fiber = yield* runProcess(spec(`sh -c 'echo $$ > ${file}; sleep 1000' & wait`)).pipe(
        Effect.forkChild({ startImmediately: true }),
      )
      const pid = yield* pidIn(file)
      yield* Fiber.interrupt(fiber)
      yield* gone(pid)
    }),
  )

  it.live("returns although a stray keeps the output open, and ends strays of the group", () =>
    Effect.gen(function* () {
      const file = pidFile()
      const result = yield* runProcess(
        spec(
          `(echo started; sh -c 'echo $$ > ${file}; sleep 1000') & while ! [ -s ${file} ]; do sleep 0.01; done`,
        ),
      )
      assert.strictEqual(result.exit, 0)
      yield* gone(yield* pidIn(file))
    }),
  )

  it.live("finds what left the group by its mark when it is stopped", () =>
    Effect.gen(function* () {
      const file = pidFile()
      const fiber = yield* runProcess(
        spec(`setsid sh -c 'echo $$ > ${file}; sleep 1000' & sleep 1000`, { mark: "CLAW_RUN=test-mark" }),
      ).pipe(Effect.forkChild({ startImmediately: true }))
      const pid = yield* pidIn(file)
      yield* Fiber.interrupt(fiber)
      yield* gone(pid)
    }),
  )
})
