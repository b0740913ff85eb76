/** The reflexes that correct commands: what each asks, proposes and is silent about. */
import { assert, describe, it } from "@effect/vitest"
import { branch, calls, Driver, run, workspace } from "../driver.ts"

const near = (...names: ReadonlyArray<string>) => ({
  executablesNear: names,
  which: (request: { readonly names: ReadonlyArray<string> }) =>
    Object.fromEntries(request.names.map((name) => [name, names.includes(name) ? `/usr/bin/${name}` : null])),
})
const gitCommands = {
  commands: ["branch", "checkout", "commit", "stash", "status"],
  aliases: { st: "status" },
}
const scripts = {
  manager: "npm",
  files: [{ path: "package.json", text: '{"scripts":{"test":"x","typecheck":"y","dev":"z"}}', mtimeMs: 0 }],
}
const rule = "mistyped-command"
const proposed = (driver: Driver) => calls(driver, rule)

describe("mistyped-command", () => {
  it("a program the shell did not find: the nearest on PATH, shown at the command's own end", () => {
    const driver = new Driver({ answers: near("gtk", "git", "gtf") })
    const failed = run(driver, "gti status", 127)
    assert.deepStrictEqual(proposed(driver), [{ tool: "bash", command: "git status" }])
    const row = driver.row(rule)
    assert.strictEqual(row.actions[0]?.cwd, workspace)
    assert.strictEqual(row.risk, "low")
    assert.deepStrictEqual(row.evidence, [failed.seq])
    assert.deepStrictEqual(driver.shown, [rule])
    run(driver, "ls")
    assert.strictEqual(driver.row(rule).state, "expired")
  })
  it("is silent where the program exists: something it ran was not found", () => {
    const driver = new Driver({ answers: near("gti", "git") })
    run(driver, "gti status", 127)
    assert.deepStrictEqual(driver.rows, [])
    assert.strictEqual(driver.silence(rule), "nothing near enough is known")
  })
  it("corrects git's subcommands and the user's aliases, and leaves real ones alone", () => {
    for (const [line, fixed] of [
      ["git brnach -a", "git branch -a"],
      ["git -C sub sttaus && ls", "git -C sub status && ls"],
      ["git chekcout 'a b'", "git checkout 'a b'"],
    ] as const) {
      const driver = new Driver({ answers: { gitCommands } })
      run(driver, line, 1)
      assert.deepStrictEqual(proposed(driver), [{ tool: "bash", command: fixed }], line)
    }
    for (const line of ["git st", "git checkout nowhere", "git zzzzz"]) {
      const driver = new Driver({ answers: { gitCommands } })
      run(driver, line, 1)
      assert.deepStrictEqual(driver.rows, [], line)
    }
  })
  it("corrects npm's subcommands and the project's scripts", () => {
    for (const [line, fixed] of [
      ["npm instal1 -D x", "npm install -D x"],
      ["npm typecheck", "npm run typecheck"],
      ["npm run tpyecheck -- --watch", "npm run typecheck -- --watch"],
      ["npm typechekc", "npm run typecheck"],
    ] as const) {
      const driver = new Driver({ answers: { manifest: scripts } })
      run(driver, line, 1)
      assert.deepStrictEqual(proposed(driver), [{ tool: "bash", command: fixed }], line)
    }
  })
})

