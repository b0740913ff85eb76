/** What git waits with, or what lies forgotten: open operations and stashes; and that an ordinary day brings no word. */
import { assert, describe, it } from "@effect/vitest"
import type { ProbeAnswers } from "../../../src/domain/probeAnswers.ts"
import { branch, calls, Driver, run, startMs } from "../driver.ts"
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
