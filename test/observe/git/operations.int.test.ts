/** Every operation of real git, seen while the source runs and caught up after it was down: the same facts, once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { commit, git, newRepository, run, SmallLog, tempFolder, whileUp, write } from "./harness.ts"

const headTypes = new Set([
  "git.commit",
  "git.checkout",
  "git.merge",
  "git.rebase",
  "git.reset",
  "git.pull",
  "git.cherry-pick",
  "git.revert",
])

/** One line a move of HEAD: type, branches, what it says, files. */
const moves = (log: SmallLog): ReadonlyArray<string> =>
  log.drafts.flatMap((draft) => {
    if (!headTypes.has(draft.type)) return []
    const payload = draft.payload as unknown as Record<string, string | null> & {
      files: ReadonlyArray<string>
    }
    const branch =
      "fromBranch" in payload && payload["fromBranch"] !== payload["branch"]
        ? `${payload["fromBranch"] ?? "-"}>${payload["branch"] ?? "-"}`
        : (payload["branch"] ?? "-")
    const subject = payload["subject"]!.replaceAll(/[0-9a-f]{40}/g, "SHA").replaceAll(
      /[0-9a-f]{7}\b/g,
      "SHORT",
    )
    const amend = payload["amend"] === undefined ? "" : " (amended)"
    return [`${draft.type.slice(4)} ${branch} | ${subject}${amend} | ${payload.files.join(",")}`]
  })

const story = (folder: string): void => {
  const other = `${folder}-other`
  commit(folder, "b.txt", "b\n", "second: with a colon")
  write(folder, "b.txt", "bb\n")
  git(folder, "commit", "-q", "-a", "--amend", "-m", "second, amended")
  git(folder, "checkout", "-q", "-b", "feat/x")
  commit(folder, "x/y.txt", "x\n", "on feat")
  git(folder, "checkout", "-q", "main")
  git(folder, "merge", "-q", "feat/x")
  git(folder, "checkout", "-q", "-b", "side", "HEAD~1")
  commit(folder, "side.txt", "s\n", "on side")
  git(folder, "checkout", "-q", "main")
  git(folder, "merge", "-q", "--no-ff", "-m", "Merge side", "side")
  git(folder, "checkout", "-q", "-b", "topic", "main~1")
  commit(folder, "t1.txt", "1\n", "topic one")
  commit(folder, "t2.txt", "2\n", "topic two")
  git(folder, "rebase", "-q", "main")
  git(folder, "checkout", "-q", "main")
  git(folder, "cherry-pick", "topic~1")
  git(folder, "revert", "--no-edit", "HEAD")
  git(folder, "reset", "-q", "--hard", "HEAD~2")
  git(folder, "checkout", "-q", "--detach", "HEAD~1")
  git(folder, "checkout", "-q", "main")
  git(folder, "push", "-q", "origin", "main")
  git(other, "pull", "-q")
  commit(other, "o.txt", "o\n", "by somebody else")
  git(other, "push", "-q")
  git(folder, "pull", "-q", "origin", "main")
  commit(folder, "own.txt", "o\n", "own")
  commit(other, "o2.txt", "o\n", "again somebody else")
  git(other, "push", "-q")
  git(folder, "pull", "-q", "--rebase", "origin", "main")
  git(folder, "branch", "-m", "renamed")
  commit(folder, "last.txt", "l\n", "last")
}

