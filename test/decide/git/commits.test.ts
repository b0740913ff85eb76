/** Commits without a branch, on the wrong one, too large, or amended after a push. */
import { assert, describe, it } from "@effect/vitest"
import { branch, calls, Driver, run, stagedEvent, stagedLines } from "../driver.ts"
import {
  committed,
  habits,
  lastExpiry,
  lastOutcome,
  onMain,
  own,
  sha,
  switched,
  unpushedOf,
} from "./given.ts"

describe("commits left behind", () => {
  const rule = "git-commits-left-behind"
  const lost = { commits: [own("c")], contained: false }
  const leave = (answers: ConstructorParameters<typeof Driver>[0] = {}, detached = true): Driver => {
    const driver = new Driver({ answers: { gitHabits: habits(), gitLost: lost, ...answers?.answers } })
    committed(driver, "c", { branch: detached ? null : "main" })
    switched(driver, detached ? null : "main", "feature")
    return driver
  }
  it("are kept with a branch, at once, with both events as evidence", () => {
    const driver = leave()
    assert.deepStrictEqual(calls(driver, rule), [
      { tool: "git", operation: "branch-create", name: "rescue-ccccccc", from: sha("c") },
    ])
    const [commit] = driver.of("git.commit")
    const [checkout] = driver.of("git.checkout")
    assert.deepStrictEqual(driver.row(rule).evidence, [commit!.seq, checkout!.seq])
    assert.isTrue(driver.row(rule).urgent)
    assert.include(driver.shown, rule)
  })
  it("are nobody's concern where a ref leads to them, they are elsewhere by now, or HEAD is always detached", () => {
    for (const [answers, said] of [
      [{ gitLost: { commits: [], contained: false } }, "leads to the commits"],
      [{ gitLost: { ...lost, contained: true } }, "where HEAD is now"],
      [{ gitHabits: habits({ detached: 9 }) }, "are usual here"],
      [{ gitHabits: habits({ managed: true }) }, "another tool"],
      [{ gitLost: { commits: null, contained: false } }, "could not be read"],
    ] as const) {
      const driver = leave({ answers })
      assert.deepStrictEqual(
        driver.rows.filter((row) => row.rule === rule),
        [],
      )
      assert.include(driver.silence(rule), said)
    }
  })
  it("nothing is opened by a switch between branches, nor by one away from a commit only looked at", () => {
    assert.deepStrictEqual(
      leave({}, false)
        .of("situation.opened")
        .filter((event) => event.payload.kind === "commits.left"),
      [],
    )
    const looking = new Driver({ answers: { gitHabits: habits(), gitLost: lost } })
    switched(looking, "main", null)
    switched(looking, null, "main")
    assert.strictEqual(looking.silence(rule), "none")
  })
  it("is resolved by a branch of the user's own", () => {
    const driver = leave()
    driver.advance(1_000)
    driver.see("git.branch", { action: "created", name: "mine", from: null, to: sha("c") })
    assert.strictEqual(lastExpiry(driver), "a branch keeps it")
    assert.strictEqual(lastOutcome(driver), "resolved")
  })
})

describe("commits on a detached HEAD", () => {
  const rule = "git-detached-commits"
  const answers = {
    gitHabits: habits(),
    gitLost: { commits: [own("c")], contained: false },
    gitBranch: branch({ branch: null, head: sha("c") }),
  }
  it("are offered a branch", () => {
    const driver = new Driver({ answers })
    const event = committed(driver, "c", { branch: null })
    assert.deepStrictEqual(calls(driver, rule), [
      { tool: "git", operation: "branch-create", name: "work-ccccccc", switch: true },
    ])
    assert.deepStrictEqual(driver.row(rule).evidence, [event.seq])
  })
  it("are none in a bisection or rebase, where a branch has them, or HEAD moved on", () => {
    for (const over of [
      { gitBranch: branch({ branch: null, head: sha("c"), operation: "bisect" as const }) },
      { gitLost: { commits: [], contained: false } },
      { gitBranch: branch({ branch: "x", head: sha("c") }) },
    ]) {
      const driver = new Driver({ answers: { ...answers, ...over } })
      committed(driver, "c", { branch: null })
      assert.deepStrictEqual(driver.rows, [])
    }
    const rebasing = new Driver({ answers })
    rebasing.see("git.operation", { operation: "rebase", was: null })
    committed(rebasing, "c", { branch: null })
    assert.strictEqual(rebasing.silence(rule), "none")
  })
})

