/**
 * A repository whose configuration, attributes and hooks are all traps: observing it and answering every probe about it
 * runs none of them. At the end plain git proves that the traps were live.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { answerGitProbe, type GitProbe } from "../../../src/observe/probes/git.ts"
import { commit, git, gitFails, newRepository, SmallLog, tempFolder, whileUp, write } from "./harness.ts"

const hooks = [
  "pre-commit",
  "post-commit",
  "post-checkout",
  "post-merge",
  "post-rewrite",
  "post-index-change",
  "reference-transaction",
  "pre-push",
  "fsmonitor-watchman",
]

/** Each trap is a program that leaves a file with its name. */
const setTraps = (gitDir: string, traps: string, markers: string): void => {
  const trap = (name: string, end = "exit 1"): string => {
    const file = path.join(traps, name)
    write(traps, name, `#!/bin/sh\necho fired >> '${path.join(markers, path.basename(name))}'\n${end}\n`)
    fs.chmodSync(file, 0o755)
    return file
  }
  for (const hook of hooks) trap(`hooks/${hook}`, "exit 0")
  fs.cpSync(path.join(traps, "hooks"), path.join(gitDir, "hooks"), { recursive: true })
  write(
    traps,
    "included",
    `[diff "included"]\n\ttextconv = ${trap("included-textconv")}\n[core]\n\tpager = ${trap("included-pager")}\n`,
  )
  write(
    gitDir,
    "config",
    `[core]
	repositoryformatversion = 1
	bare = false
	logallrefupdates = true
	fsmonitor = ${trap("fsmonitor")}
	hooksPath = ${path.join(traps, "hooks")}
	pager = ${trap("pager")}
	editor = ${trap("editor")}
	sshCommand = ${trap("sshCommand")}
	askPass = ${trap("askPass")}
	alternateRefsCommand = ${trap("alternateRefs")}
[extensions]
	partialClone = promised
[filter "t"]
	clean = ${trap("clean", "cat")}
	smudge = ${trap("smudge", "cat")}
	required = true
[diff]
	external = ${trap("external")}
[diff "t"]
	command = ${trap("diff-command")}
	textconv = ${trap("textconv", 'cat "$1"')}
[merge "t"]
	driver = ${trap("merge-driver")}
[alias]
	trap = !${trap("alias")}
	status = !${trap("alias-status")}
[gpg]
	program = ${trap("gpg")}
[log]
	showSignature = true
[commit]
	gpgSign = true
[credential]
	helper = !${trap("credential")}
[remote "promised"]
	url = ${path.join(traps, "nowhere")}
	promisor = true
	partialclonefilter = blob:none
	uploadpack = ${trap("uploadpack")}
	fetch = +refs/heads/*:refs/remotes/promised/*
[remote "origin"]
	url = ext::${trap("ext")}
	fetch = +refs/heads/*:refs/remotes/origin/*
[branch "main"]
	remote = origin
	merge = refs/heads/main
[protocol "ext"]
	allow = always
[include]
	path = ${path.join(traps, "included")}
[includeIf "gitdir:${gitDir}/"]
	path = ${path.join(traps, "included")}
`,
  )
}

const scene = Effect.map(tempFolder, (root) => {
  const folder = newRepository(path.join(root, "repo"))
  const [traps, markers] = [path.join(root, "traps"), path.join(root, "markers")]
  fs.mkdirSync(markers)
  git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
  const before = path.join(root, "before")
  fs.cpSync(path.join(folder, ".git"), before, { recursive: true })
  git(folder, "checkout", "-q", "-b", "side")
  commit(folder, "a.txt", "side\n", "on side")
  git(folder, "checkout", "-q", "main")
  commit(folder, "a.txt", "main\n", "on main")
  commit(folder, "b.bin", "content\n", "b")
  gitFails(folder, "merge", "-q", "side")
  write(folder, "staged.txt", "one\ntwo\n")
  git(folder, "add", "staged.txt")
  git(folder, "update-ref", "refs/remotes/origin/main", "side")
  const blob = git(folder, "rev-parse", "HEAD:b.bin")
  const after = path.join(root, "after")
  fs.renameSync(path.join(folder, ".git"), after)
  fs.renameSync(before, path.join(folder, ".git"))
  for (const gitDir of [after, path.join(folder, ".git")]) setTraps(gitDir, traps, markers)
  write(folder, ".gitattributes", "* filter=t diff=t merge=t\n")
  // A missing object of a partial clone: whoever asks git for it makes git fetch.
  fs.rmSync(path.join(after, "objects", blob.slice(0, 2), blob.slice(2)), { force: true })
  // A program called git, in the repository and on the user's PATH.
  write(folder, "bin/git", `#!/bin/sh\necho fired >> '${path.join(markers, "own-git")}'\n`)
  fs.chmodSync(path.join(folder, "bin/git"), 0o755)
  write(root, "home/.gitconfig", "[alias]\n\tmine = log\n")
  fs.rmSync(markers, { recursive: true })
  fs.mkdirSync(markers)
  return { root, folder, after, markers, home: path.join(root, "home") }
})