const expected = [
  "commit main | second: with a colon | b.txt",
  "commit main | second, amended (amended) | b.txt",
  "checkout main>feat/x | checkout: moving from main to feat/x | ",
  "commit feat/x | on feat | x/y.txt",
  "checkout feat/x>main | checkout: moving from feat/x to main | x/y.txt",
  "merge main | merge feat/x: Fast-forward | x/y.txt",
  "checkout main>side | checkout: moving from main to side | x/y.txt",
  "commit side | on side | side.txt",
  "checkout side>main | checkout: moving from side to main | side.txt,x/y.txt",
  "merge main | merge side: Merge made by the 'ort' strategy. | side.txt",
  "checkout main>topic | checkout: moving from main to topic | side.txt",
  "commit topic | topic one | t1.txt",
  "commit topic | topic two | t2.txt",
  "rebase topic>- | rebase (start): checkout main | side.txt,t1.txt,t2.txt",
  "rebase - | rebase (pick): topic one | t1.txt",
  "rebase - | rebase (pick): topic two | t2.txt",
  "rebase ->topic | rebase (finish): returning to refs/heads/topic | ",
  "checkout topic>main | checkout: moving from topic to main | t1.txt,t2.txt",
  "cherry-pick main | cherry-pick: topic one | t1.txt",
  'revert main | revert: Revert "topic one" | t1.txt',
  "reset main | reset: moving to HEAD~2 | ",
  "checkout main>- | checkout: moving from main to HEAD~1 | side.txt",
  "checkout ->main | checkout: moving from SHA to main | side.txt",
  "pull main | pull -q origin main: Fast-forward | o.txt",
  "commit main | own | own.txt",
  "pull main>- | pull -q --rebase origin main (start): checkout SHA | o2.txt,own.txt",
  "pull - | pull -q --rebase origin main (pick): own | own.txt",
  "pull ->main | pull -q --rebase origin main (finish): returning to refs/heads/main | ",
  "commit renamed | last | last.txt",
]

const scene = Effect.map(tempFolder, (root) => {
  const folder = newRepository(path.join(root, "repo"))
  git(root, "clone", "-q", "--bare", folder, "origin.git")
  git(folder, "remote", "add", "origin", path.join(root, "origin.git"))
  git(folder, "fetch", "-q", "origin")
  git(root, "clone", "-q", "origin.git", "repo-other")
  return folder
})

