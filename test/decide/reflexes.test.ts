import { assert, describe, it } from "@effect/vitest"
import { branch, command, Driver, run, save, stagedEvent, stagedLines, workspace } from "./driver.ts"

const calls = (driver: Driver, rule: string) =>
  driver.row(rule).actions.map((action): Record<string, unknown> => ({ tool: action.tool, ...action.input }))

describe("git push failed", () => {
  const rule = "git-push-failed"
  it("without an upstream: pushes the branch and sets it", () => {
    const driver = new Driver({ answers: { gitBranch: branch() } })
    const failed = run(driver, "git push", 128)
    assert.deepStrictEqual(calls(driver, rule), [
      { tool: "git", operation: "push", remote: "origin", branch: "feature", setUpstream: true },
    ])
    assert.deepStrictEqual(driver.row(rule).evidence, [failed.seq])
    assert.deepStrictEqual(driver.shown, [rule])
  })
  it("refused and behind: rebases", () => {
    const at = branch({ upstream: "origin/feature", upstreamSha: "b".repeat(40), ahead: 1, behind: 2 })
    const driver = new Driver({ answers: { gitBranch: at } })
    run(driver, "git push", 1)
    assert.deepStrictEqual(calls(driver, rule), [{ tool: "git", operation: "pull", how: "rebase" }])
    assert.strictEqual(driver.row(rule).risk, "medium")
  })
  it("refused and not known to be behind: fetches first", () => {
    const at = branch({ upstream: "origin/feature", upstreamSha: "b".repeat(40), ahead: 1, behind: 0 })
    const driver = new Driver({ answers: { gitBranch: at } })
    run(driver, "git push origin feature", 1)
    assert.deepStrictEqual(calls(driver, rule), [{ tool: "git", operation: "fetch", remote: "origin" }])
  })
  it("stays silent where the network failed, HEAD is detached, or git is in the middle of something", () => {
    const tracked = { upstream: "origin/feature", ahead: 1, behind: 2 }
    for (const [answer, exit] of [
      [branch(tracked), 128],
      [branch({ branch: null }), 128],
      [branch({ operation: "rebase" }), 128],
      [branch({ remotes: [] }), 128],
      [branch({ remotes: ["a", "b"] }), 128],
    ] as const) {
      const driver = new Driver({ answers: { gitBranch: answer } })
      run(driver, "git push", exit)
      assert.deepStrictEqual(driver.rows, [])
      assert.notStrictEqual(driver.silence(rule), "none")
    }
  })
  it("a missing upstream is not the cause where a branch was named or a ref was refused", () => {
    for (const [line, exit] of [
      ["git push origin feature", 128],
      ["git push", 1],
    ] as const) {
      const driver = new Driver({ answers: { gitBranch: branch() } })
      run(driver, line, exit)
      assert.strictEqual(driver.silence(rule), "the missing upstream is not why this push failed", line)
    }
  })
  it("never speaks of a forced, deleting or not plain push", () => {
    for (const line of [
      "git push --force",
      "git push -f",
      "git push --delete origin x",
      "git push origin +a",
      "git push | cat",
    ]) {
      const driver = new Driver({ answers: { gitBranch: branch() } })
      run(driver, line, 128)
      assert.deepStrictEqual(driver.rows, [], line)
    }
  })
})

