/** The small pure parts of the tools: bounded output, globs, edits, arguments, the filter of system calls, names of git. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { collect, OutputCollector } from "../../src/act/boundedOutput.ts"
import { bwrapArguments } from "../../src/act/bwrapArguments.ts"
import { commandEnvironment, gitSettings, trustedPath } from "../../src/act/commandEnvironment.ts"
import { editText, sliceLines } from "../../src/act/fileText.ts"
import { isRefName } from "../../src/act/gitInput.ts"
import { compileGit, notPlain, type Operation } from "../../src/act/gitOperations.ts"
import { matchesGlob, parseGlob } from "../../src/act/globPattern.ts"
import { seccompFilter } from "../../src/act/seccomp.ts"

const same = (text: string): string => text

describe("bounded output", () => {
  it("keeps everything up to 16 KiB", () => {
    const bytes = new TextEncoder().encode("x".repeat(16 * 1024))
    const { output, blobs } = collect(bytes, bytes.length, same)
    assert.deepStrictEqual(
      [output.head.length, output.tail, output.blob, blobs.length],
      [16 * 1024, "", null, 0],
    )
  })

  it("cuts at characters, counts exactly, whatever the chunks", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("é", "€", "😀", "a€"),
        fc.integer({ min: 6000, max: 12_000 }),
        fc.integer({ min: 1, max: 5000 }),
        (unit, times, step) => {
          const bytes = new TextEncoder().encode(unit.repeat(times))
          const collector = new OutputCollector()
          for (let at = 0; at < bytes.length; at += step) collector.add(bytes.subarray(at, at + step))
          const { output } = collector.finish(same)
          assert.strictEqual(output.bytes, bytes.length)
          assert.notInclude(output.head + output.tail, "\ufffd")
          if (bytes.length > 16 * 1024) assert.isAbove(output.head.length + output.tail.length, 100)
        },
      ),
      { numRuns: 50 },
    )
  })

  it("keeps the true tail beyond what it holds", () => {
    const collector = new OutputCollector()
    const chunk = new Uint8Array(1024 * 1024).fill(0x61)
    for (let i = 0; i < 12; i++) collector.add(chunk)
    collector.add(new TextEncoder().encode("the end"))
    const { output, blobs } = collector.finish(same)
    assert.strictEqual(output.bytes, 12 * 1024 * 1024 + 7)
    assert.isTrue(output.tail.endsWith("aathe end"))
    assert.strictEqual(blobs[0]?.length, 8 * 1024 * 1024)
  })
})

describe("glob", () => {
  const cases: ReadonlyArray<readonly [string, string, boolean]> = [
    ["*.ts", "a/b/c.ts", true],
    ["/*.ts", "c.ts", true],
    ["./src/*.ts", "src/a.ts", true],
    ["src/*.ts", "src/a/b.ts", false],
    ["src/**", "src/a/b.ts", true],
    ["src/**/b.ts", "src/b.ts", true],
    ["**/x/**/y", "a/x/b/c/y", true],
    ["a?c", "abc", true],
    ["a?c", "a/c", false],
    ["[a-c]x", "bx", true],
    ["[!a-c]x", "bx", false],
    ["{a,b{c,d}}.x", "bd.x", true],
    ["{a,b}", "c", false],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["a*b*c", "aXbYbZc", true],
    ["😀?", "😀é", true],
  ]
  it.each(cases)("%s on %s: %s", (pattern, path, expected) => {
    assert.strictEqual(matchesGlob(parseGlob(pattern)!, path), expected)
  })
  it("refuses what does not close and what explodes", () => {
    for (const pattern of ["[a", "{a", "{a,b}".repeat(20)]) assert.isNull(parseGlob(pattern))
  })
  it("a hostile pattern ends", () => {
    const glob = parseGlob("*a".repeat(200) + "b")!
    assert.isFalse(matchesGlob(glob, "a".repeat(5000)))
  })
})

describe("file text", () => {
  it("slices lines", () => {
    assert.deepStrictEqual(sliceLines("a\nb\nc", 2, 5), { text: "b\nc", lines: 3, first: 2, last: 3 })
    assert.deepStrictEqual(sliceLines("a\n", 9, 5), { text: "", lines: 1, first: 2, last: 1 })
  })
  it("an edit changes nothing else", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.string({ minLength: 1 }),
        fc.string(),
        (left, right, to, marker) => {
          const from = `<${marker}|${to}>`
          if ((left + right).includes("\r") || from.includes("\r") || to.includes("\r")) return
          if (left.includes(from) || right.includes(from) || (left + from + right).split(from).length !== 2)
            return
          const edited = editText(left + from + right, from, to, false)
          assert.deepStrictEqual(edited, { text: left + to + right, count: 1 })
        },
      ),
    )
  })
  it("mixed line endings are matched exactly", () => {
    assert.deepStrictEqual(editText("a\r\nb\nc", "b\nc", "x", false), { text: "a\r\nx", count: 1 })
    assert.deepStrictEqual(editText("a\r\nb\nc", "a\nb", "x", false), { problem: "absent" })
  })
})