describe("wrong branch", () => {
  const rule = "git-wrong-branch"
  const answers = { gitHabits: habits(), gitUnpushed: unpushedOf(), gitBranch: onMain(), gitLarge: [] }
  it("moves a commit off the trunk where work is done on branches", () => {
    const driver = new Driver({ answers })
    const event = committed(driver, "c", { subject: "Add a cart" })
    assert.deepStrictEqual(calls(driver, rule), [
      { tool: "git", operation: "branch-create", name: "add-a-cart", switch: true },
      { tool: "bash", command: `git branch --force main ${sha("b")}` },
    ])
    assert.deepStrictEqual(driver.row(rule).evidence, [event.seq])
    assert.deepStrictEqual(driver.shown, [rule])
  })
  it("knows the habit of the repository where the user has none yet", () => {
    const young = habits({ onTrunk: 1, elsewhere: 0, merged: 27, of: 30 })
    const driver = new Driver({ answers: { ...answers, gitHabits: young } })
    committed(driver, "c")
    assert.include(
      driver
        .row(rule)
        .why.map(({ text }) => text)
        .join(),
      "27 of the last 30",
    )
  })
  it("is none where commits on the trunk are usual, too little is known, or it is pushed", () => {
    for (const [over, said] of [
      [{ gitHabits: habits({ onTrunk: 12 }) }, "are usual here"],
      [{ gitHabits: habits({ onTrunk: 1, elsewhere: 2 }) }, "too little"],
      [{ gitHabits: habits({ elsewhere: 0, merged: 29, of: 30, trunkPushes: 1 }) }, "are usual here"],
      [{ gitUnpushed: unpushedOf({ commits: [] }) }, "pushed already"],
      [{ gitUnpushed: null }, "no upstream"],
      [{ gitHabits: habits({ trunk: "develop" }) }, "not on the trunk"],
    ] as const) {
      const driver = new Driver({ answers: { ...answers, ...over } })
      committed(driver, "c")
      assert.deepStrictEqual(driver.rows, [], said)
      assert.include(driver.silence(rule), said)
    }
    const release = new Driver({ answers })
    committed(release, "c", { subject: "Release 1.4.0" })
    assert.include(release.silence(rule), "belongs on the trunk")
  })
  it("a subject never becomes more than a name", () => {
    const hostile = own("c", "$(rm -rf ~); `id` -- ../../x")
    const driver = new Driver({ answers: { ...answers, gitUnpushed: unpushedOf({ commits: [hostile] }) } })
    committed(driver, "c")
    assert.strictEqual(calls(driver, rule)[0]!["name"], "rm-rf-id-x")
  })
  it("one word for one stay: a second commit says it again of both, and a branch made by hand resolves it", () => {
    const driver = new Driver({ answers })
    committed(driver, "c")
    driver.advance(1_000)
    driver.see("git.branch", { action: "created", name: "mine", from: null, to: sha("c") })
    assert.strictEqual(lastExpiry(driver), "a branch keeps it")
    const pushed = new Driver({ answers })
    committed(pushed, "c")
    pushed.advance(1_000)
    pushed.see("git.branch", {
      action: "moved",
      name: "refs/remotes/origin/main",
      from: sha("b"),
      to: sha("c"),
    })
    assert.strictEqual(lastExpiry(pushed), "git's refs changed")
  })
  it("waits for what follows a commit at once", () => {
    const driver = new Driver({ answers })
    driver.see("git.commit", { sha: sha("c"), parents: [sha("a")], branch: "main", subject: "x", files: [] })
    driver.advance(1_000)
    switched(driver, "main", "feature")
    driver.advance(10_000)
    assert.strictEqual(driver.silence(rule), "none")
  })
})

