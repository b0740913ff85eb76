/** git's configuration as it is written, and which of it makes a repository not plain. */
import { assert, describe, it } from "@effect/vitest"
import { lastValue, parseConfig } from "../../../src/observe/git/config.ts"
import { notPlainKeys } from "../../../src/observe/git/notPlain.ts"
import { remotesOf, upstreamOf } from "../../../src/observe/git/upstream.ts"

const rows = (text: string): ReadonlyArray<string> =>
  parseConfig(text).entries.map(
    ({ section, subsection, key, value }) =>
      `${section}|${subsection ?? "-"}|${key}|${value === null ? "<none>" : JSON.stringify(value)}`,
  )

describe("configuration syntax", () => {
  it("reads sections, subsections, quotes, escapes, comments and continuations", () => {
    assert.deepStrictEqual(
      rows(
        [
          "; a comment",
          "[Core]",
          "\tBare = false ; why",
          "\tflag",
          '[remote "Ori\\"gin\\\\x"] url = a b  \t # tail',
          "[a.Sub] k=v",
          '\tq = "x # y"z "  end " ',
          "\tlong = one \\",
          '  two\\n\\t\\"',
          "\tempty =",
          "\tcrlf = yes\r",
        ].join("\n"),
      ),
      [
        'core|-|bare|"false"',
        "core|-|flag|<none>",
        'remote|Ori"gin\\x|url|"a b"',
        'a|sub|k|"v"',
        'a|sub|q|"x # yz   end "',
        'a|sub|long|"one   two\\n\\t\\""',
        'a|sub|empty|""',
        'a|sub|crlf|"yes"',
      ],
    )
  })

  it("names the line of an error and keeps what came before", () => {
    for (const [text, line] of [
      ["[core]\n\tx = 1\n[bad\n", 3],
      ["x = 1\n", 1],
      ['[a]\n\tx = "open\n', 2],
      ["[a]\n\tx = \\q\n", 2],
      ["[a]\n=\n", 2],
      ['[a "unfinished\n]', 1],
    ] as const) {
      const parsed = parseConfig(text)
      assert.strictEqual(parsed.badLine, line, text)
    }
    assert.strictEqual(parseConfig("[core]\n\tx = 1\n[bad\n").entries.length, 1)
  })

  it("is total over random bytes", () => {
    let seed = 1
    for (let n = 0; n < 500; n++) {
      const text = Array.from({ length: 60 }, () => {
        seed = (seed * 16_807) % 2_147_483_647
        return '[]="\\\n\t #;ab.x\0\r'[seed % 16]
      }).join("")
      const parsed = parseConfig(text)
      assert.isTrue(parsed.badLine === null || parsed.badLine >= 1)
    }
  })

  it("takes the last value and knows upstreams through the refspec", () => {
    const { entries } = parseConfig(
      `[remote "o"]\n url = u\n fetch = +refs/heads/*:refs/remotes/o/*\n[remote "p"]\n url = v\n fetch = +refs/heads/main:refs/remotes/p/trunk\n` +
        `[branch "main"]\n remote = x\n remote = o\n merge = refs/heads/main\n[branch "b"]\n remote = .\n merge = refs/heads/main\n` +
        `[branch "c"]\n remote = p\n merge = refs/heads/main\n[branch "d"]\n remote = p\n merge = refs/heads/else\n`,
    )
    assert.strictEqual(lastValue(entries, "branch", "main", "remote"), "o")
    assert.deepStrictEqual(remotesOf(entries), ["o", "p"])
    assert.deepStrictEqual(upstreamOf(entries, "main"), { name: "o/main", ref: "refs/remotes/o/main" })
    assert.deepStrictEqual(upstreamOf(entries, "b"), { name: "main", ref: "refs/heads/main" })
    assert.deepStrictEqual(upstreamOf(entries, "c"), { name: "p/trunk", ref: "refs/remotes/p/trunk" })
    assert.isNull(upstreamOf(entries, "d"))
    assert.isNull(upstreamOf(entries, "none"))
  })
})

describe("not plain", () => {
  const keys = (text: string) => notPlainKeys(parseConfig(text).entries, "/w/.git", "/w")

  it("lists every key that makes git run or read something", () => {
    const text = `
[core]
  fsmonitor = x
  hooksPath = x
  pager = x
  editor = x
  sshCommand = x
  worktree = /elsewhere
  bare = false
[filter "f"]
  clean = x
  smudge = x
[diff "d"]
  command = x
  textconv = x
  algorithm = patience
[diff]
  external = x
[include]
  path = x
[includeIf "gitdir:/w/"]
  path = x
[alias]
  st = !x
[gpg]
  program = x
[credential "https://h"]
  helper = !x
[merge "m"]
  driver = x
  name = x
[remote "origin"]
  url = https://h/x
  uploadpack = x
[remote "evil"]
  url = ext::sh -c x
[submodule "s"]
  update = !x
[constructor]
  toString = x
`
    assert.deepStrictEqual(keys(text), [
      "alias.st",
      "core.editor",
      "core.fsmonitor",
      "core.hookspath",
      "core.pager",
      "core.sshcommand",
      "core.worktree",
      "credential.https://h.helper",
      "diff.d.command",
      "diff.d.textconv",
      "diff.external",
      "filter.f.clean",
      "filter.f.smudge",
      "gpg.program",
      "include.path",
      "includeif.gitdir:/w/.path",
      "merge.m.driver",
      "remote.evil.url",
      "remote.origin.uploadpack",
      "submodule.s.update",
    ])
  })

  it("a plain repository has none, and a submodule's own worktree is plain", () => {
    assert.deepStrictEqual(
      keys("[core]\n repositoryformatversion = 0\n bare = false\n worktree = ..\n[user]\n name = x\n"),
      [],
    )
  })
})
