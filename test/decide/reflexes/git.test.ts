/** What is said of git at rest and of a push that failed: events in, outbox out. */
import { assert, describe, it } from "@effect/vitest"
import { branch, calls, Driver, run, save } from "../driver.ts"

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
  it("a branch that the remote protects: its commits go to a branch of their own, and that is pushed", () => {
    const upstreamSha = "b".repeat(40)
    const at = branch({ branch: "main", upstream: "origin/main", upstreamSha, ahead: 2, behind: 0 })
    const commits = ["Add the tax", "Count in cents"].map((subject, i) => ({
      sha: `${i}`.repeat(40),
      subject,
      atMs: 0,
    }))
    const gitUnpushed = {
      branch: "main",
      remote: "origin",
      upstream: "origin/main",
      upstreamSha,
      commits,
      behind: 0,
      pushesMs: [],
    }
    const answers = { gitBranch: at, gitUnpushed }
    for (const said of [
      "remote: error: GH006: Protected branch update failed for refs/heads/main.\n ! [remote rejected] main -> main (protected branch hook declined)",
      "remote: GitLab: You are not allowed to push code to protected branches on this project.\n ! [remote rejected] main -> main (pre-receive hook declined)",
      "remote: error: GH013: Repository rule violations found for refs/heads/main.\nremote: - Changes must be made through a pull request.\n ! [remote rejected] main -> main (push declined due to repository rule violations)",
    ]) {
      const driver = new Driver({ answers })
      run(driver, "git push", 1, { output: said })
      assert.deepStrictEqual(calls(driver, rule), [
        { tool: "git", operation: "branch-create", name: "count-in-cents", switch: true },
        { tool: "bash", command: `git branch --force main ${upstreamSha}` },
        { tool: "git", operation: "push", remote: "origin", branch: "count-in-cents", setUpstream: true },
      ])
    }
  })
  it("what the remote refuses by a rule of its own is not mended by fetching", () => {
    const at = branch({ upstream: "origin/feature", upstreamSha: "b".repeat(40), ahead: 1, behind: 0 })
    const driver = new Driver({ answers: { gitBranch: at } })
    run(driver, "git push", 1, {
      output:
        "remote: no ticket is named\n ! [remote rejected] feature -> feature (pre-receive hook declined)",
    })
    assert.deepStrictEqual(driver.rows, [])
    assert.include(driver.silence(rule), "the remote")
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
    const work = (minutes: number) => {
      for (let left = minutes; left > 0; left -= 5) {
        driver.advance(5 * 60_000)
        run(driver, "ls")
      }
    }
    save(driver, "src/a.ts")
    work(110)
    // a lunch is no work
    driver.advance(60 * 60_000)
    work(5)
    assert.deepStrictEqual(driver.rows, [])
    work(10)
    assert.deepStrictEqual(calls(driver, "work-uncommitted"), [
      { tool: "git", operation: "stage", paths: ["src/a.ts", "src/b.ts"] },
      { tool: "git", operation: "commit", message: "Work in progress on feature" },
    ])
    driver.see("git.commit", { sha: "c", parents: [], branch: "feature", subject: "x", files: [] })
    assert.strictEqual(driver.row("work-uncommitted").state, "expired")
  })
  it("work left uncommitted for a rest", () => {
    const driver = new Driver({
      answers: {
        gitDirty: { files: 2, oldestMs: 0, paths: ["src/a.ts", "src/b.ts"] },
        gitBranch: branch(),
        conflictMarkers: [],
      },
    })
    save(driver, "src/a.ts")
    driver.advance(2 * 60 * 60_000)
    run(driver, "ls")
    assert.strictEqual(driver.row("work-uncommitted").state, "pending")
  })
})