describe("run again", () => {
  it("a failed test whose files were saved is offered again to who goes on with something else, once the edits settle", () => {
    const driver = new Driver()
    const failed = run(driver, "npm test", 1)
    driver.advance(20_000)
    const edit = save(driver, "src/a.ts")
    const row = driver.row("run-again")
    assert.deepStrictEqual(row.actions[0]?.input, { command: "npm test" })
    assert.deepStrictEqual(row.evidence, [failed.seq, edit.seq])
    // the boundary of the failure itself does not count
    driver.advance(4_000)
    run(driver, "git diff")
    driver.advance(999)
    assert.deepStrictEqual(driver.shown, [])
    driver.advance(1)
    assert.deepStrictEqual(driver.shown, ["run-again"])
  })
  it("is resolved when the user runs it himself", () => {
    const driver = new Driver()
    run(driver, "cargo test", 101)
    save(driver, "src/lib.rs")
    run(driver, "cargo  test", 0)
    assert.strictEqual(driver.row("run-again").state, "expired")
    assert.deepStrictEqual(
      driver.of("decision.outcome").map((event) => event.payload.outcome),
      ["resolved"],
    )
  })
  it("says nothing after a pass, for products and prose, outside its directory, for agents and watchers", () => {
    const stories: ReadonlyArray<(driver: Driver) => void> = [
      (driver) => (run(driver, "npm test", 1), run(driver, "npm test", 0), save(driver, "src/a.ts")),
      (driver) => (run(driver, "npm test", 1), save(driver, "coverage/lcov.info", "README.md", "a.log")),
      (driver) => (run(driver, "npm test", 1, { cwd: "/w/pkg" }), save(driver, "other/a.ts")),
      (driver) => (run(driver, "npm test", 1, { authorKind: "agent" }), save(driver, "src/a.ts")),
      (driver) => (run(driver, "vitest --watch", 1), save(driver, "src/a.ts")),
      (driver) => (run(driver, "npm test", 130), save(driver, "src/a.ts")),
      (driver) => (run(driver, "make deploy", 2), save(driver, "src/a.ts")),
      (driver) => (run(driver, "npm test > out.txt", 1), save(driver, "src/a.ts")),
    ]
    for (const [at, story] of stories.entries()) {
      const driver = new Driver()
      story(driver)
      assert.deepStrictEqual(driver.rows, [], `story ${at}`)
    }
  })
  it("asks once a failure, not at every save", () => {
    const driver = new Driver()
    run(driver, "npx tsc -p .", 2)
    for (let i = 0; i < 5; i += 1) save(driver, "src/a.ts")
    assert.strictEqual(
      driver.of("situation.opened").filter((e) => e.payload.kind === "check.stale").length,
      1,
    )
  })
})