describe("families that read what was printed", () => {
  const ran = (line: string, exit: number, output: string, answers = {}) => {
    const driver = new Driver({ answers })
    run(driver, line, exit, { output })
    return driver
  }
  it("one of them speaks, the others say to whom they leave it", () => {
    const driver = ran(
      "git comit -m x",
      1,
      "git: 'comit' is not a git command. See 'git --help'.\n\nThe most similar command is\n\tcommit\n",
    )
    assert.deepStrictEqual(
      driver.rows.map((row) => [row.rule, row.actions[0]?.input]),
      [["correct-suggested", { command: "git commit -m x" }]],
    )
    assert.isTrue(driver.row("correct-suggested").tainted)
  })
  it("what cannot be taken back is a question with nothing ready to run", () => {
    for (const [line, exit, output, alternative] of [
      ["git branch -d x", 1, "error: The branch 'x' is not fully merged.\n", "git branch -D x"],
      [
        "git add dist/a",
        1,
        "The following paths are ignored by one of your .gitignore files:\ndist/a\n",
        "git add --force dist/a",
      ],
      ["git tag v1", 128, "fatal: tag 'v1' already exists\n", "git tag --force v1"],
      ["rm out", 1, "rm: cannot remove 'out': Is a directory\n", "rm -rf out"],
      ["cat /var/log/x", 1, "cat: /var/log/x: Permission denied\n", "sudo cat /var/log/x"],
    ] as const) {
      const driver = ran(line, exit, output)
      const [row] = driver.rows
      assert.strictEqual(driver.rows.length, 1, line)
      assert.strictEqual(row?.mode, "question", line)
      assert.strictEqual(row?.risk, "high", line)
      assert.deepStrictEqual(row?.proposed, [], line)
      assert.deepStrictEqual(row?.alternatives[0]?.[0]?.input, { command: alternative }, line)
    }
  })
  it("of one rule's lines, one that can be taken back goes first", () => {
    const driver = ran("git checkout -b main", 128, "fatal: A branch named 'main' already exists.\n")
    assert.deepStrictEqual(driver.row("correct-git").actions[0]?.input, { command: "git checkout main" })
    assert.strictEqual(driver.row("correct-git").risk, "low")
  })
  it("a safeguard is never turned off", () => {
    for (const [line, exit, output] of [
      ["rm -rf /", 1, "rm: use --no-preserve-root to override this failsafe\n"],
      ["git commit -m x", 1, "husky - pre-commit hook exited with code 1 (error)\n"],
    ] as const)
      assert.deepStrictEqual(ran(line, exit, output).rows, [], line)
  })
  it("where another rule knows more, it alone speaks", () => {
    const rejected =
      "To r\n ! [rejected]        x -> x (fetch first)\nerror: failed to push some refs to 'r'\nhint: Updates were rejected\n"
    const driver = ran("git push", 1, rejected, {
      gitBranch: branch({ upstream: "origin/feature", upstreamSha: "b".repeat(40), ahead: 1, behind: 1 }),
    })
    assert.deepStrictEqual(
      driver.rows.map((row) => row.rule),
      ["git-push-failed"],
    )
    assert.strictEqual(driver.silence("correct-git"), "left to git-push-failed")
    const taken = ran("node s.js", 1, "Error: listen EADDRINUSE: address already in use :::3000\n", {
      portOwner: { pid: 5, command: "node x" },
    })
    assert.deepStrictEqual(
      taken.rows.map((row) => row.rule),
      ["port-in-use"],
    )
  })
  it("paths are asked for where the command ran", () => {
    const asked: Array<string> = []
    const driver = new Driver({
      answers: {
        pathKinds: ({ paths }) => {
          asked.push(...paths)
          return Object.fromEntries(paths.map((path) => [path, path.startsWith("pkg/") ? null : "file"]))
        },
        listDir: ({ path }) => (path === "pkg" ? ["README.md"] : []),
      },
    })
    run(driver, "cat REAMDE.md", 1, { cwd: `${workspace}/pkg` })
    assert.include(asked, "pkg/REAMDE.md")
    const [action] = driver.row("correct-files").actions
    assert.deepStrictEqual([action?.input, action?.cwd], [{ command: "cat README.md" }, `${workspace}/pkg`])
  })
})

describe("what a program wants first", () => {
  const output = 'Error: Backend initialization required, please run "terraform init"\n'
  const made = (driver: Driver) => driver.rows.map(({ state, title }) => [state, title])
  it("stands until it is done or no longer missing: said once, whatever else fails for it or is run meanwhile", () => {
    for (const [cure, exit] of [
      ["terraform init", 0],
      ["terraform init -upgrade", 0],
      ["terraform plan", 0],
    ] as const) {
      const driver = new Driver()
      run(driver, "terraform plan", 1, { output })
      run(driver, "ls")
      run(driver, "terraform validate", 1, { output })
      run(driver, "terraform plan", 1, { output })
      const title = "To be weighed: terraform init && terraform plan"
      assert.deepStrictEqual(made(driver), [["pending", title]])
      assert.deepStrictEqual(driver.shown, ["correct-tools"])
      run(driver, cure, exit)
      assert.deepStrictEqual(made(driver), [["expired", title]], cure)
      assert.strictEqual(driver.of("decision.outcome").at(-1)?.payload.outcome, "resolved", cure)
    }
  })
  it("is another thing elsewhere, and behind a cd", () => {
    const driver = new Driver()
    run(driver, "terraform plan", 1, { output })
    run(driver, "cd infra && terraform plan", 1, { output })
    run(driver, "terraform plan", 1, { output, cwd: `${workspace}/infra` })
    assert.deepStrictEqual(
      driver.rows.map(({ title }) => title),
      [
        "To be weighed: terraform init && terraform plan",
        "To be weighed: cd infra && terraform init && terraform plan",
        "To be weighed: terraform init && terraform plan",
      ],
    )
  })
})