const probes: ReadonlyArray<GitProbe> = [
  { _tag: "gitCommands" },
  { _tag: "gitBranch" },
  { _tag: "gitStaged", maxBytes: 100_000 },
  { _tag: "gitDirty" },
  { _tag: "conflictMarkers", paths: ["a.txt", "b.bin", "staged.txt"] },
  { _tag: "gitIndexLock" },
]

describe("a repository made of traps", () => {
  it.live(
    "nothing of it runs",
    () =>
      Effect.gen(function* () {
        const { root, folder, after, markers, home } = yield* scene
        const fired = () => fs.readdirSync(markers).sort()
        const log = new SmallLog()
        yield* whileUp(
          folder,
          log,
          Effect.gen(function* () {
            for (const name of fs
              .readdirSync(after)
              .filter((entry) => entry !== "config" && entry !== "hooks"))
              fs.cpSync(path.join(after, name), path.join(folder, ".git", name), {
                recursive: true,
                force: true,
              })
            yield* log.until(
              () =>
                log.of("git.commit").length === 3 &&
                log.of("git.checkout").length === 2 &&
                log.of("git.conflict").length === 1 &&
                log.of("git.fetched").length === 1 &&
                log.of("git.operation").length === 1 &&
                log.of("git.staged").some(({ files }) => files.some((file) => file.path === "staged.txt")),
            )
          }),
        )
        yield* whileUp(folder, log, Effect.void)
        const context = { workspace: folder, home, path: `${folder}/bin:bin:${process.env["PATH"]}` }
        const answers = yield* Effect.forEach(probes, (probe) => answerGitProbe(probe, context))
        for (const { unavailable } of answers) assert.isNull(unavailable)
        assert.deepStrictEqual((answers[0]!.answer as { aliases: unknown }).aliases, { mine: "log" })
        assert.deepInclude(answers[1]!.answer as object, { branch: "main", ahead: 2, behind: 1 })
        assert.deepStrictEqual(fired(), [])

        const notPlain = log.of("git.repository")[0]!.notPlain
        for (const key of [
          "core.fsmonitor",
          "core.hookspath",
          "filter.t.clean",
          "diff.t.textconv",
          "diff.external",
          "alias.trap",
          "include.path",
          "remote.promised.uploadpack",
          "remote.origin.url",
        ])
          assert.include(notPlain, key)

        const plain = (...args: ReadonlyArray<string>) =>
          spawnSync("git", args, {
            cwd: folder,
            env: { PATH: process.env["PATH"], HOME: path.join(root, "home"), GIT_CONFIG_NOSYSTEM: "1" },
            input: "",
            timeout: 10_000,
          })
        write(folder, "staged.txt", "changed\n")
        plain("status")
        plain("diff")
        plain("diff", "--no-ext-diff")
        plain("-c", "diff.external=", "log", "-p", "-1", "side")
        plain("add", "-A")
        plain("trap")
        plain("update-ref", "refs/heads/another", "side")
        plain("ls-remote", "ssh://nowhere.invalid/x")
        plain("ls-remote", "origin")
        plain("fetch", "promised")
        plain("cat-file", "-p", "HEAD:b.bin")
        plain("checkout", "-q", "-f", "side")
        plain("-c", "user.name=x", "-c", "user.email=x@x", "commit", "--allow-empty", "-S")
        for (const name of [
          "fsmonitor",
          "clean",
          "smudge",
          "textconv",
          "diff-command",
          "alias",
          "sshCommand",
          "ext",
          "uploadpack",
          "editor",
          "post-index-change",
          "reference-transaction",
        ])
          assert.include(fired(), name)
      }),
    60_000,
  )
})