describe("staged content", () => {
  const stageWith = (lines: ReadonlyArray<string>, path = "config.js", over = {}) => {
    const driver = new Driver({ answers: { gitStaged: stagedLines(path, lines, over) } })
    driver.see("git.staged", stagedEvent(path))
    return driver
  }
  const fakeKey = ["AKIA", "Z7QK3M5N2P4R6S8T"].join("")

  it("a secret is urgent, names the place and never the secret", () => {
    const driver = stageWith(["const a = 1", `const key = "${fakeKey}"`])
    const row = driver.row("secret-staged")
    assert.isTrue(row.urgent)
    assert.include(row.title, "config.js:2")
    assert.deepStrictEqual(calls(driver, "secret-staged"), [
      { tool: "git", operation: "unstage", paths: ["config.js"] },
    ])
    assert.deepStrictEqual(driver.shown, ["secret-staged"])
    const said = driver.events.filter((event) => event.type.startsWith("decision."))
    assert.notInclude(JSON.stringify(said), fakeKey)
  })
  it("a secret that the log redacted is found by its mark", () => {
    const driver = stageWith(['const key = "<redacted:aws-access-token>"'])
    assert.include(
      driver
        .row("secret-staged")
        .why.map((why) => why.text)
        .join(),
      "aws-access-token",
    )
  })
  it("is taken back when it is staged no longer", () => {
    const driver = stageWith([`key = "${fakeKey}"`])
    driver.answers = { gitStaged: stagedLines("config.js", ["const key = process.env.KEY"]) }
    driver.see("git.staged", stagedEvent("config.js"))
    assert.strictEqual(driver.row("secret-staged").state, "expired")
    assert.deepStrictEqual(
      driver.of("decision.outcome").map((event) => event.payload.outcome),
      ["resolved"],
    )
  })
  it("is resolved when the user unstages it by hand, and warned of again when it comes back", () => {
    const driver = stageWith([`key = "${fakeKey}"`])
    driver.see("git.staged", stagedEvent())
    assert.deepStrictEqual(
      driver.of("decision.outcome").map((event) => event.payload.outcome),
      ["resolved"],
    )
    driver.see("git.staged", stagedEvent("config.js"))
    assert.deepStrictEqual(driver.shown, ["secret-staged", "secret-staged"])
  })
  it("committed all the same it was ignored, and the next one is warned of all the same", () => {
    const driver = stageWith([`key = "${fakeKey}"`])
    driver.see("git.commit", {
      sha: "b".repeat(40),
      parents: ["a".repeat(40)],
      branch: "main",
      subject: "add it",
      files: ["config.js"],
    })
    driver.see("git.staged", stagedEvent())
    assert.deepStrictEqual(
      driver.of("decision.outcome").map((event) => event.payload.outcome),
      ["ignored"],
    )
    driver.see("git.staged", stagedEvent("config.js"))
    assert.deepStrictEqual(driver.shown, ["secret-staged", "secret-staged"])
  })
  it("after a no, the same line stays silent and another one in the file is warned of", () => {
    const driver = stageWith([`const key = "${fakeKey}"`])
    const { id } = driver.row("secret-staged")
    driver.answer(id, "approval.rejected", { suggestion: id, reason: "an example", surface: "cli" })
    driver.see("git.staged", stagedEvent())
    driver.see("git.staged", stagedEvent("config.js"))
    assert.lengthOf(driver.of("decision.shown"), 1)
    const lines = [`const key = "${fakeKey}"`, `const token = "${fakeKey}"`]
    driver.answers = { gitStaged: stagedLines("config.js", lines) }
    driver.see("git.staged", stagedEvent("config.js"))
    assert.lengthOf(driver.of("decision.shown"), 2)
  })
  it("stays one suggestion while other files are staged beside", () => {
    const driver = stageWith([`key = "${fakeKey}"`])
    driver.see("git.staged", stagedEvent("config.js", "b.js"))
    assert.strictEqual(driver.row("secret-staged").state, "pending")
    assert.strictEqual(driver.silence("secret-staged"), "already in the queue")
    assert.strictEqual(driver.shown.length, 1)
  })
  it("clean lines bring one silence a rule and no suggestion", () => {
    const driver = stageWith(["export const a = 1"])
    assert.deepStrictEqual(driver.rows, [])
    assert.deepStrictEqual(
      driver
        .of("decision.silent")
        .map((event) => event.payload.rule)
        .toSorted(),
      ["conflict-markers", "large-or-generated-staged", "leftovers-staged", "secret-staged"],
    )
  })
  it("an unreadable index takes nothing back", () => {
    const driver = stageWith([`key = "${fakeKey}"`])
    driver.answers = {}
    driver.see("git.staged", stagedEvent("config.js"))
    assert.strictEqual(driver.row("secret-staged").state, "pending")
  })
  it("conflict markers: both ends of one", () => {
    const driver = stageWith(["<<<<<<< HEAD", "a", "=======", "b", ">>>>>>> other"], "a.txt")
    assert.deepStrictEqual(calls(driver, "conflict-markers"), [
      { tool: "git", operation: "unstage", paths: ["a.txt"] },
    ])
    assert.throws(() => stageWith(["Title", "=======", "text"], "a.rst").row("conflict-markers"))
  })
  it("large, generated, litter; not what is tracked already", () => {
    for (const [path, over] of [
      ["video.raw", { bytes: 6 * 1024 * 1024, binary: true, added: [] }],
      ["dist/app.js", { status: "A" as const }],
      ["lib/x.min.js", { status: "A" as const }],
      ["docs/.DS_Store", { status: "A" as const }],
      ["tests/.DS_Store", { status: "A" as const }],
      ["node_modules/a/index.js", { status: "A" as const }],
    ] as const) {
      assert.deepStrictEqual(stageWith(["x"], path, over).row("large-or-generated-staged").risk, "low", path)
    }
    assert.deepStrictEqual(stageWith(["x"], "dist/app.js", { status: "M" }).rows, [])
    // what tests and examples are made on
    assert.deepStrictEqual(stageWith(["x"], "tests/samples/server.log", { status: "A" }).rows, [])
    assert.deepStrictEqual(stageWith(["x"], "examples/lib/jquery.min.js", { status: "A" }).rows, [])
  })
  it("leftovers: a focused test is mended in place", () => {
    const driver = stageWith(['  it.only("adds", () => {'], "test/add.test.ts")
    assert.deepStrictEqual(calls(driver, "leftovers-staged"), [
      {
        tool: "edit_file",
        path: "test/add.test.ts",
        old_string: '  it.only("adds", () => {',
        new_string: '  it("adds", () => {',
      },
      { tool: "git", operation: "stage", paths: ["test/add.test.ts"] },
    ])
  })
  it("leftovers: what tells of debugging, and what does not", () => {
    const found = (path: string, line: string) => stageWith([line], path).rows.map((row) => row.rule)
    for (const [path, line] of [
      ["src/a.ts", "  debugger;"],
      ["src/a.js", 'console.log("here")'],
      ["src/a.js", "console.log()"],
      ["a.py", "    breakpoint()"],
      ["a.rs", "let x = dbg!(y);"],
      ["a.rb", "  binding.pry"],
    ] as const) {
      assert.deepStrictEqual(found(path, line), ["leftovers-staged"], line)
    }
    for (const [path, line] of [
      ["src/cli.ts", 'console.log("server listening on", port)'],
      ["src/a.ts", "// debugger;"],
      ["src/a.ts", "query.only('name')"],
      ["src/a.ts", 'it.only("x", () => {})'],
      ["a.md", "debugger;"],
      ["src/a.ts", 'const debuggerName = "x"'],
    ] as const) {
      assert.deepStrictEqual(found(path, line), [], line)
    }
  })
})

