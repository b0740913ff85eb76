/** The REPL and PowerShell as programs of this machine: what they answer, how they end, what they are without. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { ToolContext } from "../../src/act/Tool.ts"
import { alive } from "./alive.ts"
import { put, type Place } from "./sandboxFixture.ts"
import { secretMark, undoOf, withTools, type Tools } from "./toolFixture.ts"

const approved = (place: Place): Pick<ToolContext, "permits"> => ({
  permits: { write: [place.workspace], network: false, hosts: [], shell: true, unsandboxed: false },
})
const evaluate = (
  tools: Tools,
  language: string,
  code: string,
  more: Readonly<Record<string, unknown>> = {},
) => tools.run("REPL", { language, code, ...more }, approved(tools.place))
const said = (tools: Tools, language: string, code: string) =>
  Effect.map(evaluate(tools, language, code), ({ exit, output }) => [exit, output.head])

describe("REPL", () => {
  it.live("node: what is printed, and the last value; scripts, objects, await, require, import", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const node = (code: string) => said(tools, "node", code)
        yield* Effect.promise(() =>
          put(tools.place, { "data.json": '{"rows":[1,2]}', "own.mjs": "export const x = 5" }),
        )
        assert.deepStrictEqual(yield* node("console.log('a'); const x = 2; x * 21"), [0, "a\n=> 42\n"])
        assert.deepStrictEqual(yield* node("const x = 1"), [0, ""])
        assert.deepStrictEqual(yield* node("({ a: [1, 'b'] })"), [0, "=> { a: [ 1, 'b' ] }\n"])
        assert.deepStrictEqual(yield* node("require('./data.json').rows"), [0, "=> [ 1, 2 ]\n"])
        assert.deepStrictEqual(yield* node("await Promise.resolve(7)"), [0, "=> 7\n"])
        assert.deepStrictEqual(yield* node("const y = await Promise.resolve(8); return y // end"), [
          0,
          "=> 8\n",
        ])
        assert.deepStrictEqual(yield* node("(await import('./own.mjs')).x"), [0, "=> 5\n"])
        assert.deepStrictEqual(yield* node("require('fs').readFileSync(0, 'utf8')"), [0, "=> ''\n"])
      }),
    ),
  )

  it.live("node: errors are an answer, with what was printed before", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const [exit, text] = yield* said(tools, "node", "console.log('before'); null.x")
        assert.strictEqual(exit, 1)
        assert.match(String(text), /before[^]*TypeError: Cannot read properties of null/)
        const [badExit, bad] = yield* said(tools, "node", "const = 1")
        assert.strictEqual(badExit, 1)
        assert.match(String(bad), /SyntaxError/)
      }),
    ),
  )

  it.live("python: what is printed, the last value, tracebacks of the code alone", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const python = (code: string) => said(tools, "python", code)
        // a file of the workspace with a library's name is not what the interpreter loads for itself
        yield* Effect.promise(() =>
          put(tools.place, {
            "ast.py": "print('hijacked')",
            "own.py": "x = 5",
            "linecache.py": "print('hijacked')",
          }),
        )
        assert.deepStrictEqual(yield* python("x = 2\nprint('a')\nx * 21"), [0, "a\n=> 42\n"])
        assert.deepStrictEqual(yield* python("x = 1"), [0, ""])
        assert.deepStrictEqual(yield* python("import own\nown.x"), [0, "=> 5\n"])
        assert.deepStrictEqual(yield* python("import sys\nsys.stdin.read()"), [0, "=> ''\n"])
        assert.deepStrictEqual(yield* python("def f():\n  return 'ä'\nf()"), [0, "=> 'ä'\n"])
        const [exit, text] = yield* python("print('before')\n1/0")
        assert.strictEqual(exit, 1)
        assert.match(String(text), /^before\nTraceback[^]*File "<repl>", line 2[^]*1\/0[^]*ZeroDivisionError/)
        assert.notInclude(String(text), 'File "<string>"')
        assert.deepStrictEqual(yield* python("import sys\nsys.exit(3)"), [3, ""])
      }),
    ),
  )

  it.live("sh: a script whose commands read nothing of it", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const sh = (code: string) => said(tools, "sh", code)
        assert.deepStrictEqual(yield* sh('cat\nread x\necho "[$x]"\necho end'), [0, "[]\nend\n"])
        assert.deepStrictEqual(yield* sh("echo a; exit 4"), [4, "a\n"])
        assert.deepStrictEqual(yield* sh('echo "it\'s $((6 * 7)) \\$HOME"'), [0, "it's 42 $HOME\n"])
      }),
    ),
  )

  it.live("runs in the sandbox, fresh each time, and what it did can be taken back", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place, plan } = tools
        const [, first] = yield* said(
          tools,
          "node",
          "globalThis.kept = 1; require('fs').existsSync(process.env.HOME + '/.gitconfig')",
        )
        assert.strictEqual(first, "=> true\n")
        assert.deepStrictEqual(yield* said(tools, "node", "typeof kept"), [0, "=> 'undefined'\n"])
        const [exit, text] = yield* said(tools, "python", "import os\nsorted(os.listdir(os.environ['HOME']))")
        assert.strictEqual(exit, 0)
        assert.notInclude(String(text), ".local")
        const net = "import socket\nsocket.create_connection(('1.1.1.1', 53), 2)"
        assert.strictEqual((yield* said(tools, "python", net))[0], 1)
        const planned = yield* plan(
          "REPL",
          { language: "node", code: "require('fs').writeFileSync('made', 'x')" },
          approved(place),
        )
        assert.deepStrictEqual(
          [planned.summary, planned.preview],
          ["Run this node code", "require('fs').writeFileSync('made', 'x')"],
        )
        const result = yield* planned.run
        assert.isTrue(existsSync(join(place.workspace, "made")))
        yield* undoOf(place, planned, result)
        assert.isFalse(existsSync(join(place.workspace, "made")))
      }),
    ),
  )

  it.live("is stopped with all it started when its time is over; secrets are taken out", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const mark = "31337.5"
        const error = yield* Effect.flip(
          evaluate(
            tools,
            "python",
            `import subprocess,time\nprint('up')\nsubprocess.Popen(['sleep','${mark}'],start_new_session=True)\nwhile True: time.sleep(1)`,
            {
              timeout_ms: 1500,
            },
          ),
        )
        assert.deepStrictEqual([error.reason, error.output?.head], ["timeout", "up\n"])
        assert.deepStrictEqual(alive(mark), [])
        assert.deepStrictEqual(yield* said(tools, "sh", `echo ${secretMark}`), [0, "[redacted]\n"])
      }),
    ),
  )

  it.live("is refused without an approval, without a sandbox, and in a language there is not", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const unapproved = yield* Effect.flip(tools.plan("REPL", { language: "node", code: "1" }))
        assert.deepStrictEqual(
          [unapproved.reason, unapproved.message],
          ["refused", "running code needs an approval"],
        )
        const ruby = yield* Effect.flip(evaluate(tools, "ruby", "1"))
        assert.strictEqual(ruby.reason, "input")
        assert.match(ruby.message, /"node" \| "python" \| "sh"/)
      }),
    ),
  )
  it.live("is refused without a sandbox", () =>
    withTools(
      (tools) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(evaluate(tools, "sh", "true"))
          assert.deepStrictEqual(
            [error.reason, /runs nothing without one/.test(error.message)],
            ["refused", true],
          )
        }),
      { program: "/nonexistent/bwrap" },
    ),
  )
})

/** Shows its argv: there is no real one to be had everywhere, and what Claw decides is only how it is called. */
const fakePwsh = async ({ home }: Place): Promise<ReadonlyArray<string>> => {
  const folder = join(home, ".local", "bin")
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "pwsh"), `#!/bin/sh\nfor word; do printf '<%s>\\n' "$word"; done\ncat\n`)
  chmodSync(join(folder, "pwsh"), 0o755)
  return [folder]
}

