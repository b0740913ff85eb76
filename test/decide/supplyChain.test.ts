/** Compromised packages named by commands, secrets that were typed or committed. */
import { assert, describe, it } from "@effect/vitest"
import { draft } from "../../src/domain/event.ts"
import { branch, Driver, run, stagedEvent, stagedLines } from "./driver.ts"

const token = `ghp_${"aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"}`
const sha = "c".repeat(40)

const committed = (driver: Driver) =>
  driver.see("git.commit", {
    sha,
    parents: ["d".repeat(40)],
    branch: "feature",
    subject: "x",
    files: ["a.ts"],
  })

const lines = (text: string) => ({
  parents: 1,
  truncated: false,
  files: [
    {
      path: "a.ts",
      status: "M" as const,
      bytes: text.length,
      binary: false,
      truncated: false,
      added: [{ line: 7, text }],
    },
  ],
})

describe("a package named by a command", () => {
  const rule = "compromised-named"
  it("is urgent at once, whether the command ended well or not", () => {
    for (const [line, exit] of [
      ["npm i axios@1.14.1", 0],
      ["cd web && pnpm add -D http@npm:axios@1.14.1", 1],
      ["python -m pip install 'mistralai==2.4.6'", 0],
    ] as const) {
      const driver = new Driver()
      const ended = run(driver, line, exit)
      const row = driver.row(rule)
      assert.isTrue(row.urgent, line)
      assert.deepStrictEqual(row.evidence, [ended.seq])
      assert.deepStrictEqual(
        row.actions.map(({ tool }) => tool),
        ["notify"],
      )
      assert.include(driver.shown, rule)
    }
  })
  it("says nothing of a clean version, nor of a line that installs nothing", () => {
    for (const line of ["npm i axios@1.14.0", "npm view axios@1.14.1", "git commit -m 'axios@1.14.1'"]) {
      const driver = new Driver()
      run(driver, line, 0)
      assert.deepStrictEqual(driver.rows, [], line)
    }
  })
})

describe("a secret in a command line", () => {
  const rule = "secret-typed"
  it("is told by its kind, once for one program", () => {
    const driver = new Driver()
    run(driver, "curl -H 'X: <redacted:github-token>' https://x", 0)
    const row = driver.row(rule)
    assert.include(row.title, "github-token")
    assert.deepStrictEqual(row.actions, [])
    assert.isFalse(row.urgent)
  })
  it("says nothing of passwords for places, of what the user took out, nor of an agent's command", () => {
    for (const line of [
      "psql postgres://u:<redacted:password-in-address>@localhost/x",
      "x <redacted:erasure>",
    ]) {
      const driver = new Driver()
      run(driver, line, 0)
      assert.deepStrictEqual(driver.rows, [], line)
    }
  })
})

describe("a secret in a commit", () => {
  const rule = "secret-committed"
  const made = (at: ReturnType<typeof branch>, text = `const t = "${token}"`) =>
    new Driver({ answers: { gitCommitted: lines(text), gitBranch: { ...at, head: sha } } })
  it("is taken back where it is HEAD and was not pushed", () => {
    for (const at of [branch({ remotes: [] }), branch({ upstream: "origin/feature", ahead: 1, behind: 0 })]) {
      const driver = made(at)
      const event = committed(driver)
      const row = driver.row(rule)
      assert.isTrue(row.urgent)
      assert.deepStrictEqual(row.evidence, [event.seq])
      assert.deepStrictEqual(
        row.actions.map(({ input }) => input),
        [{ command: "git reset --soft HEAD~1" }],
      )
      assert.notInclude(JSON.stringify(row), token)
    }
  })
  it("is only told where it was pushed, or where nobody can tell", () => {
    for (const at of [
      branch({ upstream: "origin/feature", ahead: 0, behind: 0 }),
      branch({ upstream: null, remotes: ["origin"] }),
    ]) {
      const driver = made(at)
      committed(driver)
      assert.deepStrictEqual(driver.row(rule).actions, [])
    }
    const other = new Driver({
      answers: { gitCommitted: lines(`t = "${token}"`), gitBranch: branch({ head: "e".repeat(40) }) },
    })
    committed(other)
    assert.deepStrictEqual(other.row(rule).actions, [])
  })
  it("a redacted fact says as much, a clean commit nothing", () => {
    const marked = made(branch({ remotes: [] }), 'const t = "<redacted:github-token>"')
    committed(marked)
    assert.include(marked.row(rule).title, "a.ts:7")
    const clean = made(branch({ remotes: [] }), "const t = 1")
    committed(clean)
    assert.deepStrictEqual(clean.rows, [])
  })
  it("is told also where what was staged was decided only behind the commit", () => {
    const text = `const t = "${token}"`
    const driver = made(branch({ remotes: [] }), text)
    // as the probe saw it before the commit
    driver.answers.gitStaged = stagedLines("a.ts", [text])
    const header = { actor: "source:git", workspace: "/w", trust: "untrusted" as const }
    driver.put(draft("git.staged", stagedEvent("a.ts"), header))
    committed(driver)
    assert.strictEqual(driver.row(rule).state, "pending")
    assert.include(driver.shown, rule)
  })
  it("who said no to it before the commit is not asked again", () => {
    const text = `const t = "${token}"`
    const driver = made(branch({ remotes: [] }), text)
    driver.answers.gitStaged = stagedLines("a.ts", [text])
    driver.see("git.staged", stagedEvent("a.ts"))
    const [row] = driver.rows
    driver.answer(row!.id, "approval.rejected", { suggestion: row!.id, reason: "", surface: "cli" })
    driver.answers.gitCommitted = { ...lines(text) }
    committed(driver)
    assert.deepStrictEqual(
      driver.rows.map(({ rule: name }) => name),
      ["secret-staged"],
    )
  })
})
