/** Answers beside a yes: no, later, taken back, another fix, edited, paused. */
import { assert, describe, it } from "@effect/vitest"
import { Driver } from "./drive.ts"
import { detail, plan, status, suggestion } from "./samples.ts"
import { connected, low } from "./threeWaiting.ts"

describe("other answers", () => {
  it("rejects with a reason of one key, or a typed one", () => {
    const driver = connected().keys("x", "2")
    driver.tell({ _tag: "AnswerFailed", id: "s_low", reason: "no", difference: [] })
    driver.wait(2_000).keys("x", "3").type("my reason").keys("enter")
    const [first, second] = driver.sent("Reject")
    assert.deepInclude(first, { id: "s_low", reason: "wrong" })
    assert.deepInclude(second, { id: "s_low", reason: "my reason" })
    // with how long it had been before the person
    assert.isAtLeast(second!.lookedMs - first!.lookedMs, 2_000)
  })

  it("snoozes for ten minutes, an hour, or until tomorrow at nine", () => {
    for (const [key, check] of [
      ["1", (until: number, now: number) => assert.strictEqual(until, now + 600_000)],
      ["2", (until: number, now: number) => assert.strictEqual(until, now + 3_600_000)],
      [
        "3",
        (until: number, now: number) => {
          assert.strictEqual(new Date(until).getHours(), 9)
          assert.strictEqual(new Date(until).getDate(), new Date(now + 86_400_000).getDate())
        },
      ],
    ] as const) {
      const driver = connected().keys("z", key)
      check(driver.sent("Snooze")[0]!.untilMs, driver.now)
    }
  })

  it("takes back the selected, or asks about the last that was answered here", () => {
    const done = { ...low, state: "done", undoable: true } as const
    const driver = connected().keys("a")
    driver.tell({ _tag: "Answered", row: done, ended: true })
    driver.keys("u")
    assert.strictEqual(driver.context, "confirm")
    assert.include(driver.screen, "not the selected one")
    driver.keys("y")
    assert.deepStrictEqual(driver.sent("Undo"), [{ _tag: "Undo", id: "s_low" }])
  })

  it("pauses and resumes with the same key", () => {
    const driver = connected().keys("p")
    driver.tell({ _tag: "StatusCame", status: status({ paused: true }) })
    assert.include(driver.screen, "‖ paused")
    driver.keys("p")
    assert.deepStrictEqual(
      driver.commands.map((command) => command._tag),
      ["Pause", "Resume"],
    )
  })

  it("takes another fix of the rule as an edit: judged and shown before it can be approved", () => {
    const other = [{ tool: "bash", input: { command: "git pull --no-rebase" } }]
    const row = suggestion("s_o", { alternatives: [other] })
    const driver = new Driver().connect([row]).keys("o")
    assert.include(driver.screen, "1  $ git pull --no-rebase")
    driver.keys("enter")
    assert.deepStrictEqual(driver.commands, [{ _tag: "Edit", id: "s_o", actions: other }])
    assert.include(connected().keys("o").screen, "there is no other fix")
  })

  it("edits, and shows the judged actions again before any approval", () => {
    const driver = connected().keys("e")
    const [open] = driver.sent("OpenEditor")
    assert.deepStrictEqual(JSON.parse(open!.text), low.proposed)
    driver.tell({ _tag: "EditorClosed", id: "s_low", before: open!.text, after: open!.text })
    assert.include(driver.notice, "not changed")
    driver.tell({ _tag: "EditorClosed", id: "s_low", before: open!.text, after: "[{]" })
    assert.include(driver.notice, "these are no actions")
    const actions = [{ tool: "bash", input: { command: "npm ci --ignore-scripts" } }]
    driver.tell({ _tag: "EditorClosed", id: "s_low", before: open!.text, after: JSON.stringify(actions) })
    assert.deepStrictEqual(driver.sent("Edit"), [{ _tag: "Edit", id: "s_low", actions }])
    const row = { ...low, proposed: actions, lastSeq: low.lastSeq + 2 }
    driver.tell({ _tag: "Answered", row, ended: true })
    driver.keys("a")
    assert.deepStrictEqual(driver.sent("Approve"), [])
    driver.answer([detail(row, [plan({ summary: "$ npm ci --ignore-scripts" }, "d-edited")])])
    assert.include(driver.screen, "--ignore-scripts")
    driver.keys("a")
    assert.deepStrictEqual(driver.sent("Approve")[0]?.shown.digests, ["d-edited"])
  })
})
