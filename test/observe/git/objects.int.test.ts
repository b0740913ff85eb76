/** The own readers of objects, trees and refs, held against real git over repositories of every storage form. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { aheadBehind } from "../../../src/observe/git/aheadBehind.ts"
import { changedFiles, readCommit } from "../../../src/observe/git/commits.ts"
import { openRepository } from "../../../src/observe/git/openRepository.ts"
import { emptyRefsCache, readRefs } from "../../../src/observe/git/refs.ts"
import { commit, git, gitAt, history, newRepository, random, tempFolder, write } from "./harness.ts"

const names = (text: string): ReadonlyArray<string> => text.split("\0").filter(Boolean).sort()

const compare = (folder: string, shas: ReadonlyArray<string>): void => {
  const open = openRepository(folder)
  try {
    for (const [at, sha] of shas.entries()) {
      const from = shas[Math.max(0, at - 3)]!
      const mine = changedFiles(
        open.objects,
        readCommit(open.objects, from)!.tree,
        readCommit(open.objects, sha)!.tree,
        60_000,
      )
      const theirs = names(git(folder, "diff-tree", "-r", "-z", "--name-only", "--no-renames", from, sha))
      assert.deepStrictEqual([...mine.files].sort(), [...theirs])
      assert.isFalse(mine.truncated)
    }
  } finally {
    open.objects.close()
  }
}

describe("objects", () => {
  it.live.each(["sha1", "sha256"])("differences between commits agree with git (%s)", (format) =>
    Effect.gen(function* () {
      const folder = path.join(yield* tempFolder, "repo")
      const shas = history(folder, 12, format)
      compare(folder, shas)
      git(folder, "repack", "-q", "-a", "-d", "-f", "--depth=50")
      assert.isFalse(
        fs.existsSync(path.join(folder, ".git/objects", shas[3]!.slice(0, 2), shas[3]!.slice(2))),
      )
      compare(folder, shas)
      // Loose, packed and borrowed objects at once.
      const clone = path.join(path.dirname(folder), "clone")
      git(path.dirname(folder), "clone", "-q", "--shared", folder, clone)
      compare(clone, [...shas, commit(clone, "new/of/clone.txt", "x", "own")])
    }),
  )

  it.live("sizes agree with git, for loose objects, deltas and whole pack entries", () =>
    Effect.gen(function* () {
      const folder = path.join(yield* tempFolder, "repo")
      history(folder, 8, "sha1")
      const rows = () =>
        git(
          folder,
          "cat-file",
          "--batch-all-objects",
          "--batch-check=%(objectname) %(objecttype) %(objectsize)",
        )
          .split("\n")
          .map((line) => line.split(" "))
      const check = () => {
        const open = openRepository(folder)
        for (const [sha, type, size] of rows())
          assert.deepStrictEqual(open.objects.size(sha!), { type: type as "blob", size: Number(size) })
        open.objects.close()
        return open
      }
      check()
      git(folder, "repack", "-q", "-a", "-d", "-f")
      check()
    }),
  )

  it.live("damaged packs and loose objects read as missing", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      const sha = git(folder, "rev-parse", "HEAD")
      const loose = path.join(folder, ".git/objects", sha.slice(0, 2), sha.slice(2))
      fs.chmodSync(loose, 0o644)
      fs.writeFileSync(loose, "not zlib")
      const open = openRepository(folder)
      assert.isNull(open.objects.read(sha, "commit"))
      open.objects.close()
      fs.rmSync(loose)
      for (const name of ["pack-0.idx", "pack-0.pack"])
        write(folder, `.git/objects/pack/${name}`, Buffer.alloc(5_000, 0xff))
      const again = openRepository(folder)
      assert.isNull(again.objects.read(sha, "commit"))
      again.objects.close()
    }),
  )

  it.live("ahead and behind agree with rev-list, also for merges and unrelated histories", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      git(folder, "checkout", "-q", "-b", "side")
      for (let n = 0; n < 5; n++) commit(folder, `s${n}`, "x", `side ${n}`)
      git(folder, "checkout", "-q", "main")
      for (let n = 0; n < 3; n++) commit(folder, `m${n}`, "x", `main ${n}`)
      git(folder, "merge", "-q", "--no-edit", "side~2")
      git(folder, "checkout", "-q", "--orphan", "alone")
      commit(folder, "alone", "x", "alone")
      const open = openRepository(folder)
      for (const [ours, theirs] of [
        ["main", "side"],
        ["side", "main"],
        ["main", "main~2"],
        ["alone", "main"],
        ["main", "main"],
      ] as const) {
        const [ahead, behind] = git(folder, "rev-list", "--left-right", "--count", `${ours}...${theirs}`)
          .split("\t")
          .map(Number)
        assert.deepStrictEqual(
          aheadBehind(
            open.objects,
            open.place.commonDir,
            git(folder, "rev-parse", ours),
            git(folder, "rev-parse", theirs),
          ),
          { ahead: ahead!, behind: behind! },
        )
      }
      open.objects.close()
    }),
  )

  it.live("ahead and behind agree with rev-list whatever the order of commits within seconds", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      const next = random(5)
      const pick = (n: number) => Math.floor(next() * n)
      const tree = git(folder, "rev-parse", "HEAD^{tree}")
      let second = 1_700_000_000
      const shas = [gitAt(second, folder, "commit-tree", tree, "-m", "root")]
      for (let n = 0; n < 40; n++) {
        if (next() < 0.3) second++
        const parents = [...new Set([pick(shas.length), Math.max(0, shas.length - 1 - pick(3))])]
        const sha = gitAt(
          second,
          folder,
          "commit-tree",
          tree,
          "-m",
          String(n),
          ...parents.flatMap((at) => ["-p", shas[at]!]),
        )
        if (!shas.includes(sha)) shas.push(sha)
      }
      const open = openRepository(folder)
      for (let n = 0; n < 40; n++) {
        const [ours, theirs] = [shas[pick(shas.length)]!, shas[pick(shas.length)]!]
        const [ahead, behind] = git(folder, "rev-list", "--left-right", "--count", `${ours}...${theirs}`)
          .split("\t")
          .map(Number)
        assert.deepStrictEqual(aheadBehind(open.objects, open.place.commonDir, ours, theirs), {
          ahead: ahead!,
          behind: behind!,
        })
      }
      open.objects.close()
    }),
  )

  it.live("refs agree with for-each-ref, loose over packed", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      for (const name of ["x", "feat/a", "feat/b/c"]) git(folder, "branch", name)
      git(folder, "pack-refs", "--all")
      commit(folder, "b", "x", "second")
      git(folder, "branch", "-f", "feat/a")
      git(folder, "branch", "late")
      const open = openRepository(folder)
      const mine = [...readRefs(open.place, emptyRefsCache(), Date.now()).refs].map(
        ([ref, sha]) => `${sha} ${ref}`,
      )
      open.objects.close()
      assert.deepStrictEqual(
        mine.sort(),
        git(folder, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads").split("\n").sort(),
      )
    }),
  )
})
