/** What git waits with, or what lies forgotten: open operations, stashes, unpushed commits, submodules, branches, hooks. */
import { assert, describe, it } from "@effect/vitest"
import type { ProbeAnswers } from "../../../src/domain/probeAnswers.ts"
import { branch, calls, command, Driver, run, startMs } from "../driver.ts"
import {
  back,
  committed,
  dayMs,
  habits,
  hourMs,
  lastExpiry,
  lastOutcome,
  onMain,
  openOf,
  own,
  sha,
  switched,
  unpushedOf,
} from "./given.ts"

const none: ProbeAnswers["gitDirty"] = { files: 0, oldestMs: null, paths: [] }

/** A merge with a conflict. */
const conflicted = (answers: ConstructorParameters<typeof Driver>[0] = {}) => {
  const driver = new Driver(answers)
  const began = driver.see("git.operation", { operation: "merge", was: null })
  driver.see("git.conflict", { operation: "merge", paths: ["a.ts"], count: 1 })
  return { driver, began }
}

describe("an operation whose conflicts are resolved", () => {
  const rule = "git-operation-resolved"
  const resolve = (open: ProbeAnswers["gitOpen"], waitMs = 3 * 60_000) => {
    const { began, driver } = conflicted({ answers: { gitOpen: open } })
    driver.advance(60_000)
    const cleared = driver.see("git.conflict", { operation: "merge", paths: [], count: 0 })
    back(driver, waitMs)
    return { driver, began, cleared }
  }
  it("is continued, and rests on its beginning and on the last conflict", () => {
    const { began, cleared, driver } = resolve(openOf())
    assert.deepStrictEqual(calls(driver, rule), [{ tool: "git", operation: "merge-continue" }])
    assert.deepStrictEqual(driver.row(rule).evidence, [began.seq, cleared.seq])
    assert.deepStrictEqual(driver.shown, [rule])
  })
  it("resolved in the files and not staged: is staged first, by the files alone", () => {
    const { driver } = conflicted({ answers: { gitOpen: openOf({ unmerged: ["a.ts"], edited: ["a.ts"] }) } })
    back(driver, 11 * 60_000)
    assert.deepStrictEqual(calls(driver, rule), [
      { tool: "git", operation: "stage", paths: ["a.ts"] },
      { tool: "git", operation: "merge-continue" },
    ])
  })
  it("is left alone while it has conflicts, waits for an edit, has just been resolved or has ended", () => {
    for (const [open, said] of [
      [openOf({ unmerged: ["a.ts", "b.ts"], edited: ["a.ts"] }), "still in conflict: b.ts"],
      [openOf({ operation: "rebase", editing: true }), "it has ended"],
      [null, "it has ended"],
    ] as const) {
      assert.strictEqual(resolve(open).driver.silence(rule), said)
    }
    assert.strictEqual(resolve(openOf(), 60_000).driver.silence(rule), "none")
    const clean = new Driver({ answers: { gitOpen: openOf() } })
    clean.see("git.operation", { operation: "merge", was: null })
    back(clean, 3 * 60_000)
    assert.strictEqual(clean.silence(rule), "none")
  })
  it("is resolved when the user continues", () => {
    const { driver } = resolve(openOf())
    driver.advance(1_000)
    driver.see("git.operation", { operation: null, was: "merge" })
    assert.deepStrictEqual([lastExpiry(driver), lastOutcome(driver)], ["it ended", "resolved"])
  })
})

describe("an operation left open", () => {
  const rule = "git-operation-left-open"
  const leave = (open: ProbeAnswers["gitOpen"], ms: number): Driver => {
    const driver = new Driver({ answers: { gitOpen: open } })
    run(driver, "git rebase -i main", 0)
    driver.see("git.operation", { operation: open?.operation ?? "rebase", was: null })
    back(driver, ms)
    return driver
  }
  it("is told in the digest when the user is back", () => {
    const driver = leave(openOf({ operation: "rebase", step: { at: 2, of: 5 } }), 5 * hourMs)
    assert.strictEqual(driver.row(rule).mode, "digest")
    assert.include(driver.row(rule).title, "rebase of feature, step 2 of 5 has been open for 5 h")
    assert.deepStrictEqual(driver.shown, [rule])
    back(driver, 3 * hourMs)
    assert.strictEqual(driver.silence(rule), "already in the queue")
  })
  it("a bisection may take longer, and is ended by a reset", () => {
    assert.deepStrictEqual(leave(openOf({ operation: "bisect" }), 3 * hourMs).rows, [])
    const driver = leave(openOf({ operation: "bisect" }), 6 * hourMs)
    assert.deepStrictEqual(calls(driver, rule), [{ tool: "bash", command: "git bisect reset" }])
  })
  it("says nothing while it moves, has ended, or the user was not away", () => {
    assert.strictEqual(
      leave(openOf({ operation: "rebase", sinceMs: startMs + 4.5 * hourMs }), 5 * hourMs).silence(rule),
      "it moved not long ago",
    )
    assert.strictEqual(leave(null, 5 * hourMs).silence(rule), "it has ended")
    const busy = new Driver({ answers: { gitOpen: openOf({ operation: "rebase" }) } })
    busy.see("git.operation", { operation: "rebase", was: null })
    for (let at = 0; at < 80; at += 1) back(busy, 2 * 60_000)
    assert.strictEqual(busy.silence(rule), "none")
  })
})