describe("conflict markers in saved files", () => {
  const answers = { conflictMarkers: [{ path: "a b.txt", lines: [1, 3, 5] }] }
  it("are said once saving has settled, with a command that shows them", () => {
    const driver = new Driver({ answers })
    save(driver, "a b.txt")
    assert.deepStrictEqual(driver.rows, [])
    driver.advance(5_000)
    assert.deepStrictEqual(driver.row("conflict-markers").actions[0]?.input, {
      command: "grep -n -e '^<<<<<<< ' -e '^>>>>>>> ' -- 'a b.txt'",
    })
    save(driver, "a b.txt")
    assert.strictEqual(driver.row("conflict-markers").state, "expired")
  })
  it("what a merge wrote itself is not looked at", () => {
    const driver = new Driver({ answers })
    save(driver, "a b.txt")
    driver.see("git.operation", { operation: "merge", was: null })
    save(driver, "a b.txt")
    driver.advance(60_000)
    assert.deepStrictEqual(driver.of("situation.opened"), [])
  })
  it("nor what is saved on the way to a merge's end; after it, it is", () => {
    const driver = new Driver({ answers })
    driver.see("git.operation", { operation: "merge", was: null })
    driver.advance(60_000)
    save(driver, "a b.txt")
    driver.advance(60_000)
    assert.match(driver.silence("conflict-markers"), /merge is under way/)
    driver.see("git.operation", { operation: null, was: "merge" })
    save(driver, "a b.txt")
    driver.advance(60_000)
    assert.strictEqual(driver.rows.length, 1)
  })
  it("a hostile name reaches no command line", () => {
    const path = "a';rm -rf ~;'.txt"
    const driver = new Driver({ answers: { conflictMarkers: [{ path, lines: [1, 2] }] } })
    save(driver, path)
    driver.advance(5_000)
    assert.deepStrictEqual(driver.row("conflict-markers").actions, [])
  })
})

