/** The git probes against real git: same facts, no process of the repository's, bounded. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fs from "node:fs"
import * as path from "node:path"
import type { ProbeAnswer } from "../../../src/domain/probeAnswers.ts"
import { answerGitProbe, isGitProbe, type GitProbe } from "../../../src/observe/probes/git.ts"
import { commit, git, gitFails, history, newRepository, tempFolder, write } from "../git/harness.ts"

const ask = <T extends GitProbe>(workspace: string, request: T, home = "/nonexistent") =>
  answerGitProbe(request, { workspace, home, path: process.env["PATH"] ?? "" }).pipe(
    Effect.map(({ answer, unavailable }) => {
      assert.isNull(unavailable)
      return answer as ProbeAnswer<T["_tag"]>
    }),
  )
const repository = Effect.map(tempFolder, (root) => newRepository(path.join(root, "repo")))

describe("gitBranch", () => {
  it.live("branch, upstream, both counts, remotes, branches, operation", () =>
    Effect.gen(function* () {
      const folder = yield* repository
      const root = path.dirname(folder)
      assert.deepStrictEqual(yield* ask(folder, { _tag: "gitBranch" }), {
        head: git(folder, "rev-parse", "HEAD"),
        branch: "main",
        upstream: null,
        upstreamSha: null,
        ahead: null,
        behind: null,
        remotes: [],
        branches: ["main"],
        operation: null,
      })
      git(root, "clone", "-q", "--bare", folder, "origin.git")
      git(root, "clone", "-q", "origin.git", "other")
      git(folder, "remote", "add", "origin", path.join(root, "origin.git"))
      git(folder, "fetch", "-q")
      git(folder, "branch", "-q", "--set-upstream-to=origin/main")
      for (let n = 0; n < 3; n++) commit(path.join(root, "other"), `o${n}`, "x", `other ${n}`)
      git(path.join(root, "other"), "push", "-q")
      git(folder, "fetch", "-q")
      commit(folder, "own", "x", "own")
      git(folder, "branch", "feat/x")
      const at = yield* ask(folder, { _tag: "gitBranch" })
      assert.deepInclude(at, { upstream: "origin/main", ahead: 1, behind: 3, remotes: ["origin"] })
      assert.strictEqual(at.upstreamSha, git(folder, "rev-parse", "origin/main"))
      assert.deepStrictEqual([...at.branches], ["feat/x", "main"])
      // The remote's branch was deleted: there is an upstream, but nothing to count against.
      git(folder, "update-ref", "-d", "refs/remotes/origin/main")
      assert.deepInclude(yield* ask(folder, { _tag: "gitBranch" }), {
        upstream: "origin/main",
        upstreamSha: null,
        ahead: null,
        behind: null,
      })
      git(folder, "checkout", "-q", "--detach")
      git(folder, "bisect", "start")
      assert.deepInclude(yield* ask(folder, { _tag: "gitBranch" }), { branch: null, operation: "bisect" })
    }),
  )
})

describe("gitStaged", () => {
  it.live("each staged file with its status, size and added lines by number", () =>
    Effect.gen(function* () {
      const folder = yield* repository
      commit(folder, "code.ts", "a\nb\nc\nd\ne\n", "code")
      commit(folder, "gone.txt", "gone\n", "gone")
      commit(folder, "moved.txt", "moved and the same\n", "moved")
      write(folder, "code.ts", "a\nnew one\nb\nC\nd\ne\nlast")
      write(folder, "fresh.txt", "first\nsecond\n")
      write(folder, "data.bin", Buffer.from([1, 0, 2, 3]))
      fs.rmSync(path.join(folder, "gone.txt"))
      git(folder, "mv", "moved.txt", "elsewhere.txt")
      git(folder, "add", "-A")
      write(folder, "code.ts", "not staged any more\n")
      const { files, truncated } = yield* ask(folder, { _tag: "gitStaged", maxBytes: 10_000 })
      assert.isFalse(truncated)
      assert.deepStrictEqual(
        files.map(({ path: name, status, bytes, binary }) => ({ name, status, bytes, binary })),
        [
          { name: "code.ts", status: "M", bytes: 22, binary: false },
          { name: "data.bin", status: "A", bytes: 4, binary: true },
          { name: "elsewhere.txt", status: "R", bytes: 19, binary: false },
          { name: "fresh.txt", status: "A", bytes: 13, binary: false },
          { name: "gone.txt", status: "D", bytes: null, binary: false },
        ],
      )
      assert.deepStrictEqual(files.find(({ path: name }) => name === "code.ts")!.added, [
        { line: 2, text: "new one" },
        { line: 4, text: "C" },
        { line: 7, text: "last" },
      ])
      assert.deepStrictEqual(files.find(({ path: name }) => name === "fresh.txt")!.added, [
        { line: 1, text: "first" },
        { line: 2, text: "second" },
      ])
      assert.deepStrictEqual(files.find(({ path: name }) => name === "elsewhere.txt")!.added, [])
    }),
  )

  it.live("added lines agree with git diff over many edits", () =>
    Effect.gen(function* () {
      const folder = yield* repository
      let seed = 3
      const pick = (n: number) => (seed = (seed * 16_807) % 2_147_483_647) % n
      for (let round = 0; round < 12; round++) {
        const before = Array.from({ length: 40 }, () => `line ${pick(30)}`)
        const after = before.flatMap((line) =>
          pick(6) === 0 ? [] : pick(6) === 0 ? [line, `new ${pick(9)}`] : [line],
        )
        commit(folder, "f", `${before.join("\n")}\n`, `round ${round}`)
        write(folder, "f", `${after.join("\n")}\n`)
        git(folder, "add", "f")
        const { files } = yield* ask(folder, { _tag: "gitStaged", maxBytes: 100_000 })
        const mine = files[0]?.added ?? []
        for (const { line, text } of mine) assert.strictEqual(after[line - 1], text)
        const theirs = git(folder, "diff", "--cached", "--numstat", "--minimal").split("\t")[0]
        assert.strictEqual(mine.length, Number(theirs === "" ? 0 : theirs))
        git(folder, "commit", "-q", "--allow-empty", "-m", "next")
      }
    }),
  )

  it.live("is bounded: by text, by the size of a file, by a long line", () =>
    Effect.gen(function* () {
      const folder = yield* repository
      write(folder, "big", Buffer.alloc(5 << 20, "x\n"))
      write(folder, "long", "y".repeat(10_000))
      write(folder, "much", "z\n".repeat(1_000))
      git(folder, "add", "-A")
      const { files, truncated } = yield* ask(folder, { _tag: "gitStaged", maxBytes: 5_000 })
      assert.isTrue(truncated)
      const [big, long, much] = files
      assert.deepInclude(big, { path: "big", bytes: 5 << 20, added: [], truncated: true })
      assert.strictEqual(long!.added[0]!.text.length, 4_096)
      assert.isTrue(much!.truncated)
      assert.isAtMost(
        files.flatMap(({ added }) => added).reduce((sum, { text }) => sum + text.length, 0),
        60_000,
      )
    }),
  )

  it.live("an unborn branch and a conflict", () =>
    Effect.gen(function* () {
      const folder = path.join(yield* tempFolder, "repo")
      fs.mkdirSync(folder)
      git(folder, "init", "-q")
      write(folder, "a", "a\n")
      git(folder, "add", "a")
      const { files } = yield* ask(folder, { _tag: "gitStaged", maxBytes: 1_000 })
      assert.deepStrictEqual(
        files.map(({ path: name, status, added }) => ({ name, status, added: [...added] })),
        [{ name: "a", status: "A", added: [{ line: 1, text: "a" }] }],
      )
      git(folder, "commit", "-q", "-m", "a")
      git(folder, "checkout", "-q", "-b", "side")
      commit(folder, "a", "side\n", "side")
      git(folder, "checkout", "-q", "-b", "else", "HEAD~1")
      commit(folder, "a", "else\n", "else")
      gitFails(folder, "merge", "-q", "side")
      assert.deepInclude((yield* ask(folder, { _tag: "gitStaged", maxBytes: 1_000 })).files[0], {
        path: "a",
        status: "U",
      })
    }),
  )
})

describe("gitDirty", () => {
  it.live("agrees with git on changed, deleted, staged, touched, typed and ignored files", () =>
    Effect.gen(function* () {
      const folder = path.join(yield* tempFolder, "repo")
      history(folder, 6, "sha1")
      const files = git(folder, "ls-files").split("\n")
      assert.isAbove(files.length, 9)
      const past = new Date("2020-01-02T03:04:05Z")
      write(folder, files[0]!, "changed\n")
      fs.utimesSync(path.join(folder, files[0]!), past, past)
      fs.rmSync(path.join(folder, files[1]!))
      fs.utimesSync(path.join(folder, files[2]!), past, past)
      fs.chmodSync(path.join(folder, files[3]!), 0o755)
      fs.rmSync(path.join(folder, files[4]!))
      fs.symlinkSync("x", path.join(folder, files[4]!))
      write(folder, files[5]!, "staged\n")
      git(folder, "add", files[5]!)
      const content = fs.readFileSync(path.join(folder, files[6]!))
      fs.writeFileSync(path.join(folder, files[6]!), content.fill(0x41))
      git(folder, "update-index", "--assume-unchanged", files[7]!)
      write(folder, files[7]!, "assumed\n")
      write(folder, "untracked", "x")
      const { files: count, oldestMs, paths } = yield* ask(folder, { _tag: "gitDirty" })
      const theirs = git(folder, "diff", "--name-only", "HEAD").split("\n").sort()
      assert.deepStrictEqual([...paths], theirs)
      assert.strictEqual(count, theirs.length)
      assert.strictEqual(oldestMs, past.getTime())
    }),
  )

  it.live("line ends converted on checkout are no change", () =>
    Effect.gen(function* () {
      const folder = yield* repository
      write(folder, ".gitattributes", "*.txt text eol=crlf\n")
      commit(folder, "a.txt", "one\r\ntwo\r\n", "crlf")
      const past = new Date("2020-01-02T03:04:05Z")
      fs.utimesSync(path.join(folder, "a.txt"), past, past)
      assert.deepStrictEqual(yield* ask(folder, { _tag: "gitDirty" }), {
        files: 0,
        oldestMs: null,
        paths: [],
      })
    }),
  )
})

describe("conflictMarkers", () => {
  it.live("whole conflicts only, inside the workspace only", () =>
    Effect.gen(function* () {
      const folder = yield* repository
      write(folder, "yes", "a\n<<<<<<< HEAD\nours\n||||||| base\nold\n=======\ntheirs\n>>>>>>> side\nb\n")
      write(folder, "crlf", "<<<<<<< HEAD\r\na\r\n=======\r\nb\r\n>>>>>>> x\r\n")
      write(folder, "heading", "Title\n=======\n\n>>>>>>> quoted\n")
      write(folder, "half", "<<<<<<< HEAD\nours\n=======\n")
      write(folder, "binary", "\0<<<<<<< HEAD\n=======\n>>>>>>> x\n")
      write(path.dirname(folder), "outside", "<<<<<<< HEAD\n=======\n>>>>>>> x\n")
      fs.symlinkSync("../outside", path.join(folder, "link"))
      fs.symlinkSync("..", path.join(folder, "up"))
      assert.deepStrictEqual(
        yield* ask(folder, {
          _tag: "conflictMarkers",
          paths: [
            "yes",
            "crlf",
            "heading",
            "half",
            "binary",
            "link",
            "../outside",
            "up/outside",
            "absent",
            ".",
          ],
        }),
        [
          { path: "yes", lines: [2, 4, 6, 8] },
          { path: "crlf", lines: [1, 3, 5] },
        ],
      )
    }),
  )
})

describe("gitIndexLock and gitCommands", () => {
  it.live("a lock has an age, and no holder when no git lives in the repository", () =>
    Effect.gen(function* () {
      const folder = yield* repository
      assert.isNull(yield* ask(folder, { _tag: "gitIndexLock" }))
      write(folder, ".git/index.lock", "")
      const old = Date.now() / 1000 - 600
      fs.utimesSync(path.join(folder, ".git/index.lock"), old, old)
      const lock = yield* ask(folder, { _tag: "gitIndexLock" })
      assert.isAtLeast(lock!.ageMs, 599_000)
      assert.isNull(lock!.holder)
    }),
  )

  it.live("git's own subcommands, and the aliases of the user's files with what they include", () =>
    Effect.gen(function* () {
      const folder = yield* repository
      git(folder, "config", "alias.theirs", "!evil")
      const home = path.join(path.dirname(folder), "home")
      write(home, ".config/git/config", "[alias]\n\tst = status\n\tco = x\n")
      write(
        home,
        ".gitconfig",
        '[include]\n\tpath = ~/more\n\tpath = .gitconfig\n[alias]\n\tco = checkout\n[alias "lg"]\n\tcommand = log --graph\n',
      )
      write(home, "more", "[alias]\n\tun = !undo\n")
      const { commands, aliases } = yield* ask(folder, { _tag: "gitCommands" }, home)
      for (const name of ["status", "commit", "rebase", "switch"]) assert.include(commands, name)
      assert.isAbove(commands.length, 80)
      assert.deepStrictEqual(aliases, {
        st: "status",
        co: "checkout",
        un: "!undo",
        lg: "log --graph",
      })
    }),
  )
})

describe("where there is nothing to read", () => {
  it.live("is unavailable with a reason, never a failure", () =>
    Effect.gen(function* () {
      const folder = yield* tempFolder
      const context = { workspace: folder, home: folder, path: "/nonexistent" }
      for (const [request, reason] of [
        [{ _tag: "gitBranch" }, /no git repository/],
        [{ _tag: "gitStaged", maxBytes: 1 }, /no git repository/],
        [{ _tag: "gitDirty" }, /no git repository/],
        [{ _tag: "gitIndexLock" }, /no git repository/],
        [{ _tag: "gitCommands" }, /not-found/],
      ] as const) {
        const { answer, unavailable } = yield* answerGitProbe(request, context)
        assert.isNull(answer)
        assert.match(unavailable!, reason)
      }
      assert.isTrue(isGitProbe({ _tag: "gitDirty" }))
      assert.isFalse(isGitProbe({ _tag: "portOwner", port: 1 }))
    }),
  )
})
