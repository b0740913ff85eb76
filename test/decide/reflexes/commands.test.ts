/** What is said of commands that failed, and of which nothing is said. */
import { assert, describe, it } from "@effect/vitest"
import { command, Driver, run, save, workspace } from "../driver.ts"

const repository = {
  state: "appeared" as const,
  gitDir: "/w/.git",
  bare: false,
  worktree: false,
  head: "a".repeat(40),
  branch: "main",
  notPlain: [],
  reason: null,
}

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
  it("is not told at the end of what was at work as the files were written, nor at a switch that wrote them", () => {
    const driver = new Driver()
    run(driver, "npm test", 1)
    driver.advance(20_000)
    const startedAt = new Date(driver.nowMs).toISOString()
    driver.advance(300)
    save(driver, "src/a.ts")
    driver.advance(200)
    run(driver, "vim src/a.ts", 0, { startedAt, durationMs: 500 })
    driver.see("git.pull", {
      from: "a",
      to: "b",
      fromBranch: "main",
      branch: "main",
      subject: "",
      files: ["src/a.ts"],
    })
    driver.advance(20_000)
    assert.deepStrictEqual(driver.shown, [])
    run(driver, "git diff")
    assert.deepStrictEqual(driver.shown, ["run-again"])
  })
  it("waits at the end of a switch for what git says of it: the shell may be heard first", () => {
    for (const [line, files, shown] of [
      ["git switch main", ["src/a.ts"], []],
      ["cd . && git checkout -q main", ["src/a.ts"], []],
      ["git switch -c topic", [], ["run-again"]],
    ] as const) {
      const driver = new Driver()
      run(driver, "npm test", 1)
      driver.advance(20_000)
      save(driver, "src/b.ts")
      driver.advance(20_000)
      run(driver, line)
      assert.deepStrictEqual(driver.shown, [], line)
      driver.see("git.checkout", {
        from: "a",
        to: "a",
        fromBranch: "topic",
        branch: "main",
        subject: "",
        files: [...files],
      })
      driver.advance(1_000)
      run(driver, "ls")
      assert.deepStrictEqual(driver.shown, shown, line)
    }
  })
  it("says nothing of what was thrown away since it passed on the same commit", () => {
    for (const [files, passed, offered] of [
      [0, 0, false],
      [1, 0, true],
      [0, 1, true],
    ] as const) {
      const driver = new Driver({ answers: { gitDirty: { files, oldestMs: null, paths: [] } } })
      driver.see("git.repository", repository)
      run(driver, "npm test", passed)
      driver.advance(20_000)
      save(driver, "src/a.ts")
      driver.advance(20_000)
      run(driver, "npm test", 1)
      driver.advance(20_000)
      save(driver, "src/a.ts")
      assert.strictEqual(driver.rows.at(-1)?.state === "pending", offered, `${files} ${passed}`)
    }
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