describe("large files in commits", () => {
  const rule = "git-large-committed"
  const file = { path: "data/dump.sql", bytes: 40_000_000, sha: sha("c"), inHead: true }
  it("are taken out of the newest commit", () => {
    const driver = new Driver({ answers: { gitLarge: [file] } })
    const event = committed(driver, "c")
    assert.deepStrictEqual(calls(driver, rule), [
      { tool: "bash", command: "git rm --cached --quiet -- data/dump.sql && git commit --amend --no-edit" },
    ])
    assert.deepStrictEqual(driver.row(rule).evidence, [event.seq])
  })
  it("in an older commit they are only said", () => {
    const driver = new Driver({ answers: { gitLarge: [{ ...file, inHead: false }] } })
    committed(driver, "c")
    assert.deepStrictEqual([driver.row(rule).mode, driver.row(rule).actions.length], ["notify", 0])
  })
  it("nothing is said of none, of a merge, nor of what was wanted staged", () => {
    const none = new Driver({ answers: { gitLarge: [] } })
    committed(none, "c")
    assert.include(none.silence(rule), "nothing large")
    const merge = new Driver({ answers: { gitLarge: [file] } })
    committed(merge, "c", { parents: [sha("a"), sha("b")] })
    assert.strictEqual(merge.silence(rule), "none")

    const wanted = new Driver({
      answers: {
        gitLarge: [file],
        gitStaged: stagedLines(file.path, [], { status: "A", bytes: file.bytes }),
      },
    })
    wanted.see("git.staged", stagedEvent(file.path))
    const staged = wanted.row("large-or-generated-staged")
    wanted.answer(staged.id, "approval.rejected", { suggestion: staged.id, reason: "", surface: "cli" })
    committed(wanted, "c")
    assert.include(wanted.silence(rule), "you wanted it staged")
  })
  it("are why a push was refused", () => {
    const answers = { gitLarge: [file], gitBranch: onMain() }
    const told = new Driver({ answers })
    const output =
      "remote: error: GH001: Large files detected.\n ! [remote rejected] main -> main (pre-receive hook declined)"
    run(told, "git push", 1, { output })
    assert.strictEqual(told.row("git-push-large").risk, "medium")
    for (const [size, exit, said] of [
      [40_000_000, 1, undefined],
      [400_000_000, 128, undefined],
      [400_000_000, 1, "! [rejected] main -> main (fetch first)"],
    ] as const) {
      const driver = new Driver({ answers: { ...answers, gitLarge: [{ ...file, bytes: size }] } })
      run(driver, "git push", exit, said === undefined ? {} : { output: said })
      assert.deepStrictEqual(
        driver.rows.filter((row) => row.rule === "git-push-large"),
        [],
      )
    }
  })
})

describe("amended after a push", () => {
  const rule = "git-amended-pushed"
  const at = onMain({ head: sha("c"), ahead: 1, behind: 1, rewritten: true })
  const answers = { gitBranch: at, gitHabits: habits(), gitLarge: [] }
  it("makes the change a commit of its own", () => {
    const driver = new Driver({ answers })
    committed(driver, "c", { amend: true })
    assert.deepStrictEqual(calls(driver, rule), [
      { tool: "bash", command: `git reset --soft ${sha("b")}` },
      { tool: "git", operation: "commit", message: "Follow up: Add a cart" },
    ])
    assert.deepStrictEqual(
      driver.rows.map((row) => row.rule),
      [rule],
      "and nobody offers to rebase",
    )
  })
  it("is usual on a branch of one's own, and nothing where it was not pushed", () => {
    for (const [over, said] of [
      [{ gitHabits: habits({ trunk: "develop" }) }, "usual"],
      [{ gitBranch: onMain({ head: sha("c"), ahead: 1, behind: 1 }) }, "was not pushed"],
      [{ gitBranch: { ...at, ahead: 3 } }, "more than one commit"],
    ] as const) {
      const driver = new Driver({ answers: { ...answers, ...over } })
      committed(driver, "c", { amend: true })
      assert.include(driver.silence(rule), said)
    }
  })
  it("a refused push of it is no reason to rebase", () => {
    const driver = new Driver({ answers })
    run(driver, "git push", 1)
    assert.deepStrictEqual(
      [driver.row("git-push-failed").mode, driver.row("git-push-failed").actions.length],
      ["notify", 0],
    )
  })
})

describe("a commit on a branch that is behind", () => {
  const rule = "branch-behind-upstream"
  it("is told once that it has diverged, also after a fetch had told it", () => {
    const diverged = onMain({ ahead: 1, behind: 2 })
    const driver = new Driver({
      answers: { gitBranch: diverged, gitDirty: { files: 0, oldestMs: null, paths: [] } },
    })
    const event = committed(driver, "c")
    assert.deepStrictEqual(driver.row(rule).evidence, [event.seq])
    driver.see("git.fetched", { refs: [{ name: "origin/other", from: sha("1"), to: sha("2") }] })
    driver.advance(3_000)
    assert.strictEqual(driver.silence(rule), "shown a while ago and left alone")
  })
})