describe("dependencies", () => {
  const manifest = (version: string) => ({
    files: [
      { path: "package.json", mtimeMs: 1, text: JSON.stringify({ dependencies: { left: "^1.0.0" } }) },
      {
        path: "package-lock.json",
        mtimeMs: 1,
        text: JSON.stringify({
          lockfileVersion: 3,
          packages: {
            "": {},
            "node_modules/left": { version, resolved: "https://packages.example/left/-/left.tgz" },
          },
        }),
      },
    ],
    manager: "npm",
  })
  it("a lockfile with a compromised version is urgent at once, and nothing is installed from it", () => {
    const hit = { name: "axios", version: "1.14.1", campaign: "axios", advisories: ["MAL-2026-2307"] }
    const driver = new Driver({
      answers: {
        compromised: (request) => (request.path === "package-lock.json" ? [hit] : []),
        manifest: manifest("1.0.0"),
        installed: { left: "1.0.0" },
      },
    })
    const edit = save(driver, "package-lock.json")
    const row = driver.row("compromised-dependency")
    assert.isTrue(row.urgent)
    assert.include(row.title, "axios@1.14.1")
    assert.deepStrictEqual(row.evidence, [edit.seq])
    assert.deepStrictEqual(
      row.actions.map((action) => action.tool),
      ["notify"],
    )
    assert.deepStrictEqual(driver.shown, ["compromised-dependency"])
    driver.answers = { ...driver.answers, compromised: [] }
    save(driver, "package-lock.json")
    assert.strictEqual(driver.row("compromised-dependency").state, "expired")
  })
  it("out of step after a pull: installs what is locked", () => {
    const driver = new Driver({
      answers: { compromised: [], manifest: manifest("1.2.0"), installed: { left: "1.1.0" } },
    })
    driver.see("git.pull", {
      from: "a",
      to: "b",
      fromBranch: "main",
      branch: "main",
      subject: "pull",
      files: ["package-lock.json", "src/a.ts"],
    })
    const row = driver.row("dependencies-out-of-step")
    assert.deepStrictEqual(row.actions[0]?.input, { command: "npm ci" })
    assert.isTrue(row.why.some((why) => why.text === "left 1.1.0, locked 1.2.0"))
    run(driver, "npm ci", 0)
    assert.strictEqual(driver.row("dependencies-out-of-step").state, "expired")
  })
  it("nothing is installed from a lockfile that names a compromised package", () => {
    const bad = manifest("1.2.0")
    const text = JSON.stringify({
      lockfileVersion: 3,
      packages: { "": {}, "node_modules/axios": { version: "1.14.1" } },
    })
    const driver = new Driver({
      answers: {
        compromised: [],
        manifest: { ...bad, files: [bad.files[0]!, { path: "package-lock.json", mtimeMs: 1, text }] },
        installed: { left: "1.1.0" },
      },
    })
    save(driver, "package-lock.json")
    run(driver, "npm test", 1)
    for (const rule of ["dependencies-out-of-step", "dependencies-missing"]) {
      assert.include(driver.silence(rule), "compromised package is named here")
    }
  })
  it("in step, never installed, unreadable: silent", () => {
    for (const installed of [{ left: "1.2.0" }, { left: null }, undefined]) {
      const driver = new Driver({
        answers: {
          compromised: [],
          manifest: manifest("1.2.0"),
          ...(installed === undefined ? {} : { installed }),
        },
      })
      save(driver, "package.json")
      assert.deepStrictEqual(driver.rows, [])
    }
  })
  it("a failing check where nothing is installed: offers the install at once", () => {
    const driver = new Driver({ answers: { manifest: manifest("1.2.0"), installed: { left: null } } })
    run(driver, "npm test", 1)
    assert.deepStrictEqual(driver.row("dependencies-missing").actions[0]?.input, { command: "npm ci" })
    assert.deepStrictEqual(driver.shown, ["dependencies-missing"])
  })
  it("a manifest ahead of its lockfile is installed freely", () => {
    const ahead = {
      ...manifest("1.0.0"),
      files: [
        {
          path: "package.json",
          mtimeMs: 1,
          text: JSON.stringify({ dependencies: { left: "1", right: "2", linked: "file:../x" } }),
        },
        manifest("1.0.0").files[1]!,
      ],
    }
    const driver = new Driver({
      answers: { compromised: [], manifest: ahead, installed: { left: "1.0.0", right: null } },
    })
    save(driver, "package.json")
    assert.deepStrictEqual(driver.row("dependencies-out-of-step").actions[0]?.input, {
      command: "npm install",
    })
  })
  it("vendored manifests are nobody's", () => {
    const driver = new Driver()
    save(driver, "node_modules/a/package.json", "vendor/b/Cargo.toml")
    assert.deepStrictEqual(driver.of("situation.opened"), [])
  })
})

