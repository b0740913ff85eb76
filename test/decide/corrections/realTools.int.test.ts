/** What the tools of this machine really print, made into corrections; and the corrected line works. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { failed, type World } from "./given.ts"
import { removeTree } from "../../removeTree.ts"

let dir = ""

const run = (line: string): { readonly exit: number; readonly output: string } => {
  const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", line], {
    cwd: dir,
    encoding: "utf8",
    input: "",
    env: {
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      HOME: dir,
      LC_ALL: "C",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "a",
      GIT_AUTHOR_EMAIL: "a@example.org",
      GIT_COMMITTER_NAME: "a",
      GIT_COMMITTER_EMAIL: "a@example.org",
      GIT_EDITOR: "true",
    },
  })
  return { exit: status ?? -1, output: stdout + stderr }
}

/** What lies there now, as the probes would say it. */
const world = (): World => {
  const names = readdirSync(dir)
  return {
    files: names.filter((name) => statSync(join(dir, name)).isFile()),
    dirs: names.filter((name) => statSync(join(dir, name)).isDirectory()),
    branches: run("git branch --format='%(refname:short)'").output.trim().split("\n"),
    programs: ["git", "ls", "grep"],
    dirty: 1,
  }
}

beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "claw-corrections-")))
  mkdirSync(join(dir, "src"))
  writeFileSync(join(dir, "README.md"), "hello\n")
  writeFileSync(join(dir, "src", "a.txt"), "hello\n")
  run("git init -q -b main . && git add README.md src && git commit -qm one && git branch topic")
})
afterAll(() => removeTree(dir))

/** `exit` of the corrected line; null: it is not run. */
const slips: ReadonlyArray<readonly [line: string, corrected: string, exit: number | null]> = [
  ["git stauts --short", "git status --short", 0],
  ["git brnach", "git branch", 0],
  ["git checkout topci", "git checkout topic", 0],
  ["git checkout -q mian", "git checkout -q main", 0],
  ["git stash lst", "git stash list", 0],
  ["git bisect rset", "git bisect reset", 0],
  ["git remote set-url origin /nowhere", "git remote add origin /nowhere", 0],
  ["git log README.md -p --max-count=1", "git log -p --max-count=1 README.md", 0],
  ["git worktree lst", "git worktree list", 0],
  ["git merge topci", "git merge topic", 0],
  ["cat src", "ls src", 0],
  ["cat REAMDE.md", "cat README.md", 0],
  ["cp src copied", "cp -a src copied", 0],
  ["mkdir one/two/three", "mkdir -p one/two/three", 0],
  ["touch four/five", "mkdir -p four && touch four/five", 0],
  ["cp README.md six/seven/", "mkdir -p six/seven && cp README.md six/seven/", 0],
  ["cd scr", "cd src", 0],
  ["grep hello src", "grep -r hello src", 0],
  ["sed s/hello/bye README.md", "sed s/hello/bye/ README.md", 0],
  ["gti --version", "git --version", 0],
  ["ls-la", "ls -la", 0],
  ["git git --version", "git --version", 0],
  ["rm src", "rm -rf src", null],
]

describe("with the tools of this machine", () => {
  for (const [line, expected, exit] of slips)
    it(`${line} -> ${expected}`, () => {
      const first = run(line)
      assert.notStrictEqual(first.exit, 0)
      const there = world()
      assert.strictEqual(failed(line, first.exit, first.output, there)[0], expected)
      if (exit !== null) assert.strictEqual(run(expected).exit, exit)
    })

  it("failures that no other line avoids stay silent", () => {
    for (const line of [
      "git merge nowhere-at-all",
      "git clone /nowhere",
      "git stash drop",
      "git commit -m nothing",
      "ls /nowhere",
      "false",
      "exit 3",
      "kill -0 999999999",
      "test -f nowhere",
      "grep nowhere README.md",
      "cat nowhere-near-anything",
      "bash -c 'exit 2'",
    ]) {
      const { exit, output } = run(line)
      assert.notStrictEqual(exit, 0, line)
      assert.deepStrictEqual(failed(line, exit, output, world()), [], `${line}: ${output}`)
    }
  })
})