describe("PowerShell", () => {
  const command = "Get-Item 'a b'; $x = \"y\" | % { `n }"

  it.live("gets the whole command as one word, in the sandbox", () =>
    withTools(
      (tools) =>
        Effect.gen(function* () {
          assert.isTrue(tools.registry.get("PowerShell")?.listed)
          const said = yield* tools.text("PowerShell", { command }, approved(tools.place))
          assert.strictEqual(said, `<-NoLogo>\n<-NoProfile>\n<-NonInteractive>\n<-Command>\n<${command}>\n`)
          const planned = yield* tools.plan(
            "PowerShell",
            { command, run_in_background: true },
            approved(tools.place),
          )
          assert.deepStrictEqual(
            [planned.summary, planned.preview, planned.sandbox],
            ["Run this PowerShell command in the background", command, "bubblewrap"],
          )
          const error = yield* Effect.flip(tools.plan("PowerShell", { command }))
          assert.deepStrictEqual([error.reason, /needs an approval/.test(error.message)], ["refused", true])
        }),
      { prepare: fakePwsh },
    ),
  )

  it.live("is not offered where it is not installed, and says so", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        assert.isFalse(tools.registry.get("PowerShell")?.listed)
        const error = yield* Effect.flip(tools.plan("PowerShell", { command }, approved(tools.place)))
        assert.deepStrictEqual(
          [error.reason, error.message],
          ["refused", "there is no pwsh on this machine's PATH"],
        )
      }),
    ),
  )
})