describe("missing module, only from output", () => {
  const manifest = {
    files: [{ path: "package.json", mtimeMs: 1, text: '{"dependencies":{"known":"1"}}' }],
    manager: "pnpm",
  }
  it("declared: installs what is declared; else asks, as high risk", () => {
    for (const [name, line, mode, risk] of [
      ["known", "pnpm install", "draft", "medium"],
      ["@scope/other/deep", "pnpm add @scope/other", "question", "high"],
    ] as const) {
      const driver = new Driver({ answers: { manifest } })
      run(driver, "node a.js", 1, { output: `Error: Cannot find module '${name}'\n` })
      const row = driver.row("missing-module")
      assert.deepStrictEqual([row.actions[0]?.input["command"], row.mode, row.risk], [line, mode, risk])
    }
  })
  it("relative paths, hostile names and no output bring nothing", () => {
    for (const output of [
      "Cannot find module './a.js'",
      "Cannot find module 'a; rm -rf ~'",
      "Cannot find module 'node:fsx'",
      undefined,
    ]) {
      const driver = new Driver({ answers: { manifest } })
      run(driver, "node a.js", 1, output === undefined ? {} : { output })
      assert.deepStrictEqual(
        driver.rows.filter((row) => row.rule === "missing-module"),
        [],
        String(output),
      )
    }
  })
})

describe("port in use", () => {
  const answers = {
    portOwner: (request: { readonly port: number }) =>
      request.port === 3000 ? { pid: 77, command: "/usr/bin/node server.js" } : null,
  }
  it("names the holder; killing it is only an alternative", () => {
    for (const [line, more] of [
      ["next dev", {}],
      ["npm run dev -- --port 3000", {}],
      ["PORT=3000 node server.js", {}],
      [
        "node server.js",
        {
          output:
            "node:events:505\n      throw er;\n\nError: listen EADDRINUSE: address already in use 127.0.0.1:3000\n    at Server.setupListenHandle (node:net:1940:16)\n  port: 3000",
        },
      ],
      ["node server.js", { output: "Error: listen EADDRINUSE: address already in use :::3000" }],
    ] as const) {
      const driver = new Driver({ answers })
      run(driver, line, 1, more)
      const row = driver.row("port-in-use")
      assert.strictEqual(row.risk, "high", line)
      assert.notInclude(JSON.stringify(row.actions), "kill")
      assert.deepStrictEqual(row.alternatives[0]?.[0]?.input, { command: "kill 77" })
    }
  })
  it("is silent where the port is free or unknown", () => {
    for (const line of ["next dev -p 4000", "node server.js", "ls -p 3000"]) {
      const driver = new Driver({ answers })
      run(driver, line, 1)
      assert.deepStrictEqual(
        driver.rows.filter((row) => row.rule === "port-in-use"),
        [],
        line,
      )
    }
  })
})

