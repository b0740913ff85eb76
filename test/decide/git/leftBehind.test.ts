/** What git leaves behind: commits unpushed for days, submodules, branches whose remote is gone, what a hook stopped. */
import { assert, describe, it } from "@effect/vitest"
import type { ProbeAnswers } from "../../../src/domain/probeAnswers.ts"
import { branch, calls, command, Driver, run, startMs } from "../driver.ts"
import {
  back,
  committed,
  dayMs,
  lastExpiry,
  lastOutcome,
  onMain,
  own,
  sha,
  switched,
  unpushedOf,
} from "./given.ts"

const none: ProbeAnswers["gitDirty"] = { files: 0, oldestMs: null, paths: [] }

describe("commits unpushed for days", () => {
  const rule = "git-unpushed"
  const ask = (own_: ProbeAnswers["gitUnpushed"]): Driver => {
    const driver = new Driver({ answers: { gitUnpushed: own_, gitBranch: onMain(), gitStashes: [] } })
    committed(driver, "c")
    run(driver, "ls")
    back(driver, 3 * dayMs)
    return driver
  }
  it("are told in the digest, where pushes are more frequent", () => {
    const driver = ask(unpushedOf())
    assert.deepStrictEqual(calls(driver, rule), [
      { tool: "git", operation: "push", remote: "origin", branch: "main" },
    ])
    assert.include(driver.row(rule).title, "a commit, for 3 days on this machine only")
    assert.deepStrictEqual(driver.row(rule).evidence, [driver.of("git.commit")[0]!.seq])
    assert.strictEqual(driver.row(rule).mode, "digest")
    driver.advance(1_000)
    driver.see("git.branch", {
      action: "moved",
      name: "refs/remotes/origin/main",
      from: sha("b"),
      to: sha("c"),
    })
    assert.strictEqual(lastOutcome(driver), "resolved")
  })
  it("are none where nobody pushes, pushes are rare, the work is unfinished, or it diverged", () => {
    const rare = [startMs - 2 * dayMs, startMs - 9 * dayMs, startMs - 16 * dayMs]
    for (const [over, said] of [
      [{ pushesMs: [] }, "nothing is pushed from here"],
      [{ pushesMs: rare }, "not unusual"],
      [{ commits: [own("c", "wip parser")] }, "not finished"],
      [{ behind: 2 }, "commits of its own"],
      [{ commits: [own("c", "x", startMs + 2 * dayMs)] }, "not unusual"],
      [{ commits: [] }, "all is pushed"],
    ] as const) {
      const driver = ask(unpushedOf(over))
      assert.include(driver.silence(rule), said)
    }
    assert.include(ask(null).silence(rule), "no upstream")
  })
})

describe("submodules that were not updated", () => {
  const rule = "git-submodule-drift"
  const lib = (over: Partial<ProbeAnswers["gitSubmodules"][number]> = {}) => ({
    path: "vendor/lib",
    recorded: sha("2"),
    checkedOut: sha("1"),
    branch: null,
    left: false,
    present: true,
    ...over,
  })
  const pull = (modules: ProbeAnswers["gitSubmodules"], files = ["src/a.ts", "vendor/lib"]): Driver => {
    const driver = new Driver({ answers: { gitSubmodules: modules, gitBranch: branch() } })
    switched(driver, "main", "feature", { files })
    driver.advance(9_000)
    return driver
  }
  it("are updated to what is recorded", () => {
    const driver = pull([lib()])
    assert.deepStrictEqual(calls(driver, rule), [
      { tool: "bash", command: "git submodule update --init -- vendor/lib" },
    ])
    assert.deepStrictEqual(driver.row(rule).evidence, [driver.of("git.checkout")[0]!.seq])
    run(driver, "git submodule update --init --recursive")
    assert.deepStrictEqual([lastExpiry(driver), lastOutcome(driver)], ["you ran it yourself", "resolved"])
  })
  it("are left where one works in them, they did not move, or are not used", () => {
    assert.include(pull([lib({ checkedOut: sha("2") })]).silence(rule), "as recorded")
    assert.include(pull([lib({ branch: "main" })]).silence(rule), "on purpose")
    assert.include(pull([lib({ left: true })]).silence(rule), "on purpose")
    assert.include(pull([lib({ checkedOut: null })]).silence(rule), "on purpose")
    assert.include(pull([lib()], ["src/a.ts"]).silence(rule), "no submodule was among")
  })
})

