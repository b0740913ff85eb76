/** `bash` for real: what it prints, what it leaves running, when it is given up, and what is taken back. */
import * as fs from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type { ToolContext } from "../../src/act/Tool.ts"
import { put } from "./sandboxFixture.ts"
import { secretMark, undoOf, withTools } from "./toolFixture.ts"

const permits = (more: Partial<ToolContext["permits"]> = {}): ToolContext["permits"] => ({
  write: [],
  network: false,
  hosts: [],
  shell: false,
  unsandboxed: false,
  ...more,
})
const putting = (place: Parameters<typeof put>[0], files: Readonly<Record<string, string>>) =>
  Effect.promise(() => put(place, files))

describe("bash", () => {
  it.live("runs a single parsed command as its argv, without a shell", () =>
    withTools(({ text }) =>
      Effect.gen(function* () {
        const said = yield* text(
          "bash",
          { command: "printf '%s|' '$HOME;id' \"a b\"" },
          { commands: [["printf", "%s|", "$HOME;id", "a b"]] },
        )
        assert.strictEqual(said, "$HOME;id|a b|")
      }),
    ),
  )

  it.live(
    "runs a chain of plain commands as it was judged, and needs an approval for anything that needs a shell",
    () =>
      withTools(({ plan, run }) =>
        Effect.gen(function* () {
          const input = { command: "echo a | tr a b && echo c" }
          const commands = [
            ["echo", "a"],
            ["tr", "a", "b"],
            ["echo", "c"],
          ]
          for (const more of [{ commands }, { commands, permits: permits({ shell: true }) }]) {
            const result = yield* run("bash", input, more)
            assert.deepStrictEqual([result.exit, result.output.head], [0, "b\nc\n"])
          }
          for (const command of ["echo $((1 + 1)); true", "echo a > x", "echo a; echo b &"]) {
            const error = yield* Effect.flip(
              plan("bash", { command }, { commands: [["echo", "a"], ["true"]] }),
            )
            assert.deepStrictEqual([error.reason, /needs a shell/.test(error.message)], ["refused", true])
          }
        }),
      ),
  )

  it.live("takes a failing command as an answer, a time-out as an error with what was printed", () =>
    withTools(({ run }) =>
      Effect.gen(function* () {
        const failed = yield* run(
          "bash",
          { command: "ls /nonexistent" },
          { commands: [["ls", "/nonexistent"]] },
        )
        assert.deepStrictEqual([failed.ok, failed.exit], [false, 2])
        const error = yield* Effect.flip(
          run(
            "bash",
            { command: "echo before; sleep 100", timeout: 1500 },
            { permits: permits({ shell: true }) },
          ),
        )
        assert.deepStrictEqual([error.reason, error.output?.head], ["timeout", "before\n"])
      }),
    ),
  )

  it.live("undo takes back all a script did, hidden and ignored files too", () =>
    withTools(({ place, plan }) =>
      Effect.gen(function* () {
        yield* putting(place, { ".gitignore": "*.log\n", "a.log": "ignored", ".hidden": "h", "src/x": "1" })
        fs.symlinkSync("src", join(place.workspace, "link"))
        fs.chmodSync(join(place.workspace, "src/x"), 0o640)
        const list = () =>
          fs
            .readdirSync(place.workspace, { recursive: true })
            .sort()
            .map((name) => {
              const path = join(place.workspace, String(name))
              const found = fs.lstatSync(path, { bigint: true })
              const content = found.isFile()
                ? fs.readFileSync(path, "utf8")
                : found.isSymbolicLink()
                  ? fs.readlinkSync(path)
                  : ""
              return [name, found.mode, found.isDirectory() ? 0n : found.mtimeNs, content]
            })
        const before = list()
        const command =
          "echo changed > a.log; rm .hidden; chmod 777 src/x; mv src moved; ln -sfn nowhere/else link; mkdir -p new/deep; echo n > new/deep/f"
        const planned = yield* plan(
          "bash",
          { command },
          { permits: permits({ shell: true, write: [place.workspace] }) },
        )
        assert.isTrue(planned.undo.possible)
        const result = yield* planned.run
        assert.strictEqual(result.exit, 0)
        assert.notDeepEqual(list(), before)
        yield* undoOf(place, planned, result)
        assert.deepStrictEqual(list(), before)
      }),
    ),
  )

  it.live("what a stopped command changed is known afterwards and can be taken back", () =>
    withTools(({ place, plan }) =>
      Effect.gen(function* () {
        yield* putting(place, { a: "old" })
        const planned = yield* plan(
          "bash",
          { command: "echo new > a; touch ready; sleep 1000" },
          { permits: permits({ shell: true, write: [place.workspace] }) },
        )
        const fiber = yield* planned.run.pipe(Effect.forkChild({ startImmediately: true }))
        while (!fs.existsSync(join(place.workspace, "ready"))) yield* Effect.sleep("5 millis")
        yield* Fiber.interrupt(fiber)
        const aftermath = yield* planned.aftermath
        assert.deepStrictEqual(aftermath.after.map(({ path }) => path.split("/").at(-1)).sort(), [
          "a",
          "ready",
        ])
        yield* undoOf(place, planned, aftermath)
        assert.deepStrictEqual(fs.readdirSync(place.workspace), ["a"])
        assert.strictEqual(fs.readFileSync(join(place.workspace, "a"), "utf8"), "old")
      }),
    ),
  )

  it.live("says what cannot be taken back: nothing written, network, no sandbox", () =>
    withTools(({ place, plan }) =>
      Effect.gen(function* () {
        const reading = yield* plan("bash", { command: "ls" }, { commands: [["ls"]] })
        assert.deepStrictEqual([reading.undo.possible, reading.undo.reason], [false, "it changes nothing"])
        const online = yield* plan(
          "bash",
          { command: "ls" },
          { commands: [["ls"]], permits: permits({ network: true, write: [place.workspace] }) },
        )
        assert.match(online.undo.reason ?? "", /over the network/)
      }),
    ),
  )

  it.live("a plain git command may check out files that run later, but never touch hooks", () =>
    withTools(({ place, run }) =>
      Effect.gen(function* () {
        const write = { permits: permits({ shell: true, write: [place.workspace] }) }
        const git = (...argv: ReadonlyArray<string>) =>
          run("bash", { command: ["git", ...argv].join(" ") }, { ...write, commands: [["git", ...argv]] })
        fs.mkdirSync(join(place.workspace, ".git", "hooks"), { recursive: true })
        assert.strictEqual((yield* git("--version")).exit, 0)
        fs.rmSync(join(place.workspace, ".git"), { recursive: true })
        assert.strictEqual((yield* git("init", "-q", "-b", "main")).exit, 0)
        yield* putting(place, { ".npmrc": "registry=x\n", a: "1" })
        assert.strictEqual((yield* git("add", ".")).exit, 0)
        const commit = yield* git("commit", "-q", "-m", "one")
        assert.strictEqual(commit.exit, 0, commit.output.head)
        fs.rmSync(join(place.workspace, ".npmrc"))
        assert.strictEqual((yield* git("checkout", "-q", "--", ".npmrc")).exit, 0)
        assert.isTrue(fs.existsSync(join(place.workspace, ".npmrc")))
        const config = yield* git("config", "core.hooksPath", "evil")
        assert.notStrictEqual(config.exit, 0)
      }),
    ),
  )

  it.live("takes secrets out of the output", () =>
    withTools(({ place, text }) =>
      Effect.gen(function* () {
        yield* putting(place, { a: secretMark })
        assert.strictEqual(
          yield* text("bash", { command: "cat a" }, { commands: [["cat", "a"]] }),
          "[redacted]",
        )
      }),
    ),
  )

  it.live("without a sandbox it runs only where a person approved that, and says so", () =>
    withTools(
      ({ place, plan }) =>
        Effect.gen(function* () {
          const context = { commands: [["touch", "made"]] }
          const error = yield* Effect.flip(plan("bash", { command: "touch made" }, context))
          assert.deepStrictEqual([error.reason, /no sandbox/.test(error.message)], ["refused", true])
          const planned = yield* plan(
            "bash",
            { command: "touch made" },
            { ...context, permits: permits({ unsandboxed: true }) },
          )
          assert.deepStrictEqual(
            [planned.sandbox, planned.summary],
            ["none", "Run touch made (without a sandbox)"],
          )
          assert.match(planned.undo.reason ?? "", /outside the workspace/)
          const result = yield* planned.run
          assert.deepStrictEqual(fs.readdirSync(place.workspace), ["made"])
          yield* undoOf(place, planned, result)
          assert.deepStrictEqual(fs.readdirSync(place.workspace), [])
        }),
      { program: "/nonexistent/bwrap" },
    ),
  )
})
