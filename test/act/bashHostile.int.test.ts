/** Commands that will not end, will not stop, or say too much. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as fs from "node:fs"
import { join } from "node:path"
import type { ToolContext } from "../../src/act/Tool.ts"
import { alive } from "./alive.ts"
import { withTools, type Tools } from "./toolFixture.ts"

const shell: Pick<ToolContext, "permits"> = {
  permits: { write: [], network: false, hosts: [], shell: true, unsandboxed: false },
}
const writing = (tools: Tools): Pick<ToolContext, "permits"> => ({
  permits: { ...shell.permits, write: [tools.place.workspace] },
})

describe("bash, of a hostile command", () => {
  it.live("leaves nothing running: background jobs, nohup, setsid, double forks", () =>
    withTools(({ run }) =>
      Effect.gen(function* () {
        const mark = "31337.0625"
        const command = [
          `sleep ${mark} &`,
          `nohup sleep ${mark} >/dev/null 2>&1 &`,
          `setsid sleep ${mark} >/dev/null 2>&1 </dev/null &`,
          `( ( setsid sh -c 'trap "" TERM HUP INT; sleep ${mark}; sleep ${mark}' & ) & ) >/dev/null 2>&1`,
          "sleep 0.1; echo done",
        ].join("\n")
        const result = yield* run("bash", { command }, shell)
        assert.deepStrictEqual([result.exit, result.output.head.includes("done")], [0, true])
        assert.deepStrictEqual(alive(mark), [])
      }),
    ),
  )

  it.live("kills what ignores SIGTERM, with all it started, when its time is over", () =>
    withTools(({ run }) =>
      Effect.gen(function* () {
        const mark = "31337.125"
        const error = yield* Effect.flip(
          run(
            "bash",
            {
              command: `trap '' TERM HUP INT; setsid sleep ${mark} & echo deaf; while :; do sleep ${mark}; done`,
              timeout: 400,
            },
            shell,
          ),
        )
        assert.deepStrictEqual([error.reason, error.output?.head], ["timeout", "deaf\n"])
        assert.deepStrictEqual(alive(mark), [])
      }),
    ),
  )

  it.live("is gone when the call is interrupted", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const mark = "31337.25"
        const command = `trap '' TERM; setsid sleep ${mark} & touch ready; while :; do sleep ${mark}; done`
        const fiber = yield* Effect.forkChild(tools.run("bash", { command }, writing(tools)))
        while (!fs.existsSync(join(tools.place.workspace, "ready"))) yield* Effect.sleep("5 millis")
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(alive(mark), [])
      }),
    ),
  )

  it.live("gives it nothing to read", () =>
    withTools(({ run }) =>
      Effect.gen(function* () {
        const result = yield* run("bash", { command: "cat; read line; echo $? [$line]; wc -c" }, shell)
        assert.deepStrictEqual([result.exit, result.output.head], [0, "1 []\n0\n"])
      }),
    ),
  )

  it.live("counts a gigabyte, keeps its head, its tail and 8 MiB, and grows by little more", () =>
    withTools(({ run }) =>
      Effect.gen(function* () {
        const command = `echo first; head -c 1073741824 /dev/zero; echo; echo last`
        yield* run("bash", { command: "true" }, shell)
        const before = process.memoryUsage().rss
        let most = before
        const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20)
        const { exit, output, blobs } = yield* run("bash", { command, timeout: 120_000 }, shell)
        clearInterval(watch)
        assert.strictEqual(exit, 0)
        assert.strictEqual(output.bytes, 1073741824 + "first\n\nlast\n".length)
        assert.isTrue(output.head.startsWith("first\n\0\0\0"))
        assert.isTrue(output.tail.endsWith("\0\0\0\nlast\n"))
        assert.isNotNull(output.blob)
        assert.strictEqual(blobs[0]?.length, 8 * 1024 ** 2)
        assert.isBelow(most - before, 300 * 1024 ** 2)
      }),
    ),
  )

  it.live("shows bytes that are no text, and goes on", () =>
    withTools(({ run }) =>
      Effect.gen(function* () {
        const result = yield* run(
          "bash",
          {
            command: `printf 'a\\377\\300\\000b\\355\\240\\200\\n'; head -c 4096 /dev/urandom; printf 'end'`,
          },
          shell,
        )
        assert.strictEqual(result.exit, 0)
        assert.isTrue(result.output.head.startsWith("a\ufffd\ufffd\0b\ufffd"))
        assert.isTrue(result.output.head.endsWith("end"))
        assert.isTrue(result.output.head.isWellFormed())
      }),
    ),
  )

  it.live("says what is wrong with an input, and what there is", () =>
    withTools(({ plan }) =>
      Effect.gen(function* () {
        const wrong = (input: Readonly<Record<string, unknown>>) => Effect.flip(plan("bash", input, shell))
        const asides = yield* wrong({ command: "ls", dangerouslyDisableSandbox: true })
        assert.deepStrictEqual(
          [asides.reason, asides.message],
          [
            "input",
            'bash: unknown key "dangerouslyDisableSandbox"; allowed: command, timeout, description, run_in_background',
          ],
        )
        const late = yield* wrong({ command: "ls", timeout: 3_600_001 })
        assert.match(late.message, /timeout is at most 3600000 ms; with run_in_background/)
        assert.strictEqual((yield* wrong({ command: "a\0b" })).reason, "input")
        assert.strictEqual((yield* wrong({ command: "ls", timeout: 0 })).reason, "input")
        assert.strictEqual((yield* wrong({ command: "ls", timeout: "5" })).reason, "input")
      }),
    ),
  )
})
