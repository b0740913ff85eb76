/** What is said of staged content and of conflict markers in saved files, and when it is taken back. */
import { assert, describe, it } from "@effect/vitest"
import { calls, Driver, save, stagedEvent, stagedLines } from "../driver.ts"

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
