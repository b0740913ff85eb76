/** The tools on files over real folders: what they read and write, what they refuse, and that undo gives back each byte. */
import * as fs from "node:fs"
import { join } from "node:path"
import { execFileSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { put } from "./sandboxFixture.ts"
import { secretMark, undoOf, withTools } from "./toolFixture.ts"

const sync = <A>(run: () => A) => Effect.sync(run)
const putting = (place: Parameters<typeof put>[0], files: Readonly<Record<string, string>>) =>
  Effect.promise(() => put(place, files))

describe("read_file", () => {
  it.live("reads lines, says what it left out, marks what is not UTF-8", () =>
    withTools(({ place, text }) =>
      Effect.gen(function* () {
        yield* putting(place, { a: "one\ntwo\nthree\n" })
        assert.strictEqual(yield* text("read_file", { path: "a" }), "one\ntwo\nthree")
        assert.strictEqual(
          yield* text("read_file", { path: "a", offset: 2, limit: 1 }),
          "two\n[lines 2 to 2 of 3]",
        )
        fs.writeFileSync(join(place.workspace, "bad"), Buffer.from([0x61, 0xff, 0x62]))
        assert.match(yield* text("read_file", { path: "bad" }), /^a\ufffdb\n\[some bytes are not UTF-8/)
      }),
    ),
  )

  it.live("refuses binaries, folders, pipes, absent files and everything outside, with the reason", () =>
    withTools(({ place, run }) =>
      Effect.gen(function* () {
        yield* putting(place, { "d/x": "" })
        fs.writeFileSync(join(place.workspace, "bin"), Buffer.from([1, 0, 2]))
        fs.writeFileSync(join(place.home, "outside"), "x")
        fs.symlinkSync(join(place.home, "outside"), join(place.workspace, "link"))
        fs.symlinkSync(place.home, join(place.workspace, "up"))
        execFileSync("mkfifo", [join(place.workspace, "pipe")])
        const reasons: Record<string, RegExp> = {
          bin: /binary: it holds zero bytes/,
          d: /is a folder/,
          pipe: /not a regular file/,
          absent: /no such file/,
          "../outside": /outside the workspace/,
          "/etc/passwd": /outside the workspace/,
          link: /outside the workspace/,
          "up/outside": /outside the workspace/,
          "a\0b": /zero byte/,
        }
        for (const [path, reason] of Object.entries(reasons)) {
          assert.match((yield* Effect.flip(run("read_file", { path }))).message, reason, path)
        }
      }),
    ),
  )

  it.live("takes secrets out of what it gives, also where they are cut", () =>
    withTools(({ place, run }) =>
      Effect.gen(function* () {
        yield* putting(place, { a: `${"x".repeat(8185)}${secretMark}${"y".repeat(20_000)}` })
        const { output, blobs } = yield* run("read_file", { path: "a" })
        assert.notInclude(output.head + output.tail, "planted")
        assert.notInclude(Buffer.from(blobs[0]!).toString(), "planted")
      }),
    ),
  )
})

describe("write_file", () => {
  it.live("creates with folders, shows a diff, and undo removes all of it", () =>
    withTools(({ place, plan }) =>
      Effect.gen(function* () {
        const planned = yield* plan("write_file", { path: "new/deep/a.txt", content: "hello\n" })
        assert.deepStrictEqual(fs.readdirSync(place.workspace), [])
        assert.include(planned.preview ?? "", "+hello")
        assert.strictEqual(planned.summary, "Create new/deep/a.txt (6 bytes)")
        const result = yield* planned.run
        assert.strictEqual(fs.readFileSync(join(place.workspace, "new/deep/a.txt"), "utf8"), "hello\n")
        yield* undoOf(place, planned, result)
        assert.deepStrictEqual(fs.readdirSync(place.workspace), [])
      }),
    ),
  )

  it.live("keeps the mode, leaves no temporary file, and undo restores bytes, mode and time", () =>
    withTools(({ place, plan }) =>
      Effect.gen(function* () {
        yield* putting(place, { "run.sh": "old" })
        const path = join(place.workspace, "run.sh")
        fs.chmodSync(path, 0o750)
        const before = fs.lstatSync(path, { bigint: true })
        const planned = yield* plan("write_file", { path: "run.sh", content: "new" })
        const result = yield* planned.run
        assert.strictEqual(fs.readFileSync(path, "utf8"), "new")
        assert.strictEqual(fs.statSync(path).mode & 0o7777, 0o750)
        assert.deepStrictEqual(fs.readdirSync(place.workspace), ["run.sh"])
        yield* undoOf(place, planned, result)
        const after = fs.lstatSync(path, { bigint: true })
        assert.strictEqual(fs.readFileSync(path, "utf8"), "old")
        assert.deepStrictEqual([after.mode, after.mtimeNs], [before.mode, before.mtimeNs])
      }),
    ),
  )

  it.live(
    "refuses if the file changed since it was planned, and a folder swapped for a link leads nowhere",
    () =>
      withTools(({ place, plan }) =>
        Effect.gen(function* () {
          yield* putting(place, { a: "1", "dir/b": "1" })
          fs.mkdirSync(join(place.home, "elsewhere"))
          fs.writeFileSync(join(place.home, "elsewhere", "b"), "precious")
          const changed = yield* plan("write_file", { path: "a", content: "2" })
          fs.writeFileSync(join(place.workspace, "a"), "mine")
          assert.match((yield* Effect.flip(changed.run)).message, /changed since/)
          assert.strictEqual(fs.readFileSync(join(place.workspace, "a"), "utf8"), "mine")
          const swapped = yield* plan("write_file", { path: "dir/b", content: "2" })
          fs.renameSync(join(place.workspace, "dir"), join(place.workspace, "old"))
          fs.symlinkSync(join(place.home, "elsewhere"), join(place.workspace, "dir"))
          assert.match((yield* Effect.flip(swapped.run)).message, /leads outside/)
          assert.strictEqual(fs.readFileSync(join(place.home, "elsewhere", "b"), "utf8"), "precious")
        }),
      ),
  )

  it.live("refuses git's own files, read-only files, folders, dangling links and escapes", () =>
    withTools(({ place, plan }) =>
      Effect.gen(function* () {
        yield* putting(place, { ".git/config": "x", ro: "x", "d/x": "" })
        fs.chmodSync(join(place.workspace, "ro"), 0o444)
        fs.symlinkSync("/nonexistent/target", join(place.workspace, "dangling"))
        const reasons: Record<string, RegExp> = {
          ".git/config": /belongs to git/,
          ".GIT/hooks/pre-commit": /belongs to git/,
          ro: /read-only/,
          d: /is a folder/,
          dangling: /link to nothing/,
          "../x": /outside the workspace/,
        }
        for (const [path, reason] of Object.entries(reasons)) {
          const error = yield* Effect.flip(plan("write_file", { path, content: "x" }))
          assert.match(error.message, reason, path)
        }
      }),
    ),
  )

  it.live("writes through a link that stays inside, into its real target", () =>
    withTools(({ place, run }) =>
      Effect.gen(function* () {
        yield* putting(place, { "real/a": "1" })
        fs.symlinkSync("real/a", join(place.workspace, "alias"))
        yield* run("write_file", { path: "alias", content: "2" })
        assert.isTrue(fs.lstatSync(join(place.workspace, "alias")).isSymbolicLink())
        assert.strictEqual(fs.readFileSync(join(place.workspace, "real/a"), "utf8"), "2")
      }),
    ),
  )

  it.live("says that it cannot be taken back where the old content holds a secret", () =>
    withTools(({ place, plan }) =>
      Effect.gen(function* () {
        yield* putting(place, { a: secretMark })
        const { undo, blobs } = yield* plan("write_file", { path: "a", content: "2" })
        assert.isFalse(undo.possible)
        assert.match(undo.reason ?? "", /holds a secret/)
        assert.deepStrictEqual(blobs, [])
      }),
    ),
  )
})

describe("edit_file", () => {
  const edit = (path: string, old_string: string, new_string: string, replace_all?: boolean) => ({
    path,
    old_string,
    new_string,
    ...(replace_all === undefined ? {} : { replace_all }),
  })

  it.live("replaces one place, keeping CR LF and byte-order mark", () =>
    withTools(({ place, run }) =>
      Effect.gen(function* () {
        yield* putting(place, { a: "\ufeffone\r\ntwo\r\nthree\r\n" })
        yield* run("edit_file", edit("a", "one\ntwo", "1\n2"))
        assert.strictEqual(fs.readFileSync(join(place.workspace, "a"), "utf8"), "\ufeff1\r\n2\r\nthree\r\n")
      }),
    ),
  )

  it.live("is exact: `$&` and the like mean nothing", () =>
    withTools(({ place, run }) =>
      Effect.gen(function* () {
        yield* putting(place, { a: "x.y x.y" })
        yield* run("edit_file", edit("a", "x.y", "$&$1\\n", true))
        assert.strictEqual(fs.readFileSync(join(place.workspace, "a"), "utf8"), "$&$1\\n $&$1\\n")
      }),
    ),
  )

  it.live("refuses what is absent, ambiguous, the same, binary or not UTF-8", () =>
    withTools(({ place, plan }) =>
      Effect.gen(function* () {
        yield* putting(place, { a: "x x" })
        fs.writeFileSync(join(place.workspace, "bad"), Buffer.from([0x78, 0xff]))
        fs.writeFileSync(join(place.workspace, "bin"), Buffer.from([0x78, 0x00]))
        const wrong: ReadonlyArray<readonly [Record<string, unknown>, RegExp]> = [
          [edit("a", "y", "z"), /does not hold/],
          [edit("a", "x", "z"), /2 times/],
          [edit("a", "x", "x"), /the same/],
          [edit("bad", "x", "y"), /not valid UTF-8/],
          [edit("bin", "x", "y"), /binary/],
          [edit("none", "x", "y"), /does not exist/],
        ]
        for (const [input, reason] of wrong) {
          assert.match((yield* Effect.flip(plan("edit_file", input))).message, reason)
        }
      }),
    ),
  )
})

describe("glob_search and grep_search", () => {
  it.live("honour every .gitignore and info/exclude, never enter .git, follow no link", () =>
    withTools(({ place, text }) =>
      Effect.gen(function* () {
        yield* putting(place, {
          ".gitignore": "*.log\n/build/\n",
          ".git/info/exclude": "private\n",
          ".git/x.ts": "needle",
          "src/.gitignore": "!keep.log\ngenerated.ts\n",
          "src/a.ts": "const needle = 1\nother\nNEEDLE\n",
          "src/generated.ts": "needle",
          "src/keep.log": "needle\n",
          "top.log": "needle",
          "build/b.ts": "needle",
          private: "needle",
        })
        fs.symlinkSync("/etc", join(place.workspace, "etc"))
        fs.writeFileSync(join(place.workspace, "bin.ts"), Buffer.from("needle\0"))
        assert.strictEqual(yield* text("glob_search", { pattern: "*.ts" }), "bin.ts\nsrc/a.ts")
        assert.strictEqual(
          yield* text("glob_search", { pattern: "*.{ts,log}", path: "src" }),
          "src/a.ts\nsrc/keep.log",
        )
        assert.strictEqual(yield* text("grep_search", { pattern: "needle" }), "src/a.ts\nsrc/keep.log")
        const content = { pattern: "needle", output_mode: "content" }
        assert.strictEqual(
          yield* text("grep_search", content),
          "src/a.ts:1:const needle = 1\nsrc/keep.log:1:needle",
        )
        assert.strictEqual(
          yield* text("grep_search", {
            ...content,
            pattern: "^n.*e$",
            "-i": true,
            glob: "src/*.ts",
            path: "src",
          }),
          "",
        )
        assert.strictEqual(
          yield* text("grep_search", { ...content, pattern: "^n.*e$", "-i": true, type: "ts", path: "src" }),
          "src/a.ts:3:NEEDLE",
        )
      }),
    ),
  )

  it.live("shows hostile names harmlessly and stops at the limit", () =>
    withTools(({ place, text }) =>
      Effect.gen(function* () {
        yield* putting(place, { "a\u001b[31m\nb": "x", c: "x", d: "x" })
        assert.strictEqual(yield* text("glob_search", { pattern: "a*" }), "a\u241b[31m\u240ab")
        assert.match(yield* text("glob_search", { pattern: "*", limit: 2 }), /\[more than 2 files match\]$/)
        assert.strictEqual(yield* text("grep_search", { pattern: "x" }), "a\u241b[31m\u240ab\nc\nd")
        assert.match(yield* text("grep_search", { pattern: "x", head_limit: 1 }), /\n\[cut at 1 lines/)
        assert.strictEqual(yield* text("grep_search", { pattern: "x", offset: 2, head_limit: 1 }), "d")
      }),
    ),
  )

  it.live("gives context, counts, matches over lines, and no line that is longer than it may be", () =>
    withTools(({ place, text }) =>
      Effect.gen(function* () {
        yield* putting(place, {
          a: "one\ntwo\nthree\nfour\nfive\n",
          b: `two ${"x".repeat(5000)}\r\ntwo\r\n`,
        })
        const grep = (more: Record<string, unknown>) => text("grep_search", { pattern: "two", ...more })
        assert.strictEqual(yield* grep({ output_mode: "count" }), "a:1\nb:2")
        const content = { output_mode: "content", glob: "a" }
        assert.strictEqual(yield* grep({ ...content, "-C": 1 }), "a-1-one\na:2:two\na-3-three")
        assert.strictEqual(yield* grep({ ...content, "-A": 2, "-n": false }), "a:two\na-three\na-four")
        assert.strictEqual(
          yield* grep({ ...content, pattern: "two.*four", multiline: true }),
          "a:2:two\na:3:three\na:4:four",
        )
        const long = yield* grep({ output_mode: "content", glob: "b" })
        assert.deepStrictEqual(
          long.split("\n").map((line) => line.length),
          ["b:1:".length + 500, "b:2:two".length],
        )
      }),
    ),
  )

  it.live(
    "takes no longer for a regular expression made to take for ever, and says what is wrong with one",
    () =>
      withTools(({ place, run, text }) =>
        Effect.gen(function* () {
          yield* putting(place, { a: `${"a".repeat(100_000)}b` })
          assert.strictEqual(yield* text("grep_search", { pattern: "(a+)+$" }), "")
          for (const [input, reason] of [
            [{ pattern: "(" }, /regex parse error/],
            [{ pattern: "x", type: "nothing" }, /unrecognized file type/],
            [{ pattern: "x", glob: "[" }, /unclosed character class/],
            [{ pattern: "x", path: "b" }, /no such file or folder/],
            [{ pattern: "x", path: "/etc" }, /outside the workspace/],
          ] as const) {
            const error = yield* Effect.flip(run("grep_search", input))
            assert.match(error.message, reason)
          }
        }),
      ),
  )

  it.live("runs no program that a file of the workspace or of the home names", () =>
    withTools(({ place, text }) =>
      Effect.gen(function* () {
        const mark = join(place.workspace, "ran")
        yield* putting(place, {
          ".ripgreprc": "--pre=./pre\n",
          pre: `#!/bin/sh\ntouch ${mark}\n`,
          "--pre=pre": "needle",
          "a.gz": "needle",
        })
        fs.chmodSync(join(place.workspace, "pre"), 0o755)
        fs.copyFileSync(join(place.workspace, ".ripgreprc"), join(place.home, ".ripgreprc"))
        assert.strictEqual(yield* text("grep_search", { pattern: "needle" }), "--pre=pre\na.gz")
        assert.isFalse(fs.existsSync(mark))
      }),
    ),
  )
})

describe("inputs", () => {
  it.live("an unknown key is named with what is allowed; missing and wrong types too", () =>
    withTools(({ plan }) =>
      Effect.gen(function* () {
        const wrong: ReadonlyArray<readonly [string, Record<string, unknown>, RegExp]> = [
          ["read_file", { path: "a", pth: 1 }, /unknown key "pth"; allowed: path, offset, limit/],
          ["read_file", {}, /path/],
          ["read_file", { path: 3 }, /path/],
          ["write_file", { path: "a", content: "x".repeat(9 * 1024 * 1024) }, /content is longer than 8 MiB/],
          [
            "git",
            { operation: "push", remote: "o", branch: "b", force: true },
            /unknown key "force"; allowed: operation, remote, branch, setUpstream/,
          ],
          ["git", { operation: "explode" }, /expected one of operation: status/],
          ["nothing", {}, /there is no tool nothing; there are read_file/],
        ]
        for (const [tool, input, reason] of wrong) {
          const error = yield* Effect.flip(plan(tool, input))
          assert.strictEqual(error.reason, "input")
          assert.match(error.message, reason)
          assert.isBelow(error.message.length, 1200)
        }
      }),
    ),
  )

  it.live("every tool has a closed JSON schema", () =>
    withTools(({ registry }) =>
      sync(() => {
        // the answer of a conversation is of whatever shape was asked for
        for (const { inputSchema } of registry.tools.filter(({ name }) => name !== "StructuredOutput")) {
          const text = JSON.stringify(inputSchema)
          const objects = text.match(/"type":"object"/g)?.length ?? 0
          assert.isAbove(objects, 0)
          assert.strictEqual(text.match(/"additionalProperties":false/g)?.length, objects)
          assert.notInclude(text, '"additionalProperties":true')
        }
      }),
    ),
  )
})
