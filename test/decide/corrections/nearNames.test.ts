/** Names that are nearly right: folders, files, branches and remotes, and where nearness is not enough. */
import { assert, describe, it } from "@effect/vitest"
import type { Memory } from "../../../src/decide/Decider.ts"
import { corrected, failed, type World } from "./given.ts"

const world: World = {
  files: ["README.md", "run.sh", "src/main.js", "docs/api/index.md", "config/app.yml", "input.txt"],
  dirs: ["src", "docs", "docs/api", "config"],
  branches: ["main", "topic"],
}
const missing = (path: string): string => `bash: ${path}: No such file or directory`
const revision = (name: string): string =>
  `fatal: ambiguous argument '${name}': unknown revision or path not in the working tree.`

const first = (command: string, exit: number, output: string): string | undefined =>
  failed(command, exit, output, world)[0]

describe("a folder on the way that is not there", () => {
  it("is put right, and what lies below it stays", () => {
    assert.strictEqual(
      first(
        "head -n 5 cofnig/app.yml",
        1,
        "head: cannot open 'cofnig/app.yml' for reading: No such file or directory",
      ),
      "head -n 5 config/app.yml",
    )
    assert.strictEqual(
      first("git add srcc/main.js", 128, "fatal: pathspec 'srcc/main.js' did not match any files"),
      "git add src/main.js",
    )
    assert.deepStrictEqual(failed("cat other/x", 1, "cat: other/x: No such file or directory", world), [])
  })
  it("also where the shell was to write or to read", () => {
    assert.strictEqual(first("echo hi > dcos/x.md", 1, missing("dcos/x.md")), "echo hi > docs/x.md")
    assert.strictEqual(
      first("echo hi >> dcos/api/x.md", 1, missing("dcos/api/x.md")),
      "echo hi >> docs/api/x.md",
    )
    assert.strictEqual(first("sort < inptu.txt", 1, missing("inptu.txt")), "sort < input.txt")
    assert.strictEqual(
      first("ls | tee log > nowhere/at/all.txt", 1, missing("nowhere/at/all.txt")),
      "mkdir -p nowhere/at && ls | tee log > nowhere/at/all.txt",
    )
    assert.deepStrictEqual(failed("sort < nothing.txt", 1, missing("nothing.txt"), world), [])
  })
  it("and of what was to be run", () => {
    assert.strictEqual(first("./rnu.sh -v", 127, missing("./rnu.sh")), "./run.sh -v")
    assert.deepStrictEqual(failed("./run.sh", 127, "./run.sh: line 2: nothing.txt: not found", world), [])
  })
})

describe("a path outside of the workspace", () => {
  const went = (...commands: ReadonlyArray<string>): Memory => ({
    commands: commands.map((command, at) => ({ seq: at, command, cwd: ".", exit: 0, atMs: 0 })),
  })
  const gives = (command: string, output: string, memory: Memory): string | undefined =>
    corrected(command, { output, exit: 1 }, {}, memory)[0]?.command
  it("is one that went well before, and what lies below it stays", () => {
    const memory = went("cd ~/projects/api", "tail /var/log/syslog", "ls ~/notes")
    assert.strictEqual(
      gives(
        "cat ~/projcets/api/README.md",
        "cat: /home/u/projcets/api/README.md: No such file or directory",
        memory,
      ),
      "cat ~/projects/api/README.md",
    )
    assert.strictEqual(
      gives(
        "head /var/lgo/messages",
        "head: cannot open '/var/lgo/messages' for reading: No such file or directory",
        memory,
      ),
      "head /var/log/messages",
    )
  })
  it("is none where nothing near went before, or another is missing", () => {
    const memory = went("cd ~/projects/api")
    assert.strictEqual(
      gives("cat ~/other/x", "cat: /home/u/other/x: No such file or directory", memory),
      undefined,
    )
    assert.strictEqual(
      gives("cat ~/projects/x", "cat: /home/u/projects/x: No such file or directory", memory),
      undefined,
    )
    assert.strictEqual(gives("cat ~/projcets/x", "cat: y: No such file or directory", memory), undefined)
  })
})

describe("what git cannot find", () => {
  it("is a branch, HEAD, or a path near to it", () => {
    assert.strictEqual(first("git show HAED~2", 128, revision("HAED~2")), "git show HEAD~2")
    assert.strictEqual(first("git log mian..HEAD", 128, revision("mian..HEAD")), "git log main..HEAD")
    assert.strictEqual(first("git revert HAED", 128, "fatal: bad revision 'HAED'"), "git revert HEAD")
    assert.strictEqual(first("git diff REDAME.md", 128, revision("REDAME.md")), "git diff README.md")
    assert.strictEqual(first("git log dosc/api", 128, revision("dosc/api")), "git log docs/api")
    assert.deepStrictEqual(failed("git log mian..tpoic", 128, revision("mian..tpoic"), world), [])
    assert.deepStrictEqual(failed("git show v9", 128, revision("v9"), world), [])
  })
  it("may be the words of a message", () => {
    const unknown = (name: string): string =>
      `error: pathspec '${name}' did not match any file(s) known to git`
    assert.strictEqual(
      first("git commit -am fix the parser", 1, [unknown("the"), unknown("parser")].join("\n")),
      'git commit -am "fix the parser"',
    )
    assert.strictEqual(
      first("git commit -m fix parser --no-edit", 1, unknown("parser")),
      'git commit -m "fix parser" --no-edit',
    )
    assert.deepStrictEqual(failed("git commit -m 'fix it' parser", 1, unknown("parser"), world), [])
  })
  it("may be the folder that something was to be moved to", () => {
    assert.strictEqual(
      first(
        "git mv README.md guide/",
        128,
        "fatal: destination directory does not exist, source=README.md, destination=guide/",
      ),
      "mkdir -p guide && git mv README.md guide/",
    )
    assert.strictEqual(
      first(
        "git mv README.md guide/README.md",
        128,
        "fatal: renaming 'README.md' failed: No such file or directory",
      ),
      "mkdir -p guide && git mv README.md guide/README.md",
    )
  })
})