describe("a branch that is gone from its remote", () => {
  const rule = "git-branch-gone"
  const gone = (over: Partial<ProbeAnswers["gitGone"][number]> = {}) => ({
    branch: "old",
    sha: sha("3"),
    current: false,
    upstream: "origin/old",
    upstreamGone: true,
    trunk: "main",
    merged: "history" as const,
    ...over,
  })
  const prune = (found: ProbeAnswers["gitGone"], dirty = none) => {
    const driver = new Driver({ answers: { gitGone: found, gitBranch: branch(), gitDirty: dirty } })
    const event = driver.see("git.fetched", { refs: [{ name: "origin/old", from: sha("3"), to: null }] })
    driver.advance(5_000)
    return { driver, event }
  }
  it("is deleted here too once its work is in the trunk", () => {
    const { driver, event } = prune([gone()])
    assert.deepStrictEqual(calls(driver, rule), [
      { tool: "git", operation: "branch-delete", name: "old", unmerged: true },
    ])
    assert.deepStrictEqual(driver.row(rule).evidence, [event.seq])
    driver.see("git.branch", { action: "deleted", name: "old", from: sha("3"), to: null })
    assert.deepStrictEqual([lastExpiry(driver), lastOutcome(driver)], ["old was deleted", "resolved"])
    const current = prune([gone({ current: true, merged: "text" })]).driver
    assert.deepStrictEqual(calls(current, rule)[0], { tool: "git", operation: "branch-switch", name: "main" })
  })
  it("stays where the trunk has not its work, it follows another, or one works on it", () => {
    assert.include(prune([gone({ merged: null })]).driver.silence(rule), "not all of its work")
    assert.include(prune([gone({ upstream: "fork/old" })]).driver.silence(rule), "does not follow")
    assert.include(prune([]).driver.silence(rule), "no such branch")
    const dirty = { files: 2, oldestMs: null, paths: ["a", "b"] }
    assert.include(prune([gone({ current: true })], dirty).driver.silence(rule), "you work on it")
  })
})

describe("a hook that failed", () => {
  const rule = "git-hook-failed"
  const hook = { name: "pre-commit", file: ".git/hooks/pre-commit", manager: "pre-commit" }
  const hooks = (over: Partial<ProbeAnswers["gitHooks"]> = {}): ProbeAnswers["gitHooks"] => ({
    hooks: [hook],
    staged: 2,
    rewritten: [],
    ...over,
  })
  const fail = (answer: ProbeAnswers["gitHooks"], line: string, output?: string, exit = 1): Driver => {
    const driver = new Driver({ answers: { gitHooks: answer } })
    const more = { durationMs: 4_000, ...(output === undefined ? {} : { output }) }
    driver.see(
      "terminal.command",
      command(driver, line, exit, { ...more, startedAt: new Date(startMs - 4_000).toISOString() }),
    )
    return driver
  }
  it("rewrote what was staged: that is staged and committed again", () => {
    const driver = fail(
      hooks({ rewritten: [{ path: "src/a.ts", mtimeMs: startMs - 1_000 }] }),
      "git commit -m 'add it'",
    )
    assert.deepStrictEqual(calls(driver, rule), [
      { tool: "git", operation: "stage", paths: ["src/a.ts"] },
      { tool: "bash", command: "git commit -m 'add it'" },
    ])
    assert.deepStrictEqual(driver.shown, [rule])
    run(driver, "git commit -m 'add it'")
    assert.strictEqual(lastOutcome(driver), "resolved")
  })
  it("is told by the check that was printed", () => {
    for (const [output, check] of [
      [
        "eslint...................................................................Failed\n- hook id: eslint\n- exit code: 1\n",
        "eslint",
      ],
      ["✖ eslint --fix:\n\nsrc/a.ts\n", "eslint --fix"],
      [
        "⧗ input: bad\n✖   subject may not be empty [subject-empty]\n",
        "subject may not be empty [subject-empty]",
      ],
      ["running\nhusky - pre-commit hook exited with code 1 (error)\n", "pre-commit"],
      [
        "src/a.ts:3:5 - error TS2304: Cannot find name 'x'.\n",
        "src/a.ts:3:5 - error TS2304: Cannot find name 'x'.",
      ],
    ] as const) {
      const driver = fail(hooks(), "git commit", output)
      assert.strictEqual(driver.row(rule).title, `The pre-commit hook stopped it: ${check}`)
      assert.strictEqual(driver.row(rule).mode, "notify")
    }
  })
  it("without output is told only where git itself had no reason", () => {
    assert.strictEqual(
      fail(hooks(), "git add . && git commit -m x").row(rule).title,
      "Nothing was committed: the pre-commit hook stopped it",
    )
    for (const [answer, line, output, exit] of [
      [hooks({ staged: 0 }), "git commit -m x", undefined, 1],
      [hooks(), "git commit", undefined, 1],
      [hooks({ hooks: [] }), "git commit -m x", undefined, 1],
      [hooks(), "git commit -m x", "nothing to commit, working tree clean", 1],
      [hooks(), "git commit --no-verify -m x", undefined, 1],
      [hooks(), "npm test && git commit -m x", undefined, 1],
      [hooks(), "git commit -m x", undefined, 128],
      [hooks({ hooks: [{ ...hook, name: "pre-push" }] }), "git push", undefined, 1],
    ] as const) {
      assert.deepStrictEqual(
        fail(answer, line, output, exit).rows.filter((row) => row.rule === rule),
        [],
        line,
      )
    }
  })
  it("an edit of before the commit is none of the hook's", () => {
    const driver = fail(
      hooks({ rewritten: [{ path: "src/a.ts", mtimeMs: startMs - 60_000 }] }),
      "git commit -m x",
    )
    assert.strictEqual(driver.row(rule).mode, "notify")
  })
  it("before a push, a refused push is not taken for the remote's word", () => {
    const driver = new Driver({
      answers: { gitHooks: hooks({ hooks: [{ ...hook, name: "pre-push" }] }), gitBranch: onMain() },
    })
    run(driver, "git push", 1)
    assert.deepStrictEqual(driver.rows, [])
    assert.include(driver.silence("git-push-failed"), "pre-push hook")
  })
})
