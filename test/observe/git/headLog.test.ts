/** HEAD's reflog, line by line, also broken. */
import { assert, describe, it } from "@effect/vitest"
import { attribute, type HeadFacts } from "../../../src/observe/git/headLog.ts"

const a = "a".repeat(40)
const facts = (over: Partial<HeadFacts> = {}): HeadFacts => ({
  branch: "main",
  known: null,
  rebasing: null,
  isBranch: () => true,
  ...over,
})
const told = (messages: ReadonlyArray<string>, over: Partial<HeadFacts> = {}): ReadonlyArray<string> =>
  attribute(
    messages.map((message) => ({ old: a, new: "b".repeat(40), message })),
    facts(over),
  ).map(
    ({ kind, amend, fromBranch, branch }) =>
      `${kind}${amend ? "!" : ""} ${fromBranch ?? "-"}>${branch ?? "-"}`,
  )

describe("HEAD's reflog", () => {
  it("tells the operations apart", () => {
    assert.deepStrictEqual(
      told([
        "commit (initial): one",
        "commit: fix: thing (amend): no",
        "commit (amend): x",
        "commit (merge): Merge",
        "commit (cherry-pick): x",
        "merge feat/y: Fast-forward",
        "pull origin main: Fast-forward",
        "pull https://h/x main: Fast-forward",
        "reset: moving to HEAD~1",
        "cherry-pick: two",
        'revert: Revert "x"',
        "am: patch",
        "some tool: did it",
        "clone: from https://h/x",
      ]),
      [
        "commit main>main",
        "commit main>main",
        "commit! main>main",
        "commit main>main",
        "commit main>main",
        "merge main>main",
        "pull main>main",
        "pull main>main",
        "reset main>main",
        "cherry-pick main>main",
        "revert main>main",
        "commit main>main",
        "other main>main",
        "none main>main",
      ],
    )
  })

  it("follows the branch over checkouts, detached HEADs and renames", () => {
    assert.deepStrictEqual(
      told(
        [
          "commit: on feat",
          "checkout: moving from feat to v1.0",
          `checkout: moving from ${a} to main`,
          "commit: on main",
          "checkout: moving from main to x",
          "Branch: renamed refs/heads/x to refs/heads/y",
          "commit: on y",
        ],
        { branch: "y" },
      ),
      [
        "commit feat>feat",
        "checkout feat>-",
        "checkout ->main",
        "commit main>main",
        "checkout main>x",
        "none x>y",
        "commit y>y",
      ],
    )
    assert.deepStrictEqual(told(["checkout: moving from main to v2"], { branch: null }), ["checkout main>-"])
    // The reflog is written before HEAD: HEAD may still name the branch that was left.
    assert.deepStrictEqual(told(["checkout: moving from main to new"], { branch: "main" }), [
      "checkout main>new",
    ])
  })

  it("a rebase is detached until it returns, whole, cut at the start, or still under way", () => {
    const whole = [
      "rebase (start): checkout main",
      "rebase (pick): x",
      "rebase (finish): returning to refs/heads/f",
    ]
    assert.deepStrictEqual(told(["commit: x", ...whole, "commit: y"], { branch: "f" }), [
      "commit f>f",
      "rebase f>-",
      "rebase ->-",
      "rebase ->f",
      "commit f>f",
    ])
    assert.deepStrictEqual(told(whole.slice(1), { branch: "f" }), ["rebase ->-", "rebase ->f"])
    assert.deepStrictEqual(told(["commit: x", ...whole.slice(0, 2)], { branch: null, rebasing: "f" }), [
      "commit f>f",
      "rebase f>-",
      "rebase ->-",
    ])
    assert.deepStrictEqual(
      told(["rebase (start): checkout main", "rebase (abort): updating HEAD"], { known: "f" }),
      ["rebase f>-", "rebase ->f"],
    )
  })
})