describe("git at rest", () => {
  it("behind after a fetch: fast-forward, or rebase when it diverged", () => {
    for (const [ahead, how] of [
      [0, "ff-only"],
      [2, "rebase"],
    ] as const) {
      const at = branch({ upstream: "origin/feature", upstreamSha: "b".repeat(40), ahead, behind: 3 })
      const driver = new Driver({
        answers: { gitBranch: at, gitDirty: { files: 0, oldestMs: null, paths: [] } },
      })
      driver.see("git.fetched", { refs: [{ name: "refs/remotes/origin/feature", from: "a", to: "b" }] })
      driver.advance(2_000)
      assert.deepStrictEqual(calls(driver, "branch-behind-upstream"), [
        { tool: "git", operation: "pull", how },
      ])
    }
  })
  it("a pull's own fetch is not told", () => {
    const driver = new Driver({ answers: { gitBranch: branch() } })
    driver.see("git.fetched", { refs: [] })
    driver.see("git.pull", { from: "a", to: "b", fromBranch: "main", branch: "main", subject: "", files: [] })
    driver.advance(60_000)
    assert.deepStrictEqual(driver.of("situation.opened"), [])
  })
  it("a stale lock: only old and held by nobody", () => {
    for (const [lock, made] of [
      [{ ageMs: 90_000, holder: null }, 1],
      [{ ageMs: 90_000, holder: 42 }, 0],
      [{ ageMs: 5_000, holder: null }, 0],
      [null, 0],
    ] as const) {
      const driver = new Driver({ answers: { gitIndexLock: lock } })
      driver.see("git.lock", { ageMs: 61_000, holder: null })
      assert.strictEqual(driver.rows.length, made, JSON.stringify(lock))
    }
  })
  it("work uncommitted for hours, at a boundary; private files are left out", () => {
    const driver = new Driver({
      answers: {
        gitDirty: { files: 3, oldestMs: 0, paths: [".env", "src/a.ts", "src/b.ts"] },
        gitBranch: branch(),
        conflictMarkers: [],
      },
    })
    save(driver, "src/a.ts")
    driver.advance(60 * 60_000)
    run(driver, "ls")
    assert.deepStrictEqual(driver.rows, [])
    driver.advance(70 * 60_000)
    run(driver, "ls")
    assert.deepStrictEqual(calls(driver, "work-uncommitted"), [
      { tool: "git", operation: "stage", paths: ["src/a.ts", "src/b.ts"] },
      { tool: "git", operation: "commit", message: "Work in progress on feature" },
    ])
    driver.see("git.commit", { sha: "c", parents: [], branch: "feature", subject: "x", files: [] })
    assert.strictEqual(driver.row("work-uncommitted").state, "expired")
  })
})

describe("what is no situation", () => {
  it("a good command, an answer, a signal, an agent's failure, Claw's own, history, another place", () => {
    const stories: ReadonlyArray<(driver: Driver) => void> = [
      (driver) => run(driver, "ls"),
      (driver) => run(driver, "grep x y", 1),
      (driver) => run(driver, "git diff --quiet", 1),
      (driver) => run(driver, "npm start", 130),
      (driver) => run(driver, "false-cmd", 127, { authorKind: "agent" }),
      (driver) => run(driver, "npx claw approve x", 4),
      (driver) =>
        run(driver, "gti status", 127, { startedAt: new Date(driver.nowMs - 3_600_000).toISOString() }),
      (driver) => driver.see("terminal.command", command(driver, "gti status", 127), { workspace: null }),
    ]
    for (const [at, story] of stories.entries()) {
      const driver = new Driver()
      story(driver)
      assert.deepStrictEqual(driver.of("situation.opened"), [], `story ${at}`)
    }
  })
  it("a failed command that no rule knows is silent, with a reason", () => {
    const driver = new Driver({ reflexes: [] })
    const failed = run(driver, "./deploy.sh", 3)
    const [opened] = driver.of("situation.opened")
    assert.strictEqual(opened?.causationId, failed.id)
    assert.strictEqual(opened?.trust, "untrusted")
    assert.strictEqual(opened?.workspace, workspace)
    assert.strictEqual(driver.silence("none"), "no rule knows this")
    assert.strictEqual(driver.of("decision.silent")[0]?.causationId, opened?.id)
  })
})