describe("a stash the user comes back to", () => {
  const rule = "git-stash-behind"
  const stash = (over = {}) => ({
    sha: sha("5"),
    atMs: startMs,
    branch: "feature",
    subject: "abc1234 Add",
    ...over,
  })
  const comeBack = (answers: object = {}, to = "feature") => {
    const driver = new Driver({
      answers: { gitStashes: [stash()], gitBranch: branch(), gitDirty: none, ...answers },
    })
    const made = driver.see("git.stash", {
      action: "pushed",
      count: 1,
      subject: "WIP on feature: abc1234 Add",
    })
    switched(driver, "feature", "main")
    driver.advance(20 * 60_000)
    const event = switched(driver, "main", to)
    run(driver, "ls")
    assert.deepStrictEqual(driver.rows, [], "who takes it back at once is not told to")
    back(driver, 70_000)
    return { driver, made, event }
  }
  it("is taken back", () => {
    const { driver, event, made } = comeBack()
    assert.deepStrictEqual(calls(driver, rule), [{ tool: "git", operation: "stash-pop", index: 0 }])
    assert.deepStrictEqual(driver.row(rule).evidence, [made.seq, event.seq])
    assert.deepStrictEqual(driver.shown, [rule])
    driver.advance(1_000)
    driver.see("git.stash", { action: "dropped", count: 0, subject: "WIP on feature: abc1234 Add" })
    assert.strictEqual(lastOutcome(driver), "resolved")
  })
  it("is left where it is if it was taken, is another branch's, or other work is in the way", () => {
    const many = Array.from({ length: 5 }, (_, at) =>
      stash({ sha: sha(`${at}`), atMs: startMs - at * dayMs }),
    )
    for (const [answers, said] of [
      [{ gitStashes: [] }, "taken back or dropped"],
      [{ gitStashes: [stash({ branch: "main" })] }, "belongs to main"],
      [{ gitDirty: { files: 1, oldestMs: null, paths: ["a"] } }, "other work"],
      [{ gitStashes: many }, "by habit"],
    ] as const) {
      const { driver } = comeBack(answers)
      assert.deepStrictEqual(driver.rows, [])
      assert.include(driver.silence(rule), said)
    }
  })
})

describe("a stash that lies for days", () => {
  const rule = "git-stash-forgotten"
  const stash = (days: number, letter = "5") => ({
    sha: sha(letter),
    atMs: startMs - days * dayMs,
    branch: "feature",
    subject: "half a parser",
  })
  const ask = (stashes: ProbeAnswers["gitStashes"]): Driver => {
    const driver = new Driver({ answers: { gitStashes: stashes } })
    run(driver, "ls")
    back(driver, hourMs)
    return driver
  }
  it("is told once, in the digest on return", () => {
    const driver = ask([stash(9)])
    assert.strictEqual(driver.row(rule).title, "A stash has lain for 9 days: half a parser")
    assert.deepStrictEqual(calls(driver, rule), [
      { tool: "bash", command: `git stash show --stat ${sha("5")}` },
    ])
    assert.deepStrictEqual(driver.shown, [rule])
    back(driver, 13 * hourMs)
    assert.strictEqual(driver.rows.length, 1)
  })
  it("is none if it is young, given up, or one of many", () => {
    assert.strictEqual(ask([stash(3)]).silence(rule), "no stash is old")
    assert.strictEqual(ask([stash(200)]).silence(rule), "they were given up long ago")
    assert.strictEqual(
      ask(["1", "2", "3", "4"].map((each) => stash(9, each))).silence(rule),
      "stashes are kept here by habit",
    )
  })
})

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

it("an ordinary day of commits, switches, fetches and stashes brings no word", () => {
  const driver = new Driver({
    answers: {
      gitHabits: habits({ onTrunk: 40, elsewhere: 30, trunkPushes: 20 }),
      gitUnpushed: unpushedOf(),
      gitBranch: onMain(),
      gitLarge: [],
      gitStashes: [],
      gitSubmodules: [],
      gitGone: [],
      gitDirty: none,
      gitLost: { commits: [], contained: false },
      gitOpen: null,
    },
  })
  for (let at = 0; at < 20; at += 1) {
    committed(driver, "c", { sha: sha(`${at % 10}`) })
    run(driver, "git push")
    switched(driver, "main", "feature", { files: ["src/a.ts"] })
    driver.advance(10_000)
    switched(driver, "feature", "main", { files: ["src/a.ts"] })
    driver.see("git.stash", { action: "pushed", count: 1, subject: "WIP" })
    driver.see("git.stash", { action: "dropped", count: 0, subject: "WIP" })
    driver.see("git.operation", { operation: "merge", was: null })
    driver.see("git.operation", { operation: null, was: "merge" })
    back(driver, 30 * 60_000)
  }
  assert.deepStrictEqual(driver.rows, [])
})