describe("environment", () => {
  it("passes an explicit list only", () => {
    const env = commandEnvironment(
      {
        AWS_SECRET_ACCESS_KEY: "x",
        LANG: "C",
        LC_ALL: "C",
        LD_PRELOAD: "/evil.so",
        NODE_OPTIONS: "-r x",
        PATH: "/usr/bin",
      },
      { home: "/home/d", workspace: "/home/d/p" },
    )
    assert.deepStrictEqual(
      ["AWS_SECRET_ACCESS_KEY", "LD_PRELOAD", "NODE_OPTIONS"].filter((name) => name in env),
      [],
    )
    assert.deepStrictEqual(
      [env["LANG"], env["LC_ALL"], env["CLAW_AGENT"], env["HOME"]],
      ["C", "C", "1", "/home/d"],
    )
  })
  it("finds no program through the workspace or a relative folder", () => {
    assert.strictEqual(
      trustedPath("node_modules/.bin:.:/w/bin:/x/node_modules/.bin:/opt/t/bin/:", "/w"),
      "/opt/t/bin:/usr/local/bin:/usr/bin:/bin",
    )
  })
  it("numbers git settings", () => {
    assert.deepStrictEqual(gitSettings({ "a.b": "c" }), {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "a.b",
      GIT_CONFIG_VALUE_0: "c",
    })
  })
})

describe("git operations", () => {
  const hostile = "--upload-pack=touch /tmp/x"
  const inputs: ReadonlyArray<Operation> = [
    { operation: "stage", paths: [hostile] },
    { operation: "unstage", paths: [hostile] },
    { operation: "restore", paths: [hostile], staged: true },
    { operation: "commit", message: hostile, amend: true },
    { operation: "stash-push", message: hostile },
  ]
  it.each(inputs)("outside text is never an option: %o", (input) => {
    const { argv } = compileGit(input)
    const dashes = argv.indexOf("--")
    for (const [index, word] of argv.entries()) {
      if (word === hostile) assert.isTrue(dashes !== -1 && index > dashes)
      else if (word.includes(hostile)) assert.match(word, /^--message=/)
    }
  })
  it("nothing is forced", () => {
    const push = compileGit({ operation: "push", remote: "o", branch: "b", setUpstream: true })
    assert.deepStrictEqual(push.argv, [
      "git",
      "push",
      "--set-upstream",
      "--",
      "o",
      "refs/heads/b:refs/heads/b",
    ])
  })
  it("checks names as git does", () => {
    for (const good of ["main", "feature/x-1", "ünï", "a.b"]) assert.isTrue(isRefName(good), good)
    for (const bad of [
      "-x",
      "a..b",
      "a.lock",
      "a/",
      "/a",
      ".a",
      "a/.b",
      "a b",
      "a~1",
      "a^",
      "a:b",
      "@",
      "a@{1}",
      "a\n",
      "x\\y",
    ]) {
      assert.isFalse(isRefName(bad), bad)
    }
  })
  it("knows the keys that run programs or redirect", () => {
    const odd = [
      "core.sshcommand",
      "filter.lfs.clean",
      "includeif.gitdir:~/x.path",
      "url.x.insteadof",
      "http.https://h.proxy",
    ]
    assert.deepStrictEqual(
      notPlain([...odd, "core.bare", "remote.origin.url", "branch.main.merge", "core.hookspath"]),
      odd,
    )
  })
})

describe("sandbox line", () => {
  const line = bwrapArguments({
    mounts: [{ kind: "void", path: "/w/.npmrc" }],
    cwd: "/w",
    env: { A: "1" },
    launcher: [],
    argv: ["--help"],
    seccomp: true,
    waits: false,
    prlimit: null,
    limits: { cpuSeconds: 1, fileBytes: 1, processes: 1 },
  })
  it("has what holds it shut, and the command only behind `--`", () => {
    for (const flag of [
      "--unshare-all",
      "--disable-userns",
      "--die-with-parent",
      "--new-session",
      "--clearenv",
    ]) {
      assert.include(line, flag)
    }
    assert.include(line.join(" "), "--cap-drop ALL")
    assert.notInclude(line, "--share-net")
    assert.deepStrictEqual(line.slice(-2), ["--", "--help"])
  })
  it("has a filter for known machines only", () => {
    assert.isNull(seccompFilter("mips"))
    for (const machine of ["x64", "arm64"]) assert.strictEqual(seccompFilter(machine)!.length % 8, 0)
  })
})
