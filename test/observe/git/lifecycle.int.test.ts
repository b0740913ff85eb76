/** Repositories that come, go, break and are mended, and the forms a repository can have. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { commit, git, newRepository, SmallLog, tempFolder, whileUp, write } from "./harness.ts"

const states = (log: SmallLog) => log.of("git.repository").map(({ state }) => state)
const subjects = (log: SmallLog) => log.of("git.commit").map(({ subject }) => subject)
const health = (log: SmallLog) => log.of("daemon.health").at(-1)!

describe("a repository that comes and goes", () => {
  it.live("appears in a watched folder, with its first commits; goes; comes back", () =>
    Effect.gen(function* () {
      const folder = path.join(yield* tempFolder, "work")
      fs.mkdirSync(folder)
      const log = new SmallLog()
      yield* whileUp(
        folder,
        log,
        Effect.gen(function* () {
          assert.strictEqual(health(log).detail, "no repository")
          newRepository(folder)
          yield* log.until(() => subjects(log).length === 1)
          commit(folder, "b", "b", "second")
          yield* log.until(() => subjects(log).length === 2)
          fs.rmSync(path.join(folder, ".git"), { recursive: true })
          yield* log.until(() => states(log).at(-1) === "gone")
          newRepository(folder)
          yield* log.until(() => subjects(log).length === 3)
        }),
      )
      assert.deepStrictEqual(states(log), ["appeared", "gone", "appeared"])
      assert.deepStrictEqual(subjects(log), ["first", "second", "first"])
    }),
  )

  it.live("made anew while nobody looked: only what is new is stated", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      const log = new SmallLog()
      yield* whileUp(folder, log, Effect.void)
      fs.rmSync(path.join(folder, ".git"), { recursive: true })
      yield* whileUp(
        folder,
        log,
        log.until(() => states(log).at(-1) === "gone"),
      )
      newRepository(folder)
      commit(folder, "b", "b", "second")
      yield* whileUp(
        folder,
        log,
        log.until(() => subjects(log).length === 2),
      )
      assert.deepStrictEqual(states(log), ["appeared", "gone", "appeared"])
      assert.deepStrictEqual(subjects(log), ["first", "second"])
    }),
  )

  it.live("history is no news: a repository seen for the first time states none of its commits", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      for (let n = 0; n < 5; n++) commit(folder, "a.txt", String(n), `old ${n}`)
      const log = new SmallLog()
      yield* whileUp(folder, log, Effect.void)
      assert.deepStrictEqual(log.types(), ["git.repository", "daemon.health"])
      const [first] = log.of("git.repository")
      assert.strictEqual(first!.head, git(folder, "rev-parse", "HEAD"))
      assert.strictEqual(first!.branch, "main")
    }),
  )
})

describe("a broken repository", () => {
  const breaks: ReadonlyArray<readonly [string, (folder: string) => void, (folder: string) => void, RegExp]> =
    [
      [
        "HEAD is garbage",
        (folder) => write(folder, ".git/HEAD", Buffer.from([0, 255, 1, 10, 66])),
        (folder) => write(folder, ".git/HEAD", "ref: refs/heads/main\n"),
        /HEAD names neither/,
      ],
      [
        "HEAD climbs out of the repository",
        (folder) => write(folder, ".git/HEAD", "ref: refs/../../../etc/passwd\n"),
        (folder) => write(folder, ".git/HEAD", "ref: refs/heads/main\n"),
        /HEAD names neither/,
      ],
      [
        "HEAD is a pipe nobody writes to",
        (folder) => {
          fs.rmSync(path.join(folder, ".git/HEAD"))
          execFileSync("mkfifo", [path.join(folder, ".git/HEAD")])
        },
        (folder) => {
          fs.rmSync(path.join(folder, ".git/HEAD"))
          write(folder, ".git/HEAD", "ref: refs/heads/main\n")
        },
        /not a regular file/,
      ],
      [
        "the index is cut",
        (folder) => fs.truncateSync(path.join(folder, ".git/index"), 40),
        (folder) => void git(folder, "read-tree", "HEAD"),
        /index: (truncated|not an index)/,
      ],
      [
        "the branch is filled with zeros, as after a power loss",
        (folder) => write(folder, ".git/refs/heads/main", Buffer.alloc(41)),
        (folder) => write(folder, ".git/refs/heads/main", fs.readFileSync(path.join(folder, ".git/good"))),
        /holds no object name/,
      ],
      [
        "HEAD's commit is missing",
        (folder) => write(folder, ".git/refs/heads/main", `${"1".repeat(40)}\n`),
        (folder) => write(folder, ".git/refs/heads/main", fs.readFileSync(path.join(folder, ".git/good"))),
        /cannot be read/,
      ],
      [
        "the configuration has a syntax error",
        (folder) => write(folder, ".git/config", '[core]\n\tx = "\n'),
        (folder) => write(folder, ".git/config", "[core]\n\trepositoryformatversion = 0\n"),
        /config: syntax error in line 2/,
      ],
    ]
  it.live.each(breaks)(
    "%s: said with a reason, and followed on when it is mended",
    ([, damage, mend, reason]) =>
      Effect.gen(function* () {
        const folder = newRepository(path.join(yield* tempFolder, "repo"))
        fs.copyFileSync(path.join(folder, ".git/refs/heads/main"), path.join(folder, ".git/good"))
        const log = new SmallLog()
        yield* whileUp(
          folder,
          log,
          Effect.gen(function* () {
            damage(folder)
            yield* log.until(() => states(log).at(-1) === "broken")
            assert.match(log.of("git.repository").at(-1)!.reason!, reason)
            yield* log.until(() => health(log).state === "degraded")
            mend(folder)
            git(folder, "commit", "-q", "--allow-empty", "-m", "after the mending")
            yield* log.until(() => subjects(log).length === 1)
            yield* log.until(() => health(log).state === "running")
          }),
        )
        assert.deepStrictEqual(states(log), ["appeared", "broken", "appeared"])
        assert.deepStrictEqual(subjects(log), ["after the mending"])
      }),
  )

  it.live("a dangling gitdir, a .git of nonsense, an empty .git folder", () =>
    Effect.gen(function* () {
      const root = yield* tempFolder
      const look = (name: string, make: (folder: string) => void) =>
        Effect.gen(function* () {
          const folder = path.join(root, name)
          fs.mkdirSync(folder)
          make(folder)
          const log = new SmallLog()
          yield* whileUp(
            folder,
            log,
            log.until(() => states(log).length > 0 || health(log).detail === "no repository"),
          )
          return log.of("git.repository").map(({ state, reason }) => `${state}: ${reason}`)
        })
      assert.deepStrictEqual(yield* look("dangling", (f) => write(f, ".git", "gitdir: ../nowhere\n")), [
        "broken: the gitdir that .git names is not there",
      ])
      assert.deepStrictEqual(yield* look("nonsense", (f) => write(f, ".git", "\0\0\0")), [
        "broken: .git file names no gitdir",
      ])
      assert.deepStrictEqual(yield* look("empty", (f) => fs.mkdirSync(path.join(f, ".git"))), [])
    }),
  )

  it.live("random bytes in the reflog are passed over", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      const log = new SmallLog()
      yield* whileUp(folder, log, Effect.void)
      fs.appendFileSync(path.join(folder, ".git/logs/HEAD"), Buffer.from([0, 10, 255, 254, 10, 32, 9, 10]))
      commit(folder, "b", "b", "behind the noise")
      yield* whileUp(
        folder,
        log,
        log.until(() => subjects(log).length === 1),
      )
      assert.deepStrictEqual(subjects(log), ["behind the noise"])
    }),
  )

  it.live("a ref storage that is not known is said, and nothing wrong is stated", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      git(folder, "config", "core.repositoryformatversion", "1")
      git(folder, "config", "extensions.refStorage", "reftable")
      write(folder, ".git/HEAD", "ref: refs/heads/.invalid\n")
      const log = new SmallLog()
      yield* whileUp(folder, log, Effect.void)
      assert.deepStrictEqual(log.types(), ["git.repository", "daemon.health"])
      assert.strictEqual(log.of("git.repository")[0]!.reason, 'not supported: ref storage "reftable"')
      assert.strictEqual(health(log).state, "degraded")
    }),
  )

  it.live("without reflogs commits show as branches that move, and this is said", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      git(folder, "config", "core.logAllRefUpdates", "false")
      fs.rmSync(path.join(folder, ".git/logs"), { recursive: true })
      const log = new SmallLog()
      yield* whileUp(
        folder,
        log,
        Effect.gen(function* () {
          assert.match(health(log).detail, /reflogs are off/)
          commit(folder, "b", "b", "unlogged")
          yield* log.until(() => log.of("git.branch").length === 1)
        }),
      )
      assert.deepStrictEqual(log.of("git.branch")[0]!.to, git(folder, "rev-parse", "HEAD"))
    }),
  )
})

describe("forms of a repository", () => {
  it.live("a worktree sees its own HEAD and index, and the branches of all", () =>
    Effect.gen(function* () {
      const root = yield* tempFolder
      const folder = newRepository(path.join(root, "repo"))
      const tree = path.join(root, "tree")
      git(folder, "worktree", "add", "-q", "-b", "wt", tree)
      const [main, own] = [new SmallLog(), new SmallLog()]
      yield* whileUp(
        folder,
        main,
        whileUp(
          tree,
          own,
          Effect.gen(function* () {
            commit(tree, "in-tree", "x", "in the worktree")
            yield* own.until(() => subjects(own).length === 1)
            yield* main.until(() => main.of("git.branch").length === 1)
            commit(folder, "in-main", "x", "in the main tree")
            yield* main.until(() => subjects(main).length === 1)
            yield* own.until(() => own.of("git.branch").length === 1)
          }),
        ),
      )
      assert.deepStrictEqual(
        own.of("git.repository").map(({ worktree, branch, gitDir }) => ({ worktree, branch, gitDir })),
        [{ worktree: true, branch: "wt", gitDir: path.join(folder, ".git/worktrees/tree") }],
      )
      assert.deepStrictEqual(
        own.of("git.commit").map(({ branch, files }) => ({ branch, files: [...files] })),
        [{ branch: "wt", files: ["in-tree"] }],
      )
      assert.deepStrictEqual(subjects(main), ["in the main tree"])
      assert.strictEqual(main.of("git.branch")[0]!.name, "wt")
      assert.strictEqual(own.of("git.branch")[0]!.name, "main")
    }),
  )

  it.live("a submodule is a repository of its own, and none of its commits is the outer one's", () =>
    Effect.gen(function* () {
      const root = yield* tempFolder
      const inner = newRepository(path.join(root, "inner"))
      const folder = newRepository(path.join(root, "outer"))
      git(folder, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "sub")
      git(folder, "commit", "-q", "-m", "with submodule")
      const [outer, sub] = [new SmallLog(), new SmallLog()]
      yield* whileUp(
        folder,
        outer,
        whileUp(
          path.join(folder, "sub"),
          sub,
          Effect.gen(function* () {
            commit(path.join(folder, "sub"), "s", "s", "inside")
            yield* sub.until(() => subjects(sub).length === 1)
            git(folder, "commit", "-q", "-a", "-m", "moved the submodule")
            yield* outer.until(() => subjects(outer).length === 1)
          }),
        ),
      )
      assert.deepStrictEqual(subjects(outer), ["moved the submodule"])
      assert.deepStrictEqual([...outer.of("git.commit")[0]!.files], ["sub"])
      assert.deepStrictEqual(subjects(sub), ["inside"])
      assert.deepStrictEqual([...sub.of("git.repository")[0]!.notPlain], [])
    }),
  )

  it.live("a bare repository states its branches, not an index", () =>
    Effect.gen(function* () {
      const root = yield* tempFolder
      const folder = newRepository(path.join(root, "repo"))
      git(root, "clone", "-q", "--bare", folder, "bare.git")
      git(folder, "remote", "add", "origin", path.join(root, "bare.git"))
      const log = new SmallLog()
      const bare = path.join(root, "bare.git")
      yield* whileUp(
        bare,
        log,
        Effect.gen(function* () {
          commit(folder, "b", "b", "second")
          git(folder, "push", "-q", "origin", "main", "main:other")
          yield* log.until(() => log.of("git.branch").length === 2)
        }),
      )
      assert.isTrue(log.of("git.repository")[0]!.bare)
      assert.strictEqual(health(log).state, "running")
      assert.deepStrictEqual(
        log
          .of("git.branch")
          .map(({ action, name }) => `${action} ${name}`)
          .toSorted(),
        ["created other", "moved main"],
      )
    }),
  )

  it.live("an unborn branch, its first commit, and a detached HEAD", () =>
    Effect.gen(function* () {
      const folder = path.join(yield* tempFolder, "repo")
      fs.mkdirSync(folder)
      git(folder, "init", "-q", "-b", "trunk")
      const log = new SmallLog()
      yield* whileUp(
        folder,
        log,
        Effect.gen(function* () {
          assert.isNull(log.of("git.repository")[0]!.head)
          assert.strictEqual(log.of("git.repository")[0]!.branch, "trunk")
          write(folder, "a", "a")
          git(folder, "add", "a")
          yield* log.until(() => log.of("git.staged").length === 1)
          git(folder, "commit", "-q", "-m", "initial")
          yield* log.until(() => subjects(log).length === 1)
          git(folder, "checkout", "-q", "--detach")
          git(folder, "commit", "-q", "--allow-empty", "-m", "nowhere")
          yield* log.until(() => subjects(log).length === 2)
        }),
      )
      assert.deepStrictEqual([...log.of("git.commit")[0]!.parents], [])
      assert.deepStrictEqual([...log.of("git.commit")[0]!.files], ["a"])
      assert.deepStrictEqual(
        log.of("git.commit").map(({ branch }) => branch),
        ["trunk", null],
      )
    }),
  )

  it.live("keys that are not plain are named when they appear and when they go", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      const log = new SmallLog()
      const keys = () => log.of("git.repository").at(-1)!.notPlain.join(" ")
      yield* whileUp(
        folder,
        log,
        Effect.gen(function* () {
          git(folder, "config", "filter.x.clean", "secret-value")
          yield* log.until(() => keys() === "filter.x.clean")
          git(folder, "config", "--unset", "filter.x.clean")
          yield* log.until(() => keys() === "")
        }),
      )
      assert.notInclude(JSON.stringify(log.drafts), "secret-value")
      assert.strictEqual(
        log.of("git.repository").filter(({ positions }) => positions !== undefined).length,
        1,
      )
    }),
  )
})
