import { assert, describe, it } from "@effect/vitest"
import { Driver, run, workspace } from "../driver.ts"

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
const proposed = (driver: Driver) =>
  driver.row(rule).actions.map(({ tool, input }): Record<string, unknown> => ({ tool, ...input }))

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