const refsByGit = (folder: string): Record<string, string> =>
  Object.fromEntries(
    git(folder, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/remotes")
      .split("\n")
      .map((line) => line.split(" ") as [string, string]),
  )

const refsSettled = (folder: string, log: SmallLog) => {
  const refs = refsByGit(folder)
  return log.until(() => {
    const known = log.positions.git[folder]?.refs ?? {}
    return Object.keys(refs).every((ref) => known[ref] === refs[ref])
  })
}

describe("operations", () => {
  it.live(
    "while the source runs",
    () =>
      Effect.gen(function* () {
        const folder = yield* scene
        const log = new SmallLog()
        yield* whileUp(
          folder,
          log,
          Effect.gen(function* () {
            yield* run(() => story(folder))
            yield* log.until(() => moves(log).length >= expected.length)
            yield* refsSettled(folder, log)
          }),
        )
        assert.deepStrictEqual(moves(log), expected)
        assert.deepStrictEqual(log.positions.git[folder]!.refs, refsByGit(folder))
        assert.isTrue(
          log.drafts.every((draft) => draft.type === "daemon.health" || draft.trust === "untrusted"),
        )
      }),
    60_000,
  )

  it.live(
    "while it was down, with the time of the reflog, in order and only once",
    () =>
      Effect.gen(function* () {
        const folder = yield* scene
        const log = new SmallLog()
        yield* whileUp(folder, log, Effect.void)
        assert.deepStrictEqual(moves(log), [])
        story(folder)
        const from = log.drafts.length
        yield* whileUp(folder, log, refsSettled(folder, log))
        assert.deepStrictEqual(moves(log), expected)
        assert.deepStrictEqual(log.positions.git[folder]!.refs, refsByGit(folder))
        const branches = log.of("git.branch").map(({ action, name }) => `${action} ${name}`)
        assert.deepStrictEqual(branches.toSorted(), [
          "created feat/x",
          "created renamed",
          "created side",
          "created topic",
          "deleted main",
        ])
        assert.deepStrictEqual(
          log.of("git.fetched").map(({ refs }) => refs.map(({ name }) => name)),
          [["origin/main"]],
        )
        for (const { at } of log.of("git.commit")) assert.match(at!, /^\d{4}-.*Z$/)

        const after = log.drafts.length
        yield* whileUp(folder, log, Effect.void)
        assert.deepStrictEqual(log.types(after), ["daemon.health"])
        assert.isAbove(after, from)
      }),
    60_000,
  )

  it.live(
    "a commit has its parents, its files bounded, and bytes that are no text become visible",
    () =>
      Effect.gen(function* () {
        const folder = newRepository(path.join(yield* tempFolder, "repo"))
        const log = new SmallLog()
        yield* whileUp(
          folder,
          log,
          Effect.gen(function* () {
            for (let n = 0; n < 620; n++) write(folder, `many/${n}`, "x")
            fs.writeFileSync(Buffer.from(`${folder}/bad-\xff-name`, "latin1"), "x")
            write(folder, "new\nline\u001b[31m", "x")
            git(folder, "add", "-A")
            git(folder, "commit", "-q", "-m", `${"s".repeat(3_000)}\nsecond line of it\n\nbody`)
            yield* log.until(() => log.of("git.commit").length === 1)
          }),
        )
        const [one] = log.of("git.commit")
        assert.strictEqual(one!.sha, git(folder, "rev-parse", "HEAD"))
        assert.deepStrictEqual(one!.parents, [git(folder, "rev-parse", "HEAD~1")])
        assert.strictEqual(one!.files.length, 500)
        assert.isTrue(one!.filesTruncated)
        assert.isAtMost(one!.subject.length, 1_000)
        assert.include(one!.files, "bad-\uFFFD-name")
      }),
    60_000,
  )
})

describe("remotes and branches", () => {
  it.live(
    "a fetch, a push and a pruned branch are told apart",
    () =>
      Effect.gen(function* () {
        const folder = yield* scene
        const other = `${folder}-other`
        const log = new SmallLog()
        yield* whileUp(
          folder,
          log,
          Effect.gen(function* () {
            const old = git(folder, "rev-parse", "HEAD")
            const sha = commit(other, "o", "o", "o")
            git(other, "push", "-q", "origin", "main", "main:extra/branch")
            git(folder, "fetch", "-q")
            yield* log.until(() => log.of("git.fetched").flatMap(({ refs }) => refs).length === 2)
            assert.deepStrictEqual(
              log
                .of("git.fetched")
                .flatMap(({ refs }) => refs)
                .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
              [
                { name: "origin/extra/branch", from: null, to: sha },
                { name: "origin/main", from: old, to: sha },
              ],
            )
            git(folder, "push", "-q", "origin", "main:pushed")
            yield* log.until(() => log.of("git.branch").length === 1)
            assert.deepStrictEqual(log.of("git.branch")[0], {
              action: "created",
              name: "refs/remotes/origin/pushed",
              from: null,
              to: old,
            })
            git(other, "push", "-q", "origin", ":extra/branch")
            git(folder, "fetch", "-q", "--prune")
            yield* log.until(() =>
              log.of("git.fetched").some(({ refs }) => refs.some(({ to }) => to === null)),
            )
            git(folder, "pack-refs", "--all")
            git(folder, "branch", "one/two")
            yield* log.until(() => log.of("git.branch").length === 2)
            git(folder, "branch", "-f", "one/two", "origin/main")
            yield* log.until(() => log.of("git.branch").length === 3)
            git(folder, "branch", "-q", "-D", "one/two")
            yield* log.until(() => log.of("git.branch").length === 4)
          }),
        )
        assert.deepStrictEqual(
          log.of("git.branch").map(({ action, name }) => `${action} ${name}`),
          ["created refs/remotes/origin/pushed", "created one/two", "moved one/two", "deleted one/two"],
        )
      }),
    60_000,
  )

  it.live("more refs than the log takes at first sight bring no flood, then or after a restart", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      const sha = git(folder, "rev-parse", "HEAD")
      const packed = Array.from({ length: 1_500 }, (_, n) => `${sha} refs/remotes/origin/b${n}\n`)
      write(folder, ".git/packed-refs", `# pack-refs with: sorted \n${packed.sort().join("")}`)
      const log = new SmallLog()
      yield* whileUp(folder, log, Effect.void)
      const [first] = log.of("git.repository")
      assert.strictEqual(Object.keys(first!.refs!).length, 1_000)
      assert.isTrue(first!.refsTruncated)
      assert.strictEqual(first!.refs!["refs/heads/main"], sha)
      yield* whileUp(folder, log, Effect.void)
      assert.deepStrictEqual(log.of("git.fetched"), [])
      assert.deepStrictEqual(log.of("git.branch"), [])
    }),
  )
})
